"""One constraint to break."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from omninode_bridge.generation.samples_head import Head
from omninode_bridge.generation.samples_shape import Shape
from omninode_bridge.generation.samples_values import Values

__all__ = ["PLAIN", "Fault", "Maker", "get"]

PLAIN: Mapping[str, object] = {
    "string": "text",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One constraint to break.

    Attributes:
        blamed: the very subschema whose `keyword` must be the only one that complains.
        keyword: the constraint.
        detail: tells cases of one constraint apart; empty for a single one.
        below: what follows the place's path where the error is reported.
        candidates: values to try, the nearest to what is allowed first.
    """

    blamed: Head
    keyword: str
    detail: str
    below: tuple[str, ...]
    candidates: Iterator[object]


Maker = Callable[[Head, str, Shape, Values], Iterator[Fault]]


def get(part: Head, keyword: str) -> object:
    """Return what `part` says for `keyword`, or None."""
    return part.schema.get(keyword) if isinstance(part.schema, Mapping) else None
