"""State that several threads, loops and workflows look at."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, MutableMapping
from types import MappingProxyType
from typing import Any

from omninode_bridge.errors import ConfigurationError

__all__ = ["SharedState", "view_of"]


class SharedState(MutableMapping[str, Any]):
    """A bounded mapping that any number of threads may use.

    Iterating and `snapshot()` see the entries of one moment; `version` grows with every change.

    Args:
        initial: entries to begin with; they are copied.
        max_entries: keys that are kept; a further one is refused.
    """

    def __init__(
        self, initial: Mapping[str, Any] | None = None, *, max_entries: int = 10_000
    ) -> None:
        if isinstance(max_entries, bool) or not isinstance(max_entries, int) or max_entries < 1:
            raise ConfigurationError(
                f"max_entries is {max_entries!r}; it must be a positive integer"
            )
        self._lock = threading.RLock()  # a finalizer may call in at any moment
        self._max_entries = max_entries
        self._entries: dict[str, Any] = {}
        self._version = 0
        self.put_all(initial or {})

    @property
    def version(self) -> int:
        """How many changes there were."""
        return self._version

    def snapshot(self) -> Mapping[str, Any]:
        """Return a copy that does not change."""
        with self._lock:
            return MappingProxyType(dict(self._entries))

    def put_all(self, entries: Mapping[str, Any]) -> None:
        """Set all of these, or none.

        Raises:
            ConfigurationError: a key that is no text, or more keys than are kept.
        """
        added = dict(entries)
        for key in added:
            if not isinstance(key, str):
                raise ConfigurationError(f"a key of the state is {key!r}; it must be a text")
        with self._lock:
            number = len(self._entries.keys() | added.keys())
            if number > self._max_entries:
                raise ConfigurationError(
                    f"the state would have {number} entries; at most {self._max_entries} are kept"
                )
            self._entries.update(added)
            self._version += bool(added)

    def swap(self, key: str, old: Any, new: Any) -> bool:
        """Set the entry to `new` if it is `old` (the very object, or an equal text or number).

        Args:
            key: of the entry; one that is not there counts as None.
            old: what it must be.
            new: what it becomes.

        Returns:
            Whether it was set.
        """
        with self._lock:
            now = self._entries.get(key)
            plain = (str, int, float, bool)
            same = now is old or (
                type(now) in plain and type(old) in plain and type(now) is type(old) and now == old
            )
            if not same or (key not in self._entries and len(self._entries) >= self._max_entries):
                return False
            self._entries[key] = new
            self._version += 1
            return True

    def __getitem__(self, key: str) -> Any:
        with self._lock:
            return self._entries[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.put_all({key: value})

    def __delitem__(self, key: str) -> None:
        with self._lock:
            del self._entries[key]
            self._version += 1

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"SharedState({len(self._entries)} entries, version={self._version})"


def view_of(state: Any) -> Mapping[str, Any]:
    """Return the entries of any mapping-like state at this moment, read-only.

    Raises:
        Exception: whatever a state of the user's raises when it is read.
    """
    if isinstance(state, SharedState):
        return state.snapshot()
    return MappingProxyType({key: state[key] for key in tuple(state.keys())})
