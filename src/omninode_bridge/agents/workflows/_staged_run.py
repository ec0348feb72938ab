"""One run of a workflow: start what is ready, settle what has ended, leave nothing behind."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ._clock import Clock
from ._staged_definition import StepInputs
from ._staged_outcomes import late, not_begun, once_more, outcome_of, stage_status, workflow_result
from ._staged_plan import Plan, PlannedStage, PlannedStep
from ._staged_progress import Progress
from ._staged_records import StagedRecords
from ._staged_state import Running, StageState, stage_results
from ._staged_step import run_step
from ._staged_tasks import cancel_all, drain
from ._workflow_models import HumanAnswer, StageStatus, StepOutcome, StepStatus, WorkflowResult

__all__ = ["StagedRun"]


class StagedRun:
    """The state of one run; it belongs to one task on one loop, so nothing is locked.

    A stage may start when the stages before it have ended. A step may start when its stage has
    started and the steps it needs have ended; it is run if all of them are done, else skipped.
    None is begun once a human has given the workflow up, here or (`aborted`) in an earlier run.
    """

    def __init__(
        self,
        plan: Plan,
        workflow_id: str,
        *,
        clock: Clock,
        limit: int,
        progress: Progress,
        finished: Mapping[str, StepOutcome],
    ) -> None:
        self.aborted: HumanAnswer | None = None
        self._plan = plan
        self._workflow_id = workflow_id
        self._clock = clock
        self._limit = limit
        self._progress = progress
        self._finished = finished
        self._records: StagedRecords | None = None
        self._launched: list[tuple[PlannedStep, StepInputs]] = []
        self._stages = [StageState(len(s.needs), len(s.steps)) for s in plan.stages]
        self._waits = [len(step.needs) for step in plan.steps]
        self._outcomes: list[StepOutcome | None] = [None] * len(plan.steps)
        self._ready: list[int] = []
        self._running: dict[asyncio.Task[StepOutcome], Running] = {}
        self._timers: dict[asyncio.Task[None], PlannedStage] = {}
        # Worklists instead of recursion: a chain of skipped steps may be long.
        self._to_start = deque(s for s in plan.stages if not s.needs)
        self._to_check: deque[PlannedStep] = deque()

    async def execute(self, records: StagedRecords | None = None) -> WorkflowResult:
        """Run everything that can run, and return how it ended; failures are not raised."""
        self._records = records
        began = self._clock.monotonic()
        try:
            self._advance()
            await self._begin()
            while self._running or self._timers:
                tasks: set[asyncio.Task[Any]] = {*self._running, *self._timers}
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                self._settle(done)
                self._advance()
                await self._begin()
        except GeneratorExit:
            # nobody drives us again: nothing to wait for
            cancel_all((*self._running, *self._timers))
            raise
        except BaseException:
            await drain((*self._running, *self._timers))
            raise
        return self._result((self._clock.monotonic() - began) * 1000)

    def _settle(self, done: set[asyncio.Task[Any]]) -> None:
        """Take what has ended in the order of definition; results count before time limits."""
        ended = [task for task in done if task in self._running]
        for task in sorted(ended, key=lambda task: self._running[task].planned.index):
            running = self._running.pop(task)
            own = self._plan.stages[running.planned.stage].stage
            ran_ms = (self._clock.monotonic() - running.started) * 1000
            self._end_step(running.planned, outcome_of(running, task, own, ran_ms))
        for timer in done & self._timers.keys():
            stage = self._timers.pop(timer)
            if not timer.cancelled():
                timer.result()
                self._expire(stage)

    def _advance(self) -> None:
        """Start stages, decide about steps whose dependencies have ended, fill the free places."""
        while True:
            if self._to_start:
                self._start_stage(self._to_start.popleft())
            elif self._to_check:
                self._check(self._to_check.popleft())
            elif self._ready and len(self._running) + len(self._launched) < self._limit:
                planned = self._plan.steps[heapq.heappop(self._ready)]
                if self._outcomes[planned.index] is None:
                    self._launch(planned)
            else:
                return

    def _start_stage(self, stage: PlannedStage) -> None:
        state = self._stages[stage.index]
        state.started = self._clock.monotonic()
        blockers = {
            self._plan.stages[i].stage.stage_id: self._ended(self._plan.stages[i].steps)
            for i in stage.needs
            if not self._passes(i)
        }
        if not blockers:
            self._progress.tell("stage_started", stage.stage.stage_id)
            seconds = stage.stage.timeout_seconds
            if seconds is not None and stage.steps:
                state.timer = asyncio.create_task(self._clock.sleep(seconds))
                self._timers[state.timer] = stage
        for index in stage.steps:
            planned = self._plan.steps[index]
            if blockers:
                self._leave(planned, "stage", blockers)
            elif not self._waits[index]:
                self._to_check.append(planned)
        if not stage.steps:
            state.status = StageStatus.SKIPPED if blockers else StageStatus.DONE
            self._end_stage(stage)

    def _passes(self, index: int) -> bool:
        """Whether what depends on the stage may run: it has not failed and something was done."""
        stage, status = self._plan.stages[index], self._stages[index].status
        if status in (StageStatus.FAILED, StageStatus.SKIPPED):
            return False
        return not stage.steps or any(self._is_done(i) for i in stage.steps)

    def _is_done(self, index: int) -> bool:
        outcome = self._outcomes[index]
        return outcome is not None and outcome.status is StepStatus.DONE

    def _check(self, planned: PlannedStep) -> None:
        """Skip, reuse or queue a step; all that it needs has ended."""
        if self._outcomes[planned.index] is not None:
            return
        stage = self._plan.stages[planned.stage].stage
        blockers = {
            self._plan.steps[i].step.step_id: self._ended((i,))
            for i in planned.needs
            if not self._is_done(i)
        }
        known = self._finished.get(planned.step.step_id)
        if blockers:
            self._leave(planned, "step", blockers)
        elif known is not None:
            self._end_step(planned, replace(once_more(known), stage_id=stage.stage_id))
        elif self._records is not None and (kept := self._records.reuse(planned, self._is_done)):
            self._end_step(planned, kept)
        elif self.aborted is not None:
            self._leave(planned)
        else:
            heapq.heappush(self._ready, planned.index)

    def _leave(
        self,
        planned: PlannedStep,
        kind: str = "",
        blockers: Mapping[str, list[StepOutcome]] = MappingProxyType({}),
    ) -> None:
        """End a step that is not begun."""
        stage = self._plan.stages[planned.stage].stage
        self._end_step(planned, not_begun(planned, stage, kind, blockers, self.aborted))

    def _launch(self, planned: PlannedStep) -> None:
        stage = self._plan.stages[planned.stage]
        state = self._stages[planned.stage]
        if self.aborted is not None:
            self._leave(planned)
            return
        if state.inputs is None:
            before = (i for needed in stage.needs for i in self._plan.stages[needed].steps)
            state.inputs = self._results(before)
        inputs = StepInputs(
            self._workflow_id,
            stage.stage.stage_id,
            planned.step.step_id,
            self._results(planned.needs),
            state.inputs,
        )
        self._launched.append((planned, inputs))

    async def _begin(self) -> None:
        """Run what was launched, once it is written down that it begins and what ended before."""
        while True:
            launched, self._launched = self._launched, []
            refused: dict[int, StepOutcome] = {}
            if self._records is not None:
                refused = await self._records.begin([planned for planned, _ in launched])
                self._progress.release()
            for planned, inputs in launched:
                if planned.index in refused:
                    self._end_step(planned, refused[planned.index])
                else:
                    self._start(planned, inputs)
            if not refused:
                self._progress.release()  # that these begin is written down
                return
            self._advance()

    def _start(self, planned: PlannedStep, inputs: StepInputs) -> None:
        context = None if self._records is None else self._records.context(planned)
        task = asyncio.create_task(run_step(planned, inputs, self._clock), context=context)
        self._running[task] = Running(planned, self._clock.monotonic())
        self._progress.running = len(self._running)
        self._progress.tell("step_started", inputs.stage_id, planned.step.step_id)

    def _results(self, indexes: Iterable[int]) -> dict[str, Any]:
        ended = self._ended(indexes)
        return {o.step_id: o.result for o in ended if o.status is StepStatus.DONE}

    def _ended(self, indexes: Iterable[int]) -> list[StepOutcome]:
        return [o for i in indexes if (o := self._outcomes[i]) is not None]

    def _end_step(self, planned: PlannedStep, outcome: StepOutcome) -> None:
        if self._records is not None:
            outcome = self._records.end(planned, outcome)
        if outcome.status is StepStatus.ABORTED and self.aborted is None:
            self.aborted = outcome.answer
        self._outcomes[planned.index] = outcome
        self._progress.finished += 1
        self._progress.running = len(self._running)
        self._progress.tell(
            "step_finished",
            outcome.stage_id,
            outcome.step_id,
            status=outcome.status,
            duration_ms=outcome.duration_ms,
        )
        for index in planned.wanted_by:
            self._waits[index] -= 1
            waiting = self._plan.steps[index]
            if not self._waits[index] and self._stages[waiting.stage].started is not None:
                self._to_check.append(waiting)
        state = self._stages[planned.stage]
        state.left -= 1
        if not state.left:
            stage = self._plan.stages[planned.stage]
            statuses = frozenset(o.status for i in stage.steps if (o := self._outcomes[i]))
            state.status = stage_status(stage.stage, statuses)
            self._end_stage(stage)

    def _end_stage(self, stage: PlannedStage) -> None:
        state = self._stages[stage.index]
        if state.timer is not None:
            state.timer.cancel()
        if state.started is not None:
            state.duration_ms = (self._clock.monotonic() - state.started) * 1000
        self._progress.tell(
            "stage_finished",
            stage.stage.stage_id,
            status=state.status or "",
            duration_ms=state.duration_ms,
        )
        for index in stage.wanted_by:
            self._stages[index].waits -= 1
            if not self._stages[index].waits:
                self._to_start.append(self._plan.stages[index])

    def _expire(self, stage: PlannedStage) -> None:
        """End a stage that has used up its time: stop what runs, give up what has not started."""
        for task, running in self._running.items():
            if running.planned.stage == stage.index:
                # A step that ended in this very moment keeps what it brought.
                running.cut = task.cancel()
        busy = {running.planned.index for running in self._running.values()}
        for index in stage.steps:
            if self._outcomes[index] is None and index not in busy:
                planned = self._plan.steps[index]
                self._end_step(planned, late(planned, stage.stage, None))

    def _result(self, duration_ms: float) -> WorkflowResult:
        return workflow_result(
            self._workflow_id,
            stage_results(self._plan.stages, self._stages, self._ended(range(len(self._outcomes)))),
            duration_ms=duration_ms,
            progress_failures=self._progress.failures,
            aborted=self.aborted,
        )
