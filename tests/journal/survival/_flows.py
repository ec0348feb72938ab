"""Small workflows on a journal, and programs that run in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from omninode_bridge.agents.workflows import (
    JournalEngine,
    StagedParallelExecutor,
    WorkflowStage,
    WorkflowStep,
)
from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK

__all__ = ["chain", "program", "run", "tell"]


def chain(*operations: Callable[..., Any], **settings: Any) -> list[WorkflowStage]:
    """Return one stage of steps after one another, named by their functions."""
    steps: list[WorkflowStep] = []
    for operation in operations:
        before = [steps[-1].step_id] if steps else []
        name = operation.__name__.strip("<>")
        steps.append(WorkflowStep(name, operation, before, **{"version": "1", **settings}))
    return [WorkflowStage("stage", steps)]


async def run(
    engine: JournalEngine, stages: Sequence[WorkflowStage], name: str = "w", **settings: Any
) -> Any:
    """Run the workflow on the engine."""
    executor = StagedParallelExecutor(engine=engine, **{"clock": SYSTEM_CLOCK, **settings})
    return await executor.execute_workflow(name, stages)


def program(
    source: str, *arguments: object, before: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run Python source in a process of its own."""
    command = [*before, sys.executable, "-c", source, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def tell(source: str, *arguments: object, before: Sequence[str] = ()) -> Any:
    """Return the JSON that the program prints."""
    done = program(source, *arguments, before=before)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def beside(path: Path, end: str) -> Path:
    """Return the path of SQLite's own file beside the journal."""
    return path.with_name(path.name + end)
