"""One purse for a whole recovery: attempts, seconds, and what the defaults admit."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    RecoveryBudget,
    RecoveryContext,
)
from omninode_bridge.agents.workflows.recovery_models import DEFAULT_BUDGET
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import FakeClock, ScriptedCall

Make = Callable[..., ErrorRecoveryOrchestrator]
amounts = st.one_of(st.none(), st.floats(0, 1e9), st.integers(0, 10**9))


@given(amounts, st.floats(0, 1e9))
def test_what_is_left_is_never_negative(limit: Any, used: float) -> None:
    """No limit leaves infinity; otherwise the rest, down to nothing."""
    left = RecoveryBudget(seconds=limit).left(seconds=used)

    assert left.seconds == (math.inf if limit is None else max(0.0, limit - used))
    assert left.tokens == math.inf


@pytest.mark.parametrize("name", ["attempts", "seconds", "tokens", "money"])
@pytest.mark.parametrize("value", [-1, math.nan, "5", True, [5]])
def test_a_limit_that_cannot_be(name: str, value: Any) -> None:
    """It is refused by name and value."""
    with pytest.raises(ConfigurationError, match=f"budget {name} is"):
        RecoveryBudget(**{name: value})


def test_the_default_admits_the_longest_printed_schedule(make: Make, clock: FakeClock) -> None:
    """Five retries of 2, 4, 8, 16 and 32 seconds fit, as does an alternative after them."""
    call = ScriptedCall([ConnectionError("x")])
    runs = make(max_retries=5, base_delay=2.0).with_options(alternatives=["a"])

    with pytest.raises(ConnectionError):
        runs.run_sync(call.sync)

    assert clock.sleeps == [2, 4, 8, 16, 32]
    assert len(call.calls) == 7
    assert DEFAULT_BUDGET.seconds is not None
    assert sum(clock.sleeps) < DEFAULT_BUDGET.seconds


@pytest.mark.parametrize(("attempts", "runs"), [(0, 1), (1, 2), (2, 3), (100, 14)])
def test_attempts_are_shared_by_all_steps(make: Make, attempts: int, runs: int) -> None:
    """Runs of the recovery count, the first failed one does not."""
    call = ScriptedCall([ConnectionError("x")])
    options = make(base_delay=0, max_retries=10).with_options(
        alternatives=["a", "b", "c"], budget=RecoveryBudget(attempts=attempts)
    )

    with pytest.raises(ConnectionError):
        options.run_sync(call.sync)

    assert len(call.calls) == runs


def test_time_of_calls_counts(make: Make, clock: FakeClock) -> None:
    """A slow call leaves less time; one that runs is not cut short."""
    runs: list[float] = []

    def slow() -> None:
        runs.append(clock.monotonic())
        clock.advance(4.0)
        raise ConnectionError("x")

    with pytest.raises(ConnectionError) as raised:
        make(base_delay=0, max_retries=50).with_options(budget=RecoveryBudget(seconds=10)).run_sync(
            slow
        )

    assert len(runs) == 4  # at 0, then 0, 4 and 8 seconds after the failure
    assert "the budget of 10 s is used up" in raised.value.__notes__[0]


def test_no_time_at_all(make: Make, clock: FakeClock) -> None:
    """A budget of no seconds tries nothing that runs the call, and asks a human all the same."""
    call = ScriptedCall([ConnectionError("x")])
    told: list[Any] = []
    orchestrator = make(base_delay=0, escalation={}, enable_notifications=False)

    with pytest.raises(ConnectionError):
        orchestrator.with_options(budget=RecoveryBudget(seconds=0), on_result=told.append).run_sync(
            call.sync
        )

    assert len(call.calls) == 1
    assert told[0].escalated


def test_a_clock_that_goes_back_takes_nothing_away(make: Make) -> None:
    """Decisions go by time that never goes back, whatever the wall clock does."""

    class Drifting(FakeClock):
        def now(self) -> Any:
            from datetime import timedelta

            return super().now() - timedelta(days=int(self.monotonic()))

    clock = Drifting()
    call = ScriptedCall([ConnectionError("x")])

    with pytest.raises(ConnectionError):
        make(clock=clock, base_delay=3.0).with_options(budget=RecoveryBudget(seconds=10)).run_sync(
            call.sync
        )

    assert clock.sleeps == [3, 6]


def test_the_attempts_tell_what_was_left(make: Make, clock: FakeClock) -> None:
    """Each record carries the rest at its decision."""
    told: list[Any] = []
    call = ScriptedCall([ConnectionError("x")])

    with pytest.raises(ConnectionError):
        make().with_options(
            budget=RecoveryBudget(attempts=5, seconds=100), on_result=told.append
        ).run_sync(call.sync)

    left = [record.attempt.budget_left for record in told[0].attempts]
    assert [(one.attempts, one.seconds) for one in left] == [(5, 100), (4, 99), (3, 97)]


async def test_a_standalone_strategy_takes_a_budget(clock: FakeClock) -> None:
    """`execute(budget=...)` is the same purse."""
    from omninode_bridge.agents.workflows import RetryStrategy

    result = await RetryStrategy(9, 3.0, jitter="none").execute(
        RecoveryContext("w", "n", exception=ConnectionError("x")),
        operation=ScriptedCall([ConnectionError("x")]),
        clock=clock,
        budget=RecoveryBudget(seconds=10),
    )

    assert clock.sleeps == [3, 6]
    assert "would end after the budget of 10 s" in (result.error_message or "")
