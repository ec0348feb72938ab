"""What a JSON Schema says about one place: the sum of the subschemas that meet there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from omninode_bridge.generation.samples_head import Head, as_list, as_mapping, is_number
from omninode_bridge.generation.samples_reference import finds

__all__ = ["JSON_TYPES", "Number", "Shape", "shape_of"]

JSON_TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")
Number = int | float


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
            schema = as_mapping(part.schema)
            patterns = as_mapping(schema.get("patternProperties"))
            matched = [pattern for pattern in patterns if finds(str(pattern), name)]
            heads += [part.down("patternProperties", pattern) for pattern in matched]
            known = name in as_mapping(schema.get("properties")) or matched
            if not known and "additionalProperties" in schema:
                heads.append(part.down("additionalProperties"))
        return heads

    def item_heads(self, index: int) -> list[Head]:
        """Return the subschemas that the item at `index` must meet."""
        heads = []
        for part in self.parts:
            schema = as_mapping(part.schema)
            prefix = schema.get("prefixItems")
            count = len(prefix) if isinstance(prefix, Sequence) else 0
            if index < count:
                heads.append(part.down("prefixItems", index))
            elif "items" in schema and not isinstance(schema["items"], Sequence):
                heads.append(part.down("items"))
        return heads

    def is_union(self) -> bool:
        """Whether values of quite different types fit, so that a model tries one after another."""
        lists = [as_list(given) for given in self.values_of("type")]
        return any(
            len({"number" if name == "integer" else name for name in names} - {"null"}) > 1
            for names in (self.types, *lists)
        )

    def prefix_length(self) -> int:
        """Return how many leading items have subschemas of their own."""
        prefixes = (as_mapping(part.schema).get("prefixItems") for part in self.parts)
        return max((len(one) for one in prefixes if isinstance(one, Sequence)), default=0)

    def describes_others(self) -> bool:
        """Whether properties that are not declared have subschemas."""
        rules = [*self.values_of("additionalProperties"), *self.values_of("patternProperties")]
        return any(isinstance(rule, Mapping) and rule for rule in rules)

    def values_of(self, keyword: str) -> list[object]:
        """Return what each part says for `keyword`."""
        schemas = (as_mapping(part.schema) for part in self.parts)
        return [schema[keyword] for schema in schemas if keyword in schema]


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
    schema = as_mapping(part.schema)
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
    named = [str(name) for name in as_list(names)]
    shape.required += [name for name in named if name not in shape.required]
    for name in as_mapping(schema.get("properties")):
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


def _common_multiple(a: Fraction, b: Fraction) -> Fraction:
    return Fraction(math.lcm(a.numerator, b.numerator), math.gcd(a.denominator, b.denominator))


def _common_types(known: tuple[str, ...], given: object) -> tuple[str, ...]:
    names = [given] if isinstance(given, str) else as_list(given)
    allowed = set(names) | ({"integer"} if "number" in names else set())
    if "number" in known and known != JSON_TYPES:
        return tuple(name for name in known if name in allowed)
    ordered = [str(name) for name in names if name in known]
    if "integer" in known and "number" not in known and "number" in names:
        ordered.append("integer")
    return tuple(dict.fromkeys(ordered))


def _count(schema: Mapping[str, object], keyword: str) -> int:
    value = schema.get(keyword)
    return int(value) if is_number(value) and value > 0 else 0


def _least(known: int | None, value: object) -> int | None:
    if not is_number(value):
        return known
    return int(value) if known is None else min(known, int(value))
