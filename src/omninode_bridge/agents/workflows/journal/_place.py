"""Where the journal lies on the disk, and that nobody else reads it."""

from __future__ import annotations

import errno
import logging
import os
import stat
from pathlib import Path
from typing import Final

from omninode_bridge.errors import (
    ConfigurationError,
    JournalError,
    JournalFullError,
    JournalReadOnlyError,
)

__all__ = ["checked_path", "keep_private", "make_file"]

logger = logging.getLogger(__name__)

_KINDS: Final[dict[int, type[JournalError]]] = {
    errno.EROFS: JournalReadOnlyError,
    errno.EACCES: JournalReadOnlyError,
    errno.EPERM: JournalReadOnlyError,
    errno.ENOSPC: JournalFullError,
    errno.EDQUOT: JournalFullError,
}


def checked_path(path: str | os.PathLike[str]) -> Path:
    """Return the absolute path of a file.

    Raises:
        ConfigurationError: it can be none.
    """
    if not isinstance(path, (str, os.PathLike)) or not str(path) or "\0" in str(path):
        raise ConfigurationError(f"the journal is {path!r}; it must be the path of a file")
    if str(path) == ":memory:":
        raise ConfigurationError("the journal is ':memory:'; it must be a file, which outlives us")
    place = Path(path).absolute()
    if place.exists() and not place.is_file():
        what = "a folder" if place.is_dir() else "no regular file"
        raise ConfigurationError(f"the journal {str(path)!r} is {what}; it must be a file")
    return place


def make_file(path: Path) -> None:
    """Make the file for its owner alone, before SQLite would make it for everybody.

    Raises:
        JournalError: it cannot be opened for writing.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600))
    except OSError as error:
        kind = _KINDS.get(error.errno or 0, JournalError)
        reason = (error.strerror or str(error)).lower()
        raise kind(
            f"the journal {str(path)!r} cannot be opened: {reason}", path=str(path)
        ) from error


def keep_private(path: Path) -> None:
    """Take the file, known to be ours, away from everybody but its owner; SQLite's others follow."""
    try:
        there = path.stat()
        if not stat.S_IMODE(there.st_mode) & 0o077 or there.st_uid != os.getuid():
            return
        for one in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            if one.is_file():
                one.chmod(stat.S_IMODE(one.stat().st_mode) & 0o700)
        logger.warning("journal.mode_tightened", extra={"path": str(path)})
    except (OSError, AttributeError):  # Windows has no such owners
        return
