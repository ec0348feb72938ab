"""Between two levels: which of them a line belongs to, by what stands around it."""

from __future__ import annotations

import re

from omninode_bridge.agents.workflows.correction.lexer import Line
from omninode_bridge.agents.workflows.correction.reindent import columns

from .runs import CLAUSES, LEAVING, Statement, statement_at

__all__ = ["belongs"]

_HALF = 0.5
_WORD = re.compile(r"[^\W\d]\w*")


def belongs(lines: list[Line], index: int, lower: int, upper: int) -> dict[int, float]:
    """Return what it costs to put a line to the lower and to the upper of two levels.

    The nearer one is the likelier; at the same distance what is dead code, what a name was bound
    for and where a paragraph ends decide. Equal costs say that nothing does.
    """
    here = columns(lines[index])
    down, up = here - lower, upper - here
    if down != up:
        return {lower: _HALF * (down > up), upper: _HALF * (up > down)}
    votes = _votes(lines, index, lower, upper)
    return {lower: _HALF * (votes < 0), upper: _HALF * (votes > 0)}


def _votes(lines: list[Line], index: int, lower: int, upper: int) -> float:
    """Return what speaks for the lower level, less what speaks for the upper one."""
    this = statement_at(lines, index)
    before = _last_of_block(lines, index, upper)
    after = next((n for n in range(this.last + 1, len(lines)) if lines[n].begins_statement), None)
    votes = 0.0
    if before is not None:
        if before.word in LEAVING:
            votes += 3
        elif _bound_only_there(lines, before, this.reads):
            votes -= 2
    # Two blank lines part what stands at the top of a module, one parts what is inside.
    votes += bool(this.gap) if lower else (this.gap > 1) - (this.gap == 1)
    if after is not None and columns(lines[after]) >= upper:
        votes -= 4
    elif after is not None and columns(lines[after]) == lower:
        alike = before is not None and before.head == this.head
        if this.word in LEAVING and lines[after].first_word not in CLAUSES:
            votes -= 3
        elif not this.gap and (alike or _gap(lines, after)):
            votes -= _HALF
    elif this.word == "return":
        votes += 1
    return votes


def _gap(lines: list[Line], number: int) -> bool:
    return number > 0 and not lines[number - 1].text.strip()


def _last_of_block(lines: list[Line], index: int, level: int) -> Statement | None:
    """Return the last statement before a line that stands at a level."""
    for n in range(index - 1, -1, -1):
        if lines[n].begins_statement:
            depth = columns(lines[n])
            if depth < level:
                return None
            if depth == level:
                return statement_at(lines, n)
    return None


def _bound_only_there(lines: list[Line], statement: Statement, reads: frozenset[str]) -> bool:
    """Whether a statement binds a name that is read later and that nothing in its function had."""
    names = reads & statement.binds
    for n in range(statement.first - 1, -1, -1):
        line = lines[n]
        names -= set(_WORD.findall(line.text))
        if not names or (
            line.begins_statement
            and line.first_word in {"def", "class", "async"}
            and columns(line) < columns(lines[statement.first])
        ):
            break
    return bool(names)
