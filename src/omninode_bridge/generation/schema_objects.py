"""Fields of an object: tables and lists of fields, who is required, and ``nullable``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from omninode_bridge.generation.dialect import DATA, MAPS, PLAIN, SCHEMA_LISTS, SCHEMAS
from omninode_bridge.generation.references import Source
from omninode_bridge.generation.scalars import as_flag
from omninode_bridge.generation.type_names import read_type

__all__ = [
    "complete_object",
    "field_sources",
    "is_field_table",
    "read_flags",
    "texts",
    "with_null",
]

_KEYWORDS = DATA | MAPS | PLAIN | SCHEMA_LISTS | SCHEMAS
_NAME_KEYS = ("name", "field", "field_name", "key")
_NOTE_KEYS = ("title", "description", "default")
_NOTES = frozenset({"description", "title", "version", "x-version"})


def is_field_table(value: object) -> bool:
    """Whether `value` lists fields (``{amount: {type: number}}``) instead of being a schema."""
    if isinstance(value, list):
        return True
    if not isinstance(value, Mapping) or not value:
        return False
    shape = value.get("type", value.get("object_type"))
    if isinstance(shape, str):
        words = all(isinstance(v, str) and read_type(v) is not None for v in value.values())
        return words and not set(value) <= _KEYWORDS | {"object_type"}
    if isinstance(shape, list) or isinstance(value.get("$ref"), str):
        return False
    if isinstance(value.get("properties", value.get("fields")), Mapping | list):
        return False
    if any(isinstance(value.get(name), list) for name in ("required", "optional", "enum")):
        return False
    if any(isinstance(value.get(name), list) for name in SCHEMA_LISTS):
        return False
    if isinstance(value.get("additionalProperties", value.get("patternProperties")), bool | dict):
        return False
    names = set(value) - _NOTES - {"$defs", "definitions", "$schema"}
    return bool(names) and all(_is_field(value[name]) for name in names)


def _is_field(value: object) -> bool:
    if isinstance(value, str):
        return read_type(value) is not None
    keys = {"type", "$ref", "property_type", "enum", "properties", "anyOf", "oneOf", "allOf"}
    return isinstance(value, Mapping) and (not value or bool(keys & set(value)))


def field_sources(source: Source) -> Iterator[tuple[str | None, Source, bool]]:
    """Yield name, place and whether it is required for each field of a table or list."""
    value = source.value
    if isinstance(value, Mapping):
        for name, below in value.items():
            if not (name in _NOTES and isinstance(below, str) and read_type(below) is None) and (
                name not in {"$defs", "definitions", "$schema"}
            ):
                yield name, source.down(name), False
        return
    for index, item in enumerate(value):
        below = source.down(index)
        if isinstance(item, str):
            yield item, below, True
        elif isinstance(item, Mapping) and len(item) == 1 and not set(item) & set(_NAME_KEYS):
            (name,) = item
            yield name, below.down(name), False
        elif isinstance(item, Mapping):
            names = (item.get(key) for key in _NAME_KEYS)
            yield next((name for name in names if isinstance(name, str)), None), below, False
        else:
            yield None, below, False


def complete_object(schema: dict[str, Any], required: list[str], optional: list[str]) -> None:
    """Add `required` names, and a property for each name that has none; accept the same values."""
    if required and isinstance(schema.get("required", []), list):
        schema["required"] = list(dict.fromkeys([*schema.get("required", []), *required]))
    others = schema.get("additionalProperties", True)
    known = schema.get("properties", {})
    if schema.get("type", "object") != "object" or not isinstance(known, dict):
        return
    if others is False or "patternProperties" in schema or "$ref" in schema:
        return
    wanted = [*texts(schema.get("required")), *optional]
    missing = {} if others is True else others
    added = {name: missing for name in wanted if name not in known}
    if added and not set(schema) & SCHEMA_LISTS:
        schema["properties"] = {**known, **added}


def texts(value: object) -> list[str]:
    """Return the texts of a list; nothing for anything else."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def with_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that also accepts null, as OpenAPI's ``nullable`` means it."""
    kind = schema.get("type")
    if "$ref" in schema or (kind is None and set(schema) & {"anyOf", "oneOf", "allOf", "const"}):
        notes: dict[str, Any] = {key: schema[key] for key in _NOTE_KEYS if key in schema}
        rest = {key: value for key, value in schema.items() if key not in notes}
        return {"anyOf": [rest, {"type": "null"}], **notes}
    kinds = [kind] if isinstance(kind, str) else kind
    changed = dict(schema)
    if isinstance(kinds, list) and "null" not in kinds:
        changed["type"] = [*kinds, "null"]
    values = schema.get("enum")
    if isinstance(values, list) and None not in values:
        changed["enum"] = [*values, None]
    return changed


def read_flags(schema: dict[str, Any]) -> None:
    """Turn yes/no words among a boolean's values into booleans."""

    def flag(value: Any) -> Any:
        read = as_flag(value) if isinstance(value, str) else None
        return value if read is None else read

    for name in ("default", "const"):
        if name in schema:
            schema[name] = flag(schema[name])
    for name in ("enum", "examples"):
        if isinstance(schema.get(name), list):
            schema[name] = [flag(value) for value in schema[name]]
