"""Hand signals to one listener: in order, bounded, on the right loop, and never waiting for it."""

from __future__ import annotations

import asyncio
import functools
import inspect
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from .types import Signal

__all__ = ["Listener", "is_async_callable"]

Failed = Callable[[Exception], None]


def is_async_callable(callback: Callable[..., Any]) -> bool:
    """Whether calling it gives a coroutine, as far as it can be told without calling it."""
    while isinstance(callback, functools.partial):
        callback = callback.func
    call = getattr(type(callback), "__call__", None)  # noqa: B004 - an object with an async __call__
    return inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(call)


class Listener:
    """One callback and what waits for it.

    A plain function is called at once, by whoever emits. What has to be awaited is queued, and one
    task works the queue off: on the loop where the callback was subscribed, else on the loop of
    whoever emits, else in a thread of its own that ends with the queue.
    """

    def __init__(
        self,
        callback: Callable[[Signal], Any],
        *,
        max_pending: int,
        failed: Failed,
        dropped: Callable[[], None],
    ) -> None:
        self._callback = callback
        self._is_async = is_async_callable(callback)
        self._home = _running_loop()
        self._failed = failed
        self._dropped = dropped
        self._lock = threading.RLock()  # a finalizer may call in at any moment
        self._max_pending = max_pending
        self._pending: deque[tuple[Signal, Awaitable[Any] | None]] = deque()
        self._working_on: asyncio.AbstractEventLoop | threading.Thread | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def hear(self, signal: Signal) -> None:
        """Call the callback, or queue the signal; returns without waiting."""
        if self._closed:
            return
        if self._is_async:
            self._queue(signal, None)
            return
        try:
            value = self._callback(signal)
        except Exception as error:  # noqa: BLE001 - whatever a listener does, the others are told
            self._failed(error)
            return
        if inspect.isawaitable(value):
            self._queue(signal, value)

    def close(self) -> None:
        """Forget what waits; what runs already goes on to its end."""
        with self._lock:
            self._closed = True
            pending, self._pending = self._pending, deque()
        for _, awaitable in pending:
            _discard(awaitable)

    def _queue(self, signal: Signal, awaitable: Awaitable[Any] | None) -> None:
        lost: Awaitable[Any] | None = None
        with self._lock:
            full = len(self._pending) >= self._max_pending
            if full:
                _, lost = self._pending.popleft()
            self._pending.append((signal, awaitable))
            start = not self._is_working()
            target = self._choose_target() if start else None
            if start:
                self._working_on = target
        if full:
            _discard(lost)
            self._dropped()
        if target is not None:
            self._start_on(target)

    def _is_working(self) -> bool:
        working = self._working_on
        if isinstance(working, threading.Thread):
            return True
        return working is not None and not working.is_closed()

    def _choose_target(self) -> asyncio.AbstractEventLoop | threading.Thread:
        if self._home is not None and not self._home.is_closed() and self._home.is_running():
            return self._home
        return _running_loop() or threading.Thread(
            target=self._work_in_thread, name="omninode-bridge-signals", daemon=True
        )

    def _start_on(self, target: asyncio.AbstractEventLoop | threading.Thread) -> None:
        try:
            if isinstance(target, threading.Thread):
                target.start()
            elif target is _running_loop():
                self._start_task()
            else:
                target.call_soon_threadsafe(self._start_task)
        except RuntimeError:  # it was closed at this moment; the next signal finds another
            self._stopped()

    def _start_task(self) -> None:
        task = asyncio.get_running_loop().create_task(self._work())
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or task.exception() is not None:
            self._stopped()

    def _work_in_thread(self) -> None:
        try:
            asyncio.run(self._work())
        except BaseException:
            self._stopped()
            raise

    def _stopped(self) -> None:
        """Say that nobody works; what waits is taken up with the next signal."""
        with self._lock:
            self._working_on = None

    async def _work(self) -> None:
        """Work the queue off."""
        while True:
            with self._lock:
                if not self._pending:
                    self._working_on = None
                    return
                signal, awaitable = self._pending.popleft()
            try:
                await (self._callback(signal) if awaitable is None else awaitable)
            except Exception as error:  # noqa: BLE001 - the next signal is told all the same
                self._failed(error)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _discard(awaitable: Awaitable[Any] | None) -> None:
    """Close a coroutine that nobody will await, so that it does not complain."""
    if inspect.iscoroutine(awaitable):
        awaitable.close()
