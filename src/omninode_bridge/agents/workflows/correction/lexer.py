"""A lexer that never fails: strings, brackets and comments of text that may not be Python."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["Bracket", "Line", "lex", "logical", "width"]

_TOKEN = re.compile(
    r"(?P<comment>\#[^\r\n]*)"
    r"|(?P<triple>\"\"\"|''')"
    r"|(?P<string>\"(?:[^\"\\\r\n]|\\(?:\r\n|[\s\S]))*\"?|'(?:[^'\\\r\n]|\\(?:\r\n|[\s\S]))*'?)"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])"
    r"|(?P<newline>\r\n|\r|\n)"
    r"|(?P<joined>\\(?=\r|\n))"
)
_TRIPLE_END = {
    '"""': re.compile(r'\\[\s\S]|"""'),
    "'''": re.compile(r"\\[\s\S]|'''"),
}
_CLOSES = {")": "(", "]": "[", "}": "{"}
_NEWLINE = re.compile(r"\r\n|\r|\n")
_WORD = re.compile(r"\w+|@|.")


@dataclass(frozen=True, slots=True)
class Bracket:
    """An opening bracket that is still open: its character, 1-based line and 0-based column."""

    char: str
    line: int
    column: int


@dataclass(slots=True)
class Line:
    """One physical line.

    Attributes:
        number: 1-based.
        start: offset of its first character.
        text: without its end.
        in_string: it begins inside a triple-quoted string (or one continued by a backslash).
        joined: the line before ends in a backslash.
        open_before: brackets that are open where it begins.
        open_after: brackets that are open where it ends.
        code_end: column after the last character that is code; 0 if there is none.
        stray: a closing bracket on it had no partner.
    """

    number: int
    start: int
    text: str
    in_string: bool
    joined: bool
    open_before: tuple[Bracket, ...]
    open_after: tuple[Bracket, ...] = ()
    code_end: int = 0
    stray: bool = False
    _indent: str | None = field(default=None, repr=False)

    @property
    def indent(self) -> str:
        """The white space at its beginning."""
        if self._indent is None:
            self._indent = self.text[: len(self.text) - len(self.text.lstrip(" \t\f"))]
        return self._indent

    @property
    def begins_statement(self) -> bool:
        """Whether a statement starts here."""
        return self.code_end > 0 and not (self.in_string or self.joined or self.open_before)

    @property
    def first_word(self) -> str:
        """The first word or character of its code."""
        found = _WORD.match(self.text.lstrip(" \t\f"))
        return found.group() if found else ""

    @property
    def opens_block(self) -> bool:
        """Whether its code ends in a colon outside all brackets."""
        return not self.open_after and self.text[: self.code_end].endswith(":")


def lex(text: str) -> list[Line]:
    """Cut text into lines and say, for each, what is open in it. Linear, and total."""
    lines: list[Line] = []
    opened: list[Bracket] = []
    current = Line(1, 0, "", in_string=False, joined=False, open_before=())
    joined = False
    position = 0

    def end_line(at: int, after: int, *, in_string: bool) -> None:
        nonlocal current, joined
        current.text = text[current.start : at]
        current.open_after = tuple(opened[-50:])
        if in_string:
            current.code_end = len(current.text)
        lines.append(current)
        current = Line(current.number + 1, after, "", in_string, joined, current.open_after)
        joined = False

    def consume(upto: int) -> None:
        """Walk over text that may hold line ends (a string)."""
        nonlocal position
        for found in _NEWLINE.finditer(text, position, upto):
            end_line(found.start(), found.end(), in_string=True)
        position = upto
        current.code_end = upto - current.start

    while position < len(text):
        found = _TOKEN.search(text, position)
        stop = found.start() if found else len(text)
        plain = text[position:stop]
        if plain.strip():
            current.code_end = stop - current.start - (len(plain) - len(plain.rstrip()))
        position = stop
        if found is None:
            break
        kind = found.lastgroup
        if kind == "comment":
            position = found.end()
        elif kind == "triple":
            consume(_string_end(text, found.group(), found.end()))
        elif kind == "string":
            consume(found.end())
        elif kind == "newline":
            end_line(found.start(), found.end(), in_string=False)
            position = found.end()
        else:
            current.code_end = found.end() - current.start
            position = found.end()
            if kind == "joined":
                joined = True
            elif kind == "open":
                column = found.start() - current.start
                opened.append(Bracket(found.group(), current.number, column))
            elif opened and opened[-1].char == _CLOSES[found.group()]:
                opened.pop()
            else:
                current.stray = True
    current.text = text[current.start :]
    current.open_after = tuple(opened[-50:])
    if current.text or not lines:
        lines.append(current)
    return lines


def _string_end(text: str, quotes: str, position: int) -> int:
    for found in _TRIPLE_END[quotes].finditer(text, position):
        if found.group() == quotes:
            return found.end()
    return len(text)


def logical(lines: list[Line]) -> list[int]:
    """Return the indices of the lines on which a statement starts."""
    return [index for index, line in enumerate(lines) if line.begins_statement]


def width(indent: str) -> int:
    """Return the column that white space leads to, with tab stops every 8 as CPython has them."""
    column = 0
    for char in indent:
        column = 0 if char == "\f" else (column // 8 + 1) * 8 if char == "\t" else column + 1
    return column
