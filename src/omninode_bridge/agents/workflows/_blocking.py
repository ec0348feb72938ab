"""Run the recovery's coroutines where there is no event loop."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

__all__ = ["drive", "run_to_end"]

T = TypeVar("T")


def drive(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends to its end, in this thread, without an event loop.

    An event loop costs more to set up than a whole recovery that only retries.
    """
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    coroutine.close()
    raise RuntimeError("a blocking recovery tried to suspend; it has to go through finish()")


def run_to_end(awaitable: Awaitable[T]) -> T:
    """Await something on an event loop of its own and return what it brings.

    Where this thread already runs a loop, which then waits, the work is done in another thread.
    """

    async def wait() -> T:
        return await awaitable

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(wait())
    return _run_beside(wait())


def _run_beside(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run it on a loop in another thread, in this context; an interrupt here cancels it there."""
    begun = threading.Event()
    cancel: list[Callable[[], object]] = []

    async def work() -> T:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 -- asyncio.run() made it
        loop = asyncio.get_running_loop()
        cancel.append(lambda: loop.call_soon_threadsafe(task.cancel))
        begun.set()
        return await coroutine

    with ThreadPoolExecutor(max_workers=1) as pool:
        future = pool.submit(contextvars.copy_context().run, asyncio.run, work())
        try:
            return future.result()
        except BaseException:
            if not future.done():
                begun.wait()
                with suppress(RuntimeError):  # it has ended meanwhile, with its loop
                    cancel[0]()
            raise
