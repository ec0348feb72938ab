"""A time limit that follows the injected clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ._clock import Clock, SystemClock

__all__ = ["deadline"]


@asynccontextmanager
async def deadline(clock: Clock, seconds: float | None) -> AsyncIterator[asyncio.Timeout]:
    """Cancel the block after `seconds` of `clock` and raise TimeoutError from it.

    None sets no limit. A cancellation from outside stays a cancellation; `expired()` of what is
    yielded tells the two apart.
    """
    if seconds is None or isinstance(clock, SystemClock):
        async with asyncio.timeout(seconds) as scope:
            yield scope
        return
    async with asyncio.timeout(None) as scope:
        timer = asyncio.create_task(_expire(clock, seconds, scope))
        try:
            yield scope
        finally:
            timer.cancel()
            # The timer is ours alone: waiting for it must not swallow a cancellation of ours.
            await asyncio.wait((timer,))


async def _expire(clock: Clock, seconds: float, scope: asyncio.Timeout) -> None:
    await clock.sleep(seconds)
    scope.reschedule(asyncio.get_running_loop().time())
