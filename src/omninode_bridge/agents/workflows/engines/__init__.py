"""Engines: how steps are run and what of them outlives the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .inline import InlineEngine

if TYPE_CHECKING:
    from .journal import JournalEngine

__all__ = ["InlineEngine", "JournalEngine"]


def __getattr__(name: str) -> Any:
    if name != "JournalEngine":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .journal import JournalEngine  # a database is loaded by those who want one

    return JournalEngine
