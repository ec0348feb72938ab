"""Lines that stand a little off: deeper than they may be, or between two levels."""

from __future__ import annotations

from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.lexer import Line
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.reindent import (
    block_end,
    columns,
    irregular,
    shift,
    statement_end,
)
from omninode_bridge.agents.workflows.correction.source import Problem

from .levels import belongs
from .tabs import indent_unit

__all__ = ["propose"]


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Move the line, its run, or the block before it to a level that exists."""
    if problem.kind != "IndentationError":
        return
    lines = bench.lines(text)
    index = problem.line - 1
    if not 0 <= index < len(lines) or not lines[index].begins_statement:
        return
    unit = indent_unit(lines)
    beliefs: dict[int, float] = {}
    if problem.message == "unexpected indent":
        moves = _too_deep(lines, index)
    elif problem.message.startswith("unindent does not match"):
        lower, upper = _neighbours(lines, index)
        moves = _between(lines, index, lower, upper)
        if lower is not None and upper is not None:
            here = columns(lines[index])
            costs = belongs(lines, index, lower, upper)
            beliefs = {level - here: cost for level, cost in costs.items()}
    else:
        return
    candidates: dict[str, tuple[int, int, int]] = {}
    for first, last, by in moves:
        candidates.setdefault(shift(text, lines, first, last, by), (first, last, by))
    if problem.message == "unexpected indent":
        for first, last, by in _scattered(lines, index):
            moved = _shift_level(text, lines, first, last, by)
            candidates.setdefault(moved, (first, last, by))
    odd = {candidate: irregular(bench.lines(candidate), unit) for candidate in candidates}
    for candidate, (first, last, by) in candidates.items():
        count = "a line" if first == last else f"{last - first + 1} lines"
        fix = Fix("indent", first + 1, f"moved {count} by {by:+d} columns")
        belief = beliefs.get(by, 0.0) if first == index else 0.0
        yield Proposal(candidate, fix, 1.0 + odd[candidate] - min(odd.values()) + belief)


def _previous(lines: list[Line], index: int) -> int | None:
    return next((n for n in range(index - 1, -1, -1) if lines[n].begins_statement), None)


def _opener(lines: list[Line], index: int) -> int | None:
    """Return the nearest line above that is less deep."""
    depth = columns(lines[index])
    for n in range(index - 1, -1, -1):
        if lines[n].begins_statement and columns(lines[n]) < depth:
            return n
    return None


def _too_deep(lines: list[Line], index: int) -> Iterator[tuple[int, int, int]]:
    """Yield (first, last, by) for a line that is deeper than its neighbours for no reason."""
    before = _previous(lines, index)
    if before is None:
        yield index, block_end(lines, index, -1), -columns(lines[index])
        return
    here, level = columns(lines[index]), columns(lines[before])
    yield index, statement_end(lines, index), level - here
    yield index, block_end(lines, index, level), level - here
    # Or the lines before it are the ones that moved.
    first = _block_start(lines, before)
    if first is not None:
        yield first, statement_end(lines, before), here - level


def _block_start(lines: list[Line], index: int) -> int | None:
    """Return the first line of the block in which a line stands, if something opens that block."""
    opener = _opener(lines, index)
    if opener is None:
        return None
    return next(n for n in range(opener + 1, index + 1) if lines[n].begins_statement)


def _scattered(lines: list[Line], index: int) -> Iterator[tuple[int, int, int]]:
    """Yield (first, last, by) for a block of which some lines moved and others did not."""
    before = _previous(lines, index)
    first = None if before is None else _block_start(lines, before)
    if before is None or first is None:
        return
    opener = _opener(lines, before)
    above = -1 if opener is None else columns(lines[opener])
    yield first, block_end(lines, first, above), columns(lines[index]) - columns(lines[before])


def _shift_level(text: str, lines: list[Line], first: int, last: int, by: int) -> str:
    """Move only the statements that stand exactly where the first one stands."""
    level = columns(lines[first])
    for number in range(first, last + 1):
        if lines[number].begins_statement and columns(lines[number]) == level:
            text = shift(text, lines, number, statement_end(lines, number), by)
    return text


def _neighbours(lines: list[Line], index: int) -> tuple[int | None, int | None]:
    """Return the nearest level below and above a line's own that is open there."""
    here = columns(lines[index])
    levels = _levels(lines, index)
    lower = max((level for level in levels if level < here), default=None)
    return lower, min((level for level in levels if level > here), default=None)


def _between(
    lines: list[Line], index: int, lower: int | None, upper: int | None
) -> Iterator[tuple[int, int, int]]:
    """Yield (first, last, by) for a line whose level does not exist."""
    here = columns(lines[index])
    single = statement_end(lines, index)
    run = index if lower is None else block_end(lines, index, lower)
    for target in (upper, lower):
        if target is None:
            continue
        yield index, single, target - here
        yield index, run, target - here
        yield index, _same_run(lines, index, here), target - here
    # Or the block before it is the one that moved.
    before = _previous(lines, index)
    if before is not None and upper is not None and columns(lines[before]) == upper:
        first = _block_start(lines, before)
        if first is not None:
            yield first, statement_end(lines, before), here - upper


def _same_run(lines: list[Line], index: int, here: int) -> int:
    """Return the end of the run of statements that are at least as deep as the first."""
    return block_end(lines, index, here - 1)


def _levels(lines: list[Line], index: int) -> list[int]:
    """Return the levels that are open just before a line."""
    levels = [0]
    for line in lines[:index]:
        if line.begins_statement:
            depth = columns(line)
            while levels and levels[-1] > depth:
                levels.pop()
            if not levels or levels[-1] < depth:
                levels.append(depth)
    return levels
