"""What a correction is: the outcome, each change in it, and what it may cost."""

from __future__ import annotations

from dataclasses import dataclass

from ._diff import unified
from .diagnosis import Diagnosis

__all__ = ["DEFAULT_BUDGET", "Correction", "CorrectionBudget", "Fix"]


@dataclass(frozen=True, slots=True)
class CorrectionBudget:
    """How much one `correct_code()` may cost.

    Attributes:
        trials: candidate texts that are compiled.
        seconds: no further candidate is begun after this; one that runs is finished.
        max_chars: longer text is declined unread.
        pattern_seconds: one run of one user pattern over the text.
        max_matches: matches of one user pattern that are tried apart.
    """

    trials: int = 200
    seconds: float = 1.0
    max_chars: int = 2_000_000
    pattern_seconds: float = 0.025
    max_matches: int = 100


DEFAULT_BUDGET = CorrectionBudget()


@dataclass(frozen=True, slots=True)
class Fix:
    """One change.

    Attributes:
        rule: the rule or user correction that made it.
        line: 1-based line in the text as it was when the change was made.
        text: what was done, in one clause.
    """

    rule: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What became of the code.

    Attributes:
        original: the text as it was given.
        code: the corrected text if `success`; else the best attempt, which must not be used unseen.
        success: the outcome passed every check of the guard and the caller's validator.
        fixes: what was changed, in order.
        confidence: 0 to 1; the product of the plausibility of the fixes.
        truncated: the text looks cut off; what is there may be right and still not be all.
        reason: why there is no success, in one sentence; empty otherwise.
        notes: what was tried and taken back, one sentence each.
        diagnosis: what was wrong and what was tried, as data; None if nothing was found wrong.
    """

    original: str
    code: str
    success: bool
    fixes: tuple[Fix, ...] = ()
    confidence: float = 0.0
    truncated: bool = False
    reason: str = ""
    notes: tuple[str, ...] = ()
    diagnosis: Diagnosis | None = None

    @property
    def changed(self) -> bool:
        """Whether `code` differs from what was given."""
        return self.code != self.original

    @property
    def diff(self) -> str:
        """A unified diff from `original` to `code`; empty if nothing changed."""
        return unified(self.original, self.code)
