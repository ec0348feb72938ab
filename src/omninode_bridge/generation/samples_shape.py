"""What a JSON Schema says about one place: its parts, its choices, and the sum of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeGuard

from omninode_bridge.generation.samples_reference import finds

__all__ = ["CHOICES", "JSON_TYPES", "Head", "Schemas", "Shape"]

JSON_TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")
CHOICES = ("anyOf", "oneOf", "if")
LOOSE = frozenset({"allOf", "anyOf", "else", "if", "oneOf", "patternProperties", "then"})
MAX_PARTS = 64
MAX_VARIANTS = 24
Number = int | float


@dataclass(frozen=True, slots=True)
class Head:
    """A subschema and the JSON pointer under which it stands.

    Attributes:
        pointer: where it stands in the root schema, references followed.
        schema: the very object of the root schema: errors are told apart by identity.
        loose: it was reached through a combinator, so a model may complain above its place.
    """

    pointer: str
    schema: object
    loose: bool = False

    def down(self, *steps: object) -> Head:
        """Go to a subschema of this one."""
        schema = self.schema
        for step in steps:
            schema = schema[step]  # type: ignore[index]
        pointer = self.pointer + "".join(f"/{_token(step)}" for step in steps)
        return Head(pointer, schema, self.loose or steps[0] in LOOSE)


@dataclass(slots=True)
class Shape:
    """All constraints on one place, taken together; a list holds one entry per subschema."""

    parts: tuple[Head, ...] = ()
    types: tuple[str, ...] = JSON_TYPES
    enum: list[object] | None = None
    suggestions: list[object] = field(default_factory=list)
    low: tuple[Number, bool] | None = None
    high: tuple[Number, bool] | None = None
    step: Fraction | None = None
    min_length: int = 0
    max_length: int | None = None
    patterns: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    min_items: int = 0
    max_items: int | None = None
    unique: bool = False
    required: list[str] = field(default_factory=list)
    properties: dict[str, list[Head]] = field(default_factory=dict)
    min_properties: int = 0
    max_properties: int | None = None
    possible: bool = True

    def property_heads(self, name: str) -> list[Head]:
        """Return the subschemas that the value of the property `name` must meet."""
        heads = list(self.properties.get(name, ()))
        for part in self.parts:
            schema = _mapping(part.schema)
            patterns = _mapping(schema.get("patternProperties"))
            matched = [pattern for pattern in patterns if finds(str(pattern), name)]
            heads += [part.down("patternProperties", pattern) for pattern in matched]
            known = name in _mapping(schema.get("properties")) or matched
            if not known and "additionalProperties" in schema:
                heads.append(part.down("additionalProperties"))
        return heads

    def item_heads(self, index: int) -> list[Head]:
        """Return the subschemas that the item at `index` must meet."""
        heads = []
        for part in self.parts:
            schema = _mapping(part.schema)
            prefix = schema.get("prefixItems")
            count = len(prefix) if isinstance(prefix, Sequence) else 0
            if index < count:
                heads.append(part.down("prefixItems", index))
            elif "items" in schema and not isinstance(schema["items"], Sequence):
                heads.append(part.down("items"))
        return heads

    def prefix_length(self) -> int:
        """Return how many leading items have subschemas of their own."""
        prefixes = (_mapping(part.schema).get("prefixItems") for part in self.parts)
        return max((len(one) for one in prefixes if isinstance(one, Sequence)), default=0)

    def describes_others(self) -> bool:
        """Whether properties that are not declared have subschemas."""
        rules = [*self.values_of("additionalProperties"), *self.values_of("patternProperties")]
        return any(isinstance(rule, Mapping) and rule for rule in rules)

    def values_of(self, keyword: str) -> list[object]:
        """Return what each part says for `keyword`."""
        schemas = (_mapping(part.schema) for part in self.parts)
        return [schema[keyword] for schema in schemas if keyword in schema]


class Schemas:
    """The subschemas of one root schema; references are local."""

    def __init__(self, root: Mapping[str, object]) -> None:
        self.root = root

    def variants(self, heads: Sequence[Head]) -> Iterator[Shape]:
        """Yield the shape of each way to settle the choices among `heads`; the first one is plain."""
        settled = self._settled(self._flat(heads), frozenset())
        yield from map(shape_of, itertools.islice(settled, MAX_VARIANTS))

    def pointers(self, heads: Sequence[Head]) -> frozenset[str]:
        """Return the pointers of all parts of `heads`, choices left open."""
        return frozenset(part.pointer for part in self._flat(heads))

    def referred(self, head: Head) -> list[Head]:
        """Return what the ``$ref`` of `head` leads to, if it has one."""
        target = _mapping(head.schema).get("$ref")
        found = self._resolve(target) if isinstance(target, str) else None
        return [] if found is None else [replace(found, loose=head.loose)]

    def _flat(self, heads: Sequence[Head]) -> list[Head]:
        parts: dict[str, Head] = {}
        waiting = list(heads)
        while waiting and len(parts) < MAX_PARTS:
            head = waiting.pop(0)
            if head.pointer in parts:
                continue
            parts[head.pointer] = head
            schema = _mapping(head.schema)
            members = schema.get("allOf")
            if isinstance(members, Sequence):
                waiting += [head.down("allOf", index) for index in range(len(members))]
            waiting += self.referred(head)
        return list(parts.values())

    def _resolve(self, reference: str) -> Head | None:
        if not reference.startswith("#"):
            return None
        place: object = self.root
        for token in reference[1:].split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            if isinstance(place, Mapping) and key in place:
                place = place[key]
            elif isinstance(place, Sequence) and key.isdecimal() and int(key) < len(place):
                place = place[int(key)]
            else:
                return None
        return Head(reference[1:], place)

    def _settled(self, parts: list[Head], done: frozenset[str]) -> Iterator[list[Head]]:
        open_ = [choice for part in parts for choice in _choices(part) if choice[0] not in done]
        if not open_:
            yield parts
            return
        done |= {name for name, _ in open_}
        first = [branches[0] for _, branches in open_]
        yield from self._settled(self._flat(parts + _joined(first)), done)
        for index, (_, branches) in enumerate(open_):
            for branch in branches[1:]:
                picked = [*first[:index], branch, *first[index + 1 :]]
                yield from itertools.islice(
                    self._settled(self._flat(parts + _joined(picked)), done), MAX_VARIANTS
                )


def shape_of(parts: Sequence[Head]) -> Shape:
    """Add up what all `parts` demand."""
    shape = Shape(parts=tuple(parts))
    for part in parts:
        if part.schema is False:
            shape.possible = False
        _add(shape, part)
    if not shape.types or (shape.enum is not None and not shape.enum):
        shape.possible = False
    return shape


def _add(shape: Shape, part: Head) -> None:
    schema = _mapping(part.schema)
    if "type" in schema:
        shape.types = _common_types(shape.types, schema["type"])
    for keyword in ("const", "enum"):
        if keyword in schema:
            given = schema[keyword]
            members = list(given) if keyword == "enum" and isinstance(given, list) else [given]
            known = shape.enum
            shape.enum = members if known is None else [one for one in known if one in members]
    examples = schema.get("examples")
    shape.suggestions += examples if isinstance(examples, list) else []
    shape.suggestions += [schema[key] for key in ("example", "default") if key in schema]
    _add_numbers(shape, schema)
    shape.min_length = max(shape.min_length, _count(schema, "minLength"))
    shape.min_items = max(shape.min_items, _count(schema, "minItems"))
    shape.min_properties = max(shape.min_properties, _count(schema, "minProperties"))
    shape.max_length = _least(shape.max_length, schema.get("maxLength"))
    shape.max_items = _least(shape.max_items, schema.get("maxItems"))
    shape.max_properties = _least(shape.max_properties, schema.get("maxProperties"))
    shape.patterns += [str(schema["pattern"])] if "pattern" in schema else []
    shape.formats += [str(schema["format"])] if "format" in schema else []
    shape.unique = shape.unique or schema.get("uniqueItems") is True
    names = schema.get("required")
    named = [str(name) for name in names] if _is_list(names) else []
    shape.required += [name for name in named if name not in shape.required]
    for name in _mapping(schema.get("properties")):
        shape.properties.setdefault(name, []).append(part.down("properties", name))


def _add_numbers(shape: Shape, schema: Mapping[str, object]) -> None:
    for keyword, exclusive in (("minimum", False), ("exclusiveMinimum", True)):
        bound = schema.get(keyword)
        if is_number(bound) and (shape.low is None or (bound, exclusive) > shape.low):
            shape.low = (bound, exclusive)
    for keyword, exclusive in (("maximum", False), ("exclusiveMaximum", True)):
        bound = schema.get(keyword)
        if is_number(bound) and (
            shape.high is None or (-bound, exclusive) > (-shape.high[0], shape.high[1])
        ):
            shape.high = (bound, exclusive)
    step = schema.get("multipleOf")
    if is_number(step) and step > 0:
        exact = Fraction(str(step))
        old = shape.step
        shape.step = exact if old is None else _common_multiple(old, exact)


def is_number(value: object) -> TypeGuard[Number]:
    """Whether `value` is a finite JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _common_multiple(a: Fraction, b: Fraction) -> Fraction:
    return Fraction(math.lcm(a.numerator, b.numerator), math.gcd(a.denominator, b.denominator))


