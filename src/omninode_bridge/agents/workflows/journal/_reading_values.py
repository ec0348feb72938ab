"""JSON that is kept in a journal, read with tolerance: a report never fails on one bad row."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

__all__ = ["json_list", "json_mapping", "json_object", "json_value", "number", "text"]


def json_object(kept: str | None) -> dict[str, Any]:
    """Return the object of a text; empty where it is none."""
    value = json_value(kept)
    return value if isinstance(value, dict) else {}


def json_value(kept: str | None) -> Any:
    """Return the value of a text; None where it is none."""
    try:
        return json.loads(kept) if kept else None
    except (ValueError, RecursionError):
        return None


def json_list(value: Any) -> list[Any]:
    """Return the value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def json_mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return the object under the key; empty where there is none."""
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def number(data: Mapping[str, Any], key: str) -> float | None:
    """Return the finite number under the key, or None."""
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def text(data: Mapping[str, Any], key: str) -> str:
    """Return the text under the key; empty where there is none."""
    value = data.get(key)
    return value if isinstance(value, str) else ""
