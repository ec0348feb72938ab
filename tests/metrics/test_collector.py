"""Counters, gauges and timings: what is counted, what is refused, where it ends."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from omninode_bridge.agents.metrics import MetricsCollector
from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, RecoveryStrategy
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import FakeClock, fails_then


def test_counters_add_up_by_labels() -> None:
    """Each set of labels has a series of its own, whatever the order of its labels is."""
    metrics = MetricsCollector()

    metrics.increment("files", labels={"kind": "model", "ok": True})
    metrics.increment("files", 2.5, labels={"ok": True, "kind": "model"})
    metrics.increment("files", labels={"kind": "test", "ok": False})

    seen = metrics.snapshot()
    assert seen.counter("files", kind="model", ok=True) == 3.5
    assert seen.counter("files", kind="test", ok=False) == 1.0
    assert seen.counter("files") == 4.5
    assert seen.counter("files", kind="none", ok=True) == 0.0
    assert seen.counter("nothing") == 0.0


def test_a_gauge_says_what_is_now() -> None:
    """The last value counts; one that was never set is None."""
    metrics = MetricsCollector()

    metrics.set_gauge("queue.length", 5)
    metrics.set_gauge("queue.length", -2.5)

    assert metrics.snapshot().gauge("queue.length") == -2.5
    assert metrics.snapshot().gauge("queue.width") is None


def test_timings_keep_totals_and_a_recent_window() -> None:
    """Count, sum and extremes are over all durations, percentiles over the recent ones."""
    metrics = MetricsCollector(window=4, buckets_ms=(10, 100))

    for spent in (1000.0, 5.0, 10.0, 11.0, 50.0):
        metrics.record_timing("step", spent)

    step = metrics.snapshot().timing("step")
    assert (step.count, step.sum_ms, step.min_ms, step.max_ms) == (5, 1076.0, 5.0, 1000.0)
    assert step.recent_ms == (5.0, 10.0, 11.0, 50.0)
    assert step.mean_ms == pytest.approx(215.2)
    assert [step.percentile(share) for share in (0.0, 0.5, 0.95, 1.0)] == [5.0, 10.0, 50.0, 50.0]
    assert step.buckets == ((10.0, 2), (100.0, 4), (float("inf"), 5))


def test_an_unknown_timing_is_zeros() -> None:
    """Nobody has to ask first whether there is something."""
    empty = MetricsCollector().snapshot().timing("step", stage="a")

    assert (empty.count, empty.mean_ms, empty.percentile(0.95)) == (0, 0.0, 0.0)
    with pytest.raises(ValueError, match="0 to 1"):
        empty.percentile(95)


def test_the_timer_times_what_fails_too() -> None:
    """A body that raises is timed, and its exception passes."""
    clock = FakeClock()
    metrics = MetricsCollector(monotonic=clock.monotonic)

    with pytest.raises(KeyError), metrics.timer("step", labels={"stage": "a"}):
        clock.advance(0.25)
        raise KeyError("x")

    assert metrics.snapshot().timing("step", stage="a").recent_ms == (250.0,)


def test_a_snapshot_does_not_change() -> None:
    """What is counted later is in the next snapshot only."""
    metrics = MetricsCollector()
    metrics.increment("files")
    metrics.record_timing("step", 1)
    before = metrics.snapshot()

    metrics.increment("files")
    metrics.record_timing("step", 1)

    assert (before.counter("files"), before.timing("step").count) == (1.0, 1)
    metrics.reset()
    assert metrics.snapshot().counters == {}
    metrics.set_gauge("files", 1)  # after a reset a name is free again


def test_recoveries_are_counted_by_strategy_and_outcome() -> None:
    """The guide's two calls count; the error's class becomes a label, its words do not."""
    metrics = MetricsCollector()

    metrics.record_recovery_success(strategy=RecoveryStrategy.RETRY, duration_ms=12.5)
    metrics.record_recovery_failure(strategy="retry", error="TimeoutError: token=abc took 12 s")
    metrics.record_recovery_failure(strategy=None, error="nothing was tried; no call")
    metrics.record_recovery_failure(strategy=None, error=None)
    metrics.record_recovery_failure(strategy=None, error=KeyError("x"))

    seen = metrics.snapshot()
    assert seen.counter("recoveries", strategy="retry", outcome="success") == 1
    assert seen.counter("recoveries", strategy="retry", outcome="failure") == 1
    assert seen.counter("recovery_errors", strategy="retry", error="TimeoutError") == 1
    assert seen.counter("recovery_errors", strategy="none", error="other") == 2
    assert seen.counter("recovery_errors", strategy="none", error="KeyError") == 1
    assert seen.timing("recovery_duration", strategy="retry").recent_ms == (12.5,)
    assert "abc" not in metrics.to_prometheus()


async def test_an_orchestrator_counts_its_recoveries() -> None:
    """Handed to an orchestrator, the collector has one count for each recovery that ended."""
    metrics = MetricsCollector()
    orchestrator = ErrorRecoveryOrchestrator(metrics, clock=FakeClock())

    await orchestrator.run(fails_then(ConnectionError("reset"), "ok"))
    with pytest.raises(ConnectionError):
        await orchestrator.run(fails_then(ConnectionError("reset"), "ok", times=99))

    seen = metrics.snapshot()
    assert seen.counter("recoveries", strategy="retry", outcome="success") == 1
    assert seen.counter("recoveries", strategy="retry", outcome="failure") == 1
    assert seen.counter("recovery_errors", strategy="retry", error="ConnectionError") == 1


def test_label_sets_are_bounded(caplog: pytest.LogCaptureFixture) -> None:
    """After the last place all further label sets share one series, and that is logged once."""
    metrics = MetricsCollector(max_series=3)

    with caplog.at_level(logging.WARNING):
        for user in range(1000):
            metrics.increment("logins", labels={"user": user, "site": "a"})
            metrics.record_timing("login", user, labels={"user": user})
    metrics.increment("logins", labels={"user": 1, "site": "a"})

    seen = metrics.snapshot()
    assert len(seen.counters["logins"].values) == 4
    assert seen.counter("logins", user="_other", site="_other") == 997
    assert seen.counter("logins", user=1, site="a") == 2
    assert seen.counter("logins") == 1001
    assert seen.timing("login", user="_other").count == 997
    assert [record.message for record in caplog.records] == ["metrics.too_many_label_sets"] * 2


def test_names_are_bounded(caplog: pytest.LogCaptureFixture) -> None:
    """Measurements of further names are dropped and counted, and that is logged once."""
    metrics = MetricsCollector(max_metrics=2)

    with caplog.at_level(logging.WARNING):
        for number in range(10):
            metrics.increment(f"metric_{number}")

    assert list(metrics.snapshot().counters) == ["metric_0", "metric_1"]
    assert metrics.snapshot().dropped == 8
    assert [record.message for record in caplog.records] == ["metrics.too_many_names"]


def test_label_values_are_bounded_texts() -> None:
    """A long value is cut, and characters that no encoder or reader takes are replaced."""
    metrics = MetricsCollector()

    metrics.increment("a", labels={"text": "x" * 10_000, "odd": "a\r\x00\ud800b", "none": None})

    ((key, _),) = metrics.snapshot().counters["a"].values.items()
    labels = dict(key)
    assert labels["text"] == "x" * 117 + "..."
    assert labels["odd"] == "a\ufffd\ufffd\ufffdb"
    assert labels["none"] == "None"


@pytest.mark.parametrize(
    "name", ["", "1st", "with space", "with-dash", "a\n", "é", "x" * 121, None, 5, [], "a{b}"]
)
def test_names_that_cannot_be_exported_are_refused(name: Any) -> None:
    """A name that Prometheus would not take is refused at once."""
    metrics = MetricsCollector()

    for measure in (metrics.increment, metrics.set_gauge, metrics.record_timing):
        with pytest.raises(ConfigurationError, match="the name of a metric"):
            measure(name, 1)
    assert metrics.snapshot().counters == {}


@pytest.mark.parametrize(
    "labels",
    [
        {"le": 1},
        {"quantile": 1},
        {"__name__": "x"},
        {"a b": 1},
        {"1": 1},
        {"": 1},
        {5: 1},
        {str(n): n for n in range(9)},
        ["a"],
        "a",
    ],
)
def test_labels_that_cannot_be_exported_are_refused(labels: Any) -> None:
    """So are labels, and nothing was counted."""
    metrics = MetricsCollector()

    with pytest.raises(ConfigurationError, match="label"):
        metrics.increment("a", labels=labels)
    assert metrics.snapshot().counters == {}


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), True, "1", None, 1j])
def test_values_that_would_spoil_a_total_are_refused(value: Any) -> None:
    """Counters only grow, durations are no less than nothing, and both are finite."""
    metrics = MetricsCollector()

    for measure in (metrics.increment, metrics.record_timing):
        with pytest.raises(ConfigurationError, match="number"):
            measure("a", value)


def test_a_name_has_one_kind_and_one_set_of_label_names() -> None:
    """The first use decides both; so do exported names, which two metrics must not share."""
    metrics = MetricsCollector()
    metrics.increment("a", labels={"x": 1})
    metrics.record_timing("b_ms", 1)

    with pytest.raises(ConfigurationError, match="is a counter, not a gauge"):
        metrics.set_gauge("a", 1)
    with pytest.raises(ConfigurationError, match="'x'; 'y' were given"):
        metrics.increment("a", labels={"y": 1})
    with pytest.raises(ConfigurationError, match="'x'; no labels were given"):
        metrics.increment("a")
    with pytest.raises(ConfigurationError, match="'a_total', as 'a' is"):
        metrics.increment("a_total")
    with pytest.raises(ConfigurationError, match="'b_seconds', as 'b_ms' is"):
        metrics.record_timing("b", 1)
    with pytest.raises(ConfigurationError, match="'b_seconds_sum', as 'b_ms' is"):
        metrics.set_gauge("b_seconds_sum", 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_metrics": 0},
        {"max_series": -1},
        {"window": 2.5},
        {"window": True},
        {"namespace": "a b"},
        {"buckets_ms": ()},
        {"buckets_ms": (2, 1)},
        {"buckets_ms": (1, 1)},
        {"buckets_ms": (float("inf"),)},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    """A bound that is none is told at construction."""
    with pytest.raises(ConfigurationError, match="must be"):
        MetricsCollector(**wrong)


def test_threads_lose_no_count() -> None:
    """Eight threads that count at once come to the right totals."""
    metrics = MetricsCollector()

    def work(number: int) -> None:
        for _ in range(500):
            metrics.increment("a", labels={"thread": number % 2})
            metrics.record_timing("b", 1)
            metrics.record_recovery_success(strategy="retry", duration_ms=1)
            metrics.snapshot()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    seen = metrics.snapshot()
    assert seen.counter("a", thread=0) == seen.counter("a", thread=1) == 2000
    assert seen.timing("b").count == 4000
    assert seen.counter("recoveries") == 4000
