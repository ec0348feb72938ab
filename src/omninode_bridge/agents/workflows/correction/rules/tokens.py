"""Tokens of text that does not parse: enough to see what stands beside what."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Token", "statement_tokens", "tokens_of"]

_TOKEN = re.compile(
    r"(?P<space>[ \t\f]+|\\\r?\n)|(?P<comment>\#[^\r\n]*)|(?P<newline>\r\n|\r|\n)"
    r"|(?P<string>[A-Za-z]{0,2}(?:\"\"\"(?:[^\"\\]++|\\[\s\S]|\"(?!\"\"))*(?:\"\"\"|\Z)"
    r"|'''(?:[^'\\]++|\\[\s\S]|'(?!''))*(?:'''|\Z)"
    r"|\"(?:[^\"\\\r\n]++|\\(?:\r\n|[\s\S]))*\"?|'(?:[^'\\\r\n]++|\\(?:\r\n|[\s\S]))*'?))"
    r"|(?P<number>\.?\d(?:[eE][+-]?\d|[\w.])*)|(?P<name>[^\W\d]\w*)"
    r"|(?P<op>\*\*=?|//=?|>>=?|<<=?|!=|->|:=|\.\.\.|[-+*/%&|^@<>=]=?|.)",
)
_MOST_LINES = 400


class Token(NamedTuple):
    """A token: its kind (space, comment, newline, string, number, name, op), text and place."""

    kind: str
    text: str
    start: int
    end: int


def tokens_of(text: str, first: int = 0, last: int | None = None) -> list[Token]:
    """Cut a part of a text into tokens, white space and comments left out. Never fails."""
    stop = len(text) if last is None else last
    found: list[Token] = []
    for match in _TOKEN.finditer(text, first, stop):
        kind = match.lastgroup or "op"
        if kind not in ("space", "comment"):
            found.append(Token(kind, match.group(), match.start(), match.end()))
    return found


def statement_tokens(text: str, starts: list[int], line: int) -> list[Token]:
    """Return the tokens of the lines around a 1-based line, some before and more after it."""
    first = max(0, line - 1 - _MOST_LINES)
    last = min(len(starts) - 1, line + _MOST_LINES)
    return tokens_of(text, starts[first], starts[last])
