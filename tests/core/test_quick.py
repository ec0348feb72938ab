"""The quick first retry tells the same story as the climb that it stands in for."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    RecoveryBudget,
    RecoveryResult,
)
from omninode_bridge.agents.workflows._attached import attached_call
from omninode_bridge.testing import FakeClock, ScriptedCall

ERRORS = (
    ConnectionError("reset by peer"),
    TimeoutError("read timed out"),
    ValueError("bad value"),
    PermissionError(13, "denied"),
    OSError(111, "connection refused"),
)


def play(seed: int, *, told: bool, blocking: bool) -> dict[str, Any]:
    """Run one random script; with `told` somebody listens, so that nothing is quick."""
    rng = random.Random(seed)
    script = [rng.choice(ERRORS) for _ in range(rng.randrange(1, 6))]
    call = ScriptedCall([type(error)(*error.args) for error in script] + ["fine"])
    clock = FakeClock()
    draws = random.Random(seed)
    orchestrator = ErrorRecoveryOrchestrator(
        max_retries=rng.randrange(0, 5),
        base_delay=rng.choice((0.0, 0.5, 3.0)),
        clock=clock,
        draw=draws.random,
        enable_notifications=False,
    )
    seconds = rng.choice((None, 1.0, 20.0))
    results: list[RecoveryResult] = []
    runs = orchestrator.with_options(
        budget=RecoveryBudget(attempts=rng.choice((0, 1, 2, 30)), seconds=seconds),
        rerun=rng.choice(("idempotent", "unknown", "never")),
        workflow_id="story",
        **({"on_result": results.append} if told else {}),
    )
    try:
        value = runs.run_sync(call.sync) if blocking else asyncio.run(runs.run(call))
        end: tuple[Any, ...] = ("value", value)
    except Exception as error:
        attached = attached_call(error)
        end = (type(error), error.args, error.__notes__, attached is not None and attached.name)
    counted = orchestrator.get_statistics()
    return {
        "end": end,
        "calls": len(call.calls),
        "sleeps": clock.sleeps,
        "ended": counted.total_attempts,
        "success_rate": counted.success_rate,
        "usage": dict(counted.strategy_usage),
        "types": dict(counted.error_type_counts),
        "average": pytest.approx(counted.avg_recovery_time_ms),
    }


@pytest.mark.parametrize("blocking", [True, False])
def test_quick_and_slow_tell_the_same_story(blocking: bool) -> None:
    """Values, errors, notes, waits, calls and statistics are equal, with and without a listener."""
    for seed in range(400):
        assert play(seed, told=False, blocking=blocking) == play(seed, told=True, blocking=blocking)


async def test_a_quick_retry_can_be_cancelled_in_its_wait() -> None:
    """A cancellation during the wait passes, and nothing is counted."""
    call = ScriptedCall([ConnectionError("reset by peer"), "never reached"])
    orchestrator = ErrorRecoveryOrchestrator(base_delay=3600.0, jitter="none")

    task = asyncio.create_task(orchestrator.run(call))
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(call.calls) == 1
    assert orchestrator.get_statistics().total_attempts == 0


def test_plain_errors_are_told_apart_by_their_arguments() -> None:
    """What is remembered of one error is not said of another, nor of one with a cause or a file."""
    orchestrator = ErrorRecoveryOrchestrator()
    refused = orchestrator.analyze(OSError(111, "connection refused"))
    full = orchestrator.analyze(OSError(28, "no space left on device"))
    wrapped = ConnectionError("lost")
    wrapped.__cause__ = PermissionError(13, "denied")

    assert refused.transient is True
    assert full.transient is False
    assert (
        orchestrator.analyze(ConnectionError("lost")).fingerprint
        != orchestrator.analyze(wrapped).fingerprint
    )
