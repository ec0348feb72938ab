"""Run a coroutine so that signals end it in good order."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

__all__ = ["Interrupted", "run_interruptible"]

T = TypeVar("T")
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
PATIENCE = 5.0
"""Seconds that worker threads may take to come to an end when the run is over."""


class Interrupted(BaseException):
    """A signal ended the run; what it had begun was cleared away.

    Attributes:
        exit_code: 128 and the signal's number, as shells have it: 130 for Ctrl-C.
        is_stuck: a worker thread still computes; the interpreter would wait for it at its end.
    """

    def __init__(self, number: int, *, is_stuck: bool = False) -> None:
        name = signal.Signals(number).name
        words = "interrupted" if number == signal.SIGINT else f"interrupted by {name}"
        super().__init__(f"{words}; packages that were finished before are complete")
        self.exit_code = 128 + number
        self.is_stuck = is_stuck


class _Workers(ThreadPoolExecutor):
    """Threads that are not waited for without end: a thread cannot be stopped."""

    is_stuck = False

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002
        super().shutdown(wait=False, cancel_futures=cancel_futures)
        end = time.monotonic() + PATIENCE
        for thread in list(self._threads) if wait else ():
            thread.join(max(end - time.monotonic(), 0))
            self.is_stuck = self.is_stuck or thread.is_alive()


def run_interruptible(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run the coroutine; a signal cancels it, and what it holds is released first.

    Raises:
        Interrupted: a signal came; one that was ignored when we started stays ignored.
    """
    received: list[int] = []
    workers = _Workers(thread_name_prefix="omninode-bridge")

    async def work() -> T:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        loop.set_default_executor(workers)

        def stop(number: int) -> None:
            received.append(number)
            if task is not None:
                task.cancel()

        for number in _watched():
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, stop, number)
        return await coroutine

    try:
        return asyncio.run(work())
    except asyncio.CancelledError:
        if received:
            raise Interrupted(received[0], is_stuck=workers.is_stuck) from None
        raise
    except KeyboardInterrupt:
        raise Interrupted(signal.SIGINT, is_stuck=workers.is_stuck) from None


def _watched() -> list[int]:
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    return [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
