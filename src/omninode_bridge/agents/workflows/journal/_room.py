"""Make a write once more where the file was full, and what has ended could go."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from omninode_bridge.agents.workflows._threads import run_in_thread
from omninode_bridge.errors import ConfigurationError, JournalFullError

from ._faults import is_full

if TYPE_CHECKING:
    from ._file import JournalFile

__all__ = ["Keeper", "check_limits", "with_room", "with_room_now"]

T = TypeVar("T")

_LEAST_BYTES: Final = 1024 * 1024


class Keeper(Protocol):
    """Keeps the file small; told of every transaction."""

    def written(self, file: JournalFile) -> None:
        """Note that a transaction has been made; may not take long."""
        ...

    def make_room(self, file: JournalFile, eighths: int) -> bool:
        """Free so many eighths of the size that the file may have, 1 to 8; False where nothing may go."""
        ...


async def with_room(file: JournalFile, attempt: Callable[[], Awaitable[T]]) -> T:
    """Return what the attempt to write brings; the loop is not held up while room is made."""
    eighths = 0
    while True:
        try:
            return await attempt()
        except JournalFullError as error:
            eighths += 1
            room = _room_for(file, error)
            if room is None or not await run_in_thread(room, file, eighths):
                raise


def with_room_now(file: JournalFile, attempt: Callable[[], T]) -> T:
    """Do the same and hold up this thread."""
    eighths = 0
    while True:
        try:
            return attempt()
        except JournalFullError as error:
            eighths += 1
            room = _room_for(file, error)
            if room is None or not room(file, eighths):
                raise


def _room_for(
    file: JournalFile, error: JournalFullError
) -> Callable[[JournalFile, int], bool] | None:
    return file.keeper.make_room if file.keeper is not None and is_full(error) else None


def check_limits(busy_timeout: Any, max_bytes: Any) -> None:
    """Refuse what cannot be used, with a `ConfigurationError`."""
    if isinstance(busy_timeout, bool) or not isinstance(busy_timeout, (int, float)):
        raise ConfigurationError(f"busy_timeout is {busy_timeout!r}; it must be seconds")
    if not 0 <= busy_timeout < math.inf:
        raise ConfigurationError(f"busy_timeout is {busy_timeout!r}; it must be 0 or more")
    if isinstance(max_bytes, bool) or not isinstance(max_bytes, int) or max_bytes < _LEAST_BYTES:
        raise ConfigurationError(
            f"max_bytes is {max_bytes!r}; it must be a whole number from {_LEAST_BYTES}"
        )
