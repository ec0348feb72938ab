"""The doubles that users test with."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    Clock,
    ErrorRecoveryOrchestrator,
    Notifier,
    RecoveryContext,
)
from omninode_bridge.testing import (
    AutojumpClock,
    FakeClock,
    RecordingNotifier,
    ScriptedCall,
    fails_then,
)


async def test_the_clock_advances_itself() -> None:
    """Waits of hours take no time, move both clocks and are remembered."""
    clock = FakeClock(datetime(2031, 5, 5, tzinfo=UTC))
    began = time.perf_counter()

    await clock.sleep(3600)
    clock.sleep_blocking(60)
    clock.advance(1.5)

    assert isinstance(clock, Clock)
    assert clock.sleeps == [3600, 60]
    assert clock.monotonic() == 3661.5
    assert clock.now() - datetime(2031, 5, 5, tzinfo=UTC) == timedelta(seconds=3661.5)
    assert time.perf_counter() - began < 1


async def test_other_tasks_run_during_a_wait() -> None:
    """A wait gives the loop a turn, and can be cancelled there."""
    clock = FakeClock()
    order: list[str] = []

    async def other() -> None:
        order.append("other")

    task = asyncio.create_task(other())
    await clock.sleep(1)
    order.append("after")
    await task

    assert order == ["other", "after"]


def test_the_clock_never_goes_back() -> None:
    """A negative wait is remembered and moves nothing."""
    clock = FakeClock()

    clock.sleep_blocking(-5)

    assert clock.monotonic() == 0


async def test_sleepers_side_by_side_wake_in_order() -> None:
    """The jumping clock wakes the earliest first and moves only when all wait."""
    clock = AutojumpClock()
    woke: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woke.append((name, clock.monotonic()))

    await asyncio.gather(sleeper("late", 10), sleeper("early", 1), sleeper("middle", 5))

    assert woke == [("early", 1.0), ("middle", 5.0), ("late", 10.0)]


async def test_a_script_is_followed() -> None:
    """Exceptions are raised, values returned, the last entry repeats, calls are remembered."""
    error = ValueError("x")
    call = ScriptedCall([error, KeyError, 1, None])

    with pytest.raises(ValueError) as raised:
        await call(1, a=2)
    with pytest.raises(KeyError):
        call.sync()
    assert [await call(), await call(), call.sync(self=5)] == [1, None, None]
    assert raised.value is error
    assert call.calls == [((1,), {"a": 2}), ((), {}), ((), {}), ((), {}), ((), {"self": 5})]


def test_an_empty_script_is_refused() -> None:
    """It could do nothing."""
    with pytest.raises(ValueError, match="at least one entry"):
        ScriptedCall([])


async def test_fails_then() -> None:
    """So many failures, then the value."""
    orchestrator = ErrorRecoveryOrchestrator(clock=FakeClock())
    call = fails_then(ConnectionError("x"), "value", times=3)

    assert await orchestrator.run(call) == "value"
    assert len(call.calls) == 4


@pytest.mark.parametrize(
    ("settings", "delivered"),
    [({}, True), ({"delivers": False}, False), ({"error": OSError("dead")}, False)],
)
async def test_the_recording_notifier(settings: dict[str, Any], delivered: bool) -> None:
    """It takes, refuses or fails as told, and remembers each report."""
    channel = RecordingNotifier("mine", **settings)
    orchestrator = ErrorRecoveryOrchestrator(clock=FakeClock(), notifiers={"mine": channel})

    result = await orchestrator.handle_error(
        RecoveryContext("w", "n", exception=PermissionError("x"))
    )

    assert isinstance(channel, Notifier)
    assert result.metadata["delivered"] is delivered
    assert channel.sent[0].workflow_id == "w"
