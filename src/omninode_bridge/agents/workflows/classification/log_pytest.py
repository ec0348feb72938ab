"""One failure in the output of pytest, put together line by line."""

from __future__ import annotations

import re
import textwrap

from .lazy_regex import LazyRegex
from .log_marks import LoggedError, is_marker, is_named

__all__ = ["FAILED", "PROGRESS", "TITLE", "PytestBlock"]

FAILED = LazyRegex(r"^(?:FAILED|ERROR) (\S+\.py(?:::.{1,300}?)?)(?: - (.+))?$")
PROGRESS = LazyRegex(
    r"::\S+ .*(?:PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b|^\[gw\d+\]|\[ *\d+%\]$"
)
_SAID = re.compile(r"^E(?:   |\t| *$)")
_PLACE = LazyRegex(r"^(\S.{0,300}?:\d+): ?([A-Za-z_][\w.]*)?\s*$")
TITLE = LazyRegex(r"^([_=-])\1{2,} .* \1{3,}$")
_MAX_LINES = 60
_MAX_BETWEEN = 500


class PytestBlock:
    """Takes the ``E`` lines of a failure, its place, and those of its causes."""

    def __init__(self, first: int) -> None:
        self.first = self.last = first
        self._segments: list[list[str]] = []
        self._markers: list[str] = []
        self._is_open = False
        self._waits = False
        self._between = 0
        self._place = ""

    @staticmethod
    def begins(line: str) -> bool:
        """Whether a failure can begin with this line."""
        return line[:4] == "E   " and _SAID.match(line) is not None and line[1:].strip() != ""

    def offer(self, number: int, line: str) -> bool:
        """Take the line if it belongs here."""
        if not self._takes(line):
            return False
        self.last = number
        return True

    def _takes(self, line: str) -> bool:
        if _SAID.match(line):
            if not self._is_open:
                if self._segments and not self._waits:
                    return False
                self._segments.append([])
                self._is_open, self._waits = True, False
            if len(self._segments[-1]) < _MAX_LINES:
                self._segments[-1].append(line[1:])
            return True
        if is_marker(line) and self._segments:
            self._markers.append(line.strip())
            self._is_open, self._waits, self._between = False, True, 0
            return True
        place = _PLACE.match(line)
        if place and self._is_open:
            self._place = place[1]
            self._segments[-1] = _completed(self._segments[-1], place[2] or "")
            self._is_open = False
            return True
        if (
            self._is_open
            and line[:4] == "    "
            and self._segments[-1][0].lstrip().startswith("File ")
        ):
            self._segments[-1].append(line)  # the code of a SyntaxError, and the error itself
            return True
        if self._waits:
            self._between += 1
            return self._between < _MAX_BETWEEN and TITLE.match(line) is None
        return not line.strip()

    def finish(self) -> LoggedError:
        """Return the error."""
        segments = ["\n".join(_completed(lines, "")) for lines in self._segments if lines]
        text = segments[0] if segments else ""
        for marker, segment in zip(self._markers, segments[1:], strict=False):
            text += f"\n\n{marker}\n\nTraceback (most recent call last):\n{segment}"
        if len(segments) > 1:
            text = f"Traceback (most recent call last):\n{text}"
        parts = tuple(re.sub(r"^(?:\w+\.)+(?=\w+(?::|$))", "", one) for one in reversed(segments))
        return LoggedError(text, parts, self.first, self.last, self._place)


def _completed(lines: list[str], name: str) -> list[str]:
    """Return the lines of one error with its class in front."""
    said = textwrap.dedent("\n".join(lines)).strip("\n").split("\n")
    named = next((n for n, line in enumerate(said) if is_named(line.rstrip())), None)
    if named is not None and (named == 0 or said[0].lstrip().startswith("File ")):
        return said[named:]
    if not name and said[0].startswith("assert "):
        name = "AssertionError"
    return [f"{name}: {said[0]}", *said[1:]] if name else said
