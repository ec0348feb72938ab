"""Several JSON Schemas as one, where one can say the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from omninode_bridge.runtime.model_json import json_key

__all__ = ["ANNOTATIONS", "as_list", "merge", "same"]

Schema = Mapping[str, Any]

ANNOTATIONS = frozenset(
    [
        "$anchor",
        "$comment",
        "$defs",
        "$dynamicAnchor",
        "$id",
        "$schema",
        "$vocabulary",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "default",
        "definitions",
        "deprecated",
        "description",
        "examples",
        "readOnly",
        "title",
        "writeOnly",
    ]
)
"""Keywords that refuse nothing."""

# Keywords that speak about what others of the same schema leave over.
_COUPLED = (
    frozenset({"properties", "patternProperties", "additionalProperties", "unevaluatedProperties"}),
    frozenset({"prefixItems", "items", "unevaluatedItems"}),
    frozenset({"contains", "minContains", "maxContains", "unevaluatedItems"}),
    frozenset({"if", "then", "else"}),
)
_FREE = frozenset({"properties", "items"})


def merge(first: Schema, second: Schema) -> dict[str, Any] | None:
    """Make a schema that accepts what both accept; None where the keywords cannot say it."""
    for group in _COUPLED:
        left = {key: first[key] for key in group & first.keys()}
        right = {key: second[key] for key in group & second.keys()}
        if left and right and (left.keys() | right.keys()) - _FREE and not same(left, right):
            return None
    merged = dict(first)
    for key, value in second.items():
        if key not in merged:
            merged[key] = value
        elif key not in ANNOTATIONS and not same(merged[key], value):
            combine = _COMBINE.get(key)
            if combine is None:
                return None
            merged[key] = combine(merged[key], value)
    return merged


def same(first: object, second: object) -> bool:
    """Whether two JSON values are written alike, whatever the order of keys."""
    return json.dumps(first, sort_keys=True, default=str) == json.dumps(
        second, sort_keys=True, default=str
    )


def as_list(value: Any) -> list[Any]:
    """Make a list of one item or of several."""
    return list(value) if isinstance(value, list | tuple) else [value]


def _types(first: Any, second: Any) -> list[str]:
    left, right = as_list(first), as_list(second)
    common = [name for name in left if name in right]
    if "number" not in common and "integer" not in common:
        numeric = {"number", "integer"}
        if numeric & {*left} and numeric & {*right}:
            common.append("integer")
    return common


def _values(first: list[Any], second: list[Any]) -> list[Any]:
    keys = {json_key(value) for value in second}
    return [value for value in first if json_key(value) in keys]


def _both(first: Any, second: Any) -> Any:
    return {"allOf": [first, second]}


def _by_name(join: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def combine(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
        joined = dict(first)
        for name, value in second.items():
            joined[name] = join(first[name], value) if name in first else value
        return joined

    return combine


def _union(first: list[Any], second: list[Any]) -> list[Any]:
    return list(dict.fromkeys([*first, *second]))


def _concatenate(first: list[Any], second: list[Any]) -> list[Any]:
    return [*first, *second]


_COMBINE: dict[str, Callable[[Any, Any], Any]] = {
    "type": _types,
    "enum": _values,
    "required": _union,
    "properties": _by_name(_both),
    "dependentRequired": _by_name(_union),
    "items": _both,
    "propertyNames": _both,
    "uniqueItems": lambda first, second: first or second,
    "allOf": _concatenate,
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
}
