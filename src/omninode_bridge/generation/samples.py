"""Samples of a JSON Schema: data that it accepts, and data that one constraint alone refuses."""

from __future__ import annotations

import contextlib
import itertools
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from omninode_bridge.generation.samples_blocked import blocked_places, loosened
from omninode_bridge.generation.samples_edges import edges
from omninode_bridge.generation.samples_fault import Fault
from omninode_bridge.generation.samples_faults import faults
from omninode_bridge.generation.samples_head import Head, as_mapping
from omninode_bridge.generation.samples_inventory import Constraint, constraints
from omninode_bridge.generation.samples_places import Path, Place, places_below
from omninode_bridge.generation.samples_reference import Exhausted, Reference
from omninode_bridge.generation.samples_schemas import Schemas
from omninode_bridge.generation.samples_shape import Shape
from omninode_bridge.generation.samples_values import Unbuildable, Values, key_of

__all__ = ["Accepted", "Default", "Refused", "Samples", "make_samples"]

MAX_SAMPLES = 4_000
MAX_TRIES = 400
MAX_CHAIN = 20
MAX_VISITS = 3
"""How often one definition is sampled when it is used in many places."""
MAX_ROUNDS = 3
# Checked on objects whose properties are all right, so not beside one that is wrong.
WHOLE = frozenset(
    {"dependentRequired", "dependentSchemas", "else", "if", "maxProperties", "minProperties"}
    | {"not", "patternProperties", "propertyNames", "then", "unevaluatedItems"}
    | {"unevaluatedProperties"}
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Accepted:
    """Data that the schema accepts, and what is special about it."""

    name: str
    data: object


@dataclass(frozen=True, slots=True)
class Refused:
    """Data that the schema refuses because of one constraint.

    Attributes:
        name: the place and the constraint.
        data: the data.
        at: where an error must be reported: property names and indexes from the root.
        keywords: the JSON Schema keywords that a model must check to refuse it.
        constraint: the constraint as `Samples.untested` would write it.
    """

    name: str
    data: object
    at: Path
    keywords: frozenset[str] = frozenset()
    constraint: str = ""


@dataclass(frozen=True, slots=True)
class Default:
    """Data without a property, and the same with the property's default written out."""

    name: str
    absent: object
    present: object


@dataclass(frozen=True, slots=True)
class Samples:
    """What is known about one schema.

    Attributes:
        untested: constraints that no sample breaks alone, as ``#/pointer keyword``.
        blocked: required places for which no value was found, so that nothing is accepted.
        beside: what is refused for a reason of its own, beside what is wrong in blocked places.
    """

    accepted: tuple[Accepted, ...]
    refused: tuple[Refused, ...]
    defaults: tuple[Default, ...]
    untested: tuple[str, ...]
    blocked: tuple[str, ...] = ()
    beside: tuple[Refused, ...] = ()

    def without(self, keywords: Collection[str]) -> Samples:
        """Return the samples for models that do not check `keywords`."""
        dropped = set(keywords)
        kept = tuple(one for one in self.refused if not one.keywords & dropped)
        beside = tuple(one for one in self.beside if not one.keywords & dropped)
        return replace(self, refused=kept, beside=beside)


def make_samples(schema: Mapping[str, object]) -> Samples:
    """Make samples of `schema`; each has been put before the reference validator.

    Args:
        schema: JSON Schema 2020-12, references local to it.

    Raises:
        MissingExtraError: the ``codegen`` extra is not installed.
    """
    samples = _Sampler(schema).run()
    return samples if samples.accepted else _isolated(schema, samples)


def _isolated(schema: Mapping[str, object], samples: Samples) -> Samples:
    """Sample the rest of a schema in which some required place has no value that fits."""
    schemas, reference = Schemas(schema), Reference(schema)
    if schemas.runs_in_circles():
        return samples
    loose, labels = dict(schema), []
    for _ in range(MAX_ROUNDS):  # what is behind a blocked place may be blocked as well
        inner = Schemas(loose)
        with contextlib.suppress(Exhausted):
            blocked = blocked_places(loose, inner, Values(inner, Reference(loose)))
            labels += [label for label, _ in blocked]
            loose = loosened(loose, blocked)
        others = _Sampler(loose).run()
        if others.accepted:
            break
    beside = tuple(
        one
        for one in others.refused
        if not one.keywords & WHOLE and reference.tells(one.data, one.at)
    )
    kept = {one.constraint for one in beside}
    untested = tuple(one for one in samples.untested if one not in kept)
    return replace(samples, untested=untested, blocked=tuple(dict.fromkeys(labels)), beside=beside)


@dataclass(slots=True)
class _Found:
    accepted: dict[str, Accepted] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)
    defaults: dict[str, Default] = field(default_factory=dict)
    broken: set[Constraint] = field(default_factory=set)


