"""For each constraint at one place: values that break it and, with luck, nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from omninode_bridge.generation.samples_numbers import outside
from omninode_bridge.generation.samples_shape import JSON_TYPES, Head, Shape, is_number, shape_of
from omninode_bridge.generation.samples_strings import NOT_IN_FORMAT, mutations
from omninode_bridge.generation.samples_values import Unbuildable, Values, texts

__all__ = ["Fault", "faults"]

PLAIN: Mapping[str, object] = {
    "string": "text",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}
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


def faults(shape: Shape, values: Values) -> Iterator[Fault]:
    """Yield what can be broken at a place of this `shape`."""
    for part in shape.parts:
        if isinstance(part.schema, Mapping):
            for keyword in part.schema:
                yield from MAKERS.get(keyword, _nothing)(part, str(keyword), shape, values)


Maker = Callable[[Head, str, Shape, Values], Iterator[Fault]]


def _nothing(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    return iter(())


def _wrong_types(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    given = _get(part, "type")
    allowed = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    wrong = {twin for kind in allowed for twin in TWINS.get(str(kind), ())} - set(allowed)
    if "number" in allowed:
        wrong.discard("integer")
    for kind in (kind for kind in JSON_TYPES if kind in wrong):
        yield Fault(part, keyword, f"given {kind}", (), _disguised(kind, allowed))


def _disguised(kind: str, allowed: list[object]) -> Iterator[object]:
    if kind == "string":
        yield "1" if {"integer", "number"} & set(allowed) else "true"
    yield PLAIN[kind]


def _no_member(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    given = _get(part, keyword)
    members = given if keyword == "enum" and isinstance(given, list) else [given]

    def near() -> Iterator[object]:
        for member in members:
            if isinstance(member, str):
                yield from (f"{member}x", member.swapcase(), f"{member} ", member[:-1])
            elif is_number(member):
                yield from (member + 1, member - 1, member + 0.5)
        yield from PLAIN.values()

    yield Fault(part, keyword, "", (), near())
    if not any(isinstance(member, str) for member in members):
        yield Fault(part, keyword, "as text", (), (str(member) for member in members))


def _out_of_bounds(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    whole = "number" not in shape.types
    candidates: Iterator[object] = outside(shape, keyword, _get(part, keyword), whole=whole)
    yield Fault(part, keyword, "", (), candidates)


def _wrong_length(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    bound = _get(part, keyword)
    if is_number(bound):
        length = int(bound) + (1 if keyword == "maxLength" else -1)
        yield Fault(part, keyword, "", (), iter(texts(shape, length)) if length >= 0 else iter(()))


def _no_match(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    starts = itertools.islice(texts(shape), 6)
    yield Fault(part, keyword, "", (), (near for text in starts for near in mutations(text)))


def _no_format(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    wrong = NOT_IN_FORMAT.get(str(_get(part, keyword)), ())
    yield Fault(part, keyword, "", (), itertools.chain(wrong, ("not it", "a" * 40)))


def _missing(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    names = _get(part, keyword)
    for name in names if isinstance(names, list) else ():
        yield Fault(part, keyword, str(name), (str(name),), _without(shape, values, str(name)))


def _without(shape: Shape, values: Values, name: str) -> Iterator[object]:
    for full in (False, True):
        for value in itertools.islice(values.objects(shape, full=full), 3):
            yield {key: item for key, item in value.items() if key != name}


def _unexpected(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    if _get(part, keyword) is False:
        for name in ("unexpected", "", "unexpected-too"):
            if name and name not in shape.properties:
                added = ({**value, name: 1} for value in values.objects(shape))
                yield Fault(part, keyword, "", (name,), added)
                return


def _property_count(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    bound = _get(part, keyword)
    if is_number(bound):
        candidates = _counted(shape, values, int(bound), more=keyword == "maxProperties")
        yield Fault(part, keyword, "", (), candidates)


def _counted(shape: Shape, values: Values, bound: int, *, more: bool) -> Iterator[object]:
    for value in values.objects(shape):
        if more:
            yield values.filled(shape, value, bound + 1)
        else:
            optional = [name for name in value if name not in shape.required]
            surplus = max(len(value) - bound + 1, 0)
            dropped = set(optional[len(optional) - surplus :])
            yield {name: item for name, item in value.items() if name not in dropped}


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


def _unmet(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    rules = _get(part, keyword)
    for name, needed in rules.items() if isinstance(rules, Mapping) else ():
        for missing in needed if isinstance(needed, list) else ():
            candidates = (
                {key: item for key, item in value.items() if key != missing}
                for value in itertools.islice(values.objects(shape, extra=[name]), 2)
            )
            yield Fault(part, keyword, f"{missing} with {name}", (), candidates)


def _item_count(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    bound = _get(part, keyword)
    if is_number(bound):
        length = int(bound) + (1 if keyword == "maxItems" else -1)
        yield Fault(
            part, keyword, "", (), values.of_length(shape, length) if length >= 0 else iter(())
        )


def _twice(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    if _get(part, keyword) is True:
        yield Fault(part, keyword, "", (), _doubled(shape, values))


def _doubled(shape: Shape, values: Values) -> Iterator[object]:
    for length in (max(shape.min_items, 2), 2):
        for items in values.of_length(shape, length):
            yield [*items[:-2], items[0], items[0]]
        for items in values.of_length(shape, length - 1):
            yield [*items, *items[:1]]


def _too_far(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    if _get(part, keyword) is False:
        lengths = range(shape.prefix_length(), shape.prefix_length() + 1)
        longer = ([*items, 1] for length in lengths for items in values.of_length(shape, length))
        yield Fault(part, keyword, "", (), longer)


def _not_contained(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    def candidates() -> Iterator[object]:
        yield from values.of_length(shape, shape.min_items)
        for item in [*values.many(shape.item_heads(0), 6), *PLAIN.values()]:
            yield [item] * max(shape.min_items, 1)

    yield Fault(part, keyword, "", (), candidates())


def _no_branch(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    yield Fault(part, keyword, "none", (), iter([*PLAIN.values(), "", -1, 10**9, [None], {"a": 1}]))
    members = _get(part, keyword)
    if keyword == "oneOf" and isinstance(members, list):
        yield Fault(part, keyword, "several", (), _overlaps(part, len(members), values))


def _overlaps(part: Head, count: int, values: Values) -> Iterator[object]:
    for pair in itertools.islice(itertools.combinations(range(count), 2), 12):
        try:
            yield values.build([part.down("oneOf", index) for index in pair])
        except Unbuildable:
            continue


def _forbidden(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    def candidates() -> Iterator[object]:
        head = part.down("not")
        beside = [one for one in shape.parts if one is not part]
        for heads in ([head, *beside], [head]):
            try:
                found = values.build(heads)
            except Unbuildable:
                continue
            yield found
            if isinstance(found, dict):
                yield from ({**value, **found} for value in values.objects(shape, extra=[*found]))

    yield Fault(part, keyword, "", (), candidates())


def _get(part: Head, keyword: str) -> object:
    return part.schema.get(keyword) if isinstance(part.schema, Mapping) else None


MAKERS: Mapping[str, Maker] = {
    "type": _wrong_types,
    "enum": _no_member,
    "const": _no_member,
    **dict.fromkeys(BOUNDS, _out_of_bounds),
    "minLength": _wrong_length,
    "maxLength": _wrong_length,
    "pattern": _no_match,
    "format": _no_format,
    "required": _missing,
    "additionalProperties": _unexpected,
    "unevaluatedProperties": _unexpected,
    "minProperties": _property_count,
    "maxProperties": _property_count,
    "propertyNames": _bad_names,
    "dependentRequired": _unmet,
    "minItems": _item_count,
    "maxItems": _item_count,
    "uniqueItems": _twice,
    "items": _too_far,
    "contains": _not_contained,
    "anyOf": _no_branch,
    "oneOf": _no_branch,
    "not": _forbidden,
}
