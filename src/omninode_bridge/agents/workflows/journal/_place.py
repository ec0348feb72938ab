"""Where the journal lies on the disk, and that nobody else reads it."""

from __future__ import annotations

import errno
import logging
import os
import stat
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from omninode_bridge.errors import (
    ConfigurationError,
    JournalError,
    JournalFullError,
    JournalReadOnlyError,
)

__all__ = ["checked_path", "keep_private", "make_file", "place_of"]

logger = logging.getLogger(__name__)

# Held while a new file is open other than by SQLite, see `make_file()`.
_making = threading.Lock()

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
    # these ask without raising; what may not be looked at is told when it is opened
    if os.path.exists(place) and not os.path.isfile(place):  # noqa: PTH110, PTH113
        what = "a folder" if os.path.isdir(place) else "no regular file"  # noqa: PTH112
        raise ConfigurationError(f"the journal {str(path)!r} is {what}; it must be a file")
    return place


def make_file(path: Path) -> None:
    """Make the file for its owner alone, before SQLite would make it for everybody.

    One that is there is not opened: to close it again would drop the locks of every connection that
    this process has to it, and another process would then throw away what these write.
    (https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_)

    Raises:
        JournalError: it cannot be opened for writing.
    """
    try:
        with _making:
            if path.exists():
                if not os.access(path, os.R_OK | os.W_OK):
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            else:
                flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_CLOEXEC", 0)
                with suppress(FileExistsError):  # another process was faster
                    os.close(os.open(path, flags, 0o600))
    except OSError as error:
        kind = _KINDS.get(error.errno or 0, JournalError)
        reason = (error.strerror or str(error)).lower()
        raise kind(
            f"the journal {str(path)!r} cannot be opened: {reason}", path=str(path)
        ) from error


def place_of(path: Path) -> tuple[int, int] | None:
    """Return what tells the file from another one of its name; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - asked before every write, and this is the cheaper one
    except OSError:
        return None
    return found.st_dev, found.st_ino


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
