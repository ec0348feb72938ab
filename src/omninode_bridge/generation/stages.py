"""The run as stages and steps: each contract has a step of its own in each stage.

A step depends on earlier steps of its own contract alone, so that another contract that changes
makes nothing of it stale. Where all contracts have to come so far first there is a step in between
that always returns the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from omninode_bridge.agents.workflows.staged_execution import (
    StepEscalatedError,
    StepInputs,
    WorkflowStage,
    WorkflowStep,
)
from omninode_bridge.generation import formatting
from omninode_bridge.generation.company import Company
from omninode_bridge.generation.job import Job
from omninode_bridge.generation.job_state import added, mark, restore
from omninode_bridge.generation.records import Records
from omninode_bridge.generation.report import Outcome
from omninode_bridge.generation.request import GenerateRequest
from omninode_bridge.generation.starting_over import start_over
from omninode_bridge.generation.steps import (
    check_together,
    load_contract,
    place,
    validate,
    write_models,
    write_node,
    write_tests,
)

__all__ = ["STEPS", "Stages"]

# More would keep the tests of all from their results for long when one of them hangs.
MAX_TOGETHER = 25

STEPS: Final = ("contract", "models", "node", "tests", "format", "check", "validate", "place")
"""The steps of one contract, in their order."""

Operation = Callable[[StepInputs], Awaitable[Any]]


class _RefusedBefore(Exception):
    """The job ended in a step that serves all jobs; it has its sentence already."""


@dataclass(slots=True)
class Stages:
    """The stages of one run.

    Attributes:
        jobs: all contracts.
        request: of the run.
        records: what earlier processes did of it; None where nothing is kept.
    """

    jobs: Sequence[Job]
    request: GenerateRequest
    records: Records | None = None
    _formatting: Company = field(init=False)
    _checking: Company = field(init=False)

    def __post_init__(self) -> None:
        for job in self.jobs if self.records is not None else ():
            job.recorded = mark(job)
        self._formatting = Company(self.jobs, waits=self._has_files, work=_format)
        self._checking = Company(
            self.jobs,
            waits=self._has_files,
            work=partial(check_together, request=self.request),
            groups=self.request.jobs,
            most=MAX_TOGETHER,
        )

    def definition(self) -> list[WorkflowStage]:
        """Return the stages, to be run by an executor."""
        request = self.request
        return [
            self._stage("contract", lambda job: load_contract(job, request)),
            _alone("names", self._refuse_equal_names, ("contract",), self._version("names")),
            self._stage("models", write_models, ("names",)),
            self._stage("node", lambda job: write_node(job, request), ("names",)),
            self._stage("tests", write_tests, ("names",)),
            _alone("written", _nothing, STEPS[:4], self._version("written")),
            self._shared("format", self._formatting, ("written",)),
            _alone("formatted", _nothing, ("format",), self._version("formatted")),
            self._shared("check", self._checking, ("formatted",)),
            self._stage("validate", lambda job: validate(job, request), ("formatted",)),
            self._stage("place", lambda job: place(job, request), ("formatted",)),
        ]

    def _stage(
        self, name: str, work: Callable[[Job], Awaitable[None]], after: tuple[str, ...] = ()
    ) -> WorkflowStage:
        """Return a stage whose steps recover, and ask a human where nothing helps."""

        async def whole(job: Job) -> None:
            async def again(*, text: str | None = None) -> None:
                await start_over(job, self.request, until=name, text=text)

            await job.step(name, partial(work, job), again=again)

        return self._steps(name, whole, after)

    def _shared(self, name: str, company: Company, after: tuple[str, ...]) -> WorkflowStage:
        """Return a stage whose work is done for several jobs at once."""

        async def together(job: Job) -> None:
            if self.records is not None:
                self.records.restore_others(self.jobs, before=name)
            await company.serve(job)

        return self._steps(name, together, after)

    def _steps(
        self, name: str, work: Callable[[Job], Awaitable[None]], after: tuple[str, ...]
    ) -> WorkflowStage:
        before = STEPS[: STEPS.index(name)]
        steps = [
            WorkflowStep(
                f"{name}: {job.key}",
                self._operation(name, work, job),
                dependencies=(
                    *(f"{step}: {job.key}" for step in before),
                    *(stage for stage in after if before),
                ),
                version=self.records.version(name, job) if self.records is not None else None,
            )
            for job in self.jobs
        ]
        return WorkflowStage(name, steps, dependencies=after, allow_partial_failure=True)

    def _operation(self, name: str, work: Callable[[Job], Awaitable[None]], job: Job) -> Operation:
        async def run(inputs: StepInputs) -> dict[str, Any] | None:
            job.touched = True
            self._take(job, inputs)
            if job.outcome is Outcome.REFUSED:
                raise _RefusedBefore
            if job.outcome is Outcome.SKIPPED and self.records is not None:
                return {}
            try:
                await work(job)
            except StepEscalatedError:
                # A person left it out: that is an end, and nothing to wait for.
                if self.records is None or job.outcome is not Outcome.SKIPPED:
                    raise
            job.have.add(name)
            if self.records is None:
                return None
            # Since its last step, not since this one began: another job's step may have worked for it.
            changes = added(job, job.recorded)
            job.recorded = mark(job)
            return self.records.parts(name, job) | changes

        return run

    def _take(self, job: Job, inputs: StepInputs) -> None:
        """Give the job what earlier processes did of its earlier steps."""
        if self.records is None:
            return
        for name in STEPS:
            result = inputs.get(f"{name}: {job.key}")
            if name not in job.have and result is not None:
                restore(job, result)
                job.have.add(name)
                job.recorded = mark(job)
        refused = (inputs.get("names") or {}).get(job.key)
        if refused is not None and job.outcome is not Outcome.REFUSED:
            job.refuse("names", refused)

    async def _refuse_equal_names(self, inputs: StepInputs) -> dict[str, str]:
        """Refuse all contracts that would be written to one folder, also where case is not told apart.

        Returns:
            A sentence for each contract that is refused, by its key.
        """
        for job in self.jobs:
            if job.contract is None:
                self._take(job, inputs)
        by_name: dict[str, list[Job]] = defaultdict(list)
        for job in self.jobs:
            if job.contract is not None:
                by_name[job.contract.name.casefold()].append(job)
        refused: dict[str, str] = {}
        for same in by_name.values():
            for job in same if len(same) > 1 else ():
                others = ", ".join(other.key for other in same if other is not job)
                name = job.contract.name if job.contract is not None else ""
                refused[job.key] = f"{job.key}: the name {name!r} is also used by {others}"
                job.refuse("names", refused[job.key])
        return refused

    def _has_files(self, job: Job) -> bool:
        """Whether the job will come for what is done for many."""
        return job.contract is not None and bool(job.files)

    def _version(self, name: str) -> str | None:
        return self.records.version_of_all(name) if self.records is not None else None


def _alone(
    name: str, work: Operation, after: tuple[str, ...], version: str | None
) -> WorkflowStage:
    """Return a stage of one step, which has the stage's name."""
    step = WorkflowStep(name, work, version=version)
    return WorkflowStage(name, [step], dependencies=after, allow_partial_failure=True)


async def _nothing(inputs: StepInputs) -> dict[str, str]:
    del inputs
    return {}


async def _format(jobs: Sequence[Job]) -> None:
    packages = {
        job.contract.name: job.files for job in jobs if job.contract is not None and job.files
    }
    formatted = await formatting.format_packages(packages)
    for job in jobs:
        if job.contract is not None and job.files:
            job.files = formatted[job.contract.name]
