"""Where the stages and the running steps of one run stand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ._staged_plan import PlannedStage, PlannedStep
from ._workflow_models import StageResult, StageStatus, StepOutcome

__all__ = ["Running", "StageState", "stage_results"]


@dataclass(slots=True)
class StageState:
    """Where a stage stands.

    `waits` counts the stages before it that have not ended, `left` its steps that have not.
    """

    waits: int
    left: int
    started: float | None = None
    timer: asyncio.Task[None] | None = None
    status: StageStatus | None = None
    duration_ms: float = 0.0
    inputs: dict[str, Any] | None = None


@dataclass(slots=True)
class Running:
    """A step that runs; `cut` when its stage's time limit has cancelled it."""

    planned: PlannedStep
    started: float
    cut: bool = False


def stage_results(
    stages: Sequence[PlannedStage], states: Sequence[StageState], outcomes: Sequence[StepOutcome]
) -> Iterator[StageResult]:
    """Yield how each stage ended, all of its steps having ended."""
    for stage, state in zip(stages, states, strict=True):
        yield StageResult(
            stage_id=stage.stage.stage_id,
            status=state.status or StageStatus.SKIPPED,
            steps=tuple(outcomes[stage.steps.start : stage.steps.stop]),
            duration_ms=state.duration_ms,
        )
