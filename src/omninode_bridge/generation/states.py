"""Where a contract keeps what goes into its node and what comes out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from omninode_bridge.generation.document import Document
from omninode_bridge.generation.findings import NodePath
from omninode_bridge.generation.identity import find_text
from omninode_bridge.generation.names import class_name
from omninode_bridge.generation.references import Source, find_definition
from omninode_bridge.generation.schema_objects import is_field_table

__all__ = ["STATE_KEYS", "find_state", "model_name"]

STATE_KEYS = ("input_state", "output_state")
"""The usual keys: `side` is the part before the underscore."""

_ENVELOPES: tuple[NodePath, ...] = ((), ("contract",), ("node",), ("spec",), ("onex",))
_MODEL_KEYS = frozenset(
    {"name", "module", "class", "class_name", "model", "description", "version"}
)
_SCHEMA_SIGNS = ("properties", "$ref", "allOf", "anyOf", "oneOf", "additionalProperties", "fields")


def _named_spots(side: str) -> Iterator[NodePath]:
    """Yield the places whose names say that a schema stands there."""
    for key in ("state", "state_schema", "schema", "json_schema"):
        yield (f"{side}_{key}",)
    yield from ((f"{side}Schema",), (f"{side}State",))
    for table in ("states", "schemas", "definitions", "$defs", "io"):
        yield (table, f"{side}_state")
    for table in ("io", "schemas", "states", "state", "interface"):
        yield (table, side)


def _other_spots(side: str) -> Iterator[NodePath]:
    """Yield the places where a schema may stand, or something else."""
    yield from (
        (side,),
        (f"{side}s",),
        ("io", f"{side}s"),
        ("interface", f"{side}s"),
        (f"{side}_model",),
        (f"{side}_fields",),
        (f"{side}_contract",),
    )


def find_state(document: Document, side: str) -> Source | None:
    """Return the schema of the ``input`` or ``output`` side; None if the contract has none."""
    for spot in _named_spots(side):
        for envelope in _ENVELOPES:
            where = (*envelope, *spot)
            value = document.get(where)
            if value is None or _is_model_reference(value):
                continue
            if isinstance(value, str):
                return _by_name(document, value, where)
            return _unwrapped(Source(document, where, where))
    for spot in _other_spots(side):
        for envelope in _ENVELOPES:
            where = (*envelope, *spot)
            if _looks_like_state(document.get(where)):
                return _unwrapped(Source(document, where, where))
    name = model_name(document, side)
    return find_definition(name, Source(document, ())) if name else None


def _unwrapped(source: Source) -> Source:
    """Step into ``{schema: {...}}`` and the like."""
    value = source.value
    for key in ("schema", "json_schema", "full_schema"):
        if not isinstance(value, Mapping) or "properties" in value:
            break
        inner = value.get(key)
        if isinstance(inner, Mapping) and _looks_like_state(inner):
            below = source.down(key)
            return Source(below.document, below.where, below.where)
    return source


def _by_name(document: Document, text: str, where: NodePath) -> Source | None:
    """Return the definition that a state names by its text, or the text itself as a fault."""
    name = class_name(text)
    found = find_definition(text.strip(), Source(document, ()))
    if found is None and name:
        found = find_definition(name, Source(document, ()))
    if found is not None or name is not None:
        return found
    return Source(document, where, where)


def _is_model_reference(value: object) -> bool:
    """Whether a value names a class that is defined elsewhere, outside the contract."""
    return (
        isinstance(value, Mapping)
        and bool(value)
        and set(value) <= _MODEL_KEYS
        and all(isinstance(part, str | Mapping) for part in value.values())
        and any(
            isinstance(value.get(key), str) for key in ("module", "class", "class_name", "model")
        )
    )


def _looks_like_state(value: object) -> bool:
    if _is_model_reference(value):
        return False
    if isinstance(value, list):
        named = all(isinstance(item, Mapping) and ("type" in item) for item in value)
        return bool(value) and named and is_field_table(value)
    if not isinstance(value, Mapping):
        return False
    if isinstance(value.get("required"), list) or value.get("type") == "object":
        return True
    if any(isinstance(value.get(key), Mapping | list | str | bool) for key in _SCHEMA_SIGNS):
        return any(key in value for key in _SCHEMA_SIGNS)
    return is_field_table(value)


def model_name(document: Document, side: str) -> str | None:
    """Return the class name that the contract gives the side's model, if it is a safe one."""
    for envelope in _ENVELOPES:
        for spot in ((f"{side}_model",), ("io", f"{side}_model"), ("models", side)):
            value: Any = document.get((*envelope, *spot))
            if isinstance(value, Mapping):
                names = (value.get(key) for key in ("class_name", "class", "name", "model"))
                value = next((name for name in names if isinstance(name, str)), None)
            if isinstance(value, str):
                return class_name(re.sub(r"\s+", " ", value))
    found = find_text(document, f"{side}_state", f"{side}_schema")
    return class_name(found[1]) if found else None
