"""Whether a header without a block lost its body, or whether the body moved beside it."""

from __future__ import annotations

from omninode_bridge.agents.workflows.correction.lexer import Line
from omninode_bridge.agents.workflows.correction.reindent import columns

__all__ = ["CLAUSES", "DEFINING", "emptiness", "gap_above"]

CLAUSES = frozenset({"else", "elif", "except", "finally", "case"})
DEFINING = frozenset({"def", "class", "async", "@"})


def gap_above(lines: list[Line], number: int) -> int:
    """Count the blank lines above a line, those above its comments included."""
    most = count = 0
    for line in reversed(lines[:number]):
        if line.code_end or line.in_string:
            break
        count = count + 1 if not line.text.strip() else 0
        most = max(most, count)
    return most


def emptiness(lines: list[Line], opener: int, following: int | None) -> float | None:
    """Return what it costs in belief that the block is empty; None if it more likely moved."""
    if following is None:
        return 1.0
    level, here = columns(lines[opener]), columns(lines[following])
    if here < level:
        levels = {0, *(columns(line) for line in lines[:opener] if line.begins_statement)}
        return 1.0 if here in levels else None
    first = lines[following].first_word
    if first in CLAUSES:
        return 1.0
    kind = lines[opener].first_word
    gap = gap_above(lines, following)
    if (
        gap > 1
        or (gap and kind in {"def", "async"})
        or (gap and first in DEFINING and kind != "class")
    ):
        return 1.0
    return None
