"""Python source for JSON values: the same value when read back, and nothing else ever."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

__all__ = ["escaped", "python_literal"]

SHORT = 120
"""Strings and runs of equal items up to this length are written out."""

# Linters take these for a mistake of the program; here they are data of a contract.
SUSPECT = re.compile(r"0\.0\.0\.0|^::$|^/tmp|^/var/tmp|^/dev/shm")


def python_literal(value: object) -> str:
    """Write a JSON value as a Python expression; long repetitions become ``x * n``.

    Raises:
        TypeError: `value` is no JSON value.
    """
    if value is None or isinstance(value, bool | int):
        return repr(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f"float({str(value)!r})"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Mapping):
        pairs = (f"{_string(str(key))}: {python_literal(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return _array(value)
    raise TypeError(f"no JSON value: {value!r}")


def escaped(text: str) -> str:
    """Escape backslashes and everything that does not print, line feeds excepted."""
    return "".join(_escape(char) for char in text)


def _escape(char: str) -> str:
    if char == "\\":
        return "\\\\"
    if char.isprintable() or char == "\n":
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _quoted(text: str) -> str:
    body = escaped(text).replace("\n", "\\n")
    quote = "'" if '"' in body and "'" not in body else '"'
    return quote + body.replace(quote, "\\" + quote) + quote


def _string(text: str) -> str:
    parts = list(_string_parts(text))
    return parts[0] if len(parts) == 1 else f"({' + '.join(parts)})"


def _string_parts(text: str) -> Iterator[str]:
    if len(text) <= SHORT:
        cut = SUSPECT.search(text)
        if cut is None:
            yield _quoted(text)
        else:  # two halves that no linter takes for a path or an address
            yield _quoted(text[: cut.start() + 1])
            yield from _string_parts(text[cut.start() + 1 :])
        return
    plain = ""
    for char, run in groupby(text):
        length = sum(1 for _ in run)
        if length <= SHORT:
            plain += char * length
            continue
        if plain:
            yield from _halves(plain)
        plain = ""
        yield f"{_quoted(char)} * {length}"
    if plain:
        yield from _halves(plain)


def _halves(text: str) -> Iterator[str]:
    """Yield text without long runs; suspects are cut as in short strings."""
    for start in range(0, len(text), SHORT):
        yield from _string_parts(text[start : start + SHORT])


def _array(items: Sequence[object]) -> str:
    if len(items) > SHORT:
        if all(type(item) is int for item in items) and _counts_up(items):
            return f"list(range({items[0]}, {items[-1]} + 1))"
        parts = []
        for text, run in groupby(items, key=python_literal):
            parts.append((text, sum(1 for _ in run)))
        if len(parts) <= SHORT:
            return "(" + " + ".join(_repeated(text, count) for text, count in parts) + ")"
    return "[" + ", ".join(map(python_literal, items)) + "]"


def _counts_up(items: Sequence[object]) -> bool:
    first = items[0]
    return isinstance(first, int) and list(items) == list(range(first, first + len(items)))


def _repeated(text: str, count: int) -> str:
    return f"[{text}]" if count == 1 else f"[{text}] * {count}"
