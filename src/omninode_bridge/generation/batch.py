"""Many contracts in one staged run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows.staged_execution import (
    ProgressEvent,
    StagedParallelExecutor,
    WorkflowFailedError,
    WorkflowResult,
    WorkflowStage,
    WorkflowStep,
)
from omninode_bridge.generation.formatting import format_packages
from omninode_bridge.generation.job import Job
from omninode_bridge.generation.placing import restore
from omninode_bridge.generation.preflight import check_output, check_tools, find_inputs
from omninode_bridge.generation.report import BatchReport, Outcome
from omninode_bridge.generation.request import GenerateRequest, Mode
from omninode_bridge.generation.roots import root_finder
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

__all__ = ["generate"]

# More would keep the tests of all from their results for long when one of them hangs.
MAX_TOGETHER = 25

Progress = Callable[[ProgressEvent], object]


async def generate(
    request: GenerateRequest,
    *,
    orchestrator: ErrorRecoveryOrchestrator | None = None,
    on_progress: Progress | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> BatchReport:
    """Generate a package for every contract of the request.

    One contract's trouble never keeps another from its package.

    Args:
        request: what to do.
        orchestrator: recovers the steps; one that keeps escalations in memory by default.
        on_progress: called for everything that starts or ends.
        clock: tells the time.

    Raises:
        ContractReadError: a path that does not exist, or a folder without contracts.
        ConfigurationError: an output folder that cannot be one.
        MissingExtraError: something that the run needs is not installed.
    """
    check_output(request)
    check_tools(request.validation)
    paths = find_inputs(request)
    if orchestrator is None:
        orchestrator = ErrorRecoveryOrchestrator(
            escalation={}, enable_notifications=False, clock=clock
        )
    recovery = orchestrator if request.recovery else None
    roots = root_finder(request.paths)
    jobs = [Job(path, roots(path), recovery, clock.monotonic, request.wait) for path in paths]
    if request.mode is Mode.WRITE:
        restore(request.output)
    begun = clock.monotonic()
    executor = StagedParallelExecutor(
        max_parallel=request.jobs, on_progress=on_progress, clock=clock
    )
    try:
        result = await executor.execute_workflow("generate", _stages(jobs, request))
    except WorkflowFailedError as error:
        result = error.result
    _settle(jobs, result)
    statistics = orchestrator.get_statistics()
    return BatchReport(
        contracts=tuple(job.report() for job in jobs),
        output=str(request.output),
        mode=str(request.mode),
        validation=str(request.validation),
        duration_ms=(clock.monotonic() - begun) * 1000,
        speedup=result.speedup,
        statistics={
            "recoveries": statistics.total_attempts,
            "success_rate": statistics.success_rate,
            "strategy_usage": {str(k): n for k, n in statistics.strategy_usage.items()},
            "escalated": statistics.escalated,
        },
    )


def _stages(jobs: list[Job], request: GenerateRequest) -> list[WorkflowStage]:
    """Return the run: a step for each contract in most stages, and steps for many in some."""

    def work(name: str, step: Callable[..., Any], *more: Any) -> list[WorkflowStep]:
        before = _BEFORE[name]
        return [
            WorkflowStep(
                f"{name}: {job.key}",
                _bound(job, name, step, request, *more),
                dependencies=(f"{before}: {job.key}",) if before else (),
            )
            for job in jobs
        ]

    def stage(name: str, steps: list[WorkflowStep], after: tuple[str, ...]) -> WorkflowStage:
        return WorkflowStage(name, steps, dependencies=after, allow_partial_failure=True)

    names = WorkflowStep("names", lambda: _refuse_equal_names(jobs))
    tidy = WorkflowStep("format", lambda: _format(jobs))
    checks = [
        WorkflowStep(f"check {number}", partial(check_together, group, request))
        for number, group in enumerate(_groups(jobs, request.jobs), start=1)
    ]
    return [
        stage("contract", work("contract", load_contract, request), ()),
        stage("names", [names], ("contract",)),
        stage("models", work("models", write_models), ("names",)),
        stage("node", work("node", write_node, request), ("names",)),
        stage("tests", work("tests", write_tests), ("models", "node")),
        stage("format", [tidy], ("tests",)),
        stage("check", checks, ("format",)),
        stage("validate", work("validate", validate, request), ("check",)),
        stage("place", work("place", place, request), ("validate",)),
    ]


def _groups(jobs: list[Job], wanted: int) -> list[list[Job]]:
    """Return the jobs in groups whose packages are checked together."""
    size = max(1, min(MAX_TOGETHER, -(-len(jobs) // wanted)))
    return [jobs[start : start + size] for start in range(0, len(jobs), size)]


_BEFORE = {
    "contract": "",
    "models": "contract",
    "node": "models",
    "tests": "node",
    "validate": "tests",
    "place": "validate",
}


class _RefusedBefore(Exception):
    """The job ended in a step that serves all jobs; it has its sentence already."""


def _bound(
    job: Job, name: str, step: Callable[..., Any], request: GenerateRequest, *more: Any
) -> Callable[[], Any]:
    async def run() -> None:
        if job.outcome is Outcome.REFUSED:
            raise _RefusedBefore
        again = partial(start_over, job, request, until=name)
        await job.step(name, lambda: step(job, *more), again=again)

    return run


def _refuse_equal_names(jobs: list[Job]) -> None:
    """Refuse all contracts that would be written to one folder, also where case is not told apart."""
    by_name: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        if job.contract is not None:
            by_name[job.contract.name.casefold()].append(job)
    for same in by_name.values():
        if len(same) > 1:
            for job in same:
                others = ", ".join(other.key for other in same if other is not job)
                name = job.contract.name if job.contract is not None else ""
                job.refuse("names", f"{job.key}: the name {name!r} is also used by {others}")


async def _format(jobs: list[Job]) -> None:
    packages = {
        job.contract.name: job.files for job in jobs if job.contract is not None and job.files
    }
    formatted = await format_packages(packages)
    for job in jobs:
        if job.contract is not None and job.files:
            job.files = formatted[job.contract.name]


def _settle(jobs: list[Job], result: WorkflowResult) -> None:
    """Give every job that ended outside its own steps a sentence."""
    shared = next((o.error_message for o in result.steps.values() if o.step_id == "format"), "")
    for job in jobs:
        if job.outcome is Outcome.FAILED and not job.error:
            own = [o for key, o in result.steps.items() if key.endswith(f": {job.key}")]
            job.error = shared or next(
                (o.error_message for o in own if o.error_message), "not reached"
            )
