"""JSON values: compared as JSON, copied."""

from __future__ import annotations

from typing import Any

__all__ = ["json_copy", "json_key"]


def json_key(value: Any) -> Any:
    """Make a hashable key, equal for values that are equal as JSON: 1 and 1.0, not 1 and True."""
    if hasattr(value, "model_dump"):
        value = value.model_dump(by_alias=True)
    if isinstance(value, bool) or value is None:
        return ("constant", value)
    if isinstance(value, dict):
        return ("object", frozenset((key, json_key(item)) for key, item in value.items()))
    if isinstance(value, (list, tuple)):
        return ("array", tuple(json_key(item) for item in value))
    if isinstance(value, str):
        return ("string", str(value))
    return ("other", value)


def json_copy(value: Any) -> Any:
    """Copy a JSON value; scalars are shared."""
    if isinstance(value, dict):
        return {key: json_copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [json_copy(item) for item in value]
    return value
