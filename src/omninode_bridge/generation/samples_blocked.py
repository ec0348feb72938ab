"""Required places for which no value is known, and the schema without what is said about them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from omninode_bridge.generation.samples_head import Head
from omninode_bridge.generation.samples_schemas import Schemas
from omninode_bridge.generation.samples_values import Unbuildable, Values

__all__ = ["Blocked", "blocked_places", "loosened"]

MAX_DEPTH = 8
MAX_BLOCKED = 50

Blocked = tuple[str, tuple[str, ...]]
"""A label for people, such as ``lines[].unit``, and the pointers of the subschemas there."""


def blocked_places(root: Mapping[str, object], schemas: Schemas, values: Values) -> list[Blocked]:
    """Return the innermost places that keep every document from being built."""
    found: dict[tuple[str, ...], str] = {}
    for label, heads in _below("", [Head("", root)], schemas, values, 0):
        found.setdefault(tuple(head.pointer for head in heads), label)
        if len(found) >= MAX_BLOCKED:
            break
    return [(label, pointers) for pointers, label in found.items() if any(pointers)]


def _below(
    label: str, heads: Sequence[Head], schemas: Schemas, values: Values, depth: int
) -> Iterator[tuple[str, Sequence[Head]]]:
    deeper: list[tuple[str, list[Head]]] = []
    shape = next(schemas.variants(heads), None)
    if shape is not None and shape.possible and shape.enum is None and depth < MAX_DEPTH:
        if "object" in shape.types:
            for name in shape.required:
                place = f"{label}.{name}" if label else name
                deeper.append((place, shape.property_heads(name)))
        if shape.types[:1] == ("array",) and shape.min_items:
            deeper.append((f"{label}[]", shape.item_heads(shape.prefix_length())))
    found = False
    for place, inner in deeper:
        try:
            values.build(inner)
        except Unbuildable:
            found = True
            yield from _below(place, inner, schemas, values, depth + 1)
    if not found:
        yield label, heads


def loosened(root: Mapping[str, object], blocked: Sequence[Blocked]) -> dict[str, object]:
    """Return a copy of `root` that says nothing about the blocked places."""
    changed = copy.deepcopy(dict(root))
    for _, pointers in blocked:
        for pointer in filter(None, pointers):
            *above, last = (
                token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]
            )
            place: Any = changed
            for token in above:
                place = _step(place, token)
            if isinstance(place, list):
                place[int(last)] = {}
            elif isinstance(place, dict):
                place[last] = {}
    return changed


def _step(place: Any, token: str) -> Any:
    if isinstance(place, list):
        return place[int(token)]
    return place.get(token) if isinstance(place, dict) else None
