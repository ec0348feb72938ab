"""What a staged workflow is made of and what came of it; nothing here does any work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

from omninode_bridge.errors import WorkflowError

from ._staged_definition import StepInputs, WorkflowStage, WorkflowStep
from .recovery_models import DecisionKind, RecoveryResult

__all__ = [
    "HumanAnswer",
    "ProgressEvent",
    "StageResult",
    "StageStatus",
    "StepEscalatedError",
    "StepInputs",
    "StepOutcome",
    "StepStatus",
    "WorkflowFailedError",
    "WorkflowResult",
    "WorkflowStage",
    "WorkflowStep",
]


class StepStatus(StrEnum):
    """How a step ended.

    ``skipped`` did not run, or a human wants it left out; ``aborted`` by a human's answer, and with it
    the workflow.
    """

    DONE = "done"
    FAILED = "failed"
    ABORTED = "aborted"
    ESCALATED = "escalated"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"


class StageStatus(StrEnum):
    """How a stage ended.

    ``partial`` lacks steps that it may lack: failures that were allowed, or steps that something
    before them blocked.
    """

    DONE = "done"
    PARTIAL = "partial"
    ESCALATED = "escalated"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanAnswer:
    """What a human has answered for good, so that a step has no result.

    Attributes:
        kind: ``skip`` or ``abort``.
        by: who; ``timeout`` where the question said what counts when its time is over.
        at: when, where it is known.
        escalation_id: of the question.
    """

    kind: DecisionKind
    by: str
    at: datetime | None = None
    escalation_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutcome:
    """How one step ended.

    Attributes:
        result: what the operation returned; None unless `status` is ``done``.
        error: the exception of a step that was not done, where there is one.
        error_message: one sentence, where the step was not done.
        blocked_by: of a skipped step, ids of the steps, or of the stages, that it waited for.
        escalation_id: of an escalated step, where it is known, or of one that an answer ended.
        answer: which answer of a human this comes from, also of a step that did not run since another
            one was left out, or the workflow was given up.
        recovery: what the recovery told, where the operation returned a `RecoveryResult`.
        duration_ms: how long it ran; 0 for one that did not.
        reused: it was not run, an earlier run had done it, or a human had answered it.
        stale: why what an earlier run had done was not reused; empty where there was nothing.
    """

    step_id: str
    stage_id: str
    status: StepStatus
    result: Any = None
    error: BaseException | None = None
    error_message: str = ""
    blocked_by: tuple[str, ...] = ()
    escalation_id: str | None = None
    answer: HumanAnswer | None = None
    recovery: RecoveryResult | None = None
    duration_ms: float = 0.0
    reused: bool = False
    stale: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """How one stage ended; its steps in the order of their definition."""

    stage_id: str
    status: StageStatus
    steps: tuple[StepOutcome, ...] = ()
    duration_ms: float = 0.0


@dataclass(frozen=True, kw_only=True)
class WorkflowResult:
    """How a workflow ended; its stages in the order of their definition.

    Attributes:
        success: no stage failed, no step waits for a human, and none has given the workflow up. Steps
            that a human wants left out are no failure.
        duration_ms: the whole workflow.
        step_time_ms: the sum over its steps.
        progress_failures: how often the progress callback raised.
        aborted: the answer that gave the workflow up, in this run or an earlier one.
        questions: ids of the escalations that wait for an answer.
        unused_answers: ids of escalations that were answered, but whose steps did not ask again; an
            engine that keeps things knows them.
    """

    workflow_id: str
    success: bool
    stages: tuple[StageResult, ...] = ()
    duration_ms: float = 0.0
    step_time_ms: float = 0.0
    progress_failures: int = 0
    aborted: HumanAnswer | None = None
    questions: tuple[str, ...] = ()
    unused_answers: tuple[str, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @cached_property
    def steps(self) -> Mapping[str, StepOutcome]:
        """Every step's outcome by its id, in the order of definition."""
        return MappingProxyType({o.step_id: o for stage in self.stages for o in stage.steps})

    @cached_property
    def results(self) -> Mapping[str, Any]:
        """What the finished steps returned, by step id, in the order of definition."""
        return MappingProxyType(
            {key: o.result for key, o in self.steps.items() if o.status is StepStatus.DONE}
        )

    @property
    def complete(self) -> bool:
        """Whether every step is done."""
        return all(o.status is StepStatus.DONE for o in self.steps.values())

    @property
    def failed(self) -> bool:
        """Whether a stage failed, or a human has given the workflow up."""
        return self.aborted is not None or any(
            stage.status is StageStatus.FAILED for stage in self.stages
        )

    @property
    def paused(self) -> bool:
        """Whether nothing has failed and the workflow waits for a human: run it again then."""
        return not self.success and not self.failed

    @property
    def skipped(self) -> tuple[str, ...]:
        """The ids of the steps that were skipped, in the order of definition."""
        return tuple(o.step_id for o in self.with_status(StepStatus.SKIPPED))

    @property
    def speedup(self) -> float:
        """The steps' time one after the other over the time it took; 1 where nothing took any."""
        return self.step_time_ms / self.duration_ms if self.duration_ms > 0 else 1.0

    def with_status(self, *statuses: StepStatus | str) -> tuple[StepOutcome, ...]:
        """Return the outcomes of these statuses, in the order of definition."""
        wanted = {StepStatus(status) for status in statuses}
        return tuple(o for o in self.steps.values() if o.status in wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressEvent:
    """Something that happened in a workflow.

    Attributes:
        name: ``stage_started``, ``step_started``, ``step_finished`` or ``stage_finished``.
        status: how the step or stage ended; empty for what started.
        finished: steps that have ended so far, of the whole workflow.
        running: steps that are running now.
        total: steps of the whole workflow.
        duration_ms: of what finished.
    """

    name: str
    workflow_id: str
    stage_id: str
    step_id: str | None = None
    status: str = ""
    finished: int = 0
    running: int = 0
    total: int = 0
    duration_ms: float = 0.0


class StepEscalatedError(WorkflowError):
    """Raised by an operation to say that a human has been asked.

    The step counts as escalated, not as failed: only what depends on it is held up.

    Attributes:
        escalation_id: of the escalation's row, where it is known.
    """

    def __init__(
        self, message: str = "a human has been asked", *, escalation_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.escalation_id = escalation_id


class WorkflowFailedError(WorkflowError):
    """A workflow in which a stage failed, or that a human gave up.

    The first failed step's error is its cause.

    Attributes:
        result: everything that was done, the finished steps with their results.
    """

    def __init__(self, message: str, *, result: WorkflowResult) -> None:
        super().__init__(message)
        self.result = result

    def __reduce__(self) -> tuple[Any, ...]:
        return (_failed_with, (str(self), self.result), self.__dict__)


def _failed_with(message: str, result: WorkflowResult) -> WorkflowFailedError:
    return WorkflowFailedError(message, result=result)
