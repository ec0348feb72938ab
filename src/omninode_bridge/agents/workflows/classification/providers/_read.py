"""Read attributes of strange exceptions without being hurt by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["attribute", "headers_of", "status_of"]


def attribute(thing: object, name: str) -> Any:
    """Return an attribute, None where there is none or where reading it raises."""
    try:
        return getattr(thing, name, None)
    except Exception:  # noqa: BLE001 - a property may do anything
        return None


def _status(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isdigit():
        value = int(value)
    return int(value) if isinstance(value, int) and 100 <= value <= 599 else None


def status_of(exception: BaseException) -> int | None:
    """Return the HTTP status that an exception carries, wherever its library puts it."""
    for name in ("status_code", "http_status", "status"):
        status = _status(attribute(exception, name))
        if status is not None:
            return status
    response = attribute(exception, "response")
    if response is None:
        response = attribute(exception, "resp")
    if response is not None:
        if isinstance(response, Mapping):
            meta = response.get("ResponseMetadata")
            status = _status(meta.get("HTTPStatusCode")) if isinstance(meta, Mapping) else None
            if status is not None:
                return status
        for name in ("status_code", "status"):
            status = _status(attribute(response, name))
            if status is not None:
                return status
    status = _status(attribute(exception, "code"))
    return status if status is not None and status >= 400 else None


def headers_of(exception: BaseException) -> Mapping[str, Any] | None:
    """Return the headers of the answer, as the library keeps them."""
    response = attribute(exception, "response")
    if isinstance(response, Mapping):
        meta = response.get("ResponseMetadata")
        headers = meta.get("HTTPHeaders") if isinstance(meta, Mapping) else None
        return headers if isinstance(headers, Mapping) else None
    for holder in (response, exception, attribute(exception, "resp")):
        headers = attribute(holder, "headers") if holder is not None else None
        if headers is not None and hasattr(headers, "get"):
            return headers  # type: ignore[no-any-return]
    return None
