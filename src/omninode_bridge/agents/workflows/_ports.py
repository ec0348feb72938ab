"""What the core needs from outside, as protocols; edges implement them, tests fake them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar, runtime_checkable

from .recovery_models import (
    AlreadyResolved,
    Attempt,
    Decision,
    EscalationReport,
    EscalationRow,
    EscalationStatus,
    Receipt,
    Won,
)

__all__ = [
    "EscalationStore",
    "Event",
    "MetricsSink",
    "Notifier",
    "ResolvesNotices",
    "SignalSink",
    "StepContext",
    "StepRef",
]

T = TypeVar("T")


@runtime_checkable
class Notifier(Protocol):
    """One channel that tells a human."""

    async def send(self, report: EscalationReport) -> Receipt:
        """Deliver the notice once; may raise, which counts as not delivered."""
        ...


@runtime_checkable
class ResolvesNotices(Protocol):
    """A channel that can be told that an escalation has ended."""

    async def ended(self, row: EscalationRow) -> Receipt | None:
        """Take back or complete the notice; None where there is nothing to do; may raise."""
        ...


@runtime_checkable
class EscalationStore(Protocol):
    """The rows of all escalations; one compare-and-set decides who answers."""

    async def open(self, report: EscalationReport) -> EscalationRow:
        """Create the row and its outbox entry, or join the open row of the same id."""
        ...

    async def resolve(
        self, escalation_id: str, decision: Decision | str, by: str
    ) -> Won | AlreadyResolved:
        """Answer an open escalation.

        Raises:
            UnknownEscalationError: no row has this id.
            DecisionRefusedError: the answer cannot be applied; the row stays open.
        """
        ...

    async def get(self, escalation_id: str) -> EscalationRow:
        """Return the row.

        Raises:
            UnknownEscalationError: no row has this id.
        """
        ...

    async def list(self, status: EscalationStatus | str | None = None) -> Sequence[EscalationRow]:
        """Return rows in order of opening, all or those of one status."""
        ...

    async def expire(self, escalation_id: str) -> EscalationRow:
        """End an open escalation whose time is over; a row that has ended stays as it is.

        With the answer that the report's `on_timeout` gives, else without one.
        """
        ...

    async def claim_outbox(self, limit: int = 100) -> Sequence[EscalationReport]:
        """Take notices that are due; each is handed out once until it is released or done."""
        ...

    async def settle_outbox(self, escalation_id: str, *, delivered: bool) -> None:
        """Say what became of a claimed notice; one that was not delivered is due again later."""
        ...

    async def wait(self, escalation_id: str, timeout: float | None = None) -> EscalationRow:
        """Wait until the row has ended, or its time or `timeout` seconds are over.

        Returns:
            The row as it is then.
        """
        ...


@runtime_checkable
class MetricsSink(Protocol):
    """Counts recoveries."""

    def record_recovery_success(self, *, strategy: Any, duration_ms: float) -> None:
        """Count a recovery that ended well."""
        ...

    def record_recovery_failure(self, *, strategy: Any, error: str | None) -> None:
        """Count a recovery that did not."""
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a recovery; `name` is past tense, `data` JSON values."""

    name: str
    workflow_id: str
    data: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class SignalSink(Protocol):
    """Takes events of recoveries."""

    def emit(self, event: Event) -> None:
        """Pass the event on; must not block."""
        ...


@dataclass(frozen=True, slots=True)
class StepRef:
    """A function of the engine's registry, by name, and what it is called with.

    `fn` is set where the engine runs closures (inline only); durable engines refuse it.
    """

    name: str
    args: Mapping[str, Any] = field(default_factory=dict)
    fn: Callable[[], Awaitable[Any]] | None = None


class StepContext(Protocol):
    """The engine seam: all that a recovery does to the world goes through here.

    One context serves one sequential flow; branches that run side by side open one each. Steps
    are at least once: `key` (``stage/step/attempt``) is the idempotency token. Why it is as it is:
    docs/decisions/001-engine-seam.md.
    """

    async def step(self, ref: StepRef, key: str) -> Any:
        """Run the step, or return its recorded result."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; a durable engine waits only for what is left after a restart."""
        ...

    async def now(self) -> datetime:
        """Return the time in UTC, recorded by durable engines; never goes back within a run."""
        ...

    def monotonic(self) -> float:
        """Return seconds for durations that are told to people; never for a decision."""
        ...

    async def random(self) -> float:
        """Return a number from 0 up to 1, recorded by durable engines."""
        ...

    async def wait_decision(self, escalation_id: str, timeout: float | None) -> EscalationRow:
        """Wait for the row to end; a row that is still open after `timeout` expires.

        The row is the truth, a message only wakes. An answer that comes while it expires wins.
        """
        ...

    async def append(self, attempt: Attempt) -> None:
        """Record the attempt before it runs; once by its number."""
        ...

    def emit(self, event: Event) -> None:
        """Tell the signal sink; never recorded, so a replay may tell it again."""
        ...
