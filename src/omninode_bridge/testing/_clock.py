"""Clocks for tests: nobody waits for real."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
from datetime import UTC, datetime, timedelta

__all__ = ["AutojumpClock", "FakeClock"]

IDLE_TURNS = 12


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


class AutojumpClock(FakeClock):
    """A `FakeClock` for tasks side by side: sleepers wake in the order of their times.

    Time moves only when all tasks of the loop wait, so a timeout of ten seconds does not cut off
    work that takes none. The loop counts as idle after twelve turns in which nobody slept or woke;
    worker threads are not seen. One clock serves one event loop.
    """

    def __init__(self, start: datetime = datetime(2030, 1, 1, tzinfo=UTC)) -> None:
        super().__init__(start)
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._turns = 0
        self._watching = False

    async def sleep(self, seconds: float) -> None:
        """Wait until the time has come."""
        self.sleeps.append(seconds)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._sleepers, (self.monotonic() + seconds, next(self._order), future))
        self._turns = 0
        if not self._watching:
            self._watching = True
            loop.call_soon(self._watch)
        await future

    def _watch(self) -> None:
        self._turns += 1
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        if not self._sleepers:
            self._watching = False
            return
        if self._turns > IDLE_TURNS:
            self._turns = 0
            due, _, future = heapq.heappop(self._sleepers)
            self.advance(max(0.0, due - self.monotonic()))
            future.set_result(None)
        asyncio.get_running_loop().call_soon(self._watch)
