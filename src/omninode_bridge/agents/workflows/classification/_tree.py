"""The parse tree of a regex, by the standard library's own parser, so nothing depends on spelling."""

from __future__ import annotations

import re
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

__all__ = ["MAXREPEAT", "REPEATS", "inside", "parse"]

MAXREPEAT = parser.MAXREPEAT
REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})

_MOST_COPIES = 10_000  # an engine that unrolls counted repeats takes a megabyte for so many
_MOST_IN_RANGES = 300_000  # ignoring case, `re` walks through every character of a range
_WALKED = 0x10000


def parse(source: str, flags: int = re.IGNORECASE) -> Any:
    """Return the tree.

    Raises:
        re.error: the regex cannot be parsed, or to compile it would take long or much memory.
    """
    try:
        tree = parser.parse(source, flags)
        copies, walked = _size(tree)
    except RecursionError:
        raise re.error("groups lie too deep in one another") from None
    if copies > _MOST_COPIES:
        raise re.error(
            f"counted repeats make {copies} copies of their parts; at most {_MOST_COPIES} are allowed"
        )
    if walked > _MOST_IN_RANGES:
        raise re.error(
            f"its ranges hold {walked} characters; at most {_MOST_IN_RANGES} are allowed in all"
        )
    return tree


def inside(op: str, arg: Any) -> list[Any]:
    """Return the sequences that an item of the tree holds."""
    if op == "SUBPATTERN":
        return [arg[3]]
    if op == "BRANCH":
        return list(arg[1])
    if op in REPEATS:
        return [arg[2]]
    if op == "ATOMIC_GROUP":
        return [arg]
    if op in {"ASSERT", "ASSERT_NOT"}:
        return [arg[1]]
    if op == "GROUPREF_EXISTS":
        return [part for part in arg[1:] if part is not None]
    return []


def _size(items: Any) -> tuple[int, int]:
    """Return how many items there are once every count is written out, and the size of the ranges."""
    copies = walked = 0
    for raw, arg in items:
        op = str(raw)
        if op == "IN":
            walked += sum(
                min(pair[1], _WALKED) - min(pair[0], _WALKED)
                for name, pair in arg
                if str(name) == "RANGE"
            )
        parts = [_size(part) for part in inside(op, arg)]
        below = sum(part[0] for part in parts)
        walked += sum(part[1] for part in parts)
        if op in REPEATS and not _is_one_character(arg[2]):
            below *= max(1, arg[0], 0 if arg[1] is MAXREPEAT else arg[1])
        copies += below + 1
    return copies, walked


def _is_one_character(items: Any) -> bool:
    return len(items) == 1 and str(items[0][0]) in {
        "LITERAL", "NOT_LITERAL", "ANY", "IN", "CATEGORY"
    }  # fmt: skip
