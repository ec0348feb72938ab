"""Read attributes of strange exceptions without being hurt by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

__all__ = [
    "ANSWER_NAMES",
    "STATUS_NAMES",
    "attribute",
    "family_of",
    "headers_of",
    "packages_of",
    "status_of",
    "text_of",
    "whole_number",
]

_MOST_HEADERS = 200
_MOST_TEXT = 8_192
_DEPRECATED = frozenset({"websockets", "aiohttp"})  # to read their `code` warns
_HOLDERS = ("response", "resp", "raw_response")
# Where the headers of an answer may be, and where its status.
ANSWER_NAMES = frozenset({*_HOLDERS, "headers", "response_headers", "http_headers", "meta"})
STATUS_NAMES = frozenset(
    {
        *_HOLDERS,
        "status_code",
        "http_status",
        "status",
        "http_code",
        "errcode",
        "meta",
        "code",
        "response_code",
    }
)


def attribute(thing: object, name: str) -> Any:
    """Return an attribute, None where there is none or where reading it raises."""
    try:
        return getattr(thing, name, None)
    except Exception:  # noqa: BLE001 - a property may do anything
        return None


def text_of(thing: object, most: int = _MOST_TEXT) -> str:
    """Return a text as `str()` gives it, bounded; empty where it cannot be had."""
    try:
        text = str(thing)
    except Exception:  # noqa: BLE001 - `__str__` may do anything
        return ""
    return str.__str__(text)[:most]


def whole_number(value: object) -> int | None:
    """Return an integer that is not a truth value; the text of one counts too."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str) and 0 < len(value) <= 9 and value.isascii():
        digits = value[1:] if value[0] == "-" else value
        return int(value) if digits.isdigit() else None
    return None


def family_of(exception: BaseException) -> frozenset[str]:
    """Return the top packages of the class and its bases, without the built-in one."""
    return packages_of(type(exception))


def packages_of(cls: type[BaseException]) -> frozenset[str]:
    """Return the top packages of a class and its bases, without the built-in one."""
    return _packages(cls)  # type: ignore[arg-type]  # mypy doubts that classes hash


@lru_cache(maxsize=2048)
def _packages(cls: type[BaseException]) -> frozenset[str]:
    return frozenset(
        module.partition(".")[0]
        for base in cls.__mro__
        if type(module := base.__module__) is str and module != "builtins"
    )


def _status(value: object) -> int | None:
    if type(value) is str:  # "503", or "503 Service Unavailable"
        value = value[:3] if value[3:4] in {"", " "} else None
    number = whole_number(value)
    return number if number is not None and 100 <= number <= 599 else None


def status_of(exception: BaseException) -> int | None:
    """Return the HTTP status that an exception carries, wherever its library puts it."""
    for name in ("status_code", "http_status", "status", "http_code", "errcode"):
        status = _status(attribute(exception, name))
        if status is not None:
            return status
    for name in _HOLDERS:
        response = attribute(exception, name)
        if response is None:
            continue
        if isinstance(response, Mapping):
            meta = response.get("ResponseMetadata")
            status = _status(meta.get("HTTPStatusCode")) if isinstance(meta, Mapping) else None
            status = _status(response.get("status")) if status is None else status
            if status is not None:
                return status
        for field in ("status_code", "status"):
            status = _status(attribute(response, field))
            if status is not None:
                return status
    status = _status(attribute(attribute(exception, "meta"), "status"))
    if status is not None:
        return status
    if family_of(exception) & _DEPRECATED:
        return None
    for name in ("code", "response_code"):
        status = _status(attribute(exception, name))
        if status is not None and status >= 400:
            return status
    return None


def headers_of(exception: BaseException) -> Mapping[str, str] | None:
    """Return the headers of the answer by lower-case name, as far as there are any."""
    for name in _HOLDERS:
        response = attribute(exception, name)
        if response is None:
            continue
        if isinstance(response, Mapping):
            meta = response.get("ResponseMetadata")
            held = meta.get("HTTPHeaders") if isinstance(meta, Mapping) else response.get("headers")
        else:
            held = attribute(response, "headers")
        if held is not None:
            return _lowered(held)
    for name in ("headers", "response_headers", "http_headers"):
        held = attribute(exception, name)
        if held is not None:
            return _lowered(held)
    held = attribute(attribute(exception, "meta"), "headers")
    return _lowered(held) if held is not None else None


def _lowered(held: object) -> Mapping[str, str] | None:
    """Return headers as text by lower-case name; of equal names the first counts."""
    items = attribute(held, "items")
    try:
        pairs: Any = items() if callable(items) else held
        if not isinstance(pairs, Iterable) or isinstance(pairs, (str, bytes)):
            return None
        found: dict[str, str] = {}
        for name, value in islice(pairs, _MOST_HEADERS):
            key, text = _header(name), _header(value)
            if key is not None and text is not None:
                found.setdefault(key.lower(), text)
    except Exception:  # noqa: BLE001 - a stranger's mapping
        return None
    return found


def _header(value: object) -> str | None:
    if isinstance(value, bytes):
        value = value[:1024].decode("latin-1")
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return str(value)[:1024].strip()
    if isinstance(value, (list, tuple)) and value:  # some clients keep lists of values
        return _header(value[0]) if not isinstance(value[0], (list, tuple)) else None
    return None
