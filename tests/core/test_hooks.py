"""What is told while a recovery goes on, in which order, and that none of it can break one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    Event,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.testing import ScriptedCall, fails_then

Make = Callable[..., ErrorRecoveryOrchestrator]


class Sink:
    """Metrics and signals that remember."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def record_recovery_success(self, *, strategy: Any, duration_ms: float) -> None:
        self.heard.append(("success", str(strategy), duration_ms))

    def record_recovery_failure(self, *, strategy: Any, error: str | None) -> None:
        self.heard.append(("failure", str(strategy), error))

    def emit(self, event: Event) -> None:
        self.heard.append((event.name, event.workflow_id, event.data["node_name"]))


def listen(orchestrator: ErrorRecoveryOrchestrator) -> list[Any]:
    """Hear everything that the hooks tell, in order."""
    heard: list[Any] = []

    @orchestrator.on_recovery_attempt
    async def attempt(context: RecoveryContext, strategy: RecoveryStrategy) -> None:
        await asyncio.sleep(0)
        heard.append(("attempt", context.node_name, str(strategy)))

    @orchestrator.on_recovery_success
    def success(result: RecoveryResult) -> None:
        heard.append(("success", result.result))

    @orchestrator.on_recovery_failure
    async def failure(result: RecoveryResult) -> None:
        heard.append(("failure", result.success))

    return heard


async def test_one_attempt_per_step_and_one_end(make: Make) -> None:
    """Before each step that is climbed, not before each retry nor for skipped ones; then the end."""
    orchestrator = make(base_delay=0)
    heard = listen(orchestrator)
    runs = orchestrator.with_options(alternatives=["b"], node_name="n")

    await runs.run(fails_then(ConnectionError("x"), "value", times=4))

    assert heard == [
        ("attempt", "n", "retry"),
        ("attempt", "n", "alternative_path"),
        ("success", "value"),
    ]


async def test_a_failure_is_told_once(make: Make) -> None:
    """Also where nothing was tried at all."""
    orchestrator = make()
    heard = listen(orchestrator)

    await orchestrator.handle_error(RecoveryContext("w", "n", exception=ConnectionError("x")))

    assert heard == [("failure", False)]


async def test_an_attempt_is_told_before_it_runs(make: Make) -> None:
    """The hook hears of the step before the call is run."""
    order: list[str] = []
    orchestrator = make(base_delay=0)
    orchestrator.on_recovery_attempt(lambda *_: order.append("hook"))

    def op() -> None:
        order.append("call")

    await orchestrator.handle_error(RecoveryContext("w", "n", exception=ConnectionError("x")), op)

    assert order == ["hook", "call"]


async def test_no_recovery_tells_nothing(make: Make) -> None:
    """A call that succeeds, or an error that is not ours, is not heard of."""
    sink = Sink()
    orchestrator = make(metrics_collector=sink, signal_coordinator=sink)
    heard = listen(orchestrator)

    await orchestrator.run(lambda: 1)
    with pytest.raises(ValueError):
        orchestrator.recoverable("network")(ScriptedCall([ValueError()]).sync)()

    assert heard == sink.heard == []


async def test_metrics_and_signals(make: Make, clock: Any) -> None:
    """Both sinks hear of the end, with what they need."""
    sink = Sink()
    orchestrator = make(
        metrics_collector=sink, signal_coordinator=sink, base_delay=2.0, max_retries=1
    )

    await orchestrator.with_options(workflow_id="w", node_name="n").run(
        fails_then(ConnectionError("x"), 1)
    )
    with pytest.raises(ConnectionError):
        await orchestrator.with_options(workflow_id="w", node_name="n").run(
            ScriptedCall([ConnectionError("y")])
        )

    assert sink.heard[:2] == [
        ("recovery_succeeded", "w", "n"),
        ("success", "retry", pytest.approx(2000)),
    ]
    assert sink.heard[2] == ("recovery_failed", "w", "n")
    assert sink.heard[3][:2] == ("failure", "retry")
    assert "y" in sink.heard[3][2]


