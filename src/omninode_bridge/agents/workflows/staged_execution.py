"""Run a workflow of stages, its steps side by side."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from typing import Final

from omninode_bridge.errors import ConfigurationError, WorkflowDefinitionError

from ._attached import attach_answer, attach_call
from ._call import Call, is_async_callable
from ._clock import SYSTEM_CLOCK, Clock
from ._durable import Engine
from ._staged_answers import aborted_words, final_answer
from ._staged_definition import StepInputs, WorkflowStage, WorkflowStep
from ._staged_outcomes import is_settled
from ._staged_plan import make_plan
from ._staged_progress import Progress
from ._staged_records import execute_kept
from ._staged_run import StagedRun
from ._workflow_models import (
    HumanAnswer,
    ProgressEvent,
    StageResult,
    StageStatus,
    StepEscalatedError,
    StepOutcome,
    StepStatus,
    WorkflowFailedError,
    WorkflowResult,
)

__all__ = [
    "DEFAULT_MAX_PARALLEL",
    "HumanAnswer",
    "ProgressEvent",
    "StageResult",
    "StageStatus",
    "StagedParallelExecutor",
    "StepEscalatedError",
    "StepInputs",
    "StepOutcome",
    "StepStatus",
    "WorkflowFailedError",
    "WorkflowResult",
    "WorkflowStage",
    "WorkflowStep",
]

logger = logging.getLogger(__name__)

#: Steps mostly wait; the same number as for the threads of `concurrent.futures`.
DEFAULT_MAX_PARALLEL: Final = min(32, (os.cpu_count() or 1) + 4)
_NAMED: Final = 5


class StagedParallelExecutor:
    """Runs stages in the order of their dependencies, and steps as soon as theirs allow.

    Holds settings only, so any number of workflows may run on one executor at once, in any number
    of threads and event loops; the limit is for each workflow.

    Args:
        max_parallel: how many steps of one workflow run at once.
        on_progress: called with a `ProgressEvent` for each start and end, on the event loop; must
            return soon. What it raises is logged and counted.
        clock: what durations and time limits follow.
        engine: keeps what steps return, such as a `JournalEngine`: a workflow that is run again, in
            this process or a later one, does not run finished steps again as long as their code,
            arguments and inputs are the same; `StepOutcome.stale` tells where they are not. Nothing
            is kept by default.

    Example:
        >>> import asyncio
        >>> async def load() -> str:
        ...     return "contract"
        >>> async def build(inputs: StepInputs) -> str:
        ...     return f"package of {inputs['load']}"
        >>> stages = [
        ...     WorkflowStage("read", [WorkflowStep("load", load)]),
        ...     WorkflowStage("write", [WorkflowStep("build", build)], dependencies=["read"]),
        ... ]
        >>> asyncio.run(StagedParallelExecutor().execute_workflow("w1", stages)).results["build"]
        'package of contract'
    """

    def __init__(
        self,
        *,
        max_parallel: int = DEFAULT_MAX_PARALLEL,
        on_progress: Callable[[ProgressEvent], object] | None = None,
        clock: Clock = SYSTEM_CLOCK,
        engine: Engine | None = None,
    ) -> None:
        if isinstance(max_parallel, bool) or not isinstance(max_parallel, int) or max_parallel < 1:
            raise ConfigurationError(
                f"max_parallel is {max_parallel!r}; it must be a positive integer"
            )
        if on_progress is not None and (
            not callable(on_progress) or is_async_callable(on_progress)
        ):
            raise ConfigurationError(
                f"on_progress is {on_progress!r}; it must be a plain function or None"
            )
        self._max_parallel = max_parallel
        self._on_progress = on_progress
        if engine is not None and not isinstance(engine, Engine):
            raise ConfigurationError(
                f"engine is {engine!r}; it must be a JournalEngine, an InlineEngine or None"
            )
        self._clock = clock
        self._engine = engine

    async def execute_workflow(
        self,
        workflow_id: str,
        stages: Iterable[WorkflowStage],
        *,
        finished: WorkflowResult | None = None,
    ) -> WorkflowResult:
        """Run the workflow to its end and return what came of every step.

        A step that fails does not stop its siblings, nor anything else that does not depend on it.
        Steps that wait for a human are no failure: the result has them, with ``success=False``.
        Neither are steps that a human wants left out, and what depends on them by name. The answer
        ``abort`` ends the workflow: what runs is let end, and nothing more is begun.

        Args:
            workflow_id: goes into events, inputs and messages.
            stages: the definition; checked as a whole before anything runs.
            finished: how an earlier run ended, as `WorkflowFailedError` carries it; steps that it
                had done, or a human wanted left out, are not run again. It must be of the same workflow. An engine that keeps
                results goes by its own.

        Raises:
            WorkflowDefinitionError: a double id, an unknown dependency, a cycle, or no workflow.
            WorkflowFailedError: a stage failed, or a human has given the workflow up; the error
                carries the whole result, and a recovery that runs a workflow again which failed
                takes it up from there.
            EngineError: the engine cannot keep a step, or the workflow is another process's.
        """
        if not isinstance(workflow_id, str):
            raise WorkflowDefinitionError(f"workflow_id is {workflow_id!r}; it must be a text")
        if not isinstance(stages, Iterable):
            raise WorkflowDefinitionError(
                f"stages is {stages!r}; it must be a list of WorkflowStage"
            )
        if finished is not None and not isinstance(finished, WorkflowResult):
            raise WorkflowDefinitionError(
                f"finished is {finished!r}; it must be a WorkflowResult or None"
            )
        if finished is not None and finished.workflow_id != workflow_id:
            raise WorkflowDefinitionError(
                f"finished is of the workflow {finished.workflow_id!r}; "
                f"it must be of {workflow_id!r}, which is run here"
            )
        definition = tuple(stages)
        plan = make_plan(definition)
        recorder = None
        if self._engine is not None:
            recorder = await self._engine.open_workflow(workflow_id)
        run = StagedRun(
            plan,
            workflow_id,
            clock=self._clock,
            limit=self._max_parallel,
            progress=Progress(
                self._on_progress, workflow_id, len(plan.steps), held=recorder is not None
            ),
            finished={o.step_id: o for o in finished.steps.values() if is_settled(o)}
            if finished is not None and recorder is None
            else {},
        )
        result = await (run.execute() if recorder is None else execute_kept(run, recorder, plan))
        logger.info(
            "workflow.finished",
            extra={
                "workflow_id": workflow_id,
                "success": result.success,
                "steps": len(plan.steps),
                "duration_ms": result.duration_ms,
                "speedup": result.speedup,
            },
        )
        failed = _failed(result)
        if failed or result.aborted is not None:
            error = _failure(result, failed)
            if result.aborted is not None:
                attach_answer(error, final_answer(result.aborted))
            attach_call(
                error,
                Call(
                    self.execute_workflow,
                    (workflow_id, definition),
                    {"finished": result},
                    source="StagedParallelExecutor",
                    complete=True,
                ),
            )
            raise error from next((o.error for o in failed if o.error is not None), None)
        return result


def _failed(result: WorkflowResult) -> list[StepOutcome]:
    """Return the steps that made stages fail; allowed failures are not among them."""
    bad = {stage.stage_id for stage in result.stages if stage.status is StageStatus.FAILED}
    ended = result.with_status(
        StepStatus.ABORTED, StepStatus.FAILED, StepStatus.TIMED_OUT, StepStatus.CANCELLED
    )
    return [outcome for outcome in ended if outcome.stage_id in bad]


def _failure(result: WorkflowResult, failed: list[StepOutcome]) -> WorkflowFailedError:
    if result.aborted is not None:
        words = aborted_words(result.aborted)
        return WorkflowFailedError(f"workflow {result.workflow_id!r} was {words}", result=result)
    named = "; ".join(f"{o.step_id!r}: {o.error_message}" for o in failed[:_NAMED])
    more = f"; and {len(failed) - _NAMED} more" if len(failed) > _NAMED else ""
    return WorkflowFailedError(
        f"workflow {result.workflow_id!r}: {len(failed)} of {len(result.steps)} steps failed: "
        f"{named}{more}",
        result=result,
    )
