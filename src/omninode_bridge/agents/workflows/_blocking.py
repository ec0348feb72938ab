"""Run the recovery's coroutines where there is no event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from concurrent.futures import ThreadPoolExecutor
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
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, wait()).result()
