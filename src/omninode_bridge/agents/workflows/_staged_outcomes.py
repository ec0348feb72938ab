"""Outcomes of steps that did not run to their own end, and of stages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from omninode_bridge.errors import StepTimeoutError

from ._staged_definition import WorkflowStage
from ._staged_plan import PlannedStep
from ._workflow_models import StageResult, StageStatus, StepOutcome, StepStatus, WorkflowResult

__all__ = ["blocked", "late", "not_run", "stage_status", "workflow_result"]

_FAILURES = frozenset((StepStatus.FAILED, StepStatus.TIMED_OUT, StepStatus.CANCELLED))


def not_run(
    planned: PlannedStep, stage: WorkflowStage, status: StepStatus, **details: Any
) -> StepOutcome:
    """Return the outcome of a step that did not end by itself."""
    return StepOutcome(
        step_id=planned.step.step_id, stage_id=stage.stage_id, status=status, **details
    )


def blocked(
    planned: PlannedStep, stage: WorkflowStage, kind: str, blockers: tuple[str, ...]
) -> StepOutcome:
    """Return the outcome of a step that waited for something that was not done."""
    some = ", ".join(repr(name) for name in blockers[:10])
    more = f" and {len(blockers) - 10} more" if len(blockers) > 10 else ""
    return not_run(
        planned,
        stage,
        StepStatus.SKIPPED,
        blocked_by=blockers,
        error_message=f"it depends on {kind} {some}{more}, which did not finish",
    )


def late(planned: PlannedStep, stage: WorkflowStage, ran_ms: float | None) -> StepOutcome:
    """Return the outcome of a step that its stage's time limit ended; None where it had not begun."""
    remark = "; this step had not started" if ran_ms is None else ""
    error = StepTimeoutError(
        f"stage {stage.stage_id!r} took longer than {stage.timeout_seconds:g} s{remark}"
    )
    return not_run(
        planned,
        stage,
        StepStatus.TIMED_OUT,
        error=error,
        error_message=str(error),
        duration_ms=ran_ms or 0.0,
    )


def stage_status(stage: WorkflowStage, statuses: frozenset[StepStatus]) -> StageStatus:
    """Return how a stage ended whose steps ended so."""
    if not statuses:
        return StageStatus.DONE
    partial = stage.allow_partial_failure and StepStatus.DONE in statuses
    if statuses & _FAILURES and not partial:
        return StageStatus.FAILED
    if StepStatus.ESCALATED in statuses:
        return StageStatus.ESCALATED
    if statuses == {StepStatus.SKIPPED}:
        return StageStatus.SKIPPED
    return StageStatus.DONE if statuses == {StepStatus.DONE} else StageStatus.PARTIAL


def workflow_result(
    workflow_id: str,
    ended: Iterable[StageResult],
    *,
    duration_ms: float,
    progress_failures: int,
) -> WorkflowResult:
    """Return the result of a workflow whose stages ended so."""
    stages = tuple(ended)
    ended_well = all(
        stage.status is not StageStatus.FAILED
        and all(outcome.status is not StepStatus.ESCALATED for outcome in stage.steps)
        for stage in stages
    )
    return WorkflowResult(
        workflow_id=workflow_id,
        success=ended_well,
        stages=stages,
        duration_ms=duration_ms,
        step_time_ms=sum(outcome.duration_ms for stage in stages for outcome in stage.steps),
        progress_failures=progress_failures,
    )
