"""Whether a YAML file is a node contract at all, and if not, what it looks like."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from omninode_bridge.generation.document import Document
from omninode_bridge.generation.findings import Code, Finding
from omninode_bridge.generation.identity import SECTIONS, TYPE_KEYS
from omninode_bridge.generation.states import find_state

__all__ = ["refuse_other_files"]

_SIGNS: tuple[tuple[str, str], ...] = (
    ("openapi", "an OpenAPI document"),
    ("swagger", "an OpenAPI document"),
    ("asyncapi", "an AsyncAPI document"),
    ("jobs", "a CI workflow"),
    ("stages", "a CI pipeline"),
    ("services", "a service composition"),
    ("repos", "a pre-commit configuration"),
    ("apiVersion", "a Kubernetes object"),
    ("subcontract_name", "a subcontract"),
    ("subcontract_type", "a subcontract"),
    ("subcontract_version", "a subcontract"),
    ("mixin_name", "a mixin"),
    ("mixin_version", "a mixin"),
    ("dependencies", "a list of dependencies"),
    ("mixins", "a list of mixins"),
    ("$schema", "a JSON Schema"),
    ("properties", "a JSON Schema"),
    ("handler_id", "a handler"),
    ("handlers", "a list of handlers"),
    ("version", "a configuration"),
)
_STATE_WORDS = ("input_state", "output_state", "operations", "input_model", "output_model")


def refuse_other_files(document: Document) -> Finding | None:
    """Return the finding against a file that is no node contract, else None.

    A node contract names a node type, or has what only node contracts have: a state or a model for
    what goes in or comes out. A misspelt key still counts as that key.
    """
    if _has_type(document) or _has_states(document) or _has_misspelt(document):
        return None
    what = next((what for key, what in _SIGNS if key in document.data), "")
    guess = f"it looks like {what}" if what else "it has no node type, states or operations"
    return document.finding(
        (),
        Code.NOT_A_CONTRACT,
        f"is not a node contract: {guess}",
        hint="a contract has 'node_type', 'input_state', 'output_state' and 'operations'",
    )


def _has_type(document: Document) -> bool:
    spots = ((*section, key) for section in SECTIONS for key in TYPE_KEYS)
    return any(isinstance(document.get(spot), str) for spot in spots)


def _has_states(document: Document) -> bool:
    if "components" in document.data or "jobs" in document.data:
        return False
    named = [key for key in ("input_state", "output_state") if key in document.data]
    models = [key for key in ("input_model", "output_model") if key in document.data]
    if named or len(models) == 2:
        return True
    both = all(find_state(document, side) is not None for side in ("input", "output"))
    return both and "operations" in document.data


def _has_misspelt(document: Document) -> bool:
    keys: list[Any] = [key for key in document.data if isinstance(key, str)]
    if isinstance(document.data.get("node_identity"), Mapping):
        return True
    close = [w for w in _STATE_WORDS[:3] if difflib.get_close_matches(w, keys[:500], 1, 0.85)]
    return len(close) >= 2
