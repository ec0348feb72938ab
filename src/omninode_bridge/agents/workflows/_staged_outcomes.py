"""Outcomes of steps that did not run to their own end, and of stages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from omninode_bridge.errors import StepTimeoutError

from ._staged_definition import WorkflowStage
from ._staged_plan import PlannedStep
from ._staged_state import Running
from ._workflow_models import (
    HumanAnswer,
    StageResult,
    StageStatus,
    StepOutcome,
    StepStatus,
    WorkflowResult,
)
from .recovery_models import DecisionKind

__all__ = [
    "is_settled",
    "late",
    "not_begun",
    "not_run",
    "once_more",
    "outcome_of",
    "stage_status",
    "workflow_result",
]

_FAILURES = frozenset(
    (StepStatus.FAILED, StepStatus.TIMED_OUT, StepStatus.CANCELLED, StepStatus.ABORTED)
)


def not_run(
    planned: PlannedStep, stage: WorkflowStage, status: StepStatus, **details: Any
) -> StepOutcome:
    """Return the outcome of a step that did not end by itself."""
    return StepOutcome(
        step_id=planned.step.step_id, stage_id=stage.stage_id, status=status, **details
    )


def is_settled(outcome: StepOutcome) -> bool:
    """Whether nothing of the step is left to do: it is done, or a human wants it left out."""
    skipped = outcome.status is StepStatus.SKIPPED and not outcome.blocked_by
    return outcome.status is StepStatus.DONE or (skipped and outcome.answer is not None)


def once_more(outcome: StepOutcome) -> StepOutcome:
    """Return the outcome that a step had in an earlier run as that of this one."""
    return replace(outcome, reused=True, duration_ms=0.0, error=None, recovery=None, stale="")


def outcome_of(
    running: Running, task: asyncio.Task[StepOutcome], stage: WorkflowStage, ran_ms: float
) -> StepOutcome:
    """Return how a step ended whose task has."""
    outcome = None if task.cancelled() else task.result()
    if running.cut:
        return late(running.planned, stage, ran_ms)
    if outcome is not None:
        return outcome
    return not_run(
        running.planned,
        stage,
        StepStatus.CANCELLED,
        error_message="its task was cancelled from elsewhere",
        duration_ms=ran_ms,
    )


def not_begun(
    planned: PlannedStep,
    stage: WorkflowStage,
    kind: str,
    blockers: Mapping[str, Sequence[StepOutcome]],
    aborted: HumanAnswer | None,
) -> StepOutcome:
    """Return the outcome of a step that waited for something that was not done, or was given up.

    Args:
        planned: the step.
        stage: of the step.
        kind: ``step`` or ``stage``.
        blockers: what it waited for, by id: how these steps, or the stages' steps, ended.
        aborted: the answer that gave the workflow up.
    """
    names, left_out = tuple(blockers), _left_out(blockers.values())
    if aborted is not None:
        answer, why = aborted, f"not begun because {aborted.by} aborted the workflow"
    elif left_out is not None and left_out.answer is not None:
        answer, by = left_out.answer, left_out.answer.by
        why = f"skipped because step {left_out.step_id!r} was skipped by {by}"
        if left_out.blocked_by:
            why = left_out.error_message
    else:
        some = ", ".join(repr(name) for name in names[:10])
        more = f" and {len(names) - 10} more" if len(names) > 10 else ""
        answer, why = None, f"it depends on {kind} {some}{more}, which did not finish"
    return not_run(
        planned, stage, StepStatus.SKIPPED, blocked_by=names, error_message=why, answer=answer
    )


def _left_out(ended: Iterable[Sequence[StepOutcome]]) -> StepOutcome | None:
    """Return the first step that a human wants left out, where all else waits for such steps alone."""
    found = [outcome for outcomes in ended for outcome in outcomes]
    for outcome in found:
        if outcome.answer is None or outcome.answer.kind is not DecisionKind.SKIP:
            return None
    return found[0] if found else None


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
    if StepStatus.ABORTED in statuses or (statuses & _FAILURES and not partial):
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
    aborted: HumanAnswer | None = None,
) -> WorkflowResult:
    """Return the result of a workflow whose stages ended so."""
    stages = tuple(ended)
    ended_well = aborted is None and all(
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
        aborted=aborted,
        questions=tuple(
            dict.fromkeys(
                outcome.escalation_id
                for stage in stages
                for outcome in stage.steps
                if outcome.status is StepStatus.ESCALATED and outcome.escalation_id
            )
        ),
    )
