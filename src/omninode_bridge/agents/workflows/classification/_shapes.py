"""What is known beforehand about the regexes of our own patterns, so that no start pays for it.

`_shapes.json` holds it; ``python scripts/write_shapes.py`` writes it anew, and a test compares it
with what the analysis says.
"""

from __future__ import annotations

import json
import pkgutil
from functools import lru_cache
from typing import Any

from ._compiled import Clause
from .safety import Shape

__all__ = ["known_clauses", "known_sources"]


@lru_cache(maxsize=256)
def known_clauses(source: str) -> tuple[Clause, ...] | None:
    """Return the alternatives of one of our regexes, not compiled yet; None for any other."""
    rows = _table().get(source)
    return None if rows is None else tuple(Clause(row[0], _shape(row[1:])) for row in rows)


def known_sources() -> tuple[str, ...]:
    """Return the regexes that the table knows."""
    return tuple(_table())


def _shape(row: list[Any]) -> Shape:
    needs, choices, degree, chains, one_line, prefix, spaces = row
    return Shape(
        needs=tuple(map(tuple, needs)),
        choices=choices,
        degree=degree,
        chains=None if chains is None else tuple(tuple(map(tuple, chain)) for chain in chains),
        one_line=one_line,
        prefix=prefix,
        spaces=spaces,
    )


@lru_cache(maxsize=1)
def _table() -> dict[str, list[list[Any]]]:
    data = pkgutil.get_data(__package__, "_shapes.json")
    table: dict[str, list[list[Any]]] = json.loads(data) if data else {}
    return table