def _common_types(known: tuple[str, ...], given: object) -> tuple[str, ...]:
    names = [given] if isinstance(given, str) else list(given) if _is_list(given) else []
    allowed = set(names) | ({"integer"} if "number" in names else set())
    if "number" in known and known != JSON_TYPES:
        return tuple(name for name in known if name in allowed)
    ordered = [str(name) for name in names if name in known]
    if "integer" in known and "number" not in known and "number" in names:
        ordered.append("integer")
    return tuple(dict.fromkeys(ordered))


def _choices(part: Head) -> list[tuple[str, list[list[Head]]]]:
    schema = _mapping(part.schema)
    found = []
    for keyword in ("anyOf", "oneOf"):
        members = schema.get(keyword)
        if _is_list(members) and members:
            branches = [[part.down(keyword, index)] for index in range(len(members))]
            found.append((f"{part.pointer}/{keyword}", branches))
    if "if" in schema and ("then" in schema or "else" in schema):
        then = [part.down("if"), *([part.down("then")] if "then" in schema else [])]
        otherwise = [part.down("else")] if "else" in schema else []
        found.append((f"{part.pointer}/if", [then, otherwise]))
    return found


def _joined(groups: Sequence[list[Head]]) -> list[Head]:
    return [head for group in groups for head in group]


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _count(schema: Mapping[str, object], keyword: str) -> int:
    value = schema.get(keyword)
    return int(value) if is_number(value) and value > 0 else 0


def _least(known: int | None, value: object) -> int | None:
    if not is_number(value):
        return known
    return int(value) if known is None else min(known, int(value))


def _token(step: object) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")
