"""Oddities that do not prevent a contract from being built."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from omninode_bridge.generation.document import Document
from omninode_bridge.generation.findings import Code, Finding, NodePath, Severity
from omninode_bridge.generation.oddities_keywords import find_misspelt_keywords
from omninode_bridge.generation.references import ContractFiles, Source

__all__ = ["find_oddities"]

MAX_LOOKS = 100
_FILE_KEYS = ("path", "$ref", "ref", "file", "contract", "schema")


def find_oddities(document: Document, files: ContractFiles) -> list[Finding]:
    """Return warnings: subcontracts that are not there, keywords and required fields that nobody knows."""
    found = [*_subcontracts(document, files), *find_misspelt_keywords(document)]
    for side in ("input_state", "output_state"):
        found += _required(document, (side,))
    return found


def _subcontracts(document: Document, files: ContractFiles) -> Iterator[Finding]:
    """Look for the files of subcontracts; they are never opened, so they may stand anywhere."""
    table = document.get(("subcontracts",))
    entries: list[tuple[NodePath, Any]] = []
    if isinstance(table, list):
        entries = [(("subcontracts", index), item) for index, item in enumerate(table)]
    elif isinstance(table, Mapping):
        entries = [(("subcontracts", name), item) for name, item in table.items()]
    for where, item in entries[:MAX_LOOKS]:
        spot, name = _file_of(where, item)
        if name is None or _is_there(document, spot, name, files):
            continue
        message = f"subcontract {name[:120]!r} is not there"
        hint = "its settings are left out"
        yield document.finding(
            spot, Code.SUBCONTRACT, message, hint=hint, severity=Severity.WARNING
        )


def _file_of(where: NodePath, item: Any) -> tuple[NodePath, str | None]:
    if isinstance(item, str):
        return where, item if item.endswith((".yaml", ".yml", ".json")) else None
    if isinstance(item, Mapping):
        for key in _FILE_KEYS:
            if isinstance(item.get(key), str):
                return (*where, key), item[key]
    return where, None


def _is_there(document: Document, where: NodePath, name: str, files: ContractFiles) -> bool:
    file, _, pointer = name.partition("#")
    if not file:
        steps = tuple(step for step in pointer.split("/") if step)
        return document.has(steps)
    try:
        path = files.resolved(Source(document, where), file)
        return files.is_inside(path) and path.is_file()
    except (OSError, ValueError, RuntimeError):
        return False


def _required(document: Document, where: NodePath) -> Iterator[Finding]:
    """Find required names that look like a misspelt property."""
    state = document.get(where)
    if not isinstance(state, Mapping):
        return
    properties, required = state.get("properties"), state.get("required")
    if not isinstance(properties, Mapping) or not isinstance(required, list):
        return
    for index, name in enumerate(required[:MAX_LOOKS]):
        if isinstance(name, str) and name not in properties:
            close = difflib.get_close_matches(name, list(properties)[:200], n=1, cutoff=0.8)
            hint = f"did you mean {close[0]!r}?" if close else "describe it under properties"
            yield document.finding(
                (*where, "required", index),
                Code.SUSPICIOUS,
                f"required field {name[:80]!r} is not described",
                hint=hint,
                severity=Severity.WARNING,
            )
