"""Signals as an asynchronous iterator."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from .types import Signal

__all__ = ["SignalStream"]


class SignalStream:
    """The signals from now on, for ``async for``; made by `SignalCoordinator.stream()`.

    It holds at most `max_pending` signals; when nobody takes them the oldest go first and
    `dropped` counts them. It ends when it is closed, best by ``async with``. One task at a time may
    iterate; signals may come from any thread.
    """

    def __init__(self, max_pending: int, unsubscribe: Callable[[SignalStream], None]) -> None:
        self._lock = threading.RLock()  # a finalizer may call in at any moment
        self._pending: deque[Signal] = deque(maxlen=max_pending)
        self._unsubscribe = unsubscribe
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False
        self.dropped = 0

    def put(self, signal: Signal) -> bool:
        """Take a signal; return whether an older one had to go for it."""
        with self._lock:
            if self._closed:
                return False
            full = len(self._pending) == self._pending.maxlen
            self.dropped += full
            self._pending.append(signal)
            waiter = self._waiter
        _wake(waiter)
        return full

    def close(self) -> None:
        """End the iteration; what has not been taken is dropped."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._pending.clear()
            waiter = self._waiter
        self._unsubscribe(self)
        _wake(waiter)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Signal:
        while True:
            with self._lock:
                if self._pending:
                    return self._pending.popleft()
                if self._closed:
                    raise StopAsyncIteration
                if self._waiter is not None and not self._waiter.done():
                    raise RuntimeError("another task iterates over this stream")
                waiter = self._waiter = asyncio.get_running_loop().create_future()
            try:
                await waiter
            finally:
                with self._lock:
                    if self._waiter is waiter:
                        self._waiter = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is None:
        return
    with suppress(RuntimeError):  # its loop has been closed, nobody waits any more
        waiter.get_loop().call_soon_threadsafe(_set, waiter)


def _set(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
