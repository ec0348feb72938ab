"""Which parts of a text are strings and comments, whether or not it parses."""

from __future__ import annotations

import re
from bisect import bisect_right

__all__ = ["Spans"]

_PART = re.compile(
    r"(?P<comment>\#[^\r\n]*)"
    r"|(?P<triple>\"\"\"(?:[^\"\\]++|\\[\s\S]|\"(?!\"\"))*(?:\"\"\"|\Z)|'''(?:[^'\\]++|\\[\s\S]|'(?!''))*(?:'''|\Z))"
    r"|(?P<string>\"(?:[^\"\\\r\n]++|\\(?:\r\n|[\s\S]))*\"?|'(?:[^'\\\r\n]++|\\(?:\r\n|[\s\S]))*'?)"
)


class Spans:
    """The strings and comments of a text, found once."""

    __slots__ = ("_ends", "_starts", "_strings")

    def __init__(self, text: str) -> None:
        found = list(_PART.finditer(text))
        self._starts = [part.start() for part in found]
        self._ends = [part.end() for part in found]
        self._strings = [part.lastgroup != "comment" for part in found]

    def is_code(self, at: int) -> bool:
        """Whether an offset lies outside of strings and comments."""
        number = bisect_right(self._starts, at) - 1
        return number < 0 or at >= self._ends[number]

    def is_string(self, at: int) -> bool:
        """Whether an offset lies in a string; prefixes do not belong to it, quotes do."""
        number = bisect_right(self._starts, at) - 1
        return number >= 0 and at < self._ends[number] and self._strings[number]

    def strings(self) -> list[tuple[int, int]]:
        """Return where the strings begin and end, quotes included, prefixes not."""
        parts = zip(self._starts, self._ends, self._strings, strict=True)
        return [(start, end) for start, end, string in parts if string]
