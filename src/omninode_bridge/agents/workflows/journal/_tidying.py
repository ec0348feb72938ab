"""Have the retention looked at beside whoever writes: no event loop waits for it."""

from __future__ import annotations

import threading
from typing import Final

from omninode_bridge.errors import JournalError

from ._file import JournalFile
from .retention import LEAST_PAUSE, Retention

__all__ = ["Tidying"]

#: Seconds that the end of a journal waits for a sweep to notice.
_PATIENCE: Final = 1.0


class Tidying:
    """Keeps one file to its retention while this process writes to it.

    Args:
        retention: what goes, and when.
    """

    def __init__(self, retention: Retention) -> None:
        self._retention = retention
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._next = -float("inf")
        self._thread: threading.Thread | None = None

    def written(self, file: JournalFile) -> None:
        """Begin a sweep in a thread of its own, where the last look is an hour ago."""
        if file.clock.monotonic() < self._next:
            return
        with self._lock:
            now = file.clock.monotonic()
            if now < self._next or self._stop.is_set():
                return
            self._next = now + LEAST_PAUSE
            if self._thread is not None and self._thread.is_alive():
                return
            try:
                if not self._retention.is_due(file):
                    return
            except JournalError:
                return  # whoever reads or writes next is told
            self._thread = threading.Thread(
                target=self._retention.apply,
                args=(file,),
                kwargs={"stop": self._stop},
                name="omninode-bridge-journal-tidying",
                daemon=True,
            )
            self._thread.start()

    def make_room(self, file: JournalFile, eighths: int) -> bool:
        """Delete what may go until so many eighths of the file are free; False where nothing may."""
        return self._retention.make_room(file, eighths)

    def stop(self) -> None:
        """Sweep no more; one that is under way ends with the transaction that it is in."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE)
