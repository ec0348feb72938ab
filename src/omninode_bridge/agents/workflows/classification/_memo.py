"""Answers that were given lately, bounded in number and in bytes; the one not asked for longest goes."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Generic, TypeVar

__all__ = ["Memo"]

V = TypeVar("V")


class Memo(Generic[V]):
    """A least-recently-used cache for many threads.

    Args:
        entries: the most answers that are kept.
        size: the most bytes that they may have together; a larger one is not kept at all.
    """

    __slots__ = ("_held", "_lock", "_most", "_size", "size")

    def __init__(self, entries: int, size: int) -> None:
        self._held: dict[Hashable, tuple[V, int]] = {}
        self._lock = threading.Lock()
        self._most = entries
        self._size = size
        self.size = 0

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: Hashable) -> V | None:
        """Return the answer and count it as just asked for."""
        if key not in self._held:
            return None
        with self._lock:
            held = self._held.pop(key, None)
            if held is None:
                return None
            self._held[key] = held
        return held[0]

    def put(self, key: Hashable, value: V, size: int) -> None:
        """Keep an answer of so many bytes."""
        if size > self._size:
            return
        with self._lock:
            old = self._held.pop(key, None)
            self.size += size - (old[1] if old else 0)
            self._held[key] = (value, size)
            while len(self._held) > self._most or self.size > self._size:
                oldest = next(iter(self._held))
                self.size -= self._held.pop(oldest)[1]