class _Sampler:
    """Walks all places of a schema, nearest to the root first."""

    def __init__(self, schema: Mapping[str, object]) -> None:
        self._schemas = Schemas(schema)
        self._reference = Reference(schema)
        self._values = Values(self._schemas, self._reference)
        self._root = Head("", schema)
        self._found = _Found()

    def run(self) -> Samples:
        if not self._schemas.runs_in_circles():  # no validator would come back from those
            with contextlib.suppress(Exhausted):  # what was not reached is reported as untested
                self._walk()
        found = self._found
        wanted = constraints(self._schemas)
        untested = tuple(_described(one) for one in wanted if one not in found.broken)
        return Samples(
            _named(found.accepted), _named(found.refused), _named(found.defaults), untested
        )

    def _walk(self) -> None:
        waiting = deque([Place.root(self._root)])
        visits: dict[frozenset[str], int] = {}
        while waiting and len(self._found.accepted) + len(self._found.refused) < MAX_SAMPLES:
            place = waiting.popleft()
            pointers = self._schemas.pointers(place.heads)
            visits[pointers] = visits.get(pointers, 0) + 1
            if visits[pointers] > MAX_VISITS or (pointers and pointers in place.above):
                continue
            for index, shape in enumerate(self._schemas.variants(place.heads)):
                if shape.possible:
                    self._accept(place, shape)
                    self._refuse(place, shape, first=index == 0)
                    self._default(place, shape)
                    waiting.extend(places_below(place, shape, self._values, pointers))

    def _accept(self, place: Place, shape: Shape) -> None:
        for label, candidates in edges(shape, self._values):
            for data in place.embedded(candidates[:MAX_TRIES]):
                if self._reference.accepts(data):
                    name = f"{place.label} {label}".strip()
                    self._found.accepted.setdefault(key_of(data), Accepted(name, data))
                    break

    def _refuse(self, place: Place, shape: Shape, *, first: bool) -> None:
        for fault in faults(shape, self._values):
            constraint = (fault.blamed.pointer, fault.keyword, _detail(fault))
            if constraint in self._found.broken and not first:
                continue
            for data in place.embedded(_some(fault.candidates)):
                if self._reference.blamed(data, fault.blamed.schema, fault.keyword):
                    self._found.broken.add(constraint)
                    at = self._place_of(place, shape, fault, data)
                    key = f"{key_of(data)} {at}"
                    sample = Refused(
                        _fault_name(place, fault),
                        data,
                        at,
                        _keywords(fault),
                        _described(constraint),
                    )
                    self._found.refused.setdefault(key, sample)
                    break

    def _place_of(self, place: Place, shape: Shape, fault: Fault, data: object) -> Path:
        if place.certain != place.path:
            return place.certain
        below = () if fault.blamed.loose or shape.is_union() else fault.below
        outermost = self._reference.place(data)
        return outermost if len(outermost) < len(place.path) else place.path + below

    def _default(self, place: Place, shape: Shape) -> None:
        if place.certain != place.path:
            return  # behind a combinator a default is a remark
        for name, heads in shape.properties.items():
            if name in shape.required or any(head.loose for head in heads):
                continue
            for default in _defaults(self._schemas, heads):
                base = next(self._values.objects(shape), None)
                if base is None:
                    return
                absent = {key: item for key, item in base.items() if key != name}
                for embed in place.embeds:
                    one, other = embed(absent), embed({**absent, name: default})
                    if self._reference.accepts(one) and self._reference.accepts(other):
                        label = place.below(name)
                        sample = Default(f"{label} default", one, other)
                        self._found.defaults.setdefault(label, sample)
                        break


def _defaults(schemas: Schemas, heads: Sequence[Head]) -> list[object]:
    """Return the default that `heads` or the definitions behind them state, if there is one."""
    waiting = list(heads)
    for head in itertools.islice(waiting, MAX_CHAIN):  # grows while it is read
        if isinstance(head.schema, Mapping) and "default" in head.schema:
            return [head.schema["default"]]
        waiting += schemas.referred(head)
    return []


def _some(candidates: Iterator[object]) -> Iterator[object]:
    try:
        for index, value in enumerate(candidates):
            if index >= MAX_TRIES:
                return
            yield value
    except Unbuildable:
        return


def _detail(fault: Fault) -> str:
    return fault.detail if fault.keyword == "required" else ""


def _keywords(fault: Fault) -> frozenset[str]:
    below = {fault.keyword, *fault.blamed.pointer.split("/")[1:]}
    if fault.keyword == "type":  # enum and const stand in for it
        below |= {"enum", "const"} & set(as_mapping(fault.blamed.schema))
    elif fault.keyword == "items":  # forbidden items are those after the prefix
        below |= {"prefixItems"}
    return frozenset(below)


def _fault_name(place: Place, fault: Fault) -> str:
    if fault.keyword == "required":
        return f"{place.below(fault.detail)} required"
    return " ".join(part for part in (place.label or "root", fault.keyword, fault.detail) if part)


def _described(constraint: Constraint) -> str:
    pointer, keyword, detail = constraint
    return " ".join(part for part in (f"#{pointer}", keyword, detail) if part)


def _named(samples: Mapping[str, T]) -> tuple[T, ...]:
    return tuple(samples.values())
