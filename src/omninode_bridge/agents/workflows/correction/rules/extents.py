"""How far a block reaches that moved beside its header."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.lexer import Line
from omninode_bridge.agents.workflows.correction.reindent import columns

from .runs import CLAUSES, LEAVING, Statement, header_names, run_of

__all__ = ["extents"]

_LESS = 0.5
_HEAD = re.compile(r"[=(:]")
_WORD = re.compile(r"[^\W\d]\w*")
_COMMON = frozenset({"self", "cls", "len", "isinstance", "str", "int", *keyword.kwlist})


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
    leaving = next((n for n, s in enumerate(run) if s.word in LEAVING), None)
    if leaving == 0:
        yield run[0].last, 1.0
        return
    gap = next((n for n, s in enumerate(run) if n and s.gap), len(run))
    most = min(gap, len(run) if leaving is None else leaving + 1)
    header = " ".join(line.text for line in lines[opener : run[0].first])
    read, given = header_names(header)
    about = given or read
    least = _together(run[:most], given, _names_before(lines, opener))
    twins = _twins(lines, opener, run)
    least = max(least, twins)
    sure = (
        least in (gap, twins)
        or (most == len(run) and run[-1].word == "return" and least == len(run) - 1)
        or (_touches(run[0], about) and not _touches(run[least], about))
        or (_settles(run[0], read) and not _settles(run[least], read))
        or (least == 1 and (_overrides(lines, opener, run) or _echoes(lines, opener, run)))
    )
    for count in range(1, most + 1):
        yield run[count - 1].last, 1.0 if count == least or not sure else 1.0 + _LESS


def _touches(statement: Statement, names: frozenset[str]) -> bool:
    """Whether a statement is about what the header is about."""
    words = {*statement.reads, *statement.binds, *_WORD.findall(statement.head)}
    return bool(words & names - _COMMON)


def _settles(statement: Statement, names: frozenset[str]) -> bool:
    """Whether a statement gives a value to what the header asked for."""
    return statement.assigns and bool({*_WORD.findall(statement.head)} & names - _COMMON)


def _overrides(lines: list[Line], opener: int, run: list[Statement]) -> bool:
    """Whether the first statement changes what the one before the header had just set."""
    level = columns(lines[opener])
    for line in reversed(lines[:opener]):
        if line.begins_statement and columns(line) <= level:
            head = _HEAD.split(line.text.strip(), maxsplit=1)[0].strip()
            alone = run[0].assigns and run[0].head == head != run[1].head
            return alone and columns(line) == level
    return False


def _echoes(lines: list[Line], opener: int, run: list[Statement]) -> bool:
    """Whether a header of the same kind follows whose block begins as the first statement does."""
    if run[1].word != lines[opener].first_word:
        return False
    inner = range(run[1].first + 1, run[1].last + 1)
    first = next((lines[n] for n in inner if lines[n].begins_statement), None)
    if first is None:
        return False
    return _HEAD.split(first.text.strip(), maxsplit=1)[0].strip() == run[0].head


def _together(run: list[Statement], given: frozenset[str], before: frozenset[str]) -> int:
    """Return how many statements need each other: what only the first ones bind, a later one reads."""
    least = 1
    while True:
        own = set(given)
        for statement in run[:least]:
            own |= {name for name in statement.binds if name not in before}
        further = [n for n, s in enumerate(run, 1) if n > least and s.reads & own]
        if not further:
            return least
        least = further[-1]


def _names_before(lines: list[Line], opener: int) -> frozenset[str]:
    """Return the words in the function before a header: what is among them may be bound there."""
    level = columns(lines[opener])
    words: set[str] = set()
    for line in reversed(lines[:opener]):
        words.update(_WORD.findall(line.text))
        if line.begins_statement and line.first_word in {"def", "async"} and columns(line) < level:
            break
    return frozenset(words)


def _twins(lines: list[Line], opener: int, run: list[Statement]) -> int:
    """Return how many statements match, one by one, those of the branch before an `else`."""
    if lines[opener].first_word not in CLAUSES:
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
