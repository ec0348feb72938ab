"""Arrows and question marks: `x => y`, `a->b`, `c ? x : y`."""

from __future__ import annotations

import re

from .habits import Code, Edit, closing
from .tokens import Token

__all__ = ["arrows", "lambdas", "ternaries"]

_BOUNDARY = frozenset(
    {"=", "return", ",", "(", "[", "{", ":", ";", "yield", "lambda", "+=", "-=", ":="}
)
_FUNCTION = re.compile(
    r"\bfunction[ \t]*\(([\w, \t=]*)\)[ \t]*\{[ \t\r\n]*return\b[ \t]*([^;{}\r\n]+);?[ \t\r\n]*\}"
)


def ternaries(code: Code) -> list[Edit]:
    """`c ? x : y` between its boundaries; one inside of another is left."""
    edits: list[Edit] = []
    tokens, text = code.tokens, code.text
    for number, token in enumerate(tokens):
        if (
            token.text != "?"
            or text[token.end : token.end + 1] in ("?", ".")
            or text[token.start - 1] == "?"
        ):
            continue
        first = _leftmost(tokens, number)
        colon, last = _rightmost(tokens, number)
        if colon < 0 or first >= number or colon == number + 1 or last == colon:
            continue
        if any(t.text == "?" for t in tokens[first:number] + tokens[number + 1 : last + 1]):
            return []
        test, one, other = (
            text[part[0].start : part[-1].end]
            for part in (
                tokens[first:number],
                tokens[number + 1 : colon],
                tokens[colon + 1 : last + 1],
            )
        )
        edits.append(Edit(tokens[first].start, tokens[last].end, f"{one} if {test} else {other}"))
    return edits


def _leftmost(tokens: list[Token], number: int) -> int:
    """Return the number of the first token of the condition."""
    depth = 0
    for at in range(number - 1, -1, -1):
        text, kind = tokens[at].text, tokens[at].kind
        if kind == "op" and text in ")]}":
            depth += 1
        elif kind == "op" and text in "([{" and depth:
            depth -= 1
        elif not depth and (text in _BOUNDARY or kind == "newline"):
            return at + 1
    return 0


def _rightmost(tokens: list[Token], number: int) -> tuple[int, int]:
    """Return the numbers of the colon and of the last token; -1 if there is no colon."""
    depth, colon = 0, -1
    for at in range(number + 1, len(tokens)):
        text, kind = tokens[at].text, tokens[at].kind
        if kind == "op" and text in "([{":
            depth += 1
        elif kind == "op" and text in ")]}":
            if not depth:
                return colon, at - 1
            depth -= 1
        elif not depth and text == ":" and colon < 0:
            colon = at
        elif not depth and (text in (",", ";", ":") or kind == "newline"):
            return colon, at - 1
    return colon, len(tokens) - 1


def lambdas(code: Code) -> list[Edit]:
    """`(x, y) => value` and `x -> value`, and functions without a name that only return something."""
    edits: list[Edit] = []
    tokens, text = code.tokens, code.text
    for number, token in enumerate(tokens):
        end = _arrow(tokens, number)
        if not end or not number or number + end >= len(tokens):
            continue
        if tokens[number + end].text == "{":
            continue
        before = tokens[number - 1]
        if before.text == ")":
            first = _opening(tokens, number - 1)
            if first < 0 or _is_signature(tokens, first):
                continue
            names = text[tokens[first].end : before.start]
        elif before.kind == "name" and token.text != "->":
            first, names = number - 1, before.text
        else:
            continue
        before_it = first - 1
        while before_it > 0 and tokens[before_it].kind == "newline":
            before_it -= 1
        if first and tokens[before_it].text not in ("=", "(", ",", "return", ":", "["):
            continue
        if not re.fullmatch(r"[\w, \t=]*", names):
            continue
        made = f"lambda {names.strip()}:" if names.strip() else "lambda:"
        edits.append(Edit(tokens[first].start, tokens[number + end - 1].end, made))
    for found in _FUNCTION.finditer(text):
        if code.spans.is_code(found.start()):
            names = f" {found[1].strip()}" if found[1].strip() else ""
            edits.append(Edit(found.start(), found.end(), f"lambda{names}: {found[2].strip()}"))
    return edits


def _arrow(tokens: list[Token], number: int) -> int:
    """Return how many tokens an arrow at this place has; 0 if there is none."""
    token = tokens[number]
    if token.text == "->":
        return 1
    after = tokens[number + 1] if number + 1 < len(tokens) else None
    return (
        2 if token.text == "=" and after and after.text == ">" and after.start == token.end else 0
    )


def _opening(tokens: list[Token], number: int) -> int:
    depth = 0
    for at in range(number, -1, -1):
        if tokens[at].kind == "op":
            depth += (tokens[at].text in ")]}") - (tokens[at].text in "([{")
            if not depth:
                return at
    return -1


def _is_signature(tokens: list[Token], first: int) -> bool:
    """Whether brackets belong to a function that has a name."""
    return first >= 2 and tokens[first - 1].kind == "name" and tokens[first - 2].text in (
        "def", "function", "func", "fn", "fun",
    )  # fmt: skip


def arrows(code: Code) -> list[Edit]:
    """`def f() => T` has another arrow; `{a => b}` a colon, and `a->b` a dot."""
    edits: list[Edit] = []
    tokens = code.tokens
    for number, token in enumerate(tokens[:-1]):
        count = _arrow(tokens, number)
        if not count or not number:
            continue
        before, end = tokens[number - 1], tokens[number + count - 1].end
        if before.text == ")":
            first = _opening(tokens, number - 1)
            if count == 2 and first >= 0 and _is_signature(tokens, first):
                edits.append(Edit(token.start, end, "->"))
        elif count == 1 and before.kind == "name" and before.end == token.start:
            if tokens[number + 1].kind == "name" and tokens[number + 1].start == end:
                edits.append(Edit(token.start, end, "."))
        elif (
            count == 2
            and before.kind in ("string", "number", "name")
            and _in_display(tokens, number)
        ):
            edits.append(Edit(len(code.text[: token.start].rstrip()), end, ":"))
    return edits


def _in_display(tokens: list[Token], number: int) -> bool:
    """Whether braces are around a place, and it is the first arrow after a comma or the brace."""
    depth = 0
    for at in range(number - 1, -1, -1):
        text = tokens[at].text
        if tokens[at].kind != "op":
            continue
        if text in ")]}":
            depth += 1
        elif text in "([{":
            if not depth:
                return text == "{" and closing(tokens, at) > number
            depth -= 1
    return False
