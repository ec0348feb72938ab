"""`print` and `exec` as statements."""

from __future__ import annotations

import keyword

from .habits import Code, Edit, closing
from .tokens import Token

__all__ = ["exec_statements", "print_statements"]

_WORDS = frozenset({"not", "lambda", "None", "True", "False", "await"})
# After `print (a)` these make it clear that all of it is printed.
_GOES_ON = frozenset({"%", "+", ",", "*", "/", ".", "[", "-"})
_MAYBE = frozenset({"-", "[", "(", "~", "+", "{", ">>", "`"})


def print_statements(code: Code) -> list[Edit]:
    """Put what is printed in brackets, if one of the statements can be nothing else."""
    edits: list[Edit] = []
    proven = False
    for statement in code.statements:
        row = statement.tokens
        if row[0].text != "print":
            continue
        sure = len(row) > 1 and _begins(row[1])
        proven |= sure
        made = _printed(code.text, row, sure=sure)
        if made is not None:
            edits.append(Edit(row[0].start, row[-1].end, made))
    return edits if proven else []


def _begins(token: Token) -> bool:
    """Whether an operand begins right after `print`, which only a statement can have."""
    if token.kind == "name":
        return token.text in _WORDS or not keyword.iskeyword(token.text)
    return token.kind in ("string", "number") or token.text in ("{", "`", "~")


def _printed(text: str, row: list[Token], *, sure: bool) -> str | None:
    if len(row) == 1:
        return "print()"
    if not sure and row[1].text not in _MAYBE:
        return None
    if row[1].text == "(":
        end = closing(row, 1)
        if end < 0 or end == len(row) - 1 or row[end + 1].text not in _GOES_ON:
            return None
    rest, extra = row[1:], ""
    if rest[0].text == ">>":
        rest = rest[1:]
        comma = _comma(rest)
        if not rest or comma == 0:
            return None
        head = rest if comma < 0 else rest[:comma]
        extra = f"file={_text(text, head)}"
        rest = [] if comma < 0 else rest[comma + 1 :]
    if rest and rest[-1].text == ",":
        rest = rest[:-1]
        extra = f'end=" "{", " if extra else ""}{extra}'
    said = _text(text, rest)
    return f"print({said}{', ' if said and extra else ''}{extra})"


def exec_statements(code: Code) -> list[Edit]:
    """Write `exec code in space` as a call."""
    edits: list[Edit] = []
    for statement in code.statements:
        row = statement.tokens
        if row[0].text != "exec" or len(row) < 2:
            continue
        if not _begins(row[1]) and row[1].text != "(":
            continue
        depth, at = 0, -1
        for number, token in enumerate(row):
            depth += (token.text in "([{") - (token.text in ")]}") if token.kind == "op" else 0
            if token.text == "in" and not depth:
                at = number
        if row[1].text == "(" and at < 0:
            continue
        said = _text(code.text, row[1:at] if at > 0 else row[1:])
        spaces = f", {_text(code.text, row[at + 1 :])}" if at > 0 else ""
        edits.append(Edit(row[0].start, row[-1].end, f"exec({said}{spaces})"))
    return edits


def _comma(row: list[Token]) -> int:
    depth = 0
    for number, token in enumerate(row):
        if token.kind == "op":
            depth += (token.text in "([{") - (token.text in ")]}")
            if token.text == "," and not depth:
                return number
    return -1


def _text(text: str, row: list[Token]) -> str:
    return text[row[0].start : row[-1].end] if row else ""
