"""Where schemas stand inside of schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["in_place_references", "references"]

_SAME_VALUE_ONE = ("not", "if", "then", "else")
_SAME_VALUE_MANY = ("allOf", "anyOf", "oneOf")
_PART_ONE = (
    *("items", "additionalProperties", "contains", "propertyNames", "unevaluatedItems"),
    "unevaluatedProperties",
)
_PART_NAMED = ("properties", "patternProperties", "$defs", "definitions")


def references(schema: object) -> set[str]:
    """Return every reference in a schema and its parts; values of data are not looked at."""
    return {ref for one in _walk(schema, deep=True) for ref in _own(one)}


def in_place_references(schema: object) -> set[str]:
    """Return the references that speak about the same value as `schema`."""
    return {ref for one in _walk(schema, deep=False) for ref in _own(one)}


def _own(schema: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(schema.get("$ref"), str):
        yield schema["$ref"]


def _walk(schema: object, *, deep: bool) -> Iterator[Mapping[str, Any]]:
    pending = [schema]
    while pending:
        one = pending.pop()
        if isinstance(one, Mapping):
            yield one
            pending += _children(one, deep=deep)


def _children(schema: Mapping[str, Any], *, deep: bool) -> Iterator[Any]:
    singles = _SAME_VALUE_ONE + (_PART_ONE if deep else ())
    many = _SAME_VALUE_MANY + (("prefixItems",) if deep else ())
    named = ("dependentSchemas", *(_PART_NAMED if deep else ()))
    for keyword in singles:
        yield schema.get(keyword)
    for keyword in many:
        yield from schema.get(keyword) or ()
    for keyword in named:
        yield from (schema.get(keyword) or {}).values()
