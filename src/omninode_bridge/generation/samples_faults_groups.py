"""Faults of objects, arrays and choices between schemas."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from omninode_bridge.generation.samples_fault import PLAIN, Fault, Maker, get
from omninode_bridge.generation.samples_head import Head, as_list, as_mapping, is_number
from omninode_bridge.generation.samples_shape import Shape
from omninode_bridge.generation.samples_values import Unbuildable, Values

__all__ = ["GROUP_MAKERS"]


# values that a branch refuses only for a limit of its own, whatever the other branches say
_PROBES: Mapping[str, tuple[object, ...]] = {
    "number": (1, -1, 5, 7, 0, 4, 11, 1.5, 10**9 + 7, -(10**9) - 7),
    "text": ("", "a", "~ ~", "x" * 300),
}


def _missing(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    names = get(part, keyword)
    for name in names if isinstance(names, list) else ():
        yield Fault(part, keyword, str(name), (str(name),), _without(shape, values, str(name)))


def _without(shape: Shape, values: Values, name: str) -> Iterator[object]:
    for full in (False, True):
        for value in itertools.islice(values.objects(shape, full=full), 3):
            yield {key: item for key, item in value.items() if key != name}


def _unexpected(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    if get(part, keyword) is False:
        for name in ("unexpected", "", "unexpected-too"):
            if name and name not in shape.properties:
                added = ({**value, name: 1} for value in values.objects(shape))
                plain = get(part, "properties") and get(part, "patternProperties") is None
                below = (name,) if plain else ()
                yield Fault(part, keyword, "", below, added)
                return


def _property_count(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    bound = get(part, keyword)
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


def _unmet(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    rules = get(part, keyword)
    for name, needed in rules.items() if isinstance(rules, Mapping) else ():
        for missing in needed if isinstance(needed, list) else ():
            candidates = (
                {key: item for key, item in value.items() if key != missing}
                for value in itertools.islice(values.objects(shape, extra=[name]), 2)
            )
            yield Fault(part, keyword, f"{missing} with {name}", (), candidates)


def _item_count(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    bound = get(part, keyword)
    if is_number(bound):
        length = int(bound) + (1 if keyword == "maxItems" else -1)
        yield Fault(
            part, keyword, "", (), values.of_length(shape, length) if length >= 0 else iter(())
        )


def _twice(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    if get(part, keyword) is True:
        yield Fault(part, keyword, "", (), _doubled(shape, values))


def _doubled(shape: Shape, values: Values) -> Iterator[object]:
    for length in (max(shape.min_items, 2), 2):
        for items in values.of_length(shape, length):
            yield [*items[:-2], items[0], items[0]]
        for items in values.of_length(shape, length - 1):
            yield [*items, *items[:1]]


def _too_far(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    if get(part, keyword) is False:
        lengths = range(shape.prefix_length(), shape.prefix_length() + 1)
        longer = ([*items, 1] for length in lengths for items in values.of_length(shape, length))
        yield Fault(part, keyword, "", (), longer)


def _not_contained(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    others = [*values.many(shape.item_heads(0), 6), *PLAIN.values()]
    filled = ([item] * max(shape.min_items, 1) for item in others)
    yield Fault(part, keyword, "", (), filled)
    yield Fault(part, keyword, "given nothing", (), iter([[]]))
    for kind, probes in _PROBES.items():
        lists = ([item] * max(shape.min_items, 1) for item in probes)
        yield Fault(part, keyword, f"given {kind}", (), lists)


def _no_branch(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    members = get(part, keyword)
    if keyword == "oneOf" and isinstance(members, list):
        yield Fault(part, keyword, "several", (), _overlaps(part, len(members), values))
    yield Fault(part, keyword, "none", (), iter([*PLAIN.values(), "", -1, 10**9, [None], {"a": 1}]))
    for kind, probes in _PROBES.items():
        yield Fault(part, keyword, f"no {kind}", (), iter(probes))


def _overlaps(part: Head, count: int, values: Values) -> Iterator[object]:
    for pair in itertools.islice(itertools.combinations(range(count), 2), 12):
        try:
            yield values.build([part.down("oneOf", index) for index in pair])
        except Unbuildable:
            continue


def _forbidden(part: Head, keyword: str, shape: Shape, values: Values) -> Iterator[Fault]:
    def candidates() -> Iterator[object]:
        rest = {key: value for key, value in as_mapping(part.schema).items() if key != "not"}
        beside = [one for one in shape.parts if one is not part]
        alone = Head(f"{part.pointer}/not/beside", rest)
        for heads in ([head, alone, *beside], [head, alone], [head]):
            try:
                found = values.build(heads)
            except Unbuildable:
                continue
            yield found
            if isinstance(found, dict):
                yield from ({**value, **found} for value in values.objects(shape, extra=[*found]))

    head = part.down("not")
    yield Fault(part, keyword, "", (), candidates())
    for member in as_list(as_mapping(head.schema).get("enum"))[1:]:
        yield Fault(part, keyword, f"given {member!r}", (), iter([member]))


GROUP_MAKERS: Mapping[str, Maker] = {
    "required": _missing,
    "additionalProperties": _unexpected,
    "unevaluatedProperties": _unexpected,
    "minProperties": _property_count,
    "maxProperties": _property_count,
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
