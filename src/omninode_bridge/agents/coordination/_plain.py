"""Copies that hold nothing alive and are not larger than they may be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

__all__ = ["plain_data", "plain_name"]

MAX_NAME: Final = 200
MAX_TEXT: Final = 2_000
MAX_ITEMS: Final = 100
MAX_NODES: Final = 1_000
MAX_DEPTH: Final = 6

_AS_THEY_ARE: Final = (
    *(type(None), bool, int, float, Enum, date, time, timedelta, Decimal, UUID, PurePath),
)


def plain_name(value: object) -> str:
    """Return a name or id of bounded length."""
    text = str.__str__(value) if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_NAME else f"{text[: MAX_NAME - 3]}..."


def plain_data(data: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a deep copy within bounds; what is no plain value is named by its type."""
    copied = _copy(data, 0, [MAX_NODES])
    return copied if isinstance(copied, dict) else {}


def _copy(value: Any, depth: int, left: list[int]) -> Any:
    left[0] -= 1
    if isinstance(value, _AS_THEY_ARE):
        return value
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else f"{value[: MAX_TEXT - 3]}..."
    if depth < MAX_DEPTH and isinstance(value, Mapping):
        copied: dict[str, Any] = {}
        for key, item in value.items():
            if len(copied) >= MAX_ITEMS or left[0] <= 0:
                break
            copied[plain_name(key)] = _copy(item, depth + 1, left)
        return copied
    if depth < MAX_DEPTH and isinstance(value, (list, tuple)):
        items = []
        for item in value[:MAX_ITEMS]:
            if left[0] <= 0:
                break
            items.append(_copy(item, depth + 1, left))
        return tuple(items) if isinstance(value, tuple) else items
    return f"<{type(value).__name__}>"
