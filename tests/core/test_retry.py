"""Run the unchanged call again: its value, its end, what forbids it, and use by itself."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    CircuitBreakerStrategy,
    ErrorRecoveryOrchestrator,
    RecoveryBudget,
    RecoveryContext,
    RecoveryStrategy,
    RetryStrategy,
)
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import FakeClock, ScriptedCall, fails_then

Make = Callable[..., ErrorRecoveryOrchestrator]


def context(**fields: Any) -> RecoveryContext:
    return RecoveryContext("w", "n", **{"exception": ConnectionError("reset"), **fields})


@pytest.mark.parametrize("value", [None, 0, False, "", [], "value"])
async def test_it_returns_what_the_call_returned(clock: FakeClock, value: Any) -> None:
    """Alone, a strategy is a ladder of one step; the result is the call's value."""
    strategy = RetryStrategy(3, 1.0, jitter="none")

    result = await strategy.execute(
        context(), operation=fails_then(ConnectionError("x"), value, times=2), clock=clock
    )

    assert result.success
    assert result.result == value
    assert result.strategy_used is RecoveryStrategy.RETRY
    assert result.retry_count == 3
    assert clock.sleeps == [1, 2, 4]


@pytest.mark.parametrize(
    ("settings", "waits"),
    [
        ({"max_retries": 3, "base_delay": 1.0}, [1, 2, 4]),
        ({"max_retries": 5, "base_delay": 2.0}, [2, 4, 8, 16, 32]),
        ({"max_retries": 2, "base_delay": 0.5}, [0.5, 1]),
        (
            {"max_retries": 4, "base_delay": 1.0, "exponential_base": 3, "max_delay": 5.0},
            [1, 3, 5, 5],
        ),
        ({"max_retries": 0}, []),
    ],
)
async def test_the_printed_schedules(
    clock: FakeClock, settings: dict[str, Any], waits: list[float]
) -> None:
    """Every printed example waits as printed, and ends after its retries."""
    call = ScriptedCall([ConnectionError("down")])

    result = await RetryStrategy(**settings, jitter="none").execute(
        context(), operation=call, clock=clock
    )

    assert clock.sleeps == waits
    assert len(call.calls) == len(waits)
    assert not result.success
    assert f"all {len(waits)} retries failed" in (result.error_message or "")


async def test_jitter_stays_below_the_printed_numbers(clock: FakeClock) -> None:
    """The default spreads each wait between nothing and its printed length."""
    await RetryStrategy().execute(
        context(), operation=ScriptedCall([ConnectionError("x")]), clock=clock
    )

    assert all(0 <= wait <= most for wait, most in zip(clock.sleeps, [1, 2, 4], strict=True))


async def test_retry_after_is_a_minimum(make: Make, clock: FakeClock) -> None:
    """We wait as long as the last answer asked, and stop where that is longer than the cap."""

    class Throttled(Exception):
        status_code = 429

        def __init__(self, retry_after: float) -> None:
            super().__init__("slow down")
            self.retry_after = retry_after

    call = ScriptedCall([Throttled(30), Throttled(7), Throttled(61), "never"])

    with pytest.raises(Throttled):
        await make().run(call)

    assert clock.sleeps == [30, 7]
    assert len(call.calls) == 3


async def test_it_stops_when_the_error_turns_permanent(make: Make, clock: FakeClock) -> None:
    """A new error is judged by itself: one that stays ends the retries."""
    call = ScriptedCall([ConnectionError("x"), ValueError("wrong"), "never"])

    with pytest.raises(ConnectionError) as raised:
        await make().run(call)

    assert len(call.calls) == 2
    assert "permanent" in raised.value.__notes__[0]


async def test_force_retries_what_stays(make: Make) -> None:
    """Who says `force` knows better."""
    call = fails_then(ValueError("flaky parser"), "value")

    assert (
        await make(base_delay=0).with_options(strategy="retry", retry={"force": True}).run(call)
        == "value"
    )


async def test_without_a_call_there_is_nothing_to_retry() -> None:
    """It is said, not guessed."""
    result = await RetryStrategy().execute(context())

    assert not result.success
    assert "no call to run again" in (result.error_message or "")


async def test_never_is_never() -> None:
    """A call that must not run twice is not run."""
    call = ScriptedCall(["value"])

    result = await RetryStrategy().execute(context(metadata={"rerun": "never"}), operation=call)

    assert not result.success
    assert call.calls == []


async def test_the_state_stays_and_each_run_gets_it_fresh(clock: FakeClock) -> None:
    """A call that writes to its state does not hand that on to the next run."""
    seen: list[dict[str, Any]] = []

    def op(state: dict[str, Any]) -> str:
        seen.append(dict(state))
        state["dirty"] = True
        if len(seen) < 3:
            raise ConnectionError("x")
        return "value"

    state = {"a": [1]}
    before = copy.deepcopy(state)

    result = await RetryStrategy(jitter="none").execute(
        context(state=state), operation=op, clock=clock
    )

    assert result.result == "value"
    assert state == before
    assert seen == [before] * 3


async def test_a_failing_hook_or_metric_changes_nothing(make: Make) -> None:
    """What is told may fail; the recovery goes on and counts it."""

    class Metrics:
        def record_recovery_success(self, **_: Any) -> None:
            raise RuntimeError("no")

        record_recovery_failure = record_recovery_success

    class Signals:
        def emit(self, event: Any) -> None:
            raise RuntimeError("no")

    def broken(*_: Any) -> None:
        raise RuntimeError("no")

    orchestrator = make(base_delay=0, metrics_collector=Metrics(), signal_coordinator=Signals())
    orchestrator.on_recovery_attempt(broken)
    orchestrator.on_recovery_success(broken)

    assert await orchestrator.run(fails_then(ConnectionError("x"), "value")) == "value"
    assert orchestrator.get_statistics().hook_failures == 4


async def test_one_strategy_serves_many_at_once(clock: FakeClock) -> None:
    """Nothing of one recovery is seen by another."""
    strategy = RetryStrategy(3, 1.0)

    async def one(n: int) -> Any:
        call = fails_then(ConnectionError("x"), n, times=n % 3)
        return (await strategy.execute(context(), operation=call, clock=clock)).result

    assert await asyncio.gather(*(one(n) for n in range(100))) == list(range(100))


async def test_the_budget_of_a_single_step(clock: FakeClock) -> None:
    """A strategy by itself keeps to a budget, too."""
    call = ScriptedCall([ConnectionError("x")])

    result = await RetryStrategy(9, 0.0).execute(
        context(), operation=call, clock=clock, budget=RecoveryBudget(attempts=2)
    )

    assert len(call.calls) == 2
    assert "the budget of 2 attempts is used up" in (result.error_message or "")


@pytest.mark.parametrize(
    "settings",
    [
        {"max_retries": -1},
        {"max_retries": 1.0},
        {"max_retries": True},
        {"max_retries": 1001},
        {"base_delay": -1},
        {"exponential_base": 0},
        {"max_delay": "60"},
        {"jitter": "random"},
        {"force": None},
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any]) -> None:
    """Each is refused at construction, by name, in one sentence."""
    name = next(iter(settings))

    with pytest.raises(ConfigurationError, match=name) as refused:
        RetryStrategy(**settings)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("strategy", [RetryStrategy(1, 0), CircuitBreakerStrategy()])
async def test_the_operation_by_position(strategy: Any, clock: FakeClock) -> None:
    """`execute(context, operation)` is the same for every built-in strategy."""
    context = RecoveryContext("w", "n", exception=ConnectionError("x"))

    result = await strategy.execute(context, lambda: "value", clock=clock)

    assert result.result == "value"
