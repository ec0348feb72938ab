"""The text for Prometheus, read back by the rules of its format."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from omninode_bridge.agents.metrics import MetricsCollector

SAMPLE = re.compile(
    r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>.*)\})? (?P<value>[-+0-9.eInf]+)"
)
LABEL = re.compile(r'(?P<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?P<value>(?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
UNESCAPED = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def read(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return all samples; anything that is no right line is an error."""
    samples: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    families: list[str] = []
    assert text == "" or text.endswith("\n")
    for line in text.split("\n")[:-1]:
        if line.startswith("# "):
            word, family = line.split(" ", 3)[1:3]
            assert word in ("HELP", "TYPE")
            if word == "TYPE":
                assert family not in families
                families.append(family)
            continue
        found = SAMPLE.fullmatch(line)
        assert found is not None, line
        assert found["name"].startswith(families[-1])
        labels, rest = [], found["labels"] or ""
        while rest:
            pair = LABEL.match(rest)
            assert pair is not None, rest
            value = re.sub(r'\\[\\"n]', lambda m: UNESCAPED[m[0]], pair["value"])
            labels.append((pair["name"], value))
            rest = rest[pair.end() :]
        key = (found["name"], tuple(labels))
        assert key not in samples
        samples[key] = float(found["value"])
    return samples


def test_every_kind_is_exported() -> None:
    """Counters end in _total, dots become underscores, timings are histograms in seconds."""
    metrics = MetricsCollector(namespace="app", buckets_ms=(10, 1000))
    metrics.increment("files.written", 3, labels={"kind": "model"})
    metrics.set_gauge("queue", 0.5)
    metrics.record_timing("step_ms", 10)
    metrics.record_timing("step_ms", 2500)
    metrics.describe("queue", "How many\nwait \\ now")

    assert metrics.to_prometheus() == (
        "# TYPE app_files_written_total counter\n"
        'app_files_written_total{kind="model"} 3\n'
        "# HELP app_queue How many wait \\\\ now\n"
        "# TYPE app_queue gauge\n"
        "app_queue 0.5\n"
        "# TYPE app_step_seconds histogram\n"
        'app_step_seconds_bucket{le="0.01"} 1\n'
        'app_step_seconds_bucket{le="1"} 1\n'
        'app_step_seconds_bucket{le="+Inf"} 2\n'
        "app_step_seconds_sum 2.51\n"
        "app_step_seconds_count 2\n"
    )


def test_nothing_counted_is_no_text() -> None:
    """An empty collector exports nothing."""
    assert MetricsCollector().to_prometheus() == ""


@given(st.dictionaries(st.text(), st.integers(1, 9), max_size=20))
def test_any_label_value_survives_the_format(values: dict[str, int]) -> None:
    """Whatever the values hold, each series is one line, and what is read back is what was kept."""
    metrics = MetricsCollector(namespace="")
    for value, amount in values.items():
        metrics.increment("a", amount, labels={"value": value, "b": '"'})

    text = metrics.to_prometheus()
    samples = read(text)
    text.encode("utf-8")

    kept = metrics.snapshot().counters["a"].values if values else {}
    assert samples == {("a_total", labels): amount for labels, amount in kept.items()}
    assert sum(samples.values()) == sum(values.values())


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=50))
def test_histograms_are_cumulative_and_end_in_the_count(durations: list[float]) -> None:
    """Buckets never fall, the last one is infinity, and it equals the count."""
    metrics = MetricsCollector(namespace="")
    for spent in durations:
        metrics.record_timing("step", spent, labels={"stage": "a"})

    samples = read(metrics.to_prometheus())

    buckets = [n for (name, _), n in samples.items() if name == "step_seconds_bucket"]
    assert buckets == sorted(buckets)
    assert buckets[-1] == len(durations) == samples["step_seconds_count", (("stage", "a"),)]
    assert samples["step_seconds_bucket", (("stage", "a"), ("le", "+Inf"))] == len(durations)
