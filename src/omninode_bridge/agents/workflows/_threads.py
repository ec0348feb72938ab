"""Run what blocks beside the event loop, without holding up its end."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import ParamSpec, TypeVar

__all__ = ["run_in_thread"]

P = ParamSpec("P")
T = TypeVar("T")

_numbers = itertools.count(1)


async def run_in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call the function in a thread of its own, in a copy of the current context.

    A thread cannot be stopped: when the waiting task is cancelled the function runs on, and what
    it returns or raises is dropped. The thread is a daemon and comes from no pool, so neither the
    end of the loop nor other calls wait for one that hangs.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]
        elif isinstance(error, StopIteration):
            # A future takes no StopIteration; a coroutine turns one into this too.
            future.set_exception(RuntimeError("the function raised StopIteration"))
        else:
            future.set_exception(error)

    def work() -> None:
        result: T | None = None
        failure: BaseException | None = None
        try:
            result = context.run(function, *args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is awaited
            failure = error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, result, failure)

    name = f"omninode-bridge-worker-{next(_numbers)}"
    threading.Thread(target=work, name=name, daemon=True).start()
    return await future
