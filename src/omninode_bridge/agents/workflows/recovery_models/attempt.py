"""The log of one recovery: what was tried, appended before it ran, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .budget import BudgetLeft
from .kinds import ErrorType, RecoveryStrategy

__all__ = ["Attempt", "AttemptRecord", "Outcome", "SkippedStep"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing that is about to be tried.

    Attributes:
        n: 1-based number over the whole recovery.
        strategy: whose attempt it is.
        change_hash: identifies what was changed of the call; empty where nothing was.
        policy_version: identifies the plan that decided it.
        budget_left: what was left when it was decided.
        step: index of the step in the ladder.
        move: 0-based number of the attempt within its step.
        wait: seconds that are waited before it runs.
        label: the change in a few words.
    """

    n: int
    strategy: RecoveryStrategy
    change_hash: str
    policy_version: str
    budget_left: BudgetLeft
    step: int
    move: int
    wait: float = 0.0
    label: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt, as far as later decisions need it.

    Attributes:
        n: the attempt's number.
        ok: a usable result exists and was verified.
        elapsed: seconds from the start of the recovery to this moment.
        fingerprint: of the error; empty when `ok`.
        error_type: of the error.
        transient: whether the error is known to pass (True), to stay (False), or neither (None).
        retry_after: seconds that the other side asked us to wait, or None.
        final: nothing after this can help (a human's abort, an attempt not applicable to the call).
        pending: a human has been asked and has not answered.
        tried: False when the call was not run; it does not count against a budget.
        tokens: language-model tokens that the attempt used.
        money: what it cost.
    """

    n: int
    ok: bool
    elapsed: float
    fingerprint: str = ""
    error_type: ErrorType = ErrorType.UNKNOWN
    transient: bool | None = None
    retry_after: float | None = None
    final: bool = False
    pending: bool = False
    tried: bool = True
    tokens: float = 0.0
    money: float = 0.0


@dataclass(frozen=True, slots=True)
class SkippedStep:
    """A step of the ladder that was not climbed, and why."""

    strategy: RecoveryStrategy
    reason: str


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """An attempt and its outcome as told to the caller: text only, nothing alive.

    Attributes:
        attempt: as it was appended to the log.
        ok: whether it brought a usable result.
        error: ``TypeName: message``, redacted and shortened; empty when `ok`.
        fingerprint: of the error.
        duration_ms: of the attempt, without the wait before it.
        details: what else the strategy tells (fixes, dropped features); JSON values.
    """

    attempt: Attempt
    ok: bool
    error: str = ""
    fingerprint: str = ""
    duration_ms: float = 0.0
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """The attempt's 1-based number."""
        return self.attempt.n

    @property
    def strategy(self) -> RecoveryStrategy:
        """Whose attempt it was."""
        return self.attempt.strategy

    @property
    def label(self) -> str:
        """What was changed, in a few words."""
        return self.attempt.label
