"""Names of types as people write them, read as JSON Schema; only where one reading is sure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["KNOWN_TYPES", "UNSUPPORTED_TYPES", "open_classes", "read_type"]

_STRING: dict[str, Any] = {"type": "string"}
_PLAIN = {
    "string": "string str text varchar",
    "integer": "integer int long int32 int64 bigint",
    "number": "number float double decimal numeric",
    "boolean": "boolean bool",
    "object": "object dict map mapping struct",
    "array": "array list sequence tuple",
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
    | {"bytes", "bytearray", "binary", "blob", "dataframe", "ndarray", "tensor"}
)
"""Types that are understood, but cannot be a JSON value with a sure schema."""

_GENERIC = re.compile(r"([A-Za-z_.]+)\s*[\[<(](.*)[\]>)]\Z", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_][\w.]*")
_CLASS = re.compile(r"(?:[a-z_]\w*\.)*(?:[A-Z]\w*[a-z]\w*[A-Z]\w*|Model[A-Z]\w*|Enum[A-Z]\w*)")
_MAX_LENGTH = 200
_MAX_DEPTH = 6


Named = Callable[[str], dict[str, Any] | None]
"""What a name that is no type of JSON means; None where it means nothing."""


def read_type(text: str, named: Named | None = None) -> dict[str, Any] | None:
    """Return the schema that `text` names (``list[str]``, ``Optional[int]``), else None.

    Args:
        text: as it was written.
        named: what other names mean, as in ``list[Line]``.
    """
    return _Reader(named or (lambda _: None)).read(text, 0) if len(text) <= _MAX_LENGTH else None


def open_classes(text: str) -> tuple[str, tuple[str, ...]]:
    """Put ``any`` where a class is named, and return the new text and the classes.

    Nothing is changed where what is left would still be no type.
    """
    if len(text) > _MAX_LENGTH:
        return text, ()
    words = _WORD.findall(text)
    classes = tuple(word for word in words if _CLASS.fullmatch(word) and read_type(word) is None)
    opened = _WORD.sub(lambda m: "any" if m.group() in classes else m.group(), text)
    return (opened, classes) if classes and read_type(opened) is not None else (text, ())


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one text."""

    named: Named

    def read(self, text: str, depth: int) -> dict[str, Any] | None:
        """Read a whole type or a part of one."""
        text = text.strip()
        if depth > _MAX_DEPTH or not text:
            return None
        word = _WORDS.get(text.lower().removeprefix("datetime.").removeprefix("uuid."))
        if word is not None:
            return dict(word)
        if text.endswith("[]"):
            return _array(self.read(text[:-2], depth + 1))
        if text.endswith("?"):
            return self.union([text[:-1], "null"], depth)
        parts = _split(text, "|")
        if len(parts) > 1:
            return self.union(parts, depth)
        match = _GENERIC.match(text)
        if match is None:
            return self.named(text)
        outer = match.group(1).rsplit(".", maxsplit=1)[-1].lower()
        return self.generic(outer, _split(match.group(2), ","), depth)

    def generic(self, outer: str, parts: list[str], depth: int) -> dict[str, Any] | None:
        if outer in {"optional", "nullable"} and len(parts) == 1:
            return self.union([parts[0], "null"], depth)
        if outer == "union":
            return self.union(parts, depth)
        if outer == "literal":
            return _literal(parts)
        if outer in {"list", "array", "sequence", "iterable", "collection"} and len(parts) == 1:
            return _array(self.read(parts[0], depth + 1))
        if outer == "tuple":
            return self.tuple(parts, depth)
        if outer in {"set", "frozenset"} and len(parts) == 1:
            items = _array(self.read(parts[0], depth + 1))
            return None if items is None else {**items, "uniqueItems": True}
        if outer in {"dict", "map", "mapping", "object", "record"} and len(parts) in {1, 2}:
            keys = self.read(parts[0], depth + 1) if len(parts) == 2 else _STRING
            values = self.read(parts[-1], depth + 1)
            if keys != _STRING or values is None:
                return None
            return {"type": "object", **({"additionalProperties": values} if values else {})}
        return None

    def union(self, parts: list[str], depth: int) -> dict[str, Any] | None:
        schemas = [self.read(part, depth + 1) for part in parts]
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

    def tuple(self, parts: list[str], depth: int) -> dict[str, Any] | None:
        """Read ``tuple[int, ...]`` as a list of any length, ``tuple[int, str]`` as one of two."""
        if len(parts) == 2 and parts[1].strip() == "...":
            return _array(self.read(parts[0], depth + 1))
        items = [self.read(part, depth + 1) for part in parts]
        known = [item for item in items if item is not None]
        if len(known) != len(items):
            return None
        size = len(known)
        return {"type": "array", "prefixItems": known, "items": False, "minItems": size}


def _array(items: dict[str, Any] | None) -> dict[str, Any] | None:
    if items is None:
        return None
    return {"type": "array", "items": items} if items else {"type": "array"}


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
