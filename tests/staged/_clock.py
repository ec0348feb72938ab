"""A clock that jumps to the next wake-up once nothing else can run."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

from omninode_bridge.testing import FakeClock

IDLE_TURNS = 12


class JumpingClock(FakeClock):
    """Sleepers wake in the order of their times; time moves only when all tasks wait.

    The loop counts as idle after a few turns in which nobody slept or woke. Threads are not seen.
    """

    def __init__(self) -> None:
        super().__init__()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._turns = 0
        self._watching = False

    async def sleep(self, seconds: float) -> None:
        """Wait until the time has come."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._sleepers, (self.monotonic() + seconds, next(self._order), future))
        self._turns = 0
        if not self._watching:
            self._watching = True
            loop.call_soon(self._watch)
        await future

    def now(self) -> datetime:
        """Return the moment that the clock stands at."""
        return datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=self.monotonic())

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
