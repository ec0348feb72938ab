"""A sign of life every now and then, for processes that cannot look at this one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from omninode_bridge.errors import EngineError

__all__ = ["Pulse"]

#: Seconds of real time; a tenth of what makes a process count as gone, see `_owner.STALE_AFTER`.
EVERY: Final = 30.0


class Pulse:
    """Gives a sign on the running loop again and again, until it is stopped or the loop ends.

    Args:
        give: the sign; what it raises about the journal is left to whoever writes next.
        every: seconds.
    """

    def __init__(self, give: Callable[[], Awaitable[None]], *, every: float = EVERY) -> None:
        self._give = give
        self._every = every
        self._task: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(every, self._beat)

    def stop(self) -> None:
        """Give no more signs; on the loop that it began on."""
        self._timer.cancel()
        if self._task is not None and not self._loop.is_closed():
            self._task.cancel()

    def _beat(self) -> None:
        self._task = self._loop.create_task(self._once())
        self._timer = self._loop.call_later(self._every, self._beat)

    async def _once(self) -> None:
        with suppress(EngineError):
            await self._give()
