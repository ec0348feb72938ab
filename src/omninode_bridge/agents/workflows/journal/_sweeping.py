"""Delete what may go in small transactions, with other writers in between."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from typing import Final

from ._faults import is_busy
from ._file import JournalFile
from ._leaving import Leaving, Limits, asking_since, forget_some, leaving
from ._questions import settle_questions
from .workflows import end_cancelled

__all__ = ["Sweep", "used_bytes"]

#: Statements and seconds of one transaction: about what a writer may be made to wait for.
_STATEMENTS: Final = 100
_SECONDS: Final = 0.01
#: Looks at what may go, in one sweep.
_LOOKS: Final = 100
_SHORTEST_PAUSE: Final = 0.002
_TIDIED: Final = "INSERT OR REPLACE INTO tidied(id, at) VALUES(1, ?)"


class Sweep:
    """One sweep over a file, on a connection of its own, so that nobody waits for a lock of ours.

    Args:
        file: what is swept.
        stop: ends it after the transaction that it is in.
        seconds: of real time, after which it ends likewise.
        timer: tells that time.
    """

    def __init__(
        self,
        file: JournalFile,
        *,
        stop: threading.Event,
        seconds: float,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._file = file
        self._stop = stop
        self._timer = timer
        self._until = timer() + seconds
        self._connection = file.connect()

    def run(self, limits: Limits, *, sooner: bool, goal: float) -> int:
        """Delete what is over its time, and what is not until the file is small enough.

        Args:
            limits: what is over its time.
            sooner: whether anything else may go.
            goal: bytes in use at which it stays.

        Returns:
            How many workflows, recoveries and escalations went.

        Raises:
            sqlite3.Error: the file cannot be written.
        """
        gone = 0
        try:
            self._end_cancelled()
            for _ in range(_LOOKS):
                newest = self._connection.execute("SELECT max(n) FROM escalations").fetchone()[0]
                found = leaving(self._connection, limits, sooner=sooner)
                went, is_over = self._forget(found, newest or 0, goal)
                gone += went
                if is_over and not went:
                    self._note()
                if not is_over or not went:
                    break
        finally:
            self._connection.close()
        return gone

    def _note(self) -> None:
        """Note that nothing is left that may go; not as a write of the workflows around it."""
        if self._begin():
            self._connection.execute(_TIDIED, (self._file.now(),))
            self._connection.execute("COMMIT")

    def _end_cancelled(self) -> None:
        """End what was told to end and can no longer do so by itself."""
        told = "SELECT 1 FROM workflows WHERE status IN ('running', 'paused') AND cancelled LIMIT 1"
        if self._connection.execute(told).fetchone() is None:
            return
        if self._begin():
            now = self._file.now()
            for workflow_id in end_cancelled(self._connection, now):
                settle_questions(self._connection, workflow_id, "cancelled", now)
            self._connection.execute("COMMIT")

    def _forget(self, found: Sequence[Leaving], newest: int, goal: float) -> tuple[int, bool]:
        """Return how many went, and whether none is left that may."""
        # what is over its time goes in any case
        queue = deque(sorted(found, key=lambda one: not one.is_due))
        gone = 0
        while queue and self._begin():
            began = self._timer()
            try:
                gone += self._forget_some(queue, asking_since(self._connection, newest), goal)
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise
            # as long as it took, so that whoever waits finds the file free every other time
            self._stop.wait(max(_SHORTEST_PAUSE, self._timer() - began))
        return gone, not queue

    def _forget_some(self, queue: deque[Leaving], asking: Container[str], goal: float) -> int:
        """Return how many of the queue went in one transaction; it is empty where no more may go."""
        gone, until = 0, self._timer() + _SECONDS
        is_small = used_bytes(self._connection) <= goal
        for _ in range(_STATEMENTS):
            if not queue or (is_small and not queue[0].is_due):
                queue.clear()
                break
            if queue[0].key in asking or forget_some(self._connection, queue[0]):
                queue.popleft()
                gone += 1
                is_small = used_bytes(self._connection) <= goal
            if self._timer() >= until:
                break
        return gone

    def _begin(self) -> bool:
        """Begin to write; False where it is time to end."""
        patience = self._timer() + self._file.busy_timeout
        while not self._stop.is_set() and not self._file.closed and self._timer() < self._until:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                if not is_busy(error) or self._timer() >= patience:
                    raise
                self._stop.wait(_SHORTEST_PAUSE)
            else:
                return True
        return False


def used_bytes(connection: sqlite3.Connection) -> int:
    """Return the bytes of the file, without what can be used again."""
    total, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((total - free) * size)
