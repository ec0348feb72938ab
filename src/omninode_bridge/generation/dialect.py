"""Keywords of one schema as people write them, in the words of JSON Schema 2020-12."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from omninode_bridge.generation.scalars import as_flag

__all__ = [
    "DATA",
    "KEPT",
    "MAPS",
    "PLAIN",
    "SCHEMAS",
    "SCHEMA_LISTS",
    "Keyword",
    "bound_keywords",
    "is_nullable",
    "is_required",
    "read_keywords",
    "same",
]

SCHEMAS = frozenset(
    {"additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"}
    | {"unevaluatedItems", "unevaluatedProperties"}
)
"""Keywords that hold one schema."""
MAPS = frozenset({"dependentSchemas", "patternProperties", "properties"})
"""Keywords that hold schemas by name."""
SCHEMA_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
"""Keywords that hold a list of schemas."""
DATA = frozenset({"const", "default", "enum", "examples"})
"""Keywords that hold values of the described kind."""
PLAIN = frozenset(
    {"contentEncoding", "contentMediaType", "dependentRequired", "deprecated", "description"}
    | {"exclusiveMaximum", "exclusiveMinimum", "format", "maxContains", "maxItems", "maxLength"}
    | {"maxProperties", "maximum", "minContains", "minItems", "minLength", "minProperties"}
    | {"minimum", "multipleOf", "pattern", "readOnly", "required", "title", "type"}
    | {"uniqueItems", "writeOnly"}
)
"""Every other keyword that is kept. What is in none of these sets means nothing to JSON Schema and
is left out: a model generator may know it (``customTypePath``), and contracts are not trusted."""

KEPT = DATA | MAPS | PLAIN | SCHEMA_LISTS | SCHEMAS
"""Every keyword that a built schema may hold, except ``$ref`` and ``$defs``."""

_ALIASES = {
    "additional_items": "additionalItems",
    "additional_properties": "additionalProperties",
    "all_of": "allOf",
    "allowed_values": "enum",
    "any_of": "anyOf",
    "choices": "enum",
    "default_value": "default",
    "exclusive_maximum": "exclusiveMaximum",
    "exclusive_minimum": "exclusiveMinimum",
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "item_type": "items",
    "items_type": "items",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "max_items": "maxItems",
    "max_length": "maxLength",
    "max_properties": "maxProperties",
    "max_value": "maximum",
    "min_items": "minItems",
    "min_length": "minLength",
    "min_properties": "minProperties",
    "min_value": "minimum",
    "multiple_of": "multipleOf",
    "object_type": "type",
    "one_of": "oneOf",
    "fields": "properties",
    "pattern_properties": "patternProperties",
    "property_type": "type",
    "regex": "pattern",
    "unique_items": "uniqueItems",
    "x-nullable": "nullable",
}
_FLAGS = frozenset({"deprecated", "readOnly", "uniqueItems", "writeOnly"})
_MIN_BY_TYPE = {"string": "minLength", "array": "minItems", "object": "minProperties"}


class Keyword(NamedTuple):
    """A keyword's value, and the key under which the author wrote it."""

    key: str
    value: Any


_ENUM_KEYS = ("values", "options", "symbols", "members")


def read_keywords(schema: Mapping[str, Any]) -> dict[str, Keyword]:
    """Return the schema's keywords under their proper names, in the author's order.

    Draft 4's boolean ``exclusiveMinimum`` becomes a number, ``example`` becomes ``examples``, a list
    of ``items`` becomes ``prefixItems``, ``type: enum`` takes its ``values``, and yes/no words become booleans where booleans belong.
    """
    found: dict[str, Keyword] = {}
    for key, value in schema.items():
        name = _ALIASES.get(key, key)
        if name == key or name not in schema:
            found.setdefault(name, Keyword(key, value))
    if schema.get("type") == "enum" and "enum" not in found:
        listed = next((key for key in _ENUM_KEYS if isinstance(schema.get(key), list)), None)
        if listed is not None:
            found["enum"] = Keyword(listed, schema[listed])
    for name in _FLAGS & set(found):
        flag = as_flag(found[name].value)
        if flag is not None:
            found[name] = Keyword(found[name].key, flag)
    for name in SCHEMAS & set(found):
        flag = as_flag(found[name].value) if isinstance(found[name].value, str) else None
        if flag is not None:
            found[name] = Keyword(found[name].key, flag)
    _exclusive(found, "exclusiveMinimum", "minimum")
    _exclusive(found, "exclusiveMaximum", "maximum")
    _examples(found)
    if "items" in found and isinstance(found["items"].value, list):
        found["prefixItems"] = found.pop("items")
        if "additionalItems" in found:
            found["items"] = found.pop("additionalItems")
    return found


def _exclusive(found: dict[str, Keyword], name: str, limit: str) -> None:
    flag = found.get(name)
    if flag is None or not isinstance(flag.value, bool):
        return
    if not flag.value:
        del found[name]
    elif limit in found:
        found[name] = found.pop(limit)


def _examples(found: dict[str, Keyword]) -> None:
    single = found.pop("example", None)
    if single is not None and "examples" not in found:
        found["examples"] = Keyword(single.key, [single.value])
    several = found.get("examples")
    if several is not None and not isinstance(several.value, list):
        del found["examples"]
        if not isinstance(several.value, Mapping):
            found["examples"] = Keyword(several.key, [several.value])


def bound_keywords(found: dict[str, Keyword], kind: object) -> None:
    """Turn ``min`` and ``max`` into the bounds that belong to the type, where it is known."""
    for word in ("min", "max"):
        if word not in found or not isinstance(kind, str):
            continue
        name = _MIN_BY_TYPE.get(kind, "minimum").replace("min", word)
        if kind in {*_MIN_BY_TYPE, "integer", "number"} and name not in found:
            found[name] = found.pop(word)


def is_required(schema: object) -> bool | None:
    """Whether a property says of itself that it is required; None where it says nothing."""
    if not isinstance(schema, Mapping):
        return None
    required = schema.get("required")
    if not isinstance(required, list) and as_flag(required) is not None:
        return as_flag(required)
    optional = schema.get("optional")
    if not isinstance(optional, list) and as_flag(optional) is not None:
        return not as_flag(optional)
    return None


def is_nullable(found: Mapping[str, Keyword]) -> bool:
    """Whether the OpenAPI keyword ``nullable`` is set."""
    return "nullable" in found and as_flag(found["nullable"].value) is True


def same(one: object, other: object) -> bool:
    """Whether two JSON values are equal as JSON Schema sees it: ``1`` is not ``true``."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
