"""What an engine keeps of a staged run: results that need not be made again, and what has begun."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from omninode_bridge.errors import EngineError, JournalError, NotDurableError, OutcomeUnknownError

from ._durable import WorkflowRecorder, current_step
from ._staged_answers import aborted_words, answered_before, describe, final_answer, human_answer
from ._staged_outcomes import not_run
from ._staged_plan import Plan, PlannedStep
from ._workflow_models import StepOutcome, StepStatus, WorkflowResult

if TYPE_CHECKING:
    from ._staged_run import StagedRun

__all__ = ["StagedRecords", "execute_kept"]

logger = logging.getLogger(__name__)

#: How a step without a result is recorded; all else has failed.
_KEPT_AS: Final = {
    status: str(status) for status in (StepStatus.ESCALATED, StepStatus.SKIPPED, StepStatus.ABORTED)
}


class StagedRecords:
    """Keeps one run of a workflow.

    Args:
        recorder: of the workflow; this run owns it.
        plan: of the run.

    Raises:
        NotDurableError: a step whose code or arguments cannot be kept track of; nothing has run.
    """

    def __init__(self, recorder: WorkflowRecorder, plan: Plan) -> None:
        self._recorder = recorder
        self._plan = plan
        self._bare = [recorder.hashes(planned.step, "") for planned in plan.steps]
        self._keys = [_key(self._stage(p).stage_id, p.step.step_id) for p in plan.steps]
        self._hashes: dict[int, Any] = {}
        self._begun: set[int] = set()
        self._is_aborted = False

    def reuse(self, planned: PlannedStep, is_done: Callable[[int], bool]) -> StepOutcome | None:
        """Return the outcome of a step that an earlier run has done, from the same inputs."""
        pairs = [
            (self._plan.steps[i].step.step_id, self._keys[i])
            for i in self._before(planned, is_done)
        ]
        hashes = self._bare[planned.index].given(self._recorder.inputs_hash(pairs))
        self._hashes[planned.index] = hashes
        key, stage = self._keys[planned.index], self._stage(planned)
        found, result = self._recorder.recorded(key, hashes)
        if found:
            return not_run(planned, stage, StepStatus.DONE, result=result, reused=True)
        if (answered := self._recorder.answered(key, hashes)) is None:
            return None
        return not_run(planned, stage, **answered_before(*answered), reused=True)

    async def begin(self, launched: Sequence[PlannedStep]) -> dict[int, StepOutcome]:
        """Write down that these begin, with everything that ended before.

        Returns:
            The outcomes of those that may not, by index.

        Raises:
            EngineError: it could not be written, or the workflow is somebody else's now.
        """
        refused = {}
        for planned in launched:
            try:
                self._recorder.start(self._keys[planned.index], self._hashes[planned.index])
                self._begun.add(planned.index)
            except OutcomeUnknownError as error:
                refused[planned.index] = not_run(
                    planned,
                    self._stage(planned),
                    StepStatus.FAILED,
                    error=error,
                    error_message=describe(error),
                )
        await self._recorder.flush()
        if self._is_aborted:  # steps that still run need not wait for an answer
            self._is_aborted = False
            await self._recorder.end_questions()
        return refused

    def context(self, planned: PlannedStep) -> Context:
        """Return a context for the work of a step: recoveries in it are kept as part of the step."""
        context = copy_context()
        context.run(current_step.set, self._recorder.step(self._keys[planned.index]))
        return context

    def end(self, planned: PlannedStep, outcome: StepOutcome) -> StepOutcome:
        """Note how a step ended, to be written before anything that follows from it begins."""
        key = self._keys[planned.index]
        if planned.index not in self._begun:
            return outcome
        self._begun.discard(planned.index)
        stale = self._recorder.stale(key)
        if stale:
            outcome = replace(outcome, stale=stale)
        if outcome.status is StepStatus.DONE:
            try:
                result = self._recorder.done(key, outcome.result, outcome.duration_ms)
            except NotDurableError as error:
                # It ran, so what it did is done; but nobody could go on from it after a restart.
                outcome = replace(
                    outcome,
                    status=StepStatus.FAILED,
                    result=None,
                    error=error,
                    error_message=describe(error),
                )
            else:
                return outcome if result is outcome.result else replace(outcome, result=result)
        self._is_aborted |= outcome.status is StepStatus.ABORTED
        self._recorder.fail(
            key,
            outcome.error_message,
            status=_KEPT_AS.get(outcome.status, "failed"),
            escalation_id=outcome.escalation_id,
            answer=() if outcome.answer is None else final_answer(outcome.answer),
            duration_ms=outcome.duration_ms,
        )
        return outcome

    async def flush(self) -> None:
        """Write what was noted."""
        await self._recorder.flush()

    def _before(self, planned: PlannedStep, is_done: Callable[[int], bool]) -> Iterator[int]:
        """Yield the steps whose results this one is given."""
        stages: Iterable[int] = self._plan.stages[planned.stage].needs
        of_stages = (i for needed in stages for i in self._plan.stages[needed].steps)
        yield from dict.fromkeys(i for i in (*planned.needs, *of_stages) if is_done(i))

    def _stage(self, planned: PlannedStep) -> Any:
        return self._plan.stages[planned.stage].stage


def _key(stage_id: str, step_id: str) -> str:
    """Return the step's name in the journal; no two steps have the same.

    Raises:
        NotDurableError: it cannot be written.
    """
    key = f"{stage_id.replace('%', '%25').replace('/', '%2F')}/{step_id}"
    try:
        key.encode()
    except UnicodeEncodeError as error:
        raise NotDurableError(
            f"the id of step {key!r} has half a character (a lone surrogate)"
        ) from error
    return key


async def execute_kept(run: StagedRun, recorder: WorkflowRecorder, plan: Plan) -> WorkflowResult:
    """Run a workflow whose recorder is open, and close that however it ends."""
    answer = recorder.aborted()
    run.aborted = None if answer is None else human_answer(answer)
    try:
        result = await run.execute(StagedRecords(recorder, plan))
    except BaseException as error:
        # cut off, or the journal could not go on: whoever runs it next goes on from here
        cut = not isinstance(error, Exception) or isinstance(error, JournalError)
        told = describe(error) if isinstance(error, Exception) else ""
        if isinstance(error, (asyncio.CancelledError, KeyboardInterrupt, GeneratorExit)):
            recorder.stopped()
        with suppress(EngineError):  # the error under way says more
            recorder.close("running" if cut else "failed", error=told)
        raise
    await recorder.finish(_status_of(result), error=_error_of(result))
    return await _with_questions(result, recorder)


async def _with_questions(result: WorkflowResult, recorder: WorkflowRecorder) -> WorkflowResult:
    """Say what waits, and which answers nobody took: a human believes that they have been used."""
    try:
        waits, unused = await recorder.questions()
    except EngineError:  # the workflow has ended all the same
        return result
    for one in unused:
        logger.warning(
            "escalation.answer_unused",
            extra={
                "workflow_id": result.workflow_id,
                "escalation_id": one["id"],
                "by": one["by"],
                "at": one["at"],
            },
        )
    return replace(
        result,
        questions=() if result.failed and result.aborted else waits or result.questions,
        unused_answers=tuple(str(one["id"]) for one in unused),
    )


def _status_of(result: WorkflowResult) -> str:
    if result.failed:
        return "failed"
    return "done" if result.success else "paused"


def _error_of(result: WorkflowResult) -> str:
    if result.aborted is not None:
        return aborted_words(result.aborted)
    ended = (
        o for o in result.steps.values() if o.status not in (StepStatus.DONE, StepStatus.SKIPPED)
    )
    return next((f"{o.step_id}: {o.error_message}" for o in ended), "")
