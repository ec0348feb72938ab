"""Counters, gauges and timings with labels, all of them bounded."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from omninode_bridge.errors import ConfigurationError

from ._names import check_labels, check_metric_name, error_label
from ._registry import Registry, Timing
from .prometheus import render_prometheus
from .snapshot import MetricsSnapshot

__all__ = ["MetricsCollector"]

Labels = Mapping[str, object] | None

#: Upper bounds in milliseconds, from a millisecond to ten minutes.
DEFAULT_BUCKETS_MS: Final = (1, 5, 10, 25, 50, 100, 250, 500, 1e3, 2.5e3, 5e3, 1e4, 6e4, 6e5)


class MetricsCollector:
    """Count and time, within bounds, from any number of threads.

    A metric has a name; its first use decides its kind and the names of its labels; it has one
    series for each set of their values.
    What comes after `max_series` label sets is counted in one more series, in which the value of
    every label is ``_other``; what comes after `max_metrics` names is dropped and counted as
    ``snapshot().dropped``. Nothing is written anywhere: ask for a snapshot or for the text.

    Args:
        namespace: put in front of exported names.
        max_metrics: names that are kept.
        max_series: label sets of one metric that are kept.
        window: recent durations of one series that are kept, for percentiles.
        buckets_ms: upper bounds of the histograms in milliseconds, ascending.
        monotonic: gives seconds, for `timer()`.

    Example:
        >>> metrics = MetricsCollector()
        >>> metrics.increment("files_written", labels={"kind": "model"})
        >>> metrics.snapshot().counter("files_written", kind="model")
        1.0
    """

    def __init__(
        self,
        *,
        namespace: str = "omninode_bridge",
        max_metrics: int = 1_000,
        max_series: int = 100,
        window: int = 500,
        buckets_ms: tuple[float, ...] = DEFAULT_BUCKETS_MS,
        monotonic: Callable[[], float] = time.perf_counter,
    ) -> None:
        for what, value in (
            ("max_metrics", max_metrics),
            ("max_series", max_series),
            ("window", window),
        ):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ConfigurationError(f"{what} is {value!r}; it must be a positive integer")
        if namespace:
            check_metric_name(namespace, what="namespace")
        bounds = tuple(_finite("a bound of buckets_ms", bound, least=0.0) for bound in buckets_ms)
        if not bounds or list(bounds) != sorted(set(bounds)):
            raise ConfigurationError(f"buckets_ms is {buckets_ms!r}; it must be ascending numbers")
        self._namespace = namespace.replace(".", "_")
        self._limits = (max_metrics, max_series)
        self._window = window
        self._bounds = bounds
        self._monotonic = monotonic
        self._lock = threading.RLock()  # a finalizer may call in at any moment
        self._registry = Registry(*self._limits)

    # -- recoveries ----------------------------------------------------------------------------

    def record_recovery_success(self, *, strategy: object, duration_ms: float) -> None:
        """Count a recovery that ended well, and its time."""
        name = "none" if strategy is None else str(strategy)
        self.increment("recoveries", labels={"strategy": name, "outcome": "success"})
        self.record_timing("recovery_duration", duration_ms, labels={"strategy": name})

    def record_recovery_failure(self, *, strategy: object, error: object = None) -> None:
        """Count a recovery that did not end well.

        Args:
            strategy: the last that was tried, or None.
            error: an exception or its text; only the class at its head becomes a label.
        """
        name = "none" if strategy is None else str(strategy)
        text = type(error).__name__ if isinstance(error, BaseException) else error
        label = error_label(text if isinstance(text, str) else None)
        self.increment("recoveries", labels={"strategy": name, "outcome": "failure"})
        self.increment("recovery_errors", labels={"strategy": name, "error": label})

    # -- measuring -----------------------------------------------------------------------------

    def increment(self, name: str, value: float = 1, *, labels: Labels = None) -> None:
        """Add to a counter.

        Raises:
            ConfigurationError: a name or label that cannot be one, a name of another kind, a value
                that is negative or not finite.
        """
        amount = _finite("value", value, least=0.0)
        pairs = check_labels(labels)
        with self._lock:
            found = self._registry.find("counter", name, pairs)
            if found is not None:
                series, key = found
                series[key] = series.get(key, 0.0) + amount

    def set_gauge(self, name: str, value: float, *, labels: Labels = None) -> None:
        """Say what something is now.

        Raises:
            ConfigurationError: as `increment()`, but the value may be negative.
        """
        amount = _finite("value", value)
        pairs = check_labels(labels)
        with self._lock:
            found = self._registry.find("gauge", name, pairs)
            if found is not None:
                series, key = found
                series[key] = amount

    def record_timing(self, name: str, duration_ms: float, *, labels: Labels = None) -> None:
        """Add a duration in milliseconds.

        Raises:
            ConfigurationError: as `increment()`.
        """
        spent = _finite("duration_ms", duration_ms, least=0.0)
        pairs = check_labels(labels)
        with self._lock:
            found = self._registry.find("timing", name, pairs)
            if found is not None:
                series, key = found
                if key not in series:
                    series[key] = Timing(self._window, self._bounds)
                series[key].add(spent)

    @contextmanager
    def timer(self, name: str, *, labels: Labels = None) -> Iterator[None]:
        """Time the body of a ``with`` statement, also where it raises."""
        begun = self._monotonic()
        try:
            yield
        finally:
            self.record_timing(name, max(0.0, self._monotonic() - begun) * 1000, labels=labels)

    def describe(self, name: str, help_text: str) -> None:
        """Say what a metric that is in use counts; the text goes along with its export.

        Raises:
            ConfigurationError: nothing of this name was counted yet.
        """
        text = " ".join(str(help_text).split())[:300]
        with self._lock:
            self._registry.describe(name, text)

    # -- reading -------------------------------------------------------------------------------

    def snapshot(self) -> MetricsSnapshot:
        """Return everything at this moment."""
        with self._lock:
            return self._registry.snapshot(self._namespace)

    def to_prometheus(self) -> str:
        """Return everything at this moment in Prometheus' text format."""
        return render_prometheus(self.snapshot())

    def reset(self) -> None:
        """Forget everything that was counted."""
        with self._lock:
            self._registry = Registry(*self._limits)


def _finite(what: str, value: object, *, least: float = -math.inf) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ConfigurationError(f"{what} is {value!r}; it must be a number")
    if not (-sys.float_info.max <= value <= sys.float_info.max and value >= least):
        more = ", 0 or more" if least == 0.0 else ""
        raise ConfigurationError(f"{what} is {value!r}; it must be a finite number{more}")
    return float(value)
