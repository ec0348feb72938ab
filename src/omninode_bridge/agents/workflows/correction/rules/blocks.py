"""Blocks that lost their indentation: a body level with its header, a tail outside its function."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.lexer import Line
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.reindent import (
    block_end,
    columns,
    shift,
    statement_end,
)
from omninode_bridge.agents.workflows.correction.source import Problem

from .empties import MOVED, what_happened
from .extents import extents
from .runs import CLAUSES, DEFINING, gap_above
from .tabs import indent_unit

__all__ = ["propose"]

_ENDING = frozenset({"return", "raise"})
_OUTSIDE = ("'return' outside function", "'yield' outside function", "'await' outside function")
_MOST_READINGS = 12


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Move the block under what it belongs to."""
    lines = bench.lines(text)
    index = problem.line - 1
    if not 0 <= index < len(lines):
        return
    unit = indent_unit(lines)
    if problem.message.startswith("expected an indented block after"):
        yield from _bodies(text, lines, index, unit)
    elif problem.message in _OUTSIDE:
        yield from _tails(text, lines, index, unit)


def _bodies(text: str, lines: list[Line], index: int, unit: int) -> Iterator[Proposal]:
    opener = next((n for n in range(index - 1, -1, -1) if lines[n].begins_statement), None)
    if opener is None or not lines[index].begins_statement:
        return
    level = columns(lines[opener])
    first = lines[index]
    if columns(first) != level or first.first_word in CLAUSES:
        return
    if what_happened(lines, opener, index) != MOVED:
        return
    kind = lines[opener].first_word
    above = _above(lines, opener, level)
    readings = (
        _ends(lines, index, level, kind, above)
        if kind in {"def", "async", "class"}
        else extents(lines, opener, index)
    )
    ends = list(itertools.islice(readings, _MOST_READINGS))
    if ends and (kind not in DEFINING or above not in {"", "class"}):
        yield from _header_moved(text, lines, opener, index, unit)
    for end, cost in ends:
        fix = Fix("indent", index + 1, f"moved the body of line {opener + 1} under it")
        yield Proposal(shift(text, lines, index, end, unit), fix, cost)


def _above(lines: list[Line], number: int, level: int) -> str:
    """Return the first word of what encloses a line; empty at the top of the module."""
    for line in reversed(lines[:number]):
        if line.begins_statement and columns(line) < level:
            return line.first_word
    return ""


def _header_moved(
    text: str, lines: list[Line], opener: int, index: int, unit: int
) -> Iterator[Proposal]:
    """Read it the other way: the body stands right, and it is the header that moved."""
    level = columns(lines[opener])
    if level < unit:
        return
    after = block_end(lines, index, level - 1) + 1
    following = next((x for x in lines[after:] if x.begins_statement), None)
    regular = following is not None and columns(following) == level - unit
    fix = Fix("indent", opener + 1, f"moved a header by {-unit} columns")
    moved = shift(text, lines, opener, statement_end(lines, opener), -unit)
    yield Proposal(moved, fix, 1.25 if regular else 1.75)


def _ends(
    lines: list[Line], index: int, level: int, kind: str, above: str
) -> Iterator[tuple[int, float]]:
    """Yield where the body may end, and at what cost."""
    defines = kind in {"def", "async", "class"}
    statements: list[tuple[int, str]] = []
    number = index
    while number < len(lines):
        line = lines[number]
        if line.begins_statement:
            if columns(line) < level:
                break
            if columns(line) == level and number > index:
                if line.first_word in CLAUSES and not _inner_clause(lines, index, number, level):
                    break
                if defines and kind != "class" and line.first_word in DEFINING:
                    break
                if defines and level == 0 and gap_above(lines, number) >= 2:
                    break
            if defines and kind != "class" and statements and statements[-1][1] in _ENDING:
                break  # what follows an unconditional `return` is no longer the function's
            end = statement_end(lines, number)
            if columns(line) == level:
                statements.append((block_end(lines, number, level), line.first_word))
            number = end
        number += 1
    if not statements:
        return
    if defines and above != "class":
        # Outside a class, what follows a gap may belong to what is outside the function as well.
        for end, _ in statements[:-1]:
            following = next(
                (n for n in range(end + 1, len(lines)) if lines[n].begins_statement), None
            )
            if following is not None and gap_above(lines, following):
                yield end, 1.0
    yield statements[-1][0], 1.0


def _inner_clause(lines: list[Line], index: int, number: int, level: int) -> bool:
    """Whether a clause belongs to a statement of the moved run and not to what is above it."""
    word = lines[number].first_word
    heads = {"else": {"if", "for", "while", "try", "elif", "except"}, "elif": {"if", "elif"}}
    starters = heads.get(word, {"try", "except"})
    return any(
        line.begins_statement and columns(line) == level and line.first_word in starters
        for line in lines[index:number]
    )


def _tails(text: str, lines: list[Line], index: int, unit: int) -> Iterator[Proposal]:
    """Move the lines from the end of a function's body to a stray `return` back into the function."""
    while index > 0 and not lines[index].begins_statement:
        index -= 1
    here = columns(lines[index])
    end = statement_end(lines, index)
    shallowest = None
    readings: dict[tuple[int, int], str] = {}
    for number in range(index - 1, -1, -1):
        line = lines[number]
        if not line.begins_statement:
            continue
        if line.first_word == "class" and columns(line) < here:
            break
        depth = columns(line)
        if not _is_function(line) or (shallowest is not None and depth >= shallowest):
            continue
        # A function that follows without a gap may itself be a part of the tail.
        apart = gap_above(lines, number) > (1 if depth == 0 else 0)
        shallowest = depth if apart or depth != here else depth + 1
        body = next((n for n in range(number + 1, len(lines)) if lines[n].begins_statement), None)
        if body is None or columns(lines[body]) <= max(depth, here):
            continue
        start = _tail_start(lines, block_end(lines, number, depth) + 1, end)
        if start is not None and columns(lines[start]) == here:
            readings.setdefault((columns(lines[body]) - here, start), _name(line))
        if shallowest == 0:
            break
    # The smaller the move, the likelier it is what was lost.
    least = min((by for by, _ in readings), default=0)
    nearest = sorted(readings, key=lambda reading: (reading[0], -reading[1]))
    for by, start in nearest[:_MOST_READINGS]:
        fix = Fix("indent", start + 1, f"moved the end of {readings[by, start]} back into it")
        yield Proposal(shift(text, lines, start, end, by), fix, 1.0 + (by - least) / 16)


def _tail_start(lines: list[Line], number: int, end: int) -> int | None:
    return next((n for n in range(number, end + 1) if lines[n].begins_statement), None)


def _is_function(line: Line) -> bool:
    words = line.text.split(None, 2)[:2]
    return bool(words) and (words[0] == "def" or words == ["async", "def"])


def _name(line: Line) -> str:
    head = line.text.split("(", 1)[0].split()
    return repr(head[-1]) if head else "a function"
