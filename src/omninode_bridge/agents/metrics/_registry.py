"""The metrics of one collector; not locked, the collector does that."""

from __future__ import annotations

import bisect
import logging
import math
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from omninode_bridge.errors import ConfigurationError

from ._names import OTHER, check_metric_name, families
from .snapshot import LabelSet, MetricsSnapshot, Series, TimingSummary

__all__ = ["Registry"]

logger = logging.getLogger("omninode_bridge.agents.metrics")

R = TypeVar("R")

_HELP: Final = {
    "recoveries": "Ended recoveries by strategy and outcome.",
    "recovery_errors": "Failed recoveries by strategy and the class of the error that remained.",
    "recovery_duration": "Time that successful recoveries took, waits included.",
}


class Timing:
    """One series of durations."""

    __slots__ = ("_bounds", "counts", "largest", "number", "recent", "smallest", "total")

    def __init__(self, window: int, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.recent: deque[float] = deque(maxlen=window)
        self.number = 0
        self.total = 0.0
        self.smallest = math.inf
        self.largest = 0.0

    def add(self, spent: float) -> None:
        """Take one more duration."""
        self.counts[bisect.bisect_left(self._bounds, spent)] += 1
        self.recent.append(spent)
        self.number += 1
        self.total += spent
        self.smallest = min(self.smallest, spent)
        self.largest = max(self.largest, spent)

    def summary(self) -> TimingSummary:
        """Return a copy that does not change."""
        counted, buckets = 0, []
        for bound, count in zip((*self._bounds, math.inf), self.counts, strict=True):
            counted += count
            buckets.append((bound, counted))
        return TimingSummary(
            count=self.number,
            sum_ms=self.total,
            min_ms=self.smallest if self.number else 0.0,
            max_ms=self.largest,
            recent_ms=tuple(self.recent),
            buckets=tuple(buckets),
        )


class Metric:
    """One metric with all its series."""

    __slots__ = ("help", "kind", "label_names", "name", "overflowed", "series")

    def __init__(self, kind: str, name: str, label_names: tuple[str, ...]) -> None:
        self.kind = kind
        self.name = name
        self.label_names = label_names
        self.help = _HELP.get(name, "")
        self.series: dict[LabelSet, Any] = {}
        self.overflowed = False

    def read(self, value_of: Callable[[Any], R]) -> Series[R]:
        """Return a copy that does not change."""
        values = {labels: value_of(value) for labels, value in self.series.items()}
        return Series(self.name, self.help, values)


class Registry:
    """Metrics by name, within bounds."""

    def __init__(self, max_metrics: int, max_series: int) -> None:
        self._max_metrics = max_metrics
        self._max_series = max_series
        self._metrics: dict[str, Metric] = {}
        self._exported: dict[str, str] = {}
        self._dropped = 0

    def find(
        self, kind: str, name: str, labels: LabelSet
    ) -> tuple[dict[LabelSet, Any], LabelSet] | None:
        """Return where this is counted: the metric's series and the key in them; None where nowhere.

        Raises:
            ConfigurationError: a name that cannot be one, or that is in use for something else.
        """
        metric = self._metrics.get(name) if isinstance(name, str) else None
        if metric is None:
            metric = self._add(kind, name, tuple(label for label, _ in labels))
            if metric is None:
                return None
        if metric.kind != kind:
            raise ConfigurationError(f"metric {name!r} is a {metric.kind}, not a {kind}")
        series = metric.series
        if labels in series:
            return series, labels
        if tuple(label for label, _ in labels) != metric.label_names:
            theirs = ", ".join(map(repr, metric.label_names)) or "no labels"
            given = ", ".join(repr(label) for label, _ in labels) or "no labels"
            raise ConfigurationError(f"metric {name!r} has {theirs}; {given} were given")
        if len(series) < self._max_series:
            return series, labels
        if not metric.overflowed:
            metric.overflowed = True
            logger.warning(
                "metrics.too_many_label_sets",
                extra={"metric": name, "max_series": self._max_series},
            )
        return series, tuple((label, OTHER) for label, _ in labels)

    def _add(self, kind: str, name: str, label_names: tuple[str, ...]) -> Metric | None:
        exported = families(kind, check_metric_name(name))
        for one in exported:
            if one in self._exported:
                raise ConfigurationError(
                    f"metric {name!r} would be exported as {one!r}, as {self._exported[one]!r} is"
                )
        if len(self._metrics) >= self._max_metrics:
            if not self._dropped:
                logger.warning("metrics.too_many_names", extra={"max_metrics": self._max_metrics})
            self._dropped += 1
            return None
        self._exported.update(dict.fromkeys(exported, name))
        metric = self._metrics[name] = Metric(kind, name, label_names)
        return metric

    def describe(self, name: str, help_text: str) -> None:
        """Put a text beside a metric.

        Raises:
            ConfigurationError: there is none of this name.
        """
        metric = self._metrics.get(name)
        if metric is None:
            raise ConfigurationError(f"there is no metric {name!r} yet; count something first")
        metric.help = help_text

    def snapshot(self, namespace: str) -> MetricsSnapshot:
        """Return a copy of everything."""
        return MetricsSnapshot(
            namespace,
            counters={m.name: m.read(float) for m in self._of("counter")},
            gauges={m.name: m.read(float) for m in self._of("gauge")},
            timings={m.name: m.read(Timing.summary) for m in self._of("timing")},
            dropped=self._dropped,
        )

    def _of(self, kind: str) -> Iterator[Metric]:
        return (metric for metric in self._metrics.values() if metric.kind == kind)
