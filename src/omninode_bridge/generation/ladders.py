"""What each step of the generation may do when it fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from omninode_bridge.agents.workflows import DegradationStep, InputCorrection
from omninode_bridge.generation.corrections import DOCUMENT_CORRECTIONS, TEXT_CORRECTIONS
from omninode_bridge.generation.degradations import DEGRADATIONS

__all__ = ["document_corrections", "document_degradations", "text_corrections"]

Change = Callable[..., tuple[Any, tuple[str, ...]]]


def text_corrections() -> list[InputCorrection]:
    """Return the corrections of a text that does not parse."""
    return [InputCorrection(name, *_of("text", change)) for name, change in TEXT_CORRECTIONS]


def document_corrections() -> list[InputCorrection]:
    """Return the corrections of a document that is no contract yet."""
    return [
        InputCorrection(name, *_of("document", change)) for name, change in DOCUMENT_CORRECTIONS
    ]


def document_degradations(root: Path | None) -> list[DegradationStep]:
    """Return what may be left out of a document, mildest first.

    Args:
        root: the folder that the contract's references must stay in.
    """

    def bound(change: Change) -> Change:
        return lambda document: change(document, root=root)

    return [DegradationStep(name, *_of("document", bound(change))) for name, change in DEGRADATIONS]


def _of(argument: str, change: Change) -> tuple[Any, Any]:
    """Return the two halves of an argument change: what it makes, and how it says so."""

    def apply(arguments: Any) -> dict[str, Any]:
        changed, words = change(arguments[argument])
        return {argument: changed} if words else {}

    def describe(before: Any, after: Any) -> tuple[str, ...]:
        del after
        return change(before[argument])[1]

    return apply, describe
