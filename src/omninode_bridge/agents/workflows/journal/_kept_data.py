"""What of a recovery's data is written down: without secrets, and only what JSON has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from omninode_bridge.agents.workflows._redaction import redact_value
from omninode_bridge.errors import NotDurableError

from ._codec import encode

__all__ = ["MAX_VALUE", "kept", "text_of"]

#: Characters of a recovered value that is kept with its recovery.
MAX_VALUE: Final = 1024 * 1024


def kept(data: Mapping[str, Any]) -> Any:
    """Return the data without secrets, as the codec takes it."""
    return _exact(redact_value(dict(data)))


def _exact(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _exact(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_exact(item) for item in value]
    if isinstance(value, str):
        return str(value).encode("utf-8", "replace").decode()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value


def text_of(value: tuple[bool, Any]) -> str | None:
    """Return a recovered value as text; None where there is none, or none that can be kept."""
    if not value[0]:
        return None
    try:
        text = encode(value[1], "the value")
    except NotDurableError:
        return None  # it is made again after a restart
    return text if len(text) <= MAX_VALUE else None
