"""What the log of a recovery is made of, and the plan that it is read against."""

from __future__ import annotations

from dataclasses import dataclass

from ._backoff import Backoff
from .recovery_models import Attempt, Outcome, RecoveryBudget, RecoveryStrategy

__all__ = [
    "Enter",
    "Entered",
    "FixedMoves",
    "LogEntry",
    "Move",
    "Plan",
    "RetryMoves",
    "Run",
    "Stop",
]


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that a step can try: a change of the call, by its hash, in a few words."""

    change_hash: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class FixedMoves:
    """Moves that are tried in order until one succeeds.

    Attributes:
        free: they do not run the call, so they are not charged to the budget.
    """

    moves: tuple[Move, ...] = (Move(),)
    free: bool = False


@dataclass(frozen=True, slots=True)
class RetryMoves:
    """The unchanged call again and again.

    Attributes:
        needs_transient: only while the last error is known to pass (a call with unknown effects).
        force: even when the last error is known to stay.
    """

    max_retries: int
    backoff: Backoff
    needs_transient: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """A step was begun; `skip` says why it was passed over instead.

    Attributes:
        elapsed: seconds from the start of the recovery; hooks may have taken their time.
    """

    step: int
    moves: FixedMoves | RetryMoves | None
    skip: str = ""
    elapsed: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What does not change during a recovery.

    Attributes:
        steps: strategies in order.
        seed: of all random numbers of this recovery.
        policy_version: identifies the settings that made the plan.
    """

    steps: tuple[RecoveryStrategy, ...]
    budget: RecoveryBudget
    seed: float = 0.0
    policy_version: str = ""


@dataclass(frozen=True, slots=True)
class Enter:
    """Begin this step; `why` says why the one before it ended."""

    step: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """Append this attempt, wait as it says, and run it."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing more is tried."""

    reason: str


LogEntry = Entered | Attempt | Outcome
