"""A recovery in a thread that knows of no step is not kept with the step, and that is said once."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, JournalEngine
from omninode_bridge.agents.workflows.staged_execution import (
    StagedParallelExecutor,
    WorkflowStage,
    WorkflowStep,
)
from omninode_bridge.testing import FakeClock, ScriptedCall


def told(caplog: pytest.LogCaptureFixture) -> int:
    """Return how often it was said."""
    return sum(record.getMessage() == "recovery.not_kept" for record in caplog.records)


@pytest.mark.parametrize(("way", "expected"), [("pool", 1), ("context", 0), ("to_thread", 0)])
async def test_threads_of_a_step(
    way: str, expected: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A pool's thread misses the step, one that was given the context does not."""
    clock = FakeClock()
    with JournalEngine(tmp_path / "j.db", clock=clock) as engine, ThreadPoolExecutor(1) as pool:
        orchestrator = ErrorRecoveryOrchestrator(clock=clock, engine=engine, jitter="none")

        def recover(n: int) -> Any:
            call = ScriptedCall([ConnectionError("reset"), n])
            return orchestrator.run_sync(call.sync)

        async def work() -> list[Any]:
            if way == "to_thread":
                return [await asyncio.to_thread(recover, n) for n in range(2)]
            if way == "pool":
                return [pool.submit(recover, n).result() for n in range(2)]
            return [
                pool.submit(contextvars.copy_context().run, recover, n).result() for n in range(2)
            ]

        stages = [WorkflowStage("a", [WorkflowStep("s", work, version="1")])]
        executor = StagedParallelExecutor(clock=clock, engine=engine)
        with caplog.at_level(logging.WARNING):
            result = await executor.execute_workflow("w", stages)

    assert result.results["s"] == [0, 1]
    assert told(caplog) == expected
    # nobody can say that it does: an unrelated recovery in a thread looks the same
    reasons = [getattr(record, "reason", "") for record in caplog.records]
    assert sum("that it may belong to" in reason for reason in reasons) == expected


def test_a_recovery_while_no_workflow_runs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is missed where nothing runs."""
    clock = FakeClock()
    with JournalEngine(tmp_path / "j.db", clock=clock) as engine, ThreadPoolExecutor(1) as pool:
        orchestrator = ErrorRecoveryOrchestrator(clock=clock, engine=engine, jitter="none")
        call = ScriptedCall([ConnectionError("reset"), 1])

        assert pool.submit(orchestrator.run_sync, call.sync).result() == 1

    assert told(caplog) == 0
