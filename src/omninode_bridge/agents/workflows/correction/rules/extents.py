"""How far a block reaches that moved beside its header."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.lexer import Line
from omninode_bridge.agents.workflows.correction.reindent import columns

from .runs import LEAVING, Statement, header_names, run_of

__all__ = ["extents"]

_LESS = 0.5


def extents(lines: list[Line], opener: int, index: int) -> Iterator[tuple[int, float]]:
    """Yield the last line of the block and the cost, for what is neither a function nor a class.

    One statement is the least that can have moved; more only if they belong together.
    """
    run, clause = run_of(lines, index)
    if not run:
        return
    if clause or len(run) == 1:
        yield run[-1].last, 1.0
        return
    kind = lines[opener].first_word
    least, most = _bounds(lines, opener, run, kind)
    for count in range(1, most + 1):
        near = count == least
        yield run[count - 1].last, 1.0 if near else 1.0 + _LESS
    # What stays together by its names and what would be left is no more than a guess.


def _bounds(lines: list[Line], opener: int, run: list[Statement], kind: str) -> tuple[int, int]:
    """Return how many statements the block has, and how many it can have at most."""
    leaving = next((n for n, s in enumerate(run) if s.word in LEAVING), None)
    most = len(run) if leaving is None else leaving + 1
    if leaving == 0:
        return 1, 1
    gap = next((n for n, s in enumerate(run) if n and s.gap), None)
    if gap is not None:
        most = min(most, gap)
    header = " ".join(line.text for line in lines[opener : run[0].first])
    _, given = header_names(header)
    before = _names_before(lines, opener)
    own = set(given)
    least = 1
    for number, statement in enumerate(run[:most]):
        if number and statement.reads & own:
            least = number + 1
        own |= {name for name in statement.binds if name not in before}
    twin = _twin(lines, opener, run, kind)
    return (max(twin, least)), most


def _names_before(lines: list[Line], opener: int) -> frozenset[str]:
    """Return the words in the function before a header: what is among them may be bound there."""
    level = columns(lines[opener])
    words: set[str] = set()
    for line in reversed(lines[:opener]):
        words.update(re.findall(r"[^\W\d]\w*", line.text))
        if line.begins_statement and line.first_word in {"def", "async"} and columns(line) < level:
            break
    return frozenset(words)


def _twin(lines: list[Line], opener: int, run: list[Statement], kind: str) -> int:
    """Return how many statements match, one by one, those of the branch before an `else`."""
    if kind not in {"else", "elif", "except"}:
        return 0
    level = columns(lines[opener])
    begin = next(
        (
            n
            for n in range(opener - 1, -1, -1)
            if lines[n].begins_statement and columns(lines[n]) <= level
        ),
        None,
    )
    if begin is None:
        return 0
    inner = next((n for n in range(begin + 1, opener) if lines[n].begins_statement), None)
    if inner is None:
        return 0
    other = run_of(lines, inner)[0]
    same = 0
    for one, two in zip(other, run, strict=False):
        if one.head != two.head:
            break
        same += 1
    return same
