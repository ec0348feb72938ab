"""Read a regex before it runs: what text it needs, and whether its shape can take too long.

Everything here works on the parse tree of the standard library, so a pattern is judged by what it
does and not by how it is spelled.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ._chains import Chain, chains_of
from ._literals import Needs, needs_of, prefix_of
from ._tree import REPEATS, Items, inside, parse

__all__ = ["EXPONENTIAL", "Shape", "analyse"]

EXPONENTIAL = 99
_UNBOUNDED = 64  # a repeat that may run this often is counted as one without an end
_MOST_CHOICES = 1 << 14
_NEWLINE = 10
_NO_NEWLINE = frozenset({"CATEGORY_WORD", "CATEGORY_DIGIT", "CATEGORY_NOT_SPACE"})


class Shape(NamedTuple):
    """What the parse tree of a regex tells.

    Attributes:
        needs: sets of lower-case ASCII texts; every text that matches holds one of each set. The
            most telling set is the first.
        choices: how many ways a start may be tried because of options and counted repeats.
        degree: the exponent of the worst running time over the length of the text, beyond the
            start; `EXPONENTIAL` where no power bounds it.
        chains: the whole regex as alternatives of literals with gaps of at least so many
            characters between them on one line, where it is no more than that; else None. Such a
            regex needs no engine.
        one_line: no match contains a line break.
        prefix: the literal that every match begins with.
        spaces: how many of the repeats that make the degree are of white space only.
    """

    needs: Needs
    choices: int
    degree: int
    chains: tuple[Chain, ...] | None
    one_line: bool
    prefix: str
    spaces: int = 0


def analyse(pattern: str, flags: int = re.IGNORECASE) -> Shape:
    """Analyse a regex.

    Raises:
        re.error: it cannot be parsed, or is too large.
    """
    tree = parse(pattern, flags)
    chains = chains_of(tree)
    choices, degree = _cost(tree.items)
    if choices > _MOST_CHOICES:
        degree = EXPONENTIAL
    return Shape(
        needs=needs_of(tree, chains),
        choices=min(choices, _MOST_CHOICES),
        degree=min(degree, EXPONENTIAL),
        chains=chains,
        one_line=not _can_break_line(tree.items, dotall=bool(tree.flags & re.DOTALL)),
        prefix=prefix_of(tree.items),
        spaces=sum(_is_space(op, arg) for op, arg in tree.items),
    )


def _cost(items: Items) -> tuple[int, int]:
    """Return how many ways there are from one start, and the power of the length beside them."""
    choices, degree = 1, 0
    for op, arg in items:
        parts = [_cost(part) for part in inside(op, arg)]
        if op in REPEATS:
            ways, power = _repeated(arg[0], arg[1], *parts[0])
        elif op == "GROUPREF":
            ways, power = 1, 1  # to compare takes as long as the group is
        elif op == "GROUPREF_EXISTS":
            ways, power = sum(part[0] for part in parts), max(part[1] for part in parts)
        elif op == "BRANCH":
            counts = [part[0] for part in parts]
            ways = max(counts) if _begin_differently(arg) else sum(counts)
            power = max(part[1] for part in parts)
        else:
            ways, power = parts[0] if parts else (1, 0)
        choices = min(choices * ways, _MOST_CHOICES + 1)
        degree += power
        if degree >= EXPONENTIAL:
            break
    return choices, min(degree, EXPONENTIAL)


def _repeated(low: int, high: int, ways: int, power: int) -> tuple[int, int]:
    if high <= 1:
        return ways * (2 - low), power
    if power:
        return 1, EXPONENTIAL
    if high >= _UNBOUNDED:
        return 1, EXPONENTIAL if ways > 1 else 1
    return (high - low + 1) * min(ways**high, _MOST_CHOICES + 1), 0


def _is_space(op: str, arg: Any) -> bool:
    if op not in REPEATS or arg[1] < _UNBOUNDED or len(arg[2]) != 1:
        return False
    kind, what = arg[2][0]
    return kind == "IN" and [str(one) for _, one in what] == ["CATEGORY_SPACE"]


def _begin_differently(branches: Any) -> bool:
    """Whether at most one of the alternatives can match at a place."""
    firsts = set()
    for branch in branches:
        if not branch or branch[0][0] != "TEXT":
            return False
        firsts.add(branch[0][1][0].lower())
    return len(firsts) == len(branches)


def _can_break_line(items: Items, *, dotall: bool) -> bool:
    """Whether a match may hold a line break, or depends on where the text begins or ends."""
    for op, arg in items:
        if (
            (op == "ANY" and dotall)
            or (op == "TEXT" and "\n" in arg)
            or (op == "NOT_LITERAL" and arg != _NEWLINE)
            or (op == "AT" and arg != "AT_BOUNDARY")
            or (op == "IN" and _has_newline(arg))
            or op in {"ASSERT", "ASSERT_NOT", "GROUPREF", "GROUPREF_EXISTS"}
            or (op == "SUBPATTERN" and arg[1] & re.DOTALL)
        ):
            return True
        if any(_can_break_line(part, dotall=dotall) for part in inside(op, arg)):
            return True
    return False


def _has_newline(members: Any) -> bool:
    for op, arg in members:
        if op == "NEGATE":
            return True
        if op == "LITERAL" and arg == _NEWLINE:
            return True
        if op == "RANGE" and arg[0] <= _NEWLINE <= arg[1]:
            return True
        if op == "CATEGORY" and arg.name not in _NO_NEWLINE:
            return True
    return False
