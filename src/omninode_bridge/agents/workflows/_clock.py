"""Time, passed in: what waits and what the hour is."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

__all__ = ["SYSTEM_CLOCK", "Clock", "SystemClock"]


@runtime_checkable
class Clock(Protocol):
    """The only source of time and the only way to wait."""

    def monotonic(self) -> float:
        """Return seconds since some fixed moment; never goes back."""
        ...

    def now(self) -> datetime:
        """Return the wall-clock time, in UTC with its zone."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait on the running event loop; cancellation passes."""
        ...

    def sleep_blocking(self, seconds: float) -> None:
        """Wait in this thread, for callers without an event loop; interrupts pass."""
        ...


class SystemClock:
    """The clock of the machine."""

    __slots__ = ()

    def monotonic(self) -> float:
        """Return `time.monotonic()`."""
        return time.monotonic()

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait with `asyncio.sleep()`."""
        await asyncio.sleep(seconds)

    def sleep_blocking(self, seconds: float) -> None:
        """Wait with `time.sleep()`."""
        time.sleep(seconds)


SYSTEM_CLOCK = SystemClock()
