"""What a callback of somebody else raises is logged without the secrets in it and in its chain."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.coordination import SignalCoordinator
from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, RecoveryResult
from omninode_bridge.agents.workflows.monitoring import AlertManager
from omninode_bridge.agents.workflows.staged_execution import (
    StagedParallelExecutor,
    WorkflowStage,
    WorkflowStep,
)
from omninode_bridge.testing import fails_then

Make = Callable[..., ErrorRecoveryOrchestrator]

SECRET = "sk-proj-ABCDEFGHIJKLMNOPqrstuvwxyz0123456789"


def fails(*_: Any, **__: Any) -> None:
    try:
        raise LookupError(f"api_key={SECRET}")
    except LookupError as error:
        raise RuntimeError(f"Authorization: Bearer {SECRET}") from error


class Sink:
    """Metrics and signals that fail."""

    increment = emit = record_recovery_success = record_recovery_failure = staticmethod(fails)


async def via_hook(make: Make) -> str:
    orchestrator = make(base_delay=0)
    orchestrator.on_recovery_success(fails)
    await orchestrator.run(fails_then(ConnectionError(f"password={SECRET}"), 1))
    return "recovery.hook_failed"


async def via_on_result(make: Make) -> str:
    async def told(result: RecoveryResult) -> None:
        fails()

    runs = make(base_delay=0).with_options(on_result=told)
    await runs.run(fails_then(ConnectionError(f"password={SECRET}"), 1))
    return "recovery.on_result_failed"


async def via_metrics(make: Make) -> str:
    orchestrator = make(base_delay=0, metrics_collector=Sink())
    await orchestrator.run(fails_then(ConnectionError(f"password={SECRET}"), 1))
    return "recovery.hook_failed"


async def via_listener(make: Make) -> str:
    signals = SignalCoordinator({})
    signals.on("x")(fails)
    signals.send("x")
    return "signals.listener_failed"


async def via_progress(make: Make) -> str:
    stage = WorkflowStage("s", [WorkflowStep("a", lambda: 1)])
    await StagedParallelExecutor(on_progress=fails).execute_workflow("w", [stage])
    return "workflow.progress_failed"


@pytest.mark.parametrize(
    "provoke", [via_hook, via_on_result, via_metrics, via_listener, via_progress]
)
async def test_no_secret_reaches_the_log(
    make: Make, caplog: pytest.LogCaptureFixture, provoke: Callable[[Make], Any]
) -> None:
    """Neither its message nor those of its chain; where it was raised is there."""
    with caplog.at_level(logging.DEBUG):
        event = await provoke(make)

    record = next(r for r in caplog.records if r.message == event)
    fields = record.__dict__
    assert fields["error"].startswith("RuntimeError")
    assert __file__ in fields.get("traceback", fields.get("where", ""))
    written = [repr(vars(r)) + logging.Formatter().format(r) for r in caplog.records]
    assert SECRET not in "".join(written)


async def test_no_secret_of_a_failing_check_reaches_the_log(
    make: Make, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watch of the alerts logs what it meets in the same way."""
    alerts = AlertManager(error_recovery=make())
    monkeypatch.setattr(alerts, "check_now", fails)

    with caplog.at_level(logging.DEBUG):
        await alerts.start_monitoring(interval_seconds=60)
        await asyncio.sleep(0)
        await alerts.stop_monitoring()

    assert "alerts.check_failed" in caplog.messages
    assert SECRET not in caplog.text + "".join(repr(vars(r)) for r in caplog.records)
