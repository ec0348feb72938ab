"""A journal that is only read: never made, never changed, nobody is locked out."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self, TypeVar

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.errors import JournalError

from ._faults import journal_error, translated
from ._file import JournalFile
from ._form import form
from ._place import checked_path
from ._schema import SCHEMA_VERSION

__all__ = ["JournalReader"]

T = TypeVar("T")

_BUSY_SECONDS: Final = 10.0
_CACHE_KIB: Final = 65_536


class JournalReader:
    """One journal, open for reading; a context manager.

    Args:
        path: of a file that is there.
        clock: what the hour is.

    Raises:
        ConfigurationError: the path can be no file's.
        JournalError: there is none, or it cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str], *, clock: Clock = SYSTEM_CLOCK) -> None:
        self.path = checked_path(path)
        self.clock = clock
        self._lock = threading.Lock()
        if not self.path.exists():
            raise JournalError(
                f"there is no journal at {str(self.path)!r}; "
                "`omninode-bridge generate` makes one, and --journal names another",
                path=str(self.path),
            )
        self._connection = _opened(self.path)

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `work` reads; it sees one state of the file."""
        with translated(self.path, waited=_BUSY_SECONDS), self._lock:
            self._connection.execute("BEGIN")
            try:
                return work(self._connection)
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("COMMIT")

    def now(self) -> float:
        """Return the time in seconds since 1970."""
        return self.clock.now().timestamp()

    def close(self) -> None:
        """Close the file; may be called twice."""
        with self._lock, suppress(sqlite3.Error):
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _opened(path: Path) -> sqlite3.Connection:
    connection = _connect(path)
    try:
        with translated(path, waited=_BUSY_SECONDS):
            version = form(connection, path)
    except BaseException:
        connection.close()
        raise
    if version == SCHEMA_VERSION:
        return connection
    connection.close()
    if version == 0:
        raise JournalError(f"{str(path)!r} is empty: nothing was recorded there", path=str(path))
    JournalFile(path).close()  # brings an older form up to date
    return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file for reading; one that nobody may write beside is taken as it stands.

    Reading a file that is written ahead needs a second file beside it. Where that cannot be made,
    and nothing was written ahead, nobody writes: https://www.sqlite.org/wal.html#read_only_databases
    """
    asked = [f"{path.as_uri()}?mode=ro"]
    if not path.with_name(f"{path.name}-wal").exists():
        asked.append(f"{path.as_uri()}?mode=ro&immutable=1")
    failed: sqlite3.Error | None = None
    for address in asked:
        try:
            return _looked_at(address)
        except sqlite3.Error as error:
            failed = failed or error
    if failed is None:
        raise AssertionError(asked)
    raise journal_error(failed, path, waited=_BUSY_SECONDS) from failed


def _looked_at(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")  # one command looks several times
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection
