"""An event loop whose time jumps: whoever waits on it does not wait."""

from __future__ import annotations

import asyncio
import selectors
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

__all__ = ["VirtualTimeLoop"]

PATIENCE = 10.0  # seconds of real time without anything happening
POLL = 0.05
LONGEST = (
    10 * 24 * 3600.0
)  # seconds of virtual time; who waits longer waits for something that never comes


class _JumpingSelector(selectors.DefaultSelector):
    """Moves the loop's time on instead of waiting, unless a thread is at work for the loop."""

    loop: VirtualTimeLoop
    idle = 0.0  # seconds of real time in which nothing happened

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return super().select(timeout)
        working = self.loop.threads_at_work()
        if working or timeout is None:
            found = super().select(POLL)
            self.idle = 0.0 if found else self.idle + POLL
            if self.idle > PATIENCE:
                raise RuntimeError("the loop waits for something that never happens")
            return found
        found = super().select(0)
        if not found:
            self.loop.passed += timeout
            if self.loop.passed > LONGEST:
                raise RuntimeError(f"the loop has waited for {self.loop.passed:g} s")
        return found


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Time stands still while there is work, and jumps to the next timer when there is none.

    What runs in a thread takes no time: as long as one is at work, nothing jumps.

    Attributes:
        passed: the seconds that have passed, all of them waits.
    """

    def __init__(self) -> None:
        selector = _JumpingSelector()
        selector.loop = self
        self.passed = 0.0
        self._executing = 0
        self._known = set(threading.enumerate())
        super().__init__(selector)
        self.set_default_executor(ThreadPoolExecutor(4, initializer=self._know_thread))

    def time(self) -> float:
        return self.passed

    def _know_thread(self) -> None:
        self._known.add(threading.current_thread())

    def threads_at_work(self) -> bool:
        """Whether a thread does something that the loop may be waiting for."""
        return self._executing > 0 or any(
            thread not in self._known for thread in threading.enumerate()
        )

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:
        self._executing += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._executed)
        return future

    def _executed(self, future: object) -> None:
        del future
        self._executing -= 1
