"""For each constraint at one place: values that break it and, with luck, nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from omninode_bridge.generation.samples_fault import PLAIN, Fault, Maker, get
from omninode_bridge.generation.samples_faults_groups import GROUP_MAKERS
from omninode_bridge.generation.samples_head import Head, is_number
from omninode_bridge.generation.samples_numbers import inside, outside
from omninode_bridge.generation.samples_shape import JSON_TYPES, Shape, shape_of
from omninode_bridge.generation.samples_strings import NOT_IN_FORMAT, mutations
from omninode_bridge.generation.samples_values import Unbuildable, Values, texts

__all__ = ["faults"]

# What lax readers take for each type, and what a forgotten "optional" lets in.
TWINS: Mapping[str, tuple[str, ...]] = {
    "string": ("null", "integer", "boolean"),
    "integer": ("null", "string", "number", "boolean"),
    "number": ("null", "string", "boolean"),
    "boolean": ("null", "string", "integer"),
    "array": ("null", "object", "string"),
    "object": ("null", "array", "string"),
    "null": ("boolean", "integer", "string"),
}
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


def faults(shape: Shape, values: Values) -> Iterator[Fault]:
    """Yield what can be broken at a place of this `shape`."""
    for part in shape.parts:
        if isinstance(part.schema, Mapping):
            for keyword in part.schema:
                yield from MAKERS.get(keyword, _nothing)(part, str(keyword), shape, values)


def _nothing(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    return iter(())


def _wrong_types(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    given = get(part, "type")
    allowed = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    wrong = {twin for kind in allowed for twin in TWINS.get(str(kind), ())} - set(allowed)
    if "number" in allowed:
        wrong.discard("integer")
    for kind in (kind for kind in JSON_TYPES if kind in wrong):
        yield Fault(part, keyword, f"given {kind}", (), _disguised(kind, allowed, shape))


def _disguised(kind: str, allowed: list[object], shape: Shape) -> Iterator[object]:
    """Yield values of a wrong kind, first those that would do if they were of the right kind."""
    numeric = bool({"integer", "number"} & set(allowed))
    if kind == "string":
        yield "1" if numeric else "true"
    elif kind == "number":
        yield from (value for _, value in inside(shape, whole=False) if value % 1)
        yield from (value + 0.5 for _, value in inside(shape, whole=True))
    elif kind == "integer":
        yield from (value for _, value in inside(shape, whole=True))
    yield PLAIN[kind]
    if kind == "string":
        yield from texts(shape)


def _no_member(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    given = get(part, keyword)
    members = given if keyword == "enum" and isinstance(given, list) else [given]

    def near() -> Iterator[object]:
        for member in members:
            if isinstance(member, str):
                yield from (f"{member}x", member.swapcase(), f"{member} ", member[:-1])
            elif is_number(member):
                yield from (member + 1, member - 1, member + 0.5)
        yield from PLAIN.values()

    yield Fault(part, keyword, "", (), near())
    yield Fault(part, keyword, "given null", (), iter([None]))
    if not any(isinstance(member, str) for member in members):
        yield Fault(part, keyword, "as text", (), (str(member) for member in members))


def _out_of_bounds(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    whole = "number" not in shape.types
    candidates: Iterator[object] = outside(shape, keyword, get(part, keyword), whole=whole)
    yield Fault(part, keyword, "", (), candidates)


def _wrong_length(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    bound = get(part, keyword)
    if is_number(bound):
        length = int(bound) + (1 if keyword == "maxLength" else -1)
        yield Fault(part, keyword, "", (), iter(texts(shape, length)) if length >= 0 else iter(()))


def _no_match(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    starts = itertools.islice(texts(shape), 6)
    yield Fault(part, keyword, "", (), (near for text in starts for near in mutations(text)))


def _no_format(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    wrong = NOT_IN_FORMAT.get(str(get(part, keyword)), ())
    yield Fault(part, keyword, "", (), itertools.chain(wrong, ("not it", "a" * 40)))


def _bad_names(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    head = part.down(keyword)
    names = shape_of([head])
    names.types = ("string",)
    for fault in faults(names, values):
        if fault.keyword in {"pattern", "minLength", "maxLength", "enum", "const", "format"}:
            yield Fault(fault.blamed, fault.keyword, "of a name", (), _named(fault, shape, values))


def _named(fault: Fault, shape: Shape, values: Values) -> Iterator[object]:
    for name in itertools.islice((one for one in fault.candidates if isinstance(one, str)), 40):
        try:
            added = values.build(shape.property_heads(name))
        except Unbuildable:
            continue
        for value in itertools.islice(values.objects(shape), 1):
            yield {**value, name: added}


MAKERS: Mapping[str, Maker] = {
    "type": _wrong_types,
    "enum": _no_member,
    "const": _no_member,
    **dict.fromkeys(BOUNDS, _out_of_bounds),
    "minLength": _wrong_length,
    "maxLength": _wrong_length,
    "pattern": _no_match,
    "format": _no_format,
    "propertyNames": _bad_names,
    **GROUP_MAKERS,
}
