"""Engines to hold to one another, and steps that any of them takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from omninode_bridge.agents.workflows import InlineEngine, JournalEngine
from omninode_bridge.agents.workflows.escalation import InMemoryEscalationStore
from omninode_bridge.agents.workflows.staged_execution import (
    StagedParallelExecutor,
    WorkflowFailedError,
    WorkflowResult,
    WorkflowStage,
    WorkflowStep,
)
from omninode_bridge.testing import FakeClock

__all__ = ["ENGINES", "execute", "make_engine", "stage", "statuses", "step"]

ENGINES = ("none", "inline", "journal")


def make_engine(kind: str, clock: FakeClock, folder: Path, **settings: Any) -> Any:
    """Return an engine of this kind on the clock; None where there is to be none."""
    if kind == "none":
        return None
    if kind == "inline":
        return InlineEngine(clock, store=InMemoryEscalationStore(clock=clock))
    return JournalEngine(folder / "journal.db", clock=clock, **settings)


def step(step_id: str, operation: Callable[..., Any], **settings: Any) -> WorkflowStep:
    """Return a step whose operation may be a closure: its version is told."""
    return WorkflowStep(step_id, operation, **{"version": "1", **settings})


def stage(stage_id: str, *steps: WorkflowStep, **settings: Any) -> WorkflowStage:
    """Return a stage of these steps."""
    return WorkflowStage(stage_id, steps, **settings)


async def execute(
    engine: Any, clock: FakeClock, *stages: WorkflowStage, name: str = "w", **settings: Any
) -> WorkflowResult:
    """Run the workflow; one that failed gives its result too."""
    executor = StagedParallelExecutor(clock=clock, engine=engine, **settings)
    try:
        return await executor.execute_workflow(name, stages)
    except WorkflowFailedError as error:
        return error.result


def statuses(result: WorkflowResult) -> dict[str, str]:
    """Return each step's status in plain words."""
    return {key: str(outcome.status) for key, outcome in result.steps.items()}
