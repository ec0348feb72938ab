"""Places in the data that a schema describes, and how a value gets there."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from omninode_bridge.generation.samples_head import Head
from omninode_bridge.generation.samples_shape import Shape
from omninode_bridge.generation.samples_values import Values

__all__ = ["Path", "Place", "places_below"]

Path = tuple[str | int, ...]
Embed = Callable[[object], object]

MAX_EMBEDS = 3
MAX_LABEL = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands.

    Attributes:
        path: property names and indexes from the root.
        certain: the part of `path` that an error in this place surely names.
        label: the path for people, such as ``lines[].quantity``; empty for the root.
        heads: the subschemas that meet here.
        embeds: functions that put a value here and a valid document around it.
        above: the subschemas that lead here; meeting them again is a recursion.
    """

    path: Path
    certain: Path
    label: str
    heads: tuple[Head, ...]
    embeds: tuple[Embed, ...]
    above: frozenset[frozenset[str]]

    @classmethod
    def root(cls, head: Head) -> Place:
        """Return the place of the whole document."""
        return cls((), (), "", (head,), (lambda value: value,), frozenset())

    def embedded(self, values: Iterable[object]) -> Iterator[object]:
        """Yield documents with each of `values` in this place."""
        for value in values:
            for embed in self.embeds:
                yield embed(value)

    def below(self, name: str) -> str:
        """Return the label of the property `name` in this place."""
        shown = name if len(name) <= MAX_LABEL else f"{name[: MAX_LABEL - 3]}..."
        return f"{self.label}.{shown}" if self.label else shown


def places_below(
    place: Place, shape: Shape, values: Values, pointers: frozenset[str]
) -> Iterator[Place]:
    """Yield the places of properties and items under `place`."""
    firm = not shape.is_union()
    above = place.above | ({pointers} if pointers else frozenset())
    if "object" in shape.types and shape.enum is None:
        bases = [*itertools.islice(values.objects(shape), 2)]
        bases += itertools.islice(values.objects(shape, full=True), 1)
        for name, heads in _named_heads(shape, values):
            with_dependents = list(itertools.islice(values.objects(shape, extra=[name]), 1))
            embeds = _embeds(place, [_into_object(b, name) for b in [*with_dependents, *bases]])
            if heads and embeds:
                yield _child(place, name, place.below(name), heads, embeds, above, firm=firm)
    if "array" in shape.types and shape.enum is None:
        for index in range(shape.prefix_length() + 1):
            heads = shape.item_heads(index)
            embeds = _embeds(place, [_into_array(b, index) for b in _arrays(shape, values, index)])
            if heads and embeds:
                part = str(index) if shape.prefix_length() else ""
                yield _child(
                    place, index, f"{place.label}[{part}]", heads, embeds, above, firm=firm
                )


def _named_heads(shape: Shape, values: Values) -> Iterator[tuple[str, list[Head]]]:
    for name in shape.properties:
        yield name, shape.property_heads(name)
    seen: set[tuple[str, ...]] = set()
    for name in values.free_names(shape):
        heads = shape.property_heads(name)
        pointers = tuple(head.pointer for head in heads)
        if pointers not in seen:
            seen.add(pointers)
            yield name, heads


def _arrays(shape: Shape, values: Values, index: int) -> list[list[object]]:
    lengths = dict.fromkeys((max(shape.min_items, index + 1), max(shape.min_items, index + 2)))
    found = [items for length in lengths for items in values.of_length(shape, length)]
    if not found and index == 0 and shape.min_items <= 1:
        return [[None]]
    return found


def _child(
    place: Place,
    step: str | int,
    label: str,
    heads: Sequence[Head],
    embeds: tuple[Embed, ...],
    above: frozenset[frozenset[str]],
    *,
    firm: bool,
) -> Place:
    path = (*place.path, step)
    firm = firm and place.certain == place.path and not any(head.loose for head in heads)
    return Place(path, path if firm else place.certain, label, tuple(heads), embeds, above)


def _embeds(place: Place, inner: Sequence[Embed]) -> tuple[Embed, ...]:
    pairs = [(outer, one) for outer in place.embeds for one in inner]
    return tuple(_chain(outer, one) for outer, one in pairs[:MAX_EMBEDS])


def _chain(outer: Embed, inner: Embed) -> Embed:
    return lambda value: outer(inner(value))


def _into_object(base: dict[str, object], name: str) -> Embed:
    return lambda value: {**base, name: value}


def _into_array(base: list[object], index: int) -> Embed:
    return lambda value: [*base[:index], value, *base[index + 1 :]]
