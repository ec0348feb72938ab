"""The engine that keeps nothing by itself: everything runs here and now."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows._durable import RecoveryLog
from omninode_bridge.agents.workflows._ports import EscalationStore, Event, SignalSink, StepRef
from omninode_bridge.agents.workflows.recovery_models import Attempt, EscalationRow
from omninode_bridge.errors import ConfigurationError

__all__ = ["InlineEngine"]


class InlineEngine:
    """Run steps at once, in this process; no I/O of its own, nothing outlives the process.

    Args:
        clock: what waits.
        draw: gives random numbers from 0 up to 1.
        store: where decisions are waited for; None where nobody can be asked.
        signals: takes events; None drops them.
        blocking: waits block this thread, for callers without an event loop.
        log: where the recovery is kept, if it is.
    """

    __slots__ = ("_blocking", "_clock", "_draw", "_origin", "_signals", "_started", "_store", "log")

    def __init__(
        self,
        clock: Clock = SYSTEM_CLOCK,
        *,
        draw: Callable[[], float] = random.random,
        store: EscalationStore | None = None,
        signals: SignalSink | None = None,
        blocking: bool = False,
        log: RecoveryLog | None = None,
    ) -> None:
        self.log = log
        self._clock = clock
        self._draw = draw
        self._store = store
        self._signals = signals
        self._blocking = blocking
        self._started = clock.now()
        self._origin = clock.monotonic()

    async def step(self, ref: StepRef, key: str) -> Any:
        """Run the step's closure."""
        if ref.fn is None:
            raise ConfigurationError(
                f"step {ref.name!r} has no function; the inline engine runs closures"
            )
        return await ref.fn()

    async def sleep(self, seconds: float) -> None:
        """Wait on the loop, or in this thread."""
        if self._blocking:
            self._clock.sleep_blocking(seconds)
        else:
            await self._clock.sleep(seconds)

    async def now(self) -> datetime:
        """Return the clock's time at the start, and what has passed since: it never goes back."""
        return self._started + timedelta(seconds=self._clock.monotonic() - self._origin)

    def monotonic(self) -> float:
        """Return the clock's seconds."""
        return self._clock.monotonic()

    async def random(self) -> float:
        """Return a number from 0 up to 1."""
        return self._draw()

    async def wait_decision(self, escalation_id: str, timeout: float | None) -> EscalationRow:
        """Wait for the row to end; end it when the time is over."""
        if self._store is None:
            raise ConfigurationError("nobody can be asked: the engine has no escalation store")
        if self.log is not None:
            await self.log.waits(blocking=self._blocking)
        row = await self._store.wait(escalation_id, timeout)
        return await self._store.expire(escalation_id) if row.status == "open" else row

    async def append(self, attempt: Attempt) -> None:
        """Have the attempt written down where the recovery is kept."""
        if self.log is not None:
            await self.log.append(attempt, blocking=self._blocking)

    # -- for workflows -------------------------------------------------------------------------

    @property
    def escalations(self) -> EscalationStore:
        """Where escalations are kept.

        Raises:
            ConfigurationError: it was made without a store.
        """
        if self._store is None:
            raise ConfigurationError("the engine has no escalation store")
        return self._store

    async def open_workflow(self, workflow_id: str) -> None:
        """Keep nothing."""

    def recovery(self, workflow_id: str, node_name: str, identity: str) -> None:
        """Keep nothing."""

    def emit(self, event: Event) -> None:
        """Tell the signal sink, if there is one."""
        if self._signals is not None:
            self._signals.emit(event)
