"""Bounded memory behind the mixins: counters, timings, cached values."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from omninode_bridge.runtime._settings import CachingSettings, MetricsSettings

__all__ = ["Cache", "Metrics", "Timing"]


@dataclass(frozen=True, slots=True)
class Timing:
    """Durations of one name: `count` and `total_ms` of all, `recent_ms` of the latest, in order."""

    count: int
    total_ms: float
    recent_ms: tuple[float, ...]


class Metrics:
    """Counters and timings by name; names beyond the bound are counted in `dropped`."""

    def __init__(self, settings: MetricsSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._counters: dict[str, int] = {}
        self._totals: dict[str, tuple[int, float]] = {}
        self._recent: dict[str, deque[float]] = {}
        self.dropped = 0

    def count(self, name: str, amount: int = 1) -> None:
        """Add `amount` to the counter `name`."""
        with self._lock:
            if self._admits(name, self._counters):
                self._counters[name] = self._counters.get(name, 0) + amount

    def record(self, name: str, seconds: float) -> None:
        """Add one duration to the timings of `name`."""
        with self._lock:
            if self._admits(name, self._totals):
                count, total = self._totals.get(name, (0, 0.0))
                self._totals[name] = (count + 1, total + seconds * 1000)
                window = self._recent.setdefault(name, deque(maxlen=self._settings.window))
                window.append(seconds * 1000)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Record how long a ``with`` block took, whether it failed or not."""
        started = self._clock()
        try:
            yield
        finally:
            self.record(name, self._clock() - started)

    def counters(self) -> Mapping[str, int]:
        """Return a copy of all counters."""
        with self._lock:
            return dict(self._counters)

    def timings(self) -> Mapping[str, Timing]:
        """Return a copy of all timings."""
        with self._lock:
            return {
                name: Timing(count, total, tuple(self._recent[name]))
                for name, (count, total) in self._totals.items()
            }

    def _admits(self, name: str, series: Mapping[str, object]) -> bool:
        if name in series or len(series) < self._settings.max_series:
            return True
        self.dropped += 1
        return False


class Cache:
    """Values that live for a while; the one used longest ago makes room."""

    def __init__(self, settings: CachingSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, tuple[float, object]] = OrderedDict()
        self.hits = 0
        self.misses = 0

    def get(self, key: Hashable, default: object = None) -> object:
        """Return the living value of `key`, else `default`."""
        with self._lock:
            found = self._entries.get(key)
            if found is not None and self._clock() < found[0]:
                self._entries.move_to_end(key)
                self.hits += 1
                return found[1]
            if found is not None:
                del self._entries[key]
            self.misses += 1
            return default

    def put(self, key: Hashable, value: object) -> None:
        """Keep `value` under `key` for the configured time."""
        with self._lock:
            self._entries[key] = (self._clock() + self._settings.ttl_seconds, value)
            self._entries.move_to_end(key)
            while len(self._entries) > self._settings.max_entries:
                self._entries.popitem(last=False)

    def discard(self, key: Hashable) -> None:
        """Forget `key`, if it is there."""
        with self._lock:
            self._entries.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)
