"""Names of types as people write them, read as JSON Schema; only where one reading is sure."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["KNOWN_TYPES", "UNSUPPORTED_TYPES", "read_type"]

_STRING: dict[str, Any] = {"type": "string"}
_PLAIN = {
    "string": "string str text varchar",
    "integer": "integer int long int32 int64 bigint",
    "number": "number float double decimal numeric",
    "boolean": "boolean bool",
    "object": "object dict map mapping struct",
    "array": "array list sequence",
    "null": "null none nonetype",
}
_FORMATS = {
    "date-time": "datetime date-time date_time timestamp",
    "date": "date",
    "time": "time",
    "duration": "timedelta duration",
    "uuid": "uuid uuid4 guid",
    "uri": "uri url",
    "email": "email",
}
_WORDS: dict[str, dict[str, Any]] = {
    **{word: {"type": kind} for kind, words in _PLAIN.items() for word in words.split()},
    **{word: {**_STRING, "format": f} for f, words in _FORMATS.items() for word in words.split()},
    "set": {"type": "array", "uniqueItems": True},
    "any": {},
    "mixed": {},
}
KNOWN_TYPES = ("string", "integer", "number", "boolean", "object", "array", "null")
"""The types of JSON Schema."""

UNSUPPORTED_TYPES = frozenset(
    {"stream", "streaming", "generator", "iterator", "async_iterator", "asyncgenerator"}
    | {"async_generator", "asynciterator", "observable", "channel", "pipe", "queue", "socket"}
    | {"callable", "function", "lambda", "coroutine", "file", "filehandle", "file_handle"}
    | {"bytes", "bytearray", "binary", "blob", "tuple", "dataframe", "ndarray", "tensor"}
)
"""Types that are understood, but cannot be a JSON value with a sure schema."""

_GENERIC = re.compile(r"([A-Za-z_.]+)\s*[\[<(](.*)[\]>)]\Z", re.DOTALL)
_MAX_LENGTH = 200
_MAX_DEPTH = 6


def read_type(text: str) -> dict[str, Any] | None:
    """Return the schema that `text` names (``list[str]``, ``Optional[int]``), else None."""
    return _read(text, 0) if len(text) <= _MAX_LENGTH else None


def _read(text: str, depth: int) -> dict[str, Any] | None:
    text = text.strip()
    if depth > _MAX_DEPTH or not text:
        return None
    word = _WORDS.get(text.lower().removeprefix("datetime.").removeprefix("uuid."))
    if word is not None:
        return dict(word)
    if text.endswith("[]"):
        return _array(_read(text[:-2], depth + 1))
    if text.endswith("?"):
        return _union([text[:-1], "null"], depth)
    parts = _split(text, "|")
    if len(parts) > 1:
        return _union(parts, depth)
    match = _GENERIC.match(text)
    if match is None:
        return None
    outer = match.group(1).rsplit(".", maxsplit=1)[-1].lower()
    return _generic(outer, _split(match.group(2), ","), depth)


def _generic(outer: str, parts: list[str], depth: int) -> dict[str, Any] | None:
    if outer in {"optional", "nullable"} and len(parts) == 1:
        return _union([parts[0], "null"], depth)
    if outer == "union":
        return _union(parts, depth)
    if outer == "literal":
        return _literal(parts)
    if outer in {"list", "array", "sequence", "iterable", "collection"} and len(parts) == 1:
        return _array(_read(parts[0], depth + 1))
    if outer in {"set", "frozenset"} and len(parts) == 1:
        items = _array(_read(parts[0], depth + 1))
        return None if items is None else {**items, "uniqueItems": True}
    if outer in {"dict", "map", "mapping", "object", "record"} and len(parts) in {1, 2}:
        keys = _read(parts[0], depth + 1) if len(parts) == 2 else _STRING
        values = _read(parts[-1], depth + 1)
        if keys != _STRING or values is None:
            return None
        return {"type": "object", **({"additionalProperties": values} if values else {})}
    return None


def _array(items: dict[str, Any] | None) -> dict[str, Any] | None:
    if items is None:
        return None
    return {"type": "array", "items": items} if items else {"type": "array"}


def _union(parts: list[str], depth: int) -> dict[str, Any] | None:
    schemas = [_read(part, depth + 1) for part in parts]
    known = [schema for schema in schemas if schema is not None]
    if len(known) != len(schemas):
        return None
    if {} in known:
        return {}
    if len(known) == 1:
        return known[0]
    if all(set(schema) == {"type"} and isinstance(schema["type"], str) for schema in known):
        return {"type": list(dict.fromkeys(schema["type"] for schema in known))}
    return {"anyOf": known}


def _literal(parts: list[str]) -> dict[str, Any] | None:
    values = [part.strip() for part in parts]
    if not all(len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" for value in values):
        return None
    return {"type": "string", "enum": [value[1:-1] for value in values]}


def _split(text: str, separator: str) -> list[str]:
    """Split at separators that stand in no bracket."""
    parts, depth, start = [], 0, 0
    for index, char in enumerate(text):
        if char in "[<(":
            depth += 1
        elif char in "]>)":
            depth -= 1
        elif char == separator and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]
