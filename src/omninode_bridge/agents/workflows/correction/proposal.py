"""What a rule hands to the search: a candidate text and what it would cost in belief."""

from __future__ import annotations

from dataclasses import dataclass

from .models import Fix

__all__ = ["Proposal"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A candidate.

    Attributes:
        text: the whole text after the edit.
        fix: what the edit does.
        cost: 1 for an edit that the error calls for; more for a less plausible one. Candidates of
            equal cost that mean different things make the search decline.
    """

    text: str
    fix: Fix
    cost: float = 1.0
