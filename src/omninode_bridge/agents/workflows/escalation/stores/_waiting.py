"""Wake whoever waits for an answer, each on its own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from omninode_bridge.agents.workflows.recovery_models import Decision, EscalationRow

__all__ = ["Guards", "WaiterSet", "Waiters"]

Waiter = tuple[asyncio.AbstractEventLoop, "asyncio.Future[EscalationRow]"]
WaiterSet = set[Waiter]


class Guards:
    """The checks that this process has for answers; not locked, its store does that."""

    def __init__(self) -> None:
        self._checks: dict[str, Callable[[Decision], None]] = {}

    def put(self, escalation_id: str, check: Callable[[Decision], None]) -> None:
        """Have answers to this escalation checked."""
        self._checks[escalation_id] = check

    def get(self, escalation_id: str) -> Callable[[Decision], None] | None:
        """Return the check of this escalation, if there is one."""
        return self._checks.get(escalation_id)

    def forget(self, escalation_id: str) -> None:
        """Drop the check of an escalation that has ended."""
        self._checks.pop(escalation_id, None)


class Waiters:
    """Who waits for which row; not locked, its store does that."""

    def __init__(self) -> None:
        self._waiting: dict[str, WaiterSet] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, escalation_id: str) -> Waiter:
        """Make a waiter on the running loop; its future brings the ended row."""
        loop = asyncio.get_running_loop()
        waiter: Waiter = (loop, loop.create_future())
        self._waiting.setdefault(escalation_id, set()).add(waiter)
        return waiter

    def release(self, escalation_id: str, waiter: Waiter) -> None:
        """Forget a waiter."""
        waiting = self._waiting.get(escalation_id)
        if waiting is not None:
            waiting.discard(waiter)
            if not waiting:
                del self._waiting[escalation_id]

    def pop(self, escalation_id: str) -> WaiterSet:
        """Take those who wait for this row, in order to `wake()` them outside of the lock."""
        return self._waiting.pop(escalation_id, set())

    @staticmethod
    def wake(waiters: WaiterSet, row: EscalationRow) -> None:
        """Hand the row to every waiter, each on its own loop."""
        for loop, future in waiters:
            with suppress(RuntimeError):  # that loop has been closed, its waiter is gone
                loop.call_soon_threadsafe(_set, future, row)


def _set(future: asyncio.Future[EscalationRow], row: EscalationRow) -> None:
    if not future.done():
        future.set_result(row)
