"""What a collector has counted at one moment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["LabelSet", "MetricsSnapshot", "Series", "TimingSummary"]

V = TypeVar("V")

LabelSet = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TimingSummary:
    """Durations of one series.

    Attributes:
        count: of all durations.
        sum_ms: of all durations, in milliseconds.
        min_ms: of all durations; 0.0 where there is none.
        max_ms: the same.
        recent_ms: the last ones, oldest first, bounded.
        buckets: how many durations were at most so many milliseconds, by that bound, ascending;
            cumulative, the last bound is infinity.
    """

    count: int = 0
    sum_ms: float = 0.0
    min_ms: float = 0.0
    max_ms: float = 0.0
    recent_ms: tuple[float, ...] = ()
    buckets: tuple[tuple[float, int], ...] = ()

    @property
    def mean_ms(self) -> float:
        """Mean of all durations; 0.0 where there is none."""
        return self.sum_ms / self.count if self.count else 0.0

    def percentile(self, share: float) -> float:
        """Return the nearest-rank percentile of the recent durations; 0.0 where there is none.

        Args:
            share: 0 to 1, so 0.95 for p95.
        """
        if not 0.0 <= share <= 1.0:
            raise ValueError(f"share is {share!r}; it must be 0 to 1")
        ordered = sorted(self.recent_ms)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


@dataclass(frozen=True, slots=True)
class Series(Generic[V]):
    """All series of one metric, by their labels, in order of their first use.

    Attributes:
        name: of the metric.
        help: what it counts, one line.
        values: by labels, which are pairs sorted by name.
    """

    name: str
    help: str
    values: Mapping[LabelSet, V]

    def get(self, **labels: object) -> V | None:
        """Return the value of the series with exactly these labels, or None."""
        return self.values.get(tuple(sorted((k, str(v)) for k, v in labels.items())))


@dataclass(frozen=True, slots=True)
class MetricsSnapshot:
    """Everything at one moment; it does not change afterwards.

    Attributes:
        namespace: put in front of exported names.
        counters: by name.
        gauges: by name.
        timings: by name.
        dropped: measurements of metrics beyond `max_metrics`, which were not kept.
    """

    namespace: str = ""
    counters: Mapping[str, Series[float]] = field(default_factory=dict)
    gauges: Mapping[str, Series[float]] = field(default_factory=dict)
    timings: Mapping[str, Series[TimingSummary]] = field(default_factory=dict)
    dropped: int = 0

    def counter(self, name: str, **labels: object) -> float:
        """Return a counter's value; without labels the sum over all its series."""
        return _sum(self.counters.get(name), labels)

    def gauge(self, name: str, **labels: object) -> float | None:
        """Return a gauge's value, or None where it was never set."""
        series = self.gauges.get(name)
        return series.get(**labels) if series is not None else None

    def timing(self, name: str, **labels: object) -> TimingSummary:
        """Return the durations of one series, zeros where there are none."""
        series = self.timings.get(name)
        found = series.get(**labels) if series is not None else None
        return found if found is not None else TimingSummary()


def _sum(series: Series[float] | None, labels: Mapping[str, object]) -> float:
    if series is None:
        return 0.0
    if labels:
        return series.get(**labels) or 0.0
    return math.fsum(series.values.values())
