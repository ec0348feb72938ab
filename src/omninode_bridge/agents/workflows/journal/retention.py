"""What the journal forgets, and when."""

from __future__ import annotations

import logging
import math
import sqlite3
import threading
from dataclasses import dataclass
from typing import Final

from omninode_bridge.errors import ConfigurationError, JournalError

from ._faults import translated
from ._file import JournalFile
from ._leaving import Limits
from ._sweeping import Sweep, used_bytes

__all__ = ["LEAST_PAUSE", "Retention"]

logger = logging.getLogger(__name__)

_DAY: Final = 86_400.0
#: Seconds between two looks.
LEAST_PAUSE: Final = 3_600.0
#: Seconds of real time that one sweep takes at most; while a write waits for it.
_LONGEST, _LONGEST_WAIT = 600.0, 1.0
#: Eighths of the file that are freed for one write at most: what it would take more than that for has
#: no business in a journal, and what is kept is worth more.
_MOST_EIGHTHS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long what has ended is kept; what is open or unfinished is never deleted.

    Attributes:
        days: after the end of a workflow, a recovery or an escalation.
        workflows: how many workflows that have ended are kept at most, the latest ones.
        recoveries: the same for recoveries outside of workflows.
        fill: the part of the size that the file may have from which the oldest goes sooner, but
            nothing that failed and may be run again.
    """

    days: float = 30.0
    workflows: int = 10_000
    recoveries: int = 100_000
    fill: float = 0.8

    def __post_init__(self) -> None:
        if not _is_number(self.days) or not 0 < self.days < math.inf:
            raise ConfigurationError(f"days is {self.days!r}; it must be a number above 0")
        for name in ("workflows", "recoveries"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise ConfigurationError(
                    f"{name} is {value!r}; it must be a whole number, 0 or more"
                )
        if not _is_number(self.fill) or not 0 < self.fill <= 1:
            raise ConfigurationError(f"fill is {self.fill!r}; it must be above 0, at most 1")

    def is_due(self, file: JournalFile) -> bool:
        """Whether an hour is over since the last look at the file, or it is nearly full.

        Raises:
            JournalError: it cannot be read.
        """
        since = file.now() - file.read(_last)
        return not 0 <= since < LEAST_PAUSE or self._is_full(file)

    def apply(self, file: JournalFile, *, stop: threading.Event | None = None) -> int:
        """Delete what is over its time, at most once an hour for one file.

        In small transactions, on a connection of its own: other writers go on in between. Holds up
        this thread.

        Args:
            file: the journal.
            stop: ends it early when it is set.

        Returns:
            How many workflows, recoveries and escalations went. A file that cannot be written keeps everything.
        """
        stop = threading.Event() if stop is None else stop
        gone = 0
        try:
            if self.is_due(file):
                goal = self.fill * file.max_bytes
                sooner = self._is_full(file)
                gone = self._sweep(file, stop=stop, seconds=_LONGEST, sooner=sooner, goal=goal)
        except JournalError as error:
            if not file.closed:
                logger.warning("journal.not_tidied", extra={"error": str(error)})
            return gone
        if gone:
            logger.info("journal.tidied", extra={"deleted": gone})
        return gone

    def make_room(self, file: JournalFile, eighths: int) -> bool:
        """Delete what may go, the oldest first, until a part of the size that the file may have is free.

        Holds up this thread for up to a second.

        Args:
            file: the journal, in which a write has found no room.
            eighths: the part, 1 to 8.

        Returns:
            Whether there may be room now; False where nothing is left that may go, where it is the disk
            that is full, and where half of the file was not enough.
        """
        goal = file.max_bytes * (1 - eighths / 8)
        try:
            if eighths > _MOST_EIGHTHS or file.read(_size) <= file.max_bytes / 2:
                return False
            used = file.read(used_bytes)
            if used <= goal:
                return True
            gone = self._sweep(
                file, stop=threading.Event(), seconds=_LONGEST_WAIT, sooner=True, goal=goal
            )
            is_smaller = file.read(used_bytes) < used  # a large workflow goes piece by piece
        except JournalError:
            return False
        if gone:
            logger.info("journal.tidied", extra={"deleted": gone})
        return is_smaller

    def _is_full(self, file: JournalFile) -> bool:
        return file.read(used_bytes) > self.fill * file.max_bytes

    def _sweep(
        self,
        file: JournalFile,
        *,
        stop: threading.Event,
        seconds: float,
        sooner: bool,
        goal: float,
    ) -> int:
        limits = Limits(
            before=file.now() - self.days * _DAY,
            workflows=self.workflows,
            recoveries=self.recoveries,
        )
        with translated(file.path, waited=file.busy_timeout):
            sweep = Sweep(file, stop=stop, seconds=seconds)
            return sweep.run(limits, sooner=sooner, goal=goal)


def _size(connection: sqlite3.Connection) -> int:
    pages, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
    )
    return int(pages * size)


def _last(connection: sqlite3.Connection) -> float:
    row = connection.execute("SELECT at FROM tidied WHERE id = 1").fetchone()
    return float(row[0]) if row is not None else -math.inf


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
