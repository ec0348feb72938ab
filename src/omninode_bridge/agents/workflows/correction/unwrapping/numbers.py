"""Line numbers before every line."""

from __future__ import annotations

import re

from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.source import split_lines

from ._layered import Layered, looks_like_code

__all__ = ["without_numbers"]

_NUMBER = r"^[ \t]*[Ll]?(\d{1,7})"
# What follows a number; one and the same in the whole text. White space alone comes last.
_STYLES = tuple(
    re.compile(rf"{_NUMBER}(?:{sign}|[ \t]*(?=\r?\n|$))")
    for sign in (
        r"\t",
        r" ?\|",
        r" ?[\u2192\u2502]",
        r"\.",
        r":",
        r"\)",
        r"\]",
        r" ?>",
        r"-(?!\d)",
        r"(?=[ \t])",
    )
)
_LEAST = 3


def without_numbers(text: str) -> Layered | None:
    """Take off numbers that count the lines; lines without one may only be blank."""
    rows = split_lines(text)
    first = next((row for row in rows if row.strip()), "")
    if not re.match(_NUMBER, first):
        return None
    for style in _STYLES:
        rest = _stripped(rows, style)
        filled = [row for row in rest if row.strip()]
        if len(filled) < _LEAST:
            continue
        margin = _margin(filled)
        code = "".join(
            row[len(margin) :] if row.startswith(margin) else row.lstrip(" \t") for row in rest
        )
        if looks_like_code(code):
            fix = Fix("unwrap.numbers", 1, "took off the line numbers")
            return Layered(code, (fix,))
    return None


def _stripped(rows: list[str], style: re.Pattern[str]) -> list[str]:
    """Return the lines without their numbers; nothing if one has none or the count is wrong."""
    rest: list[str] = []
    expected: int | None = None
    for row in rows:
        found = style.match(row)
        if found is None:
            if row.strip():
                return []
            # Blank lines may have been numbered and stripped, or not counted at all.
            rest.append(row)
            continue
        number = int(found[1])
        if expected is not None and not expected <= number <= expected + _blanks(rest):
            return []
        expected = number + 1
        rest.append(row[found.end() :])
    return rest


def _blanks(rest: list[str]) -> int:
    """Count the blank lines at the end: they may have been counted without showing it."""
    count = 0
    for row in reversed(rest):
        if row.strip():
            break
        count += 1
    return count


def _margin(rows: list[str]) -> str:
    """Return the white space with which every line begins."""
    first = rows[0]
    margin = first[: len(first) - len(first.lstrip(" \t"))]
    for row in rows:
        while not row.startswith(margin):
            margin = margin[:-1]
    return margin
