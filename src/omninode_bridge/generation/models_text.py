"""Contract text as Python source of models: literals that linters leave alone, nothing else ever."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Mapping, Sequence

from omninode_bridge.generation.literals import escaped

__all__ = ["MAX_TEXT", "bounded", "docstring", "encodable", "literal", "quoted", "suspicions"]

MAX_TEXT = 1_000
"""Characters of a description that are kept."""
CHUNK = 56
WIDTH = 80

_ADDRESS = re.compile(r"0\.0\.0\.0|^::$")
_TEMPORARY = re.compile(r"^(?:/tmp|/var/tmp|/dev/shm)")
_SECRET = re.compile(r"(^|_)(pas+wo?r?d|pass(phrase)?|pwd|token|secrete?)($|_)", re.IGNORECASE)


def bounded(text: str, limit: int = MAX_TEXT) -> str:
    """Cut `text` so that it is no longer than `limit`; lone surrogates are replaced."""
    text = re.sub("[\ud800-\udfff]", "\ufffd", text)
    return text if len(text) <= limit else text[: limit - 4].rstrip() + " ..."


def encodable(text: str) -> bool:
    """Whether `text` has no lone surrogates, which no UTF-8 text can carry."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def quoted(text: str) -> str:
    """Write a text as one or more adjacent string literals; more stand in parentheses."""
    if len(text) <= CHUNK:
        return _quote(text)
    pieces = [_quote(text[start : start + CHUNK]) for start in range(0, len(text), CHUNK)]
    return "(" + "\n".join(pieces) + ")"


def _quote(text: str) -> str:
    body = escaped(text).replace("\n", "\\n")
    quote = "'" if '"' in body and "'" not in body else '"'
    return quote + body.replace(quote, "\\" + quote) + quote


def literal(value: object) -> str:
    """Write a JSON value as a Python expression.

    Raises:
        TypeError: `value` is no JSON value.
    """
    if value is None or isinstance(value, bool | int):
        return repr(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        pairs = (f"{quoted(str(key))}: {literal(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return "[" + ", ".join(map(literal, value)) + "]"
    raise TypeError(f"no JSON value: {value!r}")


def docstring(text: str, indent: int = 4) -> str:
    """Write a bounded text as a docstring, its lines wrapped and stripped."""
    lines: list[str] = []
    for line in bounded(text).expandtabs(4).strip().split("\n"):
        lines += textwrap.wrap(line, WIDTH - indent) or [""]
    body = "\n".join(escaped(line.strip()) for line in lines)
    if '"""' in body or body[:1] == '"' or body[-1:] == '"':
        body = body.replace('"', '\\"')
    body = re.sub(r"\n(?!\n|\Z)", "\n" + " " * indent, body)
    end = "\n" + " " * indent if "\n" in body else ""
    return f'"""{body}{end}"""'


def suspicions(texts: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Name the security rules that take data of a contract for a mistake of the program."""
    rules = set()
    if any(_ADDRESS.search(text) for text in texts):
        rules.add("S104")
    if any(_SECRET.search(name) for name in names):
        rules.add("S105")
    if any(_TEMPORARY.search(text) for text in texts):
        rules.add("S108")
    return tuple(sorted(rules))
