"""Which parts of a schema JSON Schema 2020-12 itself refuses, found without a look at plain ones.

Validating a schema against the metaschema costs a third of a millisecond for every part of it.
Nearly all parts are plainly right, so that only the doubtful ones are shown to `jsonschema`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from omninode_bridge.errors import MissingExtraError
from omninode_bridge.generation.dialect import DATA, MAPS, SCHEMA_LISTS, SCHEMAS
from omninode_bridge.generation.findings import NodePath
from omninode_bridge.generation.type_names import KNOWN_TYPES

__all__ = ["load_jsonschema", "metaschema_errors", "subschemas"]

MAX_ERRORS = 50
_COUNTS = frozenset(
    f"{end}{what}"
    for end in ("min", "max")
    for what in ("Length", "Items", "Properties", "Contains")
)
_NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_TEXTS = frozenset(
    {"$ref", "contentEncoding", "contentMediaType", "description", "format", "pattern", "title"}
)
_FLAGS = frozenset({"deprecated", "readOnly", "uniqueItems", "writeOnly"})


def load_jsonschema() -> Any:
    """Import jsonschema.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import jsonschema
    except ImportError as error:
        raise MissingExtraError("checking contracts", extra="codegen") from error
    return jsonschema


def subschemas(schema: Any, where: NodePath = ()) -> Iterator[tuple[NodePath, dict[str, Any]]]:
    """Yield path and value of every schema that is a map, outer ones first."""
    if not isinstance(schema, dict):
        return
    yield where, schema
    for name, value in schema.items():
        if name in SCHEMAS:
            yield from subschemas(value, (*where, name))
        elif name in SCHEMA_LISTS and isinstance(value, list):
            for index, item in enumerate(value):
                yield from subschemas(item, (*where, name, index))
        elif (name in MAPS or name == "$defs") and isinstance(value, dict):
            for key, item in value.items():
                yield from subschemas(item, (*where, name, key))


def metaschema_errors(schema: Mapping[str, Any]) -> list[tuple[NodePath, str]]:
    """Return path and message of what the metaschema says against `schema`, at most `MAX_ERRORS`."""
    library = load_jsonschema().Draft202012Validator
    checker = library(library.META_SCHEMA)
    found: list[tuple[NodePath, str]] = []
    for where, part in subschemas(schema):
        doubtful = {name: value for name, value in part.items() if not _is_plain(name, value)}
        if not doubtful:
            continue
        for error in checker.iter_errors(doubtful):
            found.append(((*where, *error.absolute_path), _clause(error)))
            if len(found) >= MAX_ERRORS:
                return found
    return found


def _is_plain(name: str, value: Any) -> bool:
    """Whether a keyword's own value is right beyond doubt; the schemas below it are not looked at."""
    check = _CHECKS.get(name)
    return check is not None and check(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_type(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and _is_names(value) and all(item in KNOWN_TYPES for item in value)
    return value in KNOWN_TYPES


def _is_names(value: Any) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(item, str) for item in value)
        and len(set(value)) == len(value)
    )


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_schema(item) for item in value.values())


def _is_row(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_schema(item) for item in value)


_CHECKS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(_COUNTS, _is_count),
    **dict.fromkeys(_NUMBERS, _is_number),
    **{name: lambda value: isinstance(value, str) for name in _TEXTS},
    **{name: lambda value: isinstance(value, bool) for name in _FLAGS},
    **{name: lambda value: isinstance(value, list) for name in DATA & {"enum", "examples"}},
    **{name: lambda _: True for name in DATA & {"const", "default"}},
    **dict.fromkeys(SCHEMAS, _is_schema),
    **dict.fromkeys(SCHEMA_LISTS, _is_row),
    **dict.fromkeys({*MAPS, "$defs"}, _is_table),
    "type": _is_type,
    "required": _is_names,
    "multipleOf": lambda value: _is_number(value) and value > 0,
}


def _clause(error: Any) -> str:
    name = next((part for part in reversed(error.absolute_path) if isinstance(part, str)), "schema")
    shown = repr(error.instance)[:80]
    if error.validator == "type":
        wanted = error.validator_value
        words = wanted if isinstance(wanted, str) else " or ".join(wanted)
        return f"{name!r} is {shown}, which is no {words}"
    return f"{name!r}: {error.message[:160]}"
