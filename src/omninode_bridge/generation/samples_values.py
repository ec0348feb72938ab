"""Values that a schema accepts: the smallest, the fullest, and many different ones."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence

from omninode_bridge.generation.samples_formats import in_both
from omninode_bridge.generation.samples_head import Head
from omninode_bridge.generation.samples_numbers import inside, number_series
from omninode_bridge.generation.samples_reference import Reference, finds
from omninode_bridge.generation.samples_schemas import Schemas
from omninode_bridge.generation.samples_shape import Shape
from omninode_bridge.generation.samples_strings import FORMAT_EXAMPLES, matching, stretched

__all__ = ["MAX_TEXT", "Unbuildable", "Values", "key_of", "texts"]

MAX_TEXT = 1_000_001
MAX_ITEMS = 10_001
MAX_DISTINCT = 600
MAX_DEPTH = 12
MAX_PROPERTIES = 200
SERIALS = (0, 1, 2, 3, 5, 8, 13, 101)
NAMES = ("key", "other_key", "k", "x1", "third_key", "KEY", "1", "key-4", "key/5")


class Unbuildable(Exception):
    """No value was found that the reference accepts."""


class Values:
    """Builds values for places of one root schema; each is checked before it is returned."""

    def __init__(self, schemas: Schemas, reference: Reference) -> None:
        self._schemas = schemas
        self._reference = reference
        self._known: dict[tuple[tuple[str, ...], bool], object] = {}
        self._open: list[frozenset[str]] = []

    def build(self, heads: Sequence[Head], *, full: bool = False) -> object:
        """Return a value that all `heads` accept: the smallest, or with everything optional.

        Raises:
            Unbuildable: none was found.
        """
        key = (tuple(head.pointer for head in heads), full)
        if key not in self._known:
            self._known[key] = self._first(heads, full=full)
        return self._known[key]

    def _first(self, heads: Sequence[Head], *, full: bool) -> object:
        with self._inside(heads):
            for shape in self._schemas.variants(heads):
                for value in self.candidates(shape, full=full):
                    if self._reference.accepts_at(heads, value):
                        return value
        raise Unbuildable

    @contextlib.contextmanager
    def _inside(self, heads: Sequence[Head]) -> Iterator[None]:
        """Go one level down; refuse to go into the same subschemas again."""
        names = self._schemas.pointers(heads)
        if len(self._open) >= MAX_DEPTH or (names and names in self._open):
            raise Unbuildable
        self._open.append(names)
        try:
            yield
        finally:
            self._open.pop()

    def candidates(self, shape: Shape, *, full: bool = False) -> Iterator[object]:
        """Yield values that probably fit `shape`, the plainest first."""
        if not shape.possible:
            return
        if shape.enum is not None:
            yield from shape.enum
            return
        scalar = not {"object", "array"} & set(shape.types[:1])
        if scalar or not full:
            yield from shape.suggestions if scalar else ()
        for kind in sorted(shape.types, key=lambda name: name == "null"):
            yield from self._of_type(shape, kind, full=full)
        yield from shape.suggestions

    def _of_type(self, shape: Shape, kind: str, *, full: bool) -> Iterator[object]:
        if kind == "string":
            yield from texts(shape)
        elif kind in {"integer", "number"}:
            ordinary = list(inside(shape, whole=kind == "integer"))
            yield from (value for _, value in sorted(ordinary, key=lambda p: p[0] != "ordinary"))
        elif kind == "boolean":
            yield from (True, False)
        elif kind == "null":
            yield None
        elif kind == "array":
            yield from self.arrays(shape, full=full)
        else:
            yield from self.objects(shape, full=full)

    def objects(
        self, shape: Shape, *, full: bool = False, extra: Sequence[str] = ()
    ) -> Iterator[dict[str, object]]:
        """Yield objects with the required properties and those in `extra`; with all if `full`."""
        wanted = list(dict.fromkeys([*shape.required, *extra]))
        if full:
            wanted += [name for name in shape.properties if name not in wanted]
        base: dict[str, object] = {}
        for name in self._with_dependents(shape, wanted)[:MAX_PROPERTIES]:
            try:
                base[name] = self.build(shape.property_heads(name), full=full)
            except Unbuildable:
                if name in shape.required:
                    return
        most = shape.max_properties
        if most is not None and len(base) > most:
            keep = [name for name in base if name in shape.required or name in extra]
            base = {name: base[name] for name in (keep + [n for n in base if n not in keep])[:most]}
        if full and shape.describes_others():
            yield from itertools.islice(self.with_free_name(shape, base), 1)
        yield self.filled(shape, base, shape.min_properties)
        if full:
            yield base

    def filled(self, shape: Shape, base: Mapping[str, object], count: int) -> dict[str, object]:
        """Add properties to `base` until it has `count` of them, declared ones first."""
        value = dict(base)
        for name in [*shape.properties, *self.free_names(shape, count)]:
            if len(value) >= count:
                break
            if name not in value:
                try:
                    value[name] = self.build(shape.property_heads(name))
                except Unbuildable:
                    continue
        return value

    def with_free_name(
        self, shape: Shape, base: Mapping[str, object]
    ) -> Iterator[dict[str, object]]:
        """Yield `base` with one property that is not declared."""
        for name in self.free_names(shape)[:6]:
            for value in self.many(shape.property_heads(name), 1):
                yield {**base, name: value}

    def free_names(self, shape: Shape, count: int = 3) -> list[str]:
        """Return names of properties that are not declared, those that patterns ask for first."""
        names: list[str] = []
        for patterns in shape.values_of("patternProperties"):
            for pattern in patterns if isinstance(patterns, Mapping) else ():
                names += [
                    n
                    for s in (0, 1)
                    for n in matching(str(pattern), 3, serial=s)
                    if finds(str(pattern), n)
                ][:2]
        for index, part in enumerate(shape.parts):
            if isinstance(part.schema, Mapping) and "propertyNames" in part.schema:
                heads = [shape.parts[index].down("propertyNames")]
                names += [str(name) for name in self.many(heads, min(count + 3, MAX_PROPERTIES))]
        names += NAMES
        names += [f"key_{number}" for number in range(min(count, MAX_PROPERTIES))]
        return [name for name in dict.fromkeys(names) if name not in shape.properties]

    def arrays(self, shape: Shape, *, full: bool = False) -> Iterator[list[object]]:
        """Yield arrays of the least length, or with at least one item if `full`."""
        least = max(
            shape.min_items, 1 if full or "contains" in str(shape.values_of("contains")) else 0
        )
        yield from self.of_length(shape, least, full=full)
        for part in shape.parts:
            if isinstance(part.schema, Mapping) and "contains" in part.schema:
                needed = part.schema.get("minContains", 1)
                heads = [part.down("contains"), *shape.item_heads(0)]
                found = self.many(heads, needed if isinstance(needed, int) else 1)
                yield [*found, *(next(self.of_length(shape, least), []))[len(found) :]]
        if least != shape.min_items:
            yield from self.of_length(shape, shape.min_items)

    def of_length(self, shape: Shape, length: int, *, full: bool = False) -> Iterator[list[object]]:
        """Yield arrays with `length` items, all different where they must be."""
        if length > MAX_ITEMS:
            return
        prefix = min(shape.prefix_length(), length)
        rest = length - prefix
        try:
            items = [self.build(shape.item_heads(index), full=full) for index in range(prefix)]
            heads = shape.item_heads(prefix)
            if rest and shape.unique:
                taken = {key_of(item) for item in items}
                more = [v for v in self.many(heads, rest + prefix) if key_of(v) not in taken]
                items += more[:rest]
            elif rest:
                items += [self.build(heads, full=full)] * rest
        except Unbuildable:
            return
        if len(items) == length:
            yield items

    def many(self, heads: Sequence[Head], count: int) -> list[object]:
        """Return up to `count` different values that all `heads` accept."""
        found: dict[str, object] = {}
        with contextlib.suppress(Unbuildable), self._inside(heads):
            for shape in self._schemas.variants(heads):
                for value in self._varied(shape, count):
                    if len(found) >= count:
                        return list(found.values())
                    if key_of(value) not in found and self._reference.accepts_at(heads, value):
                        found[key_of(value)] = value
        return list(found.values())

    def _varied(self, shape: Shape, count: int) -> Iterator[object]:
        if not shape.possible:
            return
        yield from self.candidates(shape) if shape.enum is not None else ()
        kinds = shape.types if shape.enum is None else ()
        for kind in kinds:
            if kind in {"integer", "number"}:
                yield from number_series(shape, count, whole=kind == "integer")
            elif kind == "string":
                yield from _text_series(shape, min(count, MAX_DISTINCT))
            elif kind == "object":
                yield from self._object_series(shape, min(count, MAX_DISTINCT))
            elif kind == "array":
                for length in range(shape.min_items, shape.min_items + min(count, 20)):
                    yield from self.of_length(shape, length)
            else:
                yield from self._of_type(shape, kind, full=False)

    def _object_series(self, shape: Shape, count: int) -> Iterator[dict[str, object]]:
        base = next(self.objects(shape), None)
        if base is None:
            return
        yield base
        for name in [*shape.properties, *self.free_names(shape)]:
            for value in self.many(shape.property_heads(name), count):
                yield {**base, name: value}

    def _with_dependents(self, shape: Shape, names: list[str]) -> list[str]:
        needs: dict[str, list[str]] = {}
        for rule in shape.values_of("dependentRequired"):
            if isinstance(rule, Mapping):
                for name, more in rule.items():
                    needs.setdefault(name, []).extend(more if isinstance(more, list) else [])
        for name in names:  # grows while it is read
            names += [more for more in needs.get(name, ()) if more not in names]
        return names


def texts(shape: Shape, length: int | None = None) -> Iterator[str]:
    """Yield texts for `shape`; with a `length`, only texts of that length, whatever the bounds."""
    size = shape.min_length if length is None else length
    if size > MAX_TEXT:
        return
    given = [text for text in shape.suggestions if isinstance(text, str)] if length is None else []
    produced = [*given, *_raw_texts(shape, size)]
    yield from (text for text in produced if length is None or len(text) == length)


def _raw_texts(shape: Shape, size: int) -> Iterator[str]:
    for format_ in shape.formats:
        yield from FORMAT_EXAMPLES.get(format_, ())
        yield from stretched(format_, size)
    for pattern in shape.patterns:
        for serial in SERIALS:
            for text in matching(pattern, size, serial=serial):
                if finds(pattern, text):
                    yield text
    if shape.formats:
        for pattern in shape.patterns:
            yield from in_both(shape.formats, pattern, size)
    if not shape.formats and not shape.patterns:
        yield "text"[:size] + "a" * (size - 4) if size else "text"
    if not size:
        yield "a"
    yield "a" * size


def _text_series(shape: Shape, count: int) -> Iterator[str]:
    yield from texts(shape)
    for index in range(count + 2):
        for format_ in shape.formats:
            if format_ == "uuid":
                yield f"123e4567-e89b-12d3-a456-{index:012x}"
            yield from stretched(format_, shape.min_length + index)
        for pattern in shape.patterns:
            for size in (shape.min_length, shape.min_length + 2):
                yield from (t for t in matching(pattern, size, serial=index) if finds(pattern, t))
        digits = str(index)
        yield "a" * max(shape.min_length - len(digits), 0) + digits


def key_of(value: object) -> str:
    """Write a value so that equal JSON values are equal texts; 1 and 1.0 are told apart."""
    return json.dumps(value, sort_keys=True)
