"""Values that are only just allowed: at each bound, each member, each branch."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from omninode_bridge.generation.samples_numbers import inside
from omninode_bridge.generation.samples_shape import Shape
from omninode_bridge.generation.samples_strings import FORMAT_EXAMPLES
from omninode_bridge.generation.samples_values import Values, texts

__all__ = ["edges"]

MAX_MEMBERS = 500

Edge = tuple[str, list[object]]


def edges(shape: Shape, values: Values) -> Iterator[Edge]:
    """Yield what is special about a value and candidates for it, the best first."""
    if not shape.possible:
        return
    if shape.enum is not None:
        for member in shape.enum[:MAX_MEMBERS]:
            yield f"is {_shown(member)}", [member]
        return
    for kind in shape.types if len(shape.types) < 7 else ():
        yield from _of_type(shape, kind, values)


def _of_type(shape: Shape, kind: str, values: Values) -> Iterator[Edge]:
    if kind == "string":
        yield from _texts(shape)
    elif kind in {"integer", "number"}:
        groups = itertools.groupby(inside(shape, whole=kind == "integer"), key=lambda p: p[0])
        for label, pairs in groups:
            yield label, [value for _, value in pairs]
        if kind == "integer":
            whole = [float(v) for _, v in inside(shape, whole=True) if abs(v) < 2**53]
            yield "with a zero fraction", list(whole)
    elif kind == "boolean":
        yield "is true", [True]
        yield "is false", [False]
    elif kind == "null":
        yield "is null", [None]
    elif kind == "array":
        yield from _arrays(shape, values)
    else:
        yield from _objects(shape, values)


def _texts(shape: Shape) -> Iterator[Edge]:
    plain: list[object] = list(itertools.islice(texts(shape), 8))
    yield "is text", plain
    yield "at minLength", list(texts(shape, shape.min_length))
    if shape.max_length is not None:
        yield "at maxLength", list(texts(shape, shape.max_length))
    for format_ in shape.formats:
        for index, text in enumerate(FORMAT_EXAMPLES.get(format_, ())):
            yield f"{format_} {index + 1}", [text]


def _arrays(shape: Shape, values: Values) -> Iterator[Edge]:
    lengths = {"at minItems": shape.min_items, "one item": 1, "two items": 2}
    if shape.max_items is not None:
        lengths["at maxItems"] = shape.max_items
    if shape.prefix_length():
        lengths["after the prefix"] = shape.prefix_length() + 1
    for label, length in lengths.items():
        yield label, list(values.of_length(shape, length))
    if not shape.unique and shape.min_items <= 2:
        yield "equal items", [[*items, *items] for items in values.of_length(shape, 1)]


def _objects(shape: Shape, values: Values) -> Iterator[Edge]:
    yield "minimal", list(itertools.islice(values.objects(shape), 3))
    yield "full", list(itertools.islice(values.objects(shape, full=True), 3))
    base = next(values.objects(shape), None)
    if base is None:
        return
    yield "one more property", list(values.with_free_name(shape, base))
    if shape.max_properties is not None:
        yield "at maxProperties", [values.filled(shape, base, shape.max_properties)]
    for name in shape.properties:
        if name not in base:
            only: list[object] = list(itertools.islice(values.objects(shape, extra=[name]), 2))
            yield f"with {_shown(name)}", only


def _shown(value: object) -> str:
    return repr(value) if len(repr(value)) <= 40 else f"{repr(value)[:37]}..."
