"""The end of a function's body that stands outside of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from omninode_bridge.agents.workflows.correction.lexer import Line
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.reindent import (
    block_end,
    columns,
    shift,
    statement_end,
)

from .runs import LEAVING, gap_above

__all__ = ["tails"]

_MOST_READINGS = 12
_LESS = 0.5


@dataclass(frozen=True, slots=True)
class _Reading:
    """The lines from `start` on belong `by` columns deeper, into the function `name`."""

    by: int
    start: int
    name: str
    odd: bool


def tails(text: str, lines: list[Line], index: int) -> Iterator[Proposal]:
    """Move the lines from the end of a function's body to a stray `return` back into the function."""
    while index > 0 and not lines[index].begins_statement:
        index -= 1
    end = statement_end(lines, index)
    readings = list(_readings(lines, index, end))
    # The smaller the move, and the fewer the lines, the likelier it is what was lost.
    readings.sort(key=lambda reading: (reading.odd, reading.by, -reading.start))
    least = min((reading.by for reading in readings), default=0)
    for rank, reading in enumerate(readings[:_MOST_READINGS]):
        fix = Fix("indent", reading.start + 1, f"moved the end of {reading.name!r} back into it")
        moved = shift(text, lines, reading.start, end, reading.by)
        yield Proposal(moved, fix, 1.0 + (reading.by - least) / 16 + _LESS * min(rank, 1))


def _readings(lines: list[Line], index: int, end: int) -> Iterator[_Reading]:
    here = columns(lines[index])
    shallowest = None
    seen: set[tuple[int, int]] = set()
    for number in range(index - 1, -1, -1):
        line = lines[number]
        if not line.begins_statement:
            continue
        if line.first_word == "class" and columns(line) < here:
            return
        depth = columns(line)
        if not _is_function(line) or (shallowest is not None and depth >= shallowest):
            continue
        # A function that follows without a gap may itself be a part of the tail.
        apart = gap_above(lines, _decorated(lines, number)) > (1 if depth == 0 else 0)
        shallowest = depth if apart or depth != here else depth + 1
        body = next((n for n in range(number + 1, len(lines)) if lines[n].begins_statement), None)
        if body is None or columns(lines[body]) <= max(depth, here):
            continue
        last = block_end(lines, number, depth)
        start = next((n for n in range(last + 1, end + 1) if lines[n].begins_statement), None)
        by = columns(lines[body]) - here
        if start is not None and columns(lines[start]) == here and (by, start) not in seen:
            seen.add((by, start))
            name = _name(line)
            yield _Reading(by, start, name, odd=_is_odd(lines, body, start, end, name))
        if shallowest == 0:
            return


def _is_odd(lines: list[Line], body: int, start: int, end: int, name: str) -> bool:
    """Whether the tail would be dead code, or names the very function that it would end."""
    level = columns(lines[body])
    last = body
    for n in range(body, start):
        if lines[n].begins_statement and columns(lines[n]) == level:
            last = n
    said = any(re.search(rf"\b{re.escape(name)}\b", line.text) for line in lines[start : end + 1])
    return said or lines[last].first_word in LEAVING


def _decorated(lines: list[Line], number: int) -> int:
    """Return the first line of a definition: its first decorator, or its `def`."""
    level = columns(lines[number])
    for n in range(number - 1, -1, -1):
        line = lines[n]
        if not line.text.strip() or columns(line) < level:
            break
        if line.begins_statement:
            if line.first_word != "@" or columns(line) != level:
                break
            number = n
    return number


def _is_function(line: Line) -> bool:
    words = line.text.split(None, 2)[:2]
    return bool(words) and (words[0] == "def" or words == ["async", "def"])


def _name(line: Line) -> str:
    head = line.text.split("(", 1)[0].split()
    return head[-1] if head else ""
