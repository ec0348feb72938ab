"""The journal's file: who may write when, how durable a write is, what a failure is called.

What steps record is written with ``synchronous=NORMAL``: it survives the death of the process, and
a power failure may cost the last moments, which then run again. Escalations and decisions are written
with ``synchronous=FULL``, which survives both. (https://www.sqlite.org/pragma.html#pragma_synchronous)
One connection does both, since each reads anew what another wrote; while it flushes in a thread, a
second one takes what is not flushed.
"""

from __future__ import annotations

import asyncio
import functools
import math
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, TypeVar

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.errors import JournalError

from ._faults import is_busy, journal_error, translated
from ._form import form, prepare
from ._owner import boot_id
from ._place import checked_path, keep_private, make_file, place_of
from ._room import Keeper, check_limits, with_room, with_room_now

__all__ = ["DEFAULT_MAX_BYTES", "JournalFile"]

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

DEFAULT_MAX_BYTES: Final = 1024 * 1024 * 1024
_FIRST_PAUSE, _LONGEST_PAUSE = 0.0005, 0.05
# Seconds of a flush up to which it is made on the loop; the weight of earlier ones in the average.
_QUICK, _FORGETS = 0.001, 0.9


class JournalFile:
    """One open journal; shared by any number of threads and event loops of this process.

    Args:
        path: of the file; it is made where it does not exist, for its owner alone (mode 0600).
        clock: what the hour is.
        busy_timeout: seconds of real time to wait for another process that writes.
        max_bytes: how large the file may grow.
        boundary: called with a name before and after everything that is made durable or sent.
        boot: identifies this start of the machine; the machine's own by default.

    Raises:
        ConfigurationError: an argument that cannot be used.
        JournalError: the file cannot be opened or is none of ours; see `omninode_bridge.errors`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        clock: Clock = SYSTEM_CLOCK,
        busy_timeout: float = 10.0,
        max_bytes: int = DEFAULT_MAX_BYTES,
        boundary: Callable[[str], None] | None = None,
        boot: str | None = None,
    ) -> None:
        check_limits(busy_timeout, max_bytes)
        self.path = checked_path(path)
        self.clock = clock
        self.boot_id = boot_id() if boot is None else boot
        self.boundary = (lambda name: None) if boundary is None else boundary
        self.keeper: Keeper | None = None
        self._busy_timeout = float(busy_timeout)
        self._max_bytes = max_bytes
        self._process = os.getpid()
        self._flushes, self._flushed = math.inf, True  # none seen; what the first connection does
        self._locks = {False: threading.Lock(), True: threading.Lock()}
        self._reading = threading.Lock()
        with translated(self.path, waited=self._busy_timeout):
            make_file(self.path)
            self._place = place_of(self.path)
            first = self._connect("FULL", busy_timeout=self._busy_timeout)
            try:
                self._patiently(lambda: self._prepare(first))
                first.execute("PRAGMA busy_timeout = 0")
                keep_private(self.path)
                self._writers = {False: self._connect("NORMAL"), True: first}
                self._reader = self._connect("NORMAL", busy_timeout=self._busy_timeout)
                self._reader.execute("PRAGMA query_only = ON")
            except BaseException:
                first.close()
                raise
        # One thread of our own for what is told to flush: a new one each time costs as much as the flush.
        self._flushing = ThreadPoolExecutor(1, thread_name_prefix="omninode-bridge-journal")
        connections = (*self._writers.values(), self._reader)
        self._close = weakref.finalize(self, _close, connections, self._flushing, os.getpid())

    # -- writing -------------------------------------------------------------------------------

    async def write(self, work: Work[T], *, durable: bool) -> T:
        """Run `work` in a transaction and return what it returns once that is committed.

        The loop is never held up by another writer, nor by a disk that is slow to flush.

        Args:
            work: is given the connection; runs again after a wait where the file was locked.
            durable: whether it survives a power failure too.

        Raises:
            JournalError: it could not be written; nothing of it was.
        """
        return await with_room(self, functools.partial(self._written, work, durable=durable))

    async def _written(self, work: Work[T], *, durable: bool) -> T:
        self._check()
        until = time.monotonic() + self._busy_timeout  # of who asks: the queue is part of it
        if durable:
            if self._flushes < _QUICK and (done := self._at_once(work)):
                return done[0]
            loop = asyncio.get_running_loop()
            late = functools.partial(self._written_now, work, durable=True, until=until)
            return await loop.run_in_executor(self._flushing, late)
        pause = _FIRST_PAUSE
        while True:
            try:
                return self._transact(work, durable=False)
            except sqlite3.Error as error:
                if not is_busy(error) or time.monotonic() >= until:
                    raise journal_error(error, self.path, waited=self._busy_timeout) from error
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _at_once(self, work: Work[T]) -> tuple[T] | None:
        """Write here and now, where nobody else is writing; None where somebody is.

        Where the disk flushes in less time than another thread would be woken in, the loop is held up
        for less long so. The average of late decides: one slow flush among quick ones is soon forgotten.
        """
        if not self._locks[True].acquire(blocking=False):
            return None
        self._locks[True].release()  # a thread that comes now writes for as long as a flush takes
        try:
            return (self._transact(work, durable=True),)
        except sqlite3.Error as error:
            if not is_busy(error):
                raise journal_error(error, self.path, waited=self._busy_timeout) from error
            return None

    def write_now(self, work: Work[T], *, durable: bool) -> T:
        """Do the same and hold up this thread."""
        return with_room_now(self, functools.partial(self._written_now, work, durable=durable))

    def _written_now(self, work: Work[T], *, durable: bool, until: float | None = None) -> T:
        self._check()
        with translated(self.path, waited=self._busy_timeout):
            return self._patiently(lambda: self._transact(work, durable=durable), until)

    def _patiently(self, attempt: Callable[[], T], until: float | None = None) -> T:
        """Try it until nobody else holds the lock or the time is over; holds up this thread."""
        pause, until = _FIRST_PAUSE, until or time.monotonic() + self._busy_timeout
        while True:
            try:
                return attempt()
            except sqlite3.Error as error:
                if not is_busy(error) or time.monotonic() >= until:
                    raise
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _transact(self, work: Work[T], *, durable: bool) -> T:
        self._check_place()
        first = durable or not self._locks[True].locked()
        connection = self._writers[first]
        with self._locks[first]:
            if first and self._flushed != durable:
                connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._flushed = durable
            try:
                connection.execute("BEGIN IMMEDIATE")
                value = work(connection)
                self.boundary("commit")
                begun = time.perf_counter() if durable else 0.0
                connection.execute("COMMIT")
                if durable:
                    took = time.perf_counter() - begun
                    before = took if math.isinf(self._flushes) else self._flushes
                    self._flushes = before * _FORGETS + took * (1 - _FORGETS)
            except BaseException:
                # SQLite has ended the transaction by itself where the disk is full
                if connection.in_transaction:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                raise
        self.boundary("committed")
        if self.keeper is not None:
            self.keeper.written(self)
        return value

    # -- reading -------------------------------------------------------------------------------

    def read(self, work: Work[T]) -> T:
        """Return what `work` reads; it sees one state of the file and locks nobody out."""
        self._check()
        self._check_place()
        with translated(self.path, waited=self._busy_timeout), self._reading:
            try:
                self._reader.execute("BEGIN")
                return work(self._reader)
            finally:
                if self._reader.in_transaction:
                    self._reader.execute("COMMIT")

    # -- the file ------------------------------------------------------------------------------

    def now(self) -> float:
        """Return the time in seconds since 1970."""
        return self.clock.now().timestamp()

    def connect(self) -> sqlite3.Connection:
        """Return one more connection, for whoever writes beside the others, and closes it."""
        self._check()
        self._check_place()
        return self._connect("NORMAL")

    @property
    def busy_timeout(self) -> float:
        """Seconds of real time to wait for another process that writes."""
        return self._busy_timeout

    @property
    def max_bytes(self) -> int:
        """How large the file may grow."""
        return self._max_bytes

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return not self._close.alive

    def close(self) -> None:
        """Close the file; what is under way in other threads ends first. May be called twice."""
        with self._locks[False], self._locks[True], self._reading:
            self._close()

    def _check(self) -> None:
        if not self._close.alive:
            raise JournalError(f"the journal {str(self.path)!r} is closed", path=str(self.path))
        if self._process != os.getpid():
            raise JournalError(
                f"the journal {str(self.path)!r} was opened before this process was forked; "
                "open it again here",
                path=str(self.path),
            )

    def _check_place(self) -> None:
        if place_of(self.path) != self._place:
            raise JournalError(
                f"the journal {str(self.path)!r} was moved, replaced or deleted while it was open; "
                "what is written now would be lost, so open it again",
                path=str(self.path),
            )

    def _prepare(self, connection: sqlite3.Connection) -> None:
        form(connection, self.path)  # before anything of it is changed
        if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
            raise JournalError(
                f"the journal {str(self.path)!r} is on a file system that SQLite cannot write "
                "ahead on; name a file on a local disk",
                path=str(self.path),
            )
        prepare(connection, self.path, now=self.now())

    def _connect(self, synchronous: str, *, busy_timeout: float = 0.0) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=busy_timeout, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute(f"PRAGMA synchronous = {synchronous}")
            connection.execute("PRAGMA trusted_schema = OFF")
            size = connection.execute("PRAGMA page_size").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {self._max_bytes // size}")
        except BaseException:
            connection.close()
            raise
        return connection


def _close(
    connections: tuple[sqlite3.Connection, ...], flushing: ThreadPoolExecutor, process: int
) -> None:
    if os.getpid() != process:
        return  # a fork's copy: closing it would drop the locks of the process that it came from
    flushing.shutdown(wait=False)  # what it has still to do is told that the journal is closed
    for connection in connections:
        with suppress(sqlite3.Error):
            connection.close()
