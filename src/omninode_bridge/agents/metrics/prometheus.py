"""The text that Prometheus scrapes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, TypeVar

from ._names import families
from .snapshot import LabelSet, MetricsSnapshot, Series, TimingSummary

__all__ = ["CONTENT_TYPE", "render_prometheus"]

#: What the HTTP answer that carries the text says of itself.
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

V = TypeVar("V")


def render_prometheus(snapshot: MetricsSnapshot) -> str:
    """Return the snapshot in the text format 0.0.4, families in order of name.

    Counters end in ``_total``; timings are histograms in seconds.
    See https://prometheus.io/docs/instrumenting/exposition_formats/.
    """
    blocks: dict[str, str] = {}
    for kind, all_series in (("counter", snapshot.counters), ("gauge", snapshot.gauges)):
        for name, series in all_series.items():
            family = _full(snapshot.namespace, families(kind, name)[0])
            lines = [_sample(family, labels, value) for labels, value in series.values.items()]
            blocks[family] = _block(family, kind, series, lines)
    for name, timing in snapshot.timings.items():
        family = _full(snapshot.namespace, families("timing", name)[0])
        blocks[family] = _block(family, "histogram", timing, list(_histogram(family, timing)))
    return "".join(blocks[family] for family in sorted(blocks))


def _full(namespace: str, name: str) -> str:
    return f"{namespace}_{name}" if namespace else name


def _block(family: str, kind: str, series: Series[V], lines: list[str]) -> str:
    head = [f"# HELP {family} {_escape_help(series.help)}"] if series.help else []
    return "\n".join([*head, f"# TYPE {family} {kind}", *lines, ""])


def _histogram(family: str, series: Series[TimingSummary]) -> Iterator[str]:
    for labels, timing in series.values.items():
        for bound_ms, count in timing.buckets:
            bound = _number(bound_ms / 1000)
            yield _sample(f"{family}_bucket", (*labels, ("le", bound)), count)
        yield _sample(f"{family}_sum", labels, timing.sum_ms / 1000)
        yield _sample(f"{family}_count", labels, timing.count)


def _sample(name: str, labels: LabelSet, value: float) -> str:
    inside = ",".join(f'{label}="{_escape_value(text)}"' for label, text in labels)
    return f"{name}{{{inside}}} {_number(value)}" if inside else f"{name} {_number(value)}"


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))


def _escape_value(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _escape_help(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")
