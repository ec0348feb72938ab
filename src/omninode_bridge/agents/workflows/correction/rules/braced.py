"""Blocks in braces: `if (x) {` ... `} else {` ... `}`."""

from __future__ import annotations

import keyword
import re

from .habits import Code, Edit
from .tokens import Token

__all__ = ["unbraced"]

_HEADS = frozenset(
    {"if", "elif", "elsif", "elseif", "else", "while", "for", "foreach", "def", "class", "try", "except",
     "catch", "finally", "with", "function", "func", "fn", "fun", "async", "unless", "until", "rescue",
     "public", "private", "protected", "static", "export", "pub", "override", "abstract", "match"}
)  # fmt: skip
_ENDS_OPERAND = frozenset({")", "]", "}"})
_BARE = frozenset({"else", "try", "finally", "True", "False", "None"})


def unbraced(code: Code) -> list[Edit]:
    """Return what makes colons of the braces that open blocks, and nothing of those that close them."""
    walk = _Walk(code)
    for number in range(len(code.tokens)):
        if not walk.step(number):
            return []
    return [] if walk.open_blocks() else walk.edits


class _Walk:
    """Goes through the tokens with the brackets that are open, and the statement that has begun."""

    def __init__(self, code: Code) -> None:
        self.text, self.tokens = code.text, code.tokens
        self.stack: list[tuple[str, int]] = []
        self.statement: list[Token] = []
        self.edits: list[Edit] = []

    def open_blocks(self) -> bool:
        return any(kind == "block" for kind, _ in self.stack)

    def step(self, number: int) -> bool:
        """Take one token; whether it can go on."""
        token = self.tokens[number]
        top = self.stack[-1][0] if self.stack else "block"
        if token.kind == "newline" or (token.text == ";" and top == "block"):
            if top == "block" and not self._allman(number):
                self.statement = []
            return True
        if token.kind != "op":
            self.statement.append(token)
            return True
        if token.text == "{" and top == "block" and self._opens(number):
            self._opened(number)
        elif token.text in ("(", "[", "{"):
            self.stack.append((token.text, number))
            self.statement.append(token)
        elif token.text in (")", "]", "}"):
            if not self.stack:
                return False
            kind, begun = self.stack.pop()
            if kind == "block":
                if token.text != "}":
                    return False
                self._closed(number, begun)
                self.statement = []
            else:
                self.statement.append(token)
        else:
            self.statement.append(token)
        return True

    def _allman(self, number: int) -> bool:
        """Whether the brace of a header stands on the next line."""
        row = self.statement
        if not row or row[0].text not in _HEADS or row[-1].text == ":":
            return False
        after = self._next(number)
        return after is not None and after.text == "{"

    def _next(self, number: int) -> Token | None:
        for token in self.tokens[number : number + 8]:
            if token.kind != "newline":
                return token
        return None

    def _opens(self, number: int) -> bool:
        """Whether a brace opens a block: after an operand in a header, where no dictionary can begin."""
        row = self.statement
        if not row or row[0].text not in _HEADS:
            return False
        last = row[-1]
        if last.kind == "name":
            return not keyword.iskeyword(last.text) or last.text in _BARE
        if last.text == ":":
            after = self.tokens[number + 1] if number + 1 < len(self.tokens) else None
            return after is None or after.kind == "newline"
        return last.kind in ("string", "number") or last.text in _ENDS_OPERAND

    def _opened(self, number: int) -> None:
        row, token = self.statement, self.tokens[number]
        last = row[-1]
        self.edits += _returns(row)
        self.edits.append(Edit(last.end, token.end, "" if last.text == ":" else ":"))
        self.stack.append(("block", number))
        self.statement = []

    def _closed(self, number: int, begun: int) -> None:
        text, token, opening = self.text, self.tokens[number], self.tokens[begun]
        end = token.end + len(re.match(r"[ \t]*;?", text[token.end : token.end + 20]).group())  # type: ignore[union-attr]
        first, stop = text.rfind("\n", 0, token.start) + 1, text.find("\n", end)
        last = len(text) if stop < 0 else stop + 1
        after = text[end:last].strip()
        if not text[opening.end : token.start].strip():
            goes_on = after and not after.startswith("#")
            gap = len(text[end:last]) - len(text[end:last].lstrip(" \t")) if goes_on else 0
            row = text[text.rfind("\n", 0, opening.start) + 1 : opening.start]
            pad = row[: len(row) - len(row.lstrip(" \t"))]
            self.edits.append(Edit(opening.end, end + gap, f" pass\n{pad}" if goes_on else " pass"))
            return
        if not text[first : token.start].strip():
            if not after:
                self.edits.append(Edit(first, last, ""))
            else:
                gap = len(text[end:last]) - len(text[end:last].lstrip(" \t"))
                self.edits.append(Edit(token.start, end + gap, ""))
            return
        # It stands at the end of a line that holds code.
        row = text[text.rfind("\n", 0, opening.start) + 1 : opening.start]
        pad = row[: len(row) - len(row.lstrip(" \t"))]
        cut = len(text[: token.start].rstrip())
        gap = len(text[end:last]) - len(text[end:last].lstrip(" \t"))
        goes_on = after and not after.startswith("#")
        self.edits.append(Edit(cut, end + (gap if goes_on else 0), f"\n{pad}" if goes_on else ""))


def _returns(row: list[Token]) -> list[Edit]:
    """`def f(a): T {` has its type behind an arrow in Python."""
    if len(row) < 4 or row[-1].kind != "name":
        return []
    for number in range(len(row) - 2, 0, -1):
        if (
            row[number].text == ":"
            and row[number - 1].text == ")"
            and row[0].text not in ("if", "for")
        ):
            return [Edit(row[number].start, row[number].end, " ->")]
        if row[number].text == ")":
            return []
    return []
