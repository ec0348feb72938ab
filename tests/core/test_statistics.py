"""Counts of recoveries: what counts, how often, and what an empty set of them says."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omninode_bridge.agents.workflows import (
    Decision,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.agents.workflows._recorder import WINDOW, Recorder, percentile
from omninode_bridge.testing import ScriptedCall, fails_then

Make = Callable[..., ErrorRecoveryOrchestrator]
RETRY = RecoveryStrategy.RETRY


def test_nothing_yet(make: Make) -> None:
    """The printed health check holds at the start, and every kind has a zero record."""
    stats = make().get_statistics()

    assert (stats.total_attempts, stats.success_rate, stats.failure_rate) == (0, 1.0, 0.0)
    assert stats.avg_recovery_time_ms == 0.0
    assert set(stats.strategy_details) == set(RecoveryStrategy)
    assert stats.strategy_details[RETRY].exhaustion_rate == 0.0
    assert stats.strategy_usage == stats.strategy_success_rates == stats.strategy_durations == {}


async def test_recoveries_are_counted_not_runs(make: Make) -> None:
    """Three retries of one recovery are one; a call without an error is none."""
    orchestrator = make(base_delay=1.0)
    await orchestrator.run(fails_then(ConnectionError("x"), 1, times=3))
    await orchestrator.run(lambda: 1)
    with pytest.raises(ConnectionError):
        await orchestrator.run(ScriptedCall([ConnectionError("x")]))
    with pytest.raises(TimeoutError):
        await orchestrator.with_options(alternatives=["a"]).run(ScriptedCall([TimeoutError("x")]))
    await orchestrator.with_options(alternatives=["a"]).run(fails_then(ValueError("x"), 1))

    stats = orchestrator.get_statistics()

    assert stats.total_attempts == 4
    assert stats.success_rate == 0.5
    assert stats.failure_rate == 0.5
    assert stats.avg_recovery_time_ms == pytest.approx((7000 * 3) / 4)
    assert stats.strategy_usage == {RETRY: 3, RecoveryStrategy.ALTERNATIVE_PATH: 2}
    assert stats.strategy_success_rates[RETRY] == pytest.approx(1 / 3)
    assert stats.strategy_success_rates[RecoveryStrategy.ALTERNATIVE_PATH] == 0.5
    assert stats.error_type_counts == {
        ErrorType.NETWORK: 2,
        ErrorType.TIMEOUT: 1,
        ErrorType.VALIDATION: 1,
    }
    assert stats.strategy_details[RETRY].exhaustion_rate == pytest.approx(2 / 3)
    assert sum(stats.strategy_durations[RETRY]) / len(stats.strategy_durations[RETRY]) == 7000
    assert stats.strategy_details[RETRY].p50 == pytest.approx(7000)
    assert stats.recovery_time_p95 == pytest.approx(7000)


async def test_the_printed_report_prints(make: Make) -> None:
    """The guide's formats work on what is returned."""
    orchestrator = make(base_delay=0)
    await orchestrator.run(fails_then(ConnectionError("x"), 1))
    stats = orchestrator.get_statistics()

    assert f"{stats.success_rate:.1%} {stats.avg_recovery_time_ms:.2f}ms" == "100.0% 0.00ms"
    assert [
        f"{s}: {n} uses ({stats.strategy_success_rates[s]:.1%})"
        for s, n in stats.strategy_usage.items()
    ] == ["retry: 1 uses (100.0%)"]
    assert f"{stats.strategy_details[RETRY].exhaustion_rate:.1%}" == "0.0%"


async def test_escalations_are_counted_apart(make: Make) -> None:
    """Escalated, delivered, resolved and pending; without a usable value the end is a failure."""
    answers: list[Any] = [None, Decision.skip(), Decision.value(1)]
    orchestrator = make(enable_notifications=False, escalation={})

    async def escalate(n: int) -> RecoveryResult:
        return await orchestrator.handle_error(
            RecoveryContext(f"w{n}", "n", exception=PermissionError("x"))
        )

    for n, answer in enumerate(answers):
        result = await escalate(n)
        if answer is not None:
            await orchestrator.escalations.resolve(result.escalation_id or "", answer, by="ann")
            await escalate(n)

    stats = orchestrator.get_statistics()
    assert (stats.escalated, stats.delivered, stats.pending, stats.resolved) == (5, 0, 3, 2)
    # What left its question open gave its caller no value, whatever was answered later.
    assert stats.total_attempts == 5
    assert stats.success_rate == 0.2


def test_switched_off(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is counted, the object says so, and the log says it once."""
    orchestrator = make(enable_statistics=False, base_delay=0)
    orchestrator.run_sync(fails_then(ConnectionError("x"), 1).sync)

    with caplog.at_level(logging.INFO):
        first, _ = orchestrator.get_statistics(), orchestrator.get_statistics()

    assert first.enabled is False
    assert first.total_attempts == 0
    assert first.strategy_details[RETRY].exhaustion_rate == 0.0
    assert [r.message for r in caplog.records].count("recovery.statistics_disabled") == 1


def test_a_snapshot_does_not_change(make: Make) -> None:
    """What was returned stays as it was when more happens."""
    orchestrator = make(base_delay=0)
    before = orchestrator.get_statistics()

    orchestrator.run_sync(fails_then(ConnectionError("x"), 1).sync)

    assert before.total_attempts == 0
    assert before.strategy_usage == {}
    with pytest.raises(AttributeError):
        before.total_attempts = 5  # type: ignore[misc]


def test_the_window_is_bounded() -> None:
    """However many recoveries there were, as many durations are kept as the window holds."""
    recorder = Recorder()
    one = RecoveryResult.recovered(RETRY, 1, duration_ms=1.0)

    for _ in range(WINDOW + 50):
        recorder.record(one)

    assert recorder.snapshot().total_attempts == WINDOW + 50
    assert len(recorder._recent) == WINDOW


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=50),
    st.sampled_from([0.01, 0.5, 0.95, 0.99, 1.0]),
)
def test_percentiles(values: list[float], share: float) -> None:
    """A percentile is one of the values, with at least its share at or below it."""
    found = percentile(values, share)

    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


@given(
    st.lists(
        st.tuples(st.sampled_from([RETRY, None]), st.booleans(), st.floats(0, 1e5)), max_size=40
    )
)
def test_the_rates_add_up(ends: list[tuple[RecoveryStrategy | None, bool, float]]) -> None:
    """Success and failure make one, the mean lies within the values, whatever came."""
    recorder = Recorder()
    for kind, success, duration in ends:
        recorder.record(RecoveryResult(success=success, strategy_used=kind, duration_ms=duration))

    stats = recorder.snapshot()

    assert stats.total_attempts == len(ends)
    assert stats.success_rate + stats.failure_rate == pytest.approx(1.0)
    if ends:
        times = [duration for _, _, duration in ends]
        assert stats.success_rate == sum(ok for _, ok, _ in ends) / len(ends)
        assert min(times) - 1e-6 <= stats.avg_recovery_time_ms <= max(times) + 1e-6


def test_threads_count_together() -> None:
    """Nothing is lost when several threads record at once."""
    recorder = Recorder()
    one = RecoveryResult.recovered(RETRY, 1, duration_ms=1.0)

    def record() -> None:
        for _ in range(500):
            recorder.record(one)
            recorder.count_hook_failure()

    threads = [threading.Thread(target=record) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    stats = recorder.snapshot()
    assert (stats.total_attempts, stats.hook_failures) == (4000, 4000)
