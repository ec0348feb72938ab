"""Top-level keys that are nearly the ones a contract needs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from omninode_bridge.generation.document import Document
from omninode_bridge.generation.findings import Code, Finding
from omninode_bridge.generation.identity import SECTIONS, TYPE_KEYS, find_name
from omninode_bridge.generation.operations import NAMED_OPERATIONS
from omninode_bridge.generation.states import find_state

__all__ = ["find_misspelt_keys", "misspelt_keys", "only_close"]

_CUTOFF = 0.8
_WANTED = ("node_type", "name", "input_state", "output_state", "operations")
_KNOWN = frozenset(
    {"actions", "description", "input", "inputs", "io_operations", "mixins", "node_name", "output"}
    | {"input_model", "input_schema", "output_model", "output_schema", "outputs", "subcontracts"}
    | {"node_identity", "node_version", "template", "version", *_WANTED}
)


def only_close(word: str, words: Iterable[str], cutoff: float) -> str | None:
    """Return the only one of `words` that is nearly `word`; None where there are none or several."""
    close = difflib.get_close_matches(word[:60], list(words), n=2, cutoff=cutoff)
    return close[0] if len(close) == 1 else None


def misspelt_keys(document: Document) -> dict[str, str]:
    """Map keys of the document to the missing ones that they must mean."""
    keys = [key for key in list(document.data)[:500] if key not in _KNOWN]
    found: dict[str, str] = {}
    for wanted in _WANTED:
        close = only_close(wanted, [key for key in keys if key not in found], _CUTOFF)
        if close is None or not _fits(wanted, document.data[close]) or _has(document, wanted):
            continue
        found[close] = wanted
    return found


def find_misspelt_keys(document: Document) -> list[Finding]:
    """Return a finding for each misspelt key: what stands under it would be lost."""
    return [
        document.finding((key,), Code.KEY, f"unknown key {key!r}", hint=f"did you mean {wanted!r}?")
        for key, wanted in misspelt_keys(document).items()
    ]


def _has(document: Document, key: str) -> bool:
    if key == "node_type":
        spots = ((*section, name) for section in SECTIONS for name in TYPE_KEYS)
        return any(document.has(spot) for spot in spots)
    if key == "name":
        fault = find_name(document)[1]
        return fault is None or fault.code is not Code.NAME
    if key == "operations":
        return any(document.has((*s, name)) for s in SECTIONS for name in NAMED_OPERATIONS)
    return document.has((key,)) or find_state(document, key.split("_", maxsplit=1)[0]) is not None


def _fits(key: str, value: Any) -> bool:
    if key in {"node_type", "name"}:
        return isinstance(value, str)
    return isinstance(value, Mapping | list)
