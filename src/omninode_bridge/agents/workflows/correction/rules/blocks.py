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
from .runs import CLAUSES, DEFINING, Statement, run_of
from .tabs import indent_unit
from .tails import tails

__all__ = ["propose"]

_ENDING = frozenset({"return", "raise"})
_OUTSIDE = ("'return' outside function", "'yield' outside function", "'await' outside function")
_MOST_READINGS = 12
_MOST_STATEMENTS = 200


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
        yield from tails(text, lines, index)


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
        _ends(lines, opener, index, kind, above)
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
    lines: list[Line], opener: int, index: int, kind: str, above: str
) -> Iterator[tuple[int, float]]:
    """Yield where the body of a function or class may end, and at what cost."""
    level = columns(lines[opener])
    run: list[Statement] = []
    for statement in run_of(lines, index, _MOST_STATEMENTS)[0]:
        # What follows an unconditional `return` is no longer the function's.
        if run and kind != "class" and (statement.word in DEFINING or run[-1].word in _ENDING):
            break
        if run and level == 0 and statement.gap > 1:
            break
        run.append(statement)
    if not run:
        return
    if above != "class":
        # Outside a class, what follows a gap may belong to what is outside the function as well.
        name = _name(lines[opener])
        own: set[str] = set()
        for number, statement in enumerate(run):
            if number and statement.gap and not statement.reads & own:
                outside = any(name in (repr(word) for word in s.reads) for s in run[number:])
                yield run[number - 1].last, 1.0
                if outside:
                    return
            own |= statement.binds
    yield run[-1].last, 1.0


def _name(line: Line) -> str:
    head = line.text.split("(", 1)[0].split()
    return repr(head[-1]) if head else ""
