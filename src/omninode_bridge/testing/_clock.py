"""A clock whose waits are instant."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta

__all__ = ["FakeClock"]


class FakeClock:
    """A `Clock` that advances itself: a wait moves the time on and returns at once.

    Args:
        start: the time that `now()` begins with.

    Attributes:
        sleeps: the seconds of every wait so far, in order.
    """

    def __init__(self, start: datetime = datetime(2030, 1, 1, tzinfo=UTC)) -> None:
        self._lock = threading.Lock()
        self._start = start
        self._passed = 0.0
        self.sleeps: list[float] = []

    def monotonic(self) -> float:
        """Return the seconds that have passed."""
        return self._passed

    def now(self) -> datetime:
        """Return the start plus what has passed."""
        return self._start + timedelta(seconds=self._passed)

    def advance(self, seconds: float) -> None:
        """Let time pass without waiting."""
        with self._lock:
            self._passed += seconds

    async def sleep(self, seconds: float) -> None:
        """Let the time pass, and let other tasks run once."""
        self.sleep_blocking(seconds)
        await asyncio.sleep(0)

    def sleep_blocking(self, seconds: float) -> None:
        """Let the time pass."""
        self.sleeps.append(seconds)
        self.advance(max(0.0, seconds))
