"""Run a coroutine so that signals end it in good order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

__all__ = ["Interrupted", "run_interruptible"]

T = TypeVar("T")
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class Interrupted(BaseException):
    """A signal ended the run; what it had begun was cleared away.

    Attributes:
        exit_code: 128 and the signal's number, as shells have it: 130 for Ctrl-C.
    """

    def __init__(self, number: int) -> None:
        name = signal.Signals(number).name
        words = "interrupted" if number == signal.SIGINT else f"interrupted by {name}"
        super().__init__(f"{words}; packages that were finished before are complete")
        self.exit_code = 128 + number


def run_interruptible(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run the coroutine; a signal cancels it, and what it holds is released first.

    Raises:
        Interrupted: a signal came; one that was ignored when we started stays ignored.
    """
    received: list[int] = []

    async def work() -> T:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()

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
            raise Interrupted(received[0]) from None
        raise
    except KeyboardInterrupt:
        raise Interrupted(signal.SIGINT) from None


def _watched() -> list[int]:
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    return [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
