"""Run the recovery's coroutines where there is no event loop."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

__all__ = ["drive", "finisher", "run_to_end"]

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


def finisher(*, blocking: bool) -> Callable[[Awaitable[Any]], Awaitable[Any]]:
    """Return what awaits something: on the running loop, or where there is none."""
    return _finish_without_loop if blocking else _finish


async def _finish(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


async def _finish_without_loop(awaitable: Awaitable[Any]) -> Any:
    return run_to_end(awaitable)


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
    begun, ended = threading.Event(), threading.Event()
    outcome: Future[T] = Future()
    cancel: list[Callable[[], object]] = []

    async def work() -> T:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 -- asyncio.run() made it
        loop = asyncio.get_running_loop()
        cancel.append(lambda: loop.call_soon_threadsafe(task.cancel))
        begun.set()
        return await coroutine

    def run(context: contextvars.Context) -> None:
        try:
            outcome.set_result(context.run(asyncio.run, work()))
        except BaseException as error:  # noqa: BLE001 -- it is raised where it is waited for
            outcome.set_exception(error)
        finally:
            ended.set()

    thread = threading.Thread(target=run, args=(contextvars.copy_context(),))
    try:  # an interrupt may come at any moment from here on
        thread.start()
        ended.wait()
    except BaseException:
        if thread.ident is not None and begun.wait(1.0):
            with suppress(RuntimeError):  # it has ended meanwhile, with its loop
                cancel[0]()
            ended.wait()
        raise
    return outcome.result()
