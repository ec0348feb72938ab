"""A recovery that is one retry tells the log, signals and metrics what the whole climb tells them."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorPattern, ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows._climb import Climb
from omninode_bridge.testing import FakeClock

from .conftest import Make


class Sink:
    """Metrics and signals that write down what they are told."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []

    def record_recovery_success(self, **fields: Any) -> None:
        self.heard.append(("success", fields))

    def record_recovery_failure(self, **fields: Any) -> None:
        self.heard.append(("failure", fields))

    def emit(self, event: Any) -> None:
        self.heard.append((event.name, event.workflow_id, dict(event.data)))


async def fail_once(orchestrator: ErrorRecoveryOrchestrator, *, climb: bool) -> None:
    """Run a call that fails once; to hear of the result takes the whole climb."""
    errors = [ConnectionError("reset by peer")]

    async def fetch() -> int:
        if errors:
            raise errors.pop()
        return 1

    options = {"on_result": lambda result: None} if climb else {}
    runs = orchestrator.with_options(workflow_id="w", node_name="n", **options)
    assert await runs.run(fetch) == 1


@pytest.mark.parametrize("with_pattern", [False, True])
async def test_the_same_is_told_either_way(
    make: Make, caplog: pytest.LogCaptureFixture, climbs: list[Climb], with_pattern: bool
) -> None:
    """The order, the names and the fields are those of a climb, and statistics count the same."""
    told = []

    for climb in (False, True):
        sink = Sink()
        orchestrator = make(
            clock=FakeClock(), base_delay=2.0, metrics_collector=sink, signal_coordinator=sink
        )
        if with_pattern:
            orchestrator.add_error_pattern(ErrorPattern("own", "network", "reset", "retry"))
        caplog.clear()
        with caplog.at_level(logging.INFO):
            await fail_once(orchestrator, climb=climb)
        (line,) = (r for r in caplog.records if r.message == "recovery.finished")
        names = ("workflow_id", "node_name", "success", "strategy", "pattern_id", "attempts")
        fields = {name: getattr(line, name) for name in (*names, "dropped", "duration_ms")}
        statistics = orchestrator.get_statistics()
        counted = (statistics.strategy_usage, statistics.avg_recovery_time_ms)
        told.append((sink.heard, fields, line.levelname, counted))

    assert len(climbs) == 1
    assert told[0] == told[1]
    assert told[0][0][0][0] == "recovery_succeeded"


async def test_a_sink_that_fails_is_counted_without_a_climb(make: Make) -> None:
    """What a sink raises reaches nobody but the statistics."""

    class Broken(Sink):
        def emit(self, event: Any) -> None:
            raise RuntimeError("no")

        record_recovery_success = emit  # type: ignore[assignment]

    orchestrator = make(metrics_collector=Broken(), signal_coordinator=Broken())

    await fail_once(orchestrator, climb=False)

    assert orchestrator.get_statistics().hook_failures == 2
