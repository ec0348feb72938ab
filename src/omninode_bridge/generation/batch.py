"""Many contracts in one staged run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows.staged_execution import (
    ProgressEvent,
    StagedParallelExecutor,
    StepStatus,
    WorkflowFailedError,
    WorkflowResult,
)
from omninode_bridge.generation.asking import abort
from omninode_bridge.generation.job import Job
from omninode_bridge.generation.job_state import restore as restore_job
from omninode_bridge.generation.kept import KeptRun, new_workflow_id, spec_of
from omninode_bridge.generation.placing import restore
from omninode_bridge.generation.preflight import check_output, check_tools, find_inputs
from omninode_bridge.generation.questions import Questions
from omninode_bridge.generation.records import Records
from omninode_bridge.generation.report import BatchReport, KeptNote, Outcome
from omninode_bridge.generation.request import GenerateRequest, Mode
from omninode_bridge.generation.roots import root_finder
from omninode_bridge.generation.stages import STEPS, Stages
from omninode_bridge.generation.versions import Versions

if TYPE_CHECKING:
    from omninode_bridge.agents.workflows.engines.journal import JournalEngine

__all__ = ["generate"]

Progress = Callable[[ProgressEvent], object]


async def generate(
    request: GenerateRequest,
    *,
    orchestrator: ErrorRecoveryOrchestrator | None = None,
    on_progress: Progress | None = None,
    clock: Clock = SYSTEM_CLOCK,
    engine: JournalEngine | None = None,
    workflow_id: str | None = None,
) -> BatchReport:
    """Generate a package for every contract of the request.

    One contract's trouble never keeps another from its package.

    Args:
        request: what to do.
        orchestrator: recovers the steps; one that keeps escalations in memory, or in `engine`, by
            default.
        on_progress: called for everything that starts or ends.
        clock: tells the time.
        engine: keeps what is done, so that a later process can go on: the same request with the
            same `workflow_id`, from the same folder, does not run finished steps again.
        workflow_id: of the run; a new one by default. Goes with `engine`.

    Raises:
        ContractReadError: a path that does not exist, or a folder without contracts.
        ConfigurationError: an output folder that cannot be one.
        MissingExtraError: something that the run needs is not installed.
        WorkflowOwnedError: another live process is at work on this run.
        JournalError: the journal cannot be written.
    """
    check_output(request)
    check_tools(request.validation)
    paths = find_inputs(request)
    kept = None
    if engine is not None:
        workflow_id = new_workflow_id(clock.now()) if workflow_id is None else workflow_id
        kept = await KeptRun.begin(engine, workflow_id, spec_of(request, cwd=Path.cwd()))
    try:
        if orchestrator is None:
            orchestrator = ErrorRecoveryOrchestrator(
                escalation={}, enable_notifications=False, clock=clock, engine=kept
            )
        return await _generate(request, paths, orchestrator, on_progress, clock, kept)
    finally:
        if kept is not None:
            kept.cut()


async def _generate(
    request: GenerateRequest,
    paths: list[Path],
    orchestrator: ErrorRecoveryOrchestrator,
    on_progress: Progress | None,
    clock: Clock,
    kept: KeptRun | None,
) -> BatchReport:
    questions = Questions(
        run="" if kept is None else kept.workflow_id, store=orchestrator.escalations
    )
    await questions.take_up()
    recovery = orchestrator if request.recovery else None
    roots = root_finder(request.paths)
    jobs = [
        Job(path, roots(path), recovery, clock.monotonic, request.wait, questions) for path in paths
    ]
    records = None
    if kept is not None:
        records = Records(kept.results, Versions(request), STEPS)
        kept.explain(records.why_stale(jobs))
    if request.mode is Mode.WRITE:
        restore(request.output)
    begun = clock.monotonic()
    executor = StagedParallelExecutor(
        max_parallel=request.jobs, on_progress=on_progress, clock=clock, engine=kept
    )
    definition = Stages(jobs, request, records).definition()
    name = "generate" if kept is None else kept.workflow_id
    try:
        result = await executor.execute_workflow(name, definition)
    except WorkflowFailedError as error:
        result = error.result
    _settle(jobs, result)
    report = BatchReport(
        contracts=tuple(job.report() for job in jobs),
        output=str(request.output),
        mode=str(request.mode),
        validation=str(request.validation),
        duration_ms=(clock.monotonic() - begun) * 1000,
        speedup=result.speedup,
        statistics=_statistics(orchestrator),
        kept=await _end(kept, jobs, questions, records, result),
    )
    if kept is not None and report.kept is not None:
        await kept.end(report.kept.status, report.to_json())
    return report


def _statistics(orchestrator: ErrorRecoveryOrchestrator) -> Mapping[str, Any]:
    statistics = orchestrator.get_statistics()
    return {
        "recoveries": statistics.total_attempts,
        "success_rate": statistics.success_rate,
        "strategy_usage": {str(k): n for k, n in statistics.strategy_usage.items()},
        "escalated": statistics.escalated,
    }


def _settle(jobs: list[Job], result: WorkflowResult) -> None:
    """Give every job what earlier processes did, and every one that ended between steps a sentence."""
    for job in jobs:
        for name in STEPS:
            outcome = result.steps.get(f"{name}: {job.key}")
            done = outcome is not None and outcome.status is StepStatus.DONE
            if outcome is not None and done and outcome.result is not None and name not in job.have:
                restore_job(job, outcome.result)
                job.have.add(name)
        if job.outcome is Outcome.FAILED and not job.error:
            own = (result.steps.get(f"{name}: {job.key}") for name in STEPS)
            messages = (o.error_message for o in own if o is not None and o.error_message)
            job.error = next(messages, "not reached")


async def _end(
    kept: KeptRun | None,
    jobs: list[Job],
    questions: Questions,
    records: Records | None,
    result: WorkflowResult,
) -> KeptNote | None:
    """Settle the questions of a run that is kept, and return how it stands."""
    if kept is None or records is None:
        return None
    if questions.ended_by is not None:
        for job in jobs:
            if job.outcome is Outcome.ESCALATED and job.escalation is not None:
                abort(job, job.escalation)
    left, waits = await questions.settle(
        {
            job.escalation.id
            for job in jobs
            if job.outcome is Outcome.ESCALATED
            and job.escalation is not None
            and job.escalation.id is not None
        }
    )
    # One whose time is over can be asked anew, but nobody can answer it any more.
    is_over = {job.outcome for job in jobs}.isdisjoint((Outcome.ESCALATED, Outcome.FAILED))
    status = "paused" if waits else "done" if is_over else "failed"
    stale = [(job.key, records.reason(job)) for job in jobs if job.touched]
    places = {job.key: result.steps.get(f"place: {job.key}") for job in jobs}
    fresh = {key for key, place in places.items() if place is not None and not place.reused}
    outlived = [records.package(job) for job in jobs if job.outcome is Outcome.SKIPPED]
    return KeptNote(
        workflow=kept.workflow_id,
        status=status,
        reused=sum(outcome.reused for outcome in result.steps.values()),
        open=left,
        stale=tuple(f"{key}: {reason}" for key, reason in stale if reason),
        written=sum(job.key in fresh and job.placed.get("changed") is True for job in jobs),
        left=tuple(folder for folder in outlived if folder is not None),
    )
