"""Keywords of schemas that are nearly ones of JSON Schema: what they ask for would not be checked."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from omninode_bridge.generation.dialect import (
    KEPT,
    MAPS,
    SCHEMA_LISTS,
    SCHEMAS,
    read_keywords,
)
from omninode_bridge.generation.document import Document
from omninode_bridge.generation.findings import Code, Finding, NodePath, Severity

__all__ = ["find_misspelt_keywords"]

MAX_SCHEMAS = 2_000
MAX_FINDINGS = 50
_CUTOFF = 0.85
_TABLES = MAPS | {"$defs", "definitions"}
_HOLDERS = _TABLES | SCHEMA_LISTS | SCHEMAS
_TOPS: tuple[NodePath, ...] = (("input_state",), ("output_state",), ("$defs",), ("definitions",))
_WANTED = sorted(KEPT)


def find_misspelt_keywords(document: Document) -> list[Finding]:
    """Return a warning for each keyword of a state that looks like a misspelt one.

    Contracts hold words of their own beside those of JSON Schema, so it is no error.
    """
    found: list[Finding] = []
    for where, schema in _schemas(document):
        for key, word in read_keywords(schema).items():
            close = _meant(key, schema)
            if close is None or len(found) >= MAX_FINDINGS:
                continue
            spot = (*where, word.key)
            message = f"unknown keyword {word.key[:60]!r} is not checked"
            hint = f"did you mean {close!r}?"
            severity = Severity.WARNING
            found.append(
                document.finding(spot, Code.SUSPICIOUS, message, hint=hint, severity=severity)
            )
    return found


def _meant(key: str, schema: Mapping[str, Any]) -> str | None:
    if key in KEPT or key.startswith(("x-", "x_", "$")) or len(key) > 60:
        return None
    close = difflib.get_close_matches(key, _WANTED, n=1, cutoff=_CUTOFF)
    return close[0] if close and close[0] not in schema else None


def _schemas(document: Document) -> Iterator[tuple[NodePath, Mapping[str, Any]]]:
    """Walk the schemas of the contract itself, each where it stands."""
    waiting: list[tuple[NodePath, Any]] = []
    for top in _TOPS:
        value = document.get(top)
        waiting += _entries(top, value) if top[0] in _TABLES else [(top, value)]
    seen = 0
    while waiting and seen < MAX_SCHEMAS:
        where, schema = waiting.pop()
        if not isinstance(schema, Mapping):
            continue
        seen += 1
        yield where, schema
        for key, item in schema.items():
            spot = (*where, key)
            if key in _TABLES or key in SCHEMA_LISTS or isinstance(item, list):
                waiting += _entries(spot, item) if key in _HOLDERS else []
            elif key in SCHEMAS:
                waiting.append((spot, item))


def _entries(where: NodePath, value: Any) -> list[tuple[NodePath, Any]]:
    if isinstance(value, Mapping):
        return [((*where, name), item) for name, item in value.items()]
    if isinstance(value, list):
        return [((*where, index), item) for index, item in enumerate(value)]
    return []