async def test_a_pending_escalation_is_told_to_no_hook(make: Make) -> None:
    """Neither success nor failure; the signal says that a human was asked, the metrics count a failure."""
    sink = Sink()
    orchestrator = make(
        metrics_collector=sink, signal_coordinator=sink, escalation={}, enable_notifications=False
    )
    heard = listen(orchestrator)

    await orchestrator.handle_error(RecoveryContext("w", "n", exception=PermissionError("x")))

    assert heard == [("attempt", "n", "escalation")]
    assert sink.heard[0] == ("recovery_escalated", "w", "n")
    assert [entry[0] for entry in sink.heard[1:]] == ["failure"]


async def test_hooks_run_in_order_and_all_of_them(make: Make) -> None:
    """One that fails keeps neither the others nor the recovery from going on."""
    heard: list[int] = []
    orchestrator = make(base_delay=0)

    def broken(*_: Any) -> None:
        heard.append(2)
        raise KeyError("hook")

    for hook in (lambda *_: heard.append(1), broken, lambda *_: heard.append(3)):
        orchestrator.on_recovery_success(hook)

    assert await orchestrator.run(fails_then(ConnectionError("x"), "value")) == "value"
    assert heard == [1, 2, 3]
    assert orchestrator.get_statistics().hook_failures == 1


async def test_a_failing_hook_is_logged(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """With its name and its error, as a warning."""
    orchestrator = make(base_delay=0)

    @orchestrator.on_recovery_success
    async def my_hook(result: RecoveryResult) -> None:
        raise KeyError("hook")

    with caplog.at_level(logging.INFO):
        await orchestrator.run(fails_then(ConnectionError("x"), 1))

    record = next(r for r in caplog.records if r.message == "recovery.hook_failed")
    assert record.levelno == logging.WARNING
    assert "my_hook" in record.hook  # type: ignore[attr-defined]
    assert record.error == "KeyError: 'hook'"  # type: ignore[attr-defined]
    assert "in my_hook" in record.traceback  # type: ignore[attr-defined]


async def test_a_hook_that_adds_hooks(make: Make) -> None:
    """Configuration is a snapshot: what is added during a recovery counts from the next."""
    orchestrator = make(base_delay=0)
    heard: list[str] = []

    @orchestrator.on_recovery_attempt
    def adds(*_: Any) -> None:
        orchestrator.on_recovery_success(lambda result: heard.append("later"))

    await orchestrator.run(fails_then(ConnectionError("x"), 1))
    assert heard == []
    await orchestrator.run(fails_then(ConnectionError("x"), 1))
    assert heard == ["later"]


async def test_a_hook_may_use_the_orchestrator(make: Make) -> None:
    """Statistics and configuration can be read from within; nothing is locked."""
    orchestrator = make(base_delay=0)
    seen: list[Any] = []
    orchestrator.on_recovery_success(lambda result: seen.append(orchestrator.get_statistics()))
    orchestrator.on_recovery_success(
        lambda result: orchestrator.remove_error_pattern("default_network")
    )

    await orchestrator.run(fails_then(ConnectionError("x"), 1))

    assert seen[0].total_attempts == 1


async def test_registering_returns_the_hook(make: Make) -> None:
    """The decorated function stays usable under its name."""

    def hook(*_: Any) -> str:
        return "mine"

    orchestrator = make()

    assert orchestrator.on_recovery_attempt(hook) is hook
    assert orchestrator.on_recovery_success(hook) is hook
    assert orchestrator.on_recovery_failure(hook) is hook


async def test_one_line_at_info(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """A recovery that succeeds is one line with fields, and its texts carry no arguments."""
    with caplog.at_level(logging.INFO, "omninode_bridge"):
        await make(base_delay=0).run(fails_then(ConnectionError("x"), 1), "secret-argument")

    assert [record.message for record in caplog.records] == ["recovery.finished"]
    record = caplog.records[0]
    assert record.strategy == "retry"  # type: ignore[attr-defined]
    assert record.success is True  # type: ignore[attr-defined]
    assert "secret-argument" not in str(record.__dict__)
