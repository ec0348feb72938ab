"""From an error of SQLite to one sentence that names the file and says what would be right."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from omninode_bridge.errors import (
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalReadOnlyError,
)

__all__ = ["is_busy", "is_full", "journal_error", "translated"]

# The low byte of an extended result code: https://www.sqlite.org/rescode.html
_PRIMARY: Final = 0xFF


def is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else holds the lock that was wanted; it may be free a moment later."""
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_full(error: JournalError) -> bool:
    """Whether the file could not grow."""
    cause = error.__cause__
    return isinstance(cause, sqlite3.Error) and _code(cause) == sqlite3.SQLITE_FULL


def journal_error(error: sqlite3.Error, path: Path, *, waited: float = 0.0) -> JournalError:
    """Return what is to be raised instead of `error`."""
    place, code = f"the journal {str(path)!r}", _code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return JournalLockedError(
            f"{place} is locked: another process has been writing to it for more than {waited:g} s; "
            "try again when that has ended",
            path=str(path),
        )
    if code == sqlite3.SQLITE_FULL:
        return JournalFullError(
            f"{place} cannot grow: the disk is full, or the journal has reached the size that it may "
            "have; what was recorded before is safe",
            path=str(path),
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return JournalReadOnlyError(f"{place} may be read only, not written", path=str(path))
    if code == sqlite3.SQLITE_CANTOPEN:
        return JournalError(
            f"{place} cannot be opened: it, or the folder around it, is missing or not accessible",
            path=str(path),
        )
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return JournalError(
            f"{place} is damaged or no journal ({error}); move it away, or name another file",
            path=str(path),
        )
    if code == sqlite3.SQLITE_IOERR:
        return JournalError(f"{place} cannot be read or written: {error}", path=str(path))
    if code == sqlite3.SQLITE_TOOBIG:
        return JournalFullError(f"{place} does not take a text of this size", path=str(path))
    return JournalError(f"{place} cannot be used: {error}", path=str(path))


@contextmanager
def translated(path: Path, *, waited: float = 0.0) -> Iterator[None]:
    """Raise ours instead of SQLite's errors."""
    try:
        yield
    except sqlite3.Error as error:
        raise journal_error(error, path, waited=waited) from error


def _code(error: sqlite3.Error) -> int:
    code = getattr(error, "sqlite_errorcode", None)
    return code & _PRIMARY if isinstance(code, int) else sqlite3.SQLITE_ERROR
