"""Bounded counters, gauges and timings in memory, and their text for Prometheus."""

from .collector import MetricsCollector
from .prometheus import CONTENT_TYPE, render_prometheus
from .snapshot import MetricsSnapshot, Series, TimingSummary

__all__ = [
    "CONTENT_TYPE",
    "MetricsCollector",
    "MetricsSnapshot",
    "Series",
    "TimingSummary",
    "render_prometheus",
]
