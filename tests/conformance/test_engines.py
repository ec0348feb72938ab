"""What a staged workflow does on every engine: without one, on one that keeps nothing, on a journal."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, RecoveryContext
from omninode_bridge.agents.workflows.journal._file import JournalFile
from omninode_bridge.agents.workflows.recovery_models import RecoveryResult, RecoveryStrategy
from omninode_bridge.agents.workflows.staged_execution import (
    ProgressEvent,
    StagedParallelExecutor,
    StepEscalatedError,
    StepInputs,
    WorkflowFailedError,
)
from omninode_bridge.errors import ConfigurationError, StepTimeoutError, WorkflowDefinitionError
from omninode_bridge.testing import AutojumpClock, fails_then

from ._engines import ENGINES, execute, make_engine, stage, statuses, step


class PatientClock(AutojumpClock):
    """Its time stands still while a journal writes: where the disk is slow, another thread does."""

    writing = 0

    def _watch(self) -> None:
        if self.writing:
            self._turns = 0
        super()._watch()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> AutojumpClock:
    made, write = PatientClock(), JournalFile.write

    async def write_in_no_time(file: JournalFile, work: Any, *, durable: bool) -> Any:
        made.writing += 1
        try:
            return await write(file, work, durable=durable)
        finally:
            made.writing -= 1

    monkeypatch.setattr(JournalFile, "write", write_in_no_time)
    return made


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, clock: AutojumpClock, tmp_path: Path) -> Iterator[Any]:
    """Every engine in turn."""
    made = make_engine(request.param, clock, tmp_path)
    yield made
    if request.param == "journal":
        made.close()


async def load(name: str) -> dict[str, Any]:
    """Return something that is made of an argument."""
    return {"name": name, "parts": [1, 2.5, None, True, "ä"]}


async def build(inputs: StepInputs) -> list[str]:
    """Return something that is made of what came before."""
    return [f"{inputs.stage_id}/{inputs.step_id}", *sorted(inputs), inputs["load"]["name"]]


def plain() -> str:
    """Return where a plain function runs."""
    return threading.current_thread().name


async def refuse() -> None:
    """Fail."""
    raise ValueError("no")


async def ask() -> None:
    """Say that a human was asked."""
    raise StepEscalatedError("wait for ann", escalation_id="esc_1")


async def test_results_arguments_and_inputs(engine: Any, clock: AutojumpClock) -> None:
    """A step gets its arguments and the results of what it depends on; results come back as they are."""
    result = await execute(
        engine,
        clock,
        stage("read", step("load", load, arguments={"name": "ann"})),
        stage("write", step("build", build), step("other", build), dependencies=["read"]),
    )

    assert result.success
    assert result.complete
    assert dict(result.results) == {
        "load": {"name": "ann", "parts": [1, 2.5, None, True, "ä"]},
        "build": ["write/build", "load", "ann"],
        "other": ["write/other", "load", "ann"],
    }
    assert [outcome.reused for outcome in result.steps.values()] == [False] * 3
    assert [outcome.stale for outcome in result.steps.values()] == [""] * 3


async def test_plain_functions_run_in_threads(engine: Any, clock: AutojumpClock) -> None:
    """A plain function does not run on the event loop."""
    result = await execute(engine, clock, stage("a", step("s", plain)))

    assert result.results["s"].startswith("omninode-bridge-worker-")


async def test_what_depends_on_a_failure_is_skipped(engine: Any, clock: AutojumpClock) -> None:
    """A failure stops what needs it, and nothing else; the error is the one that was raised."""
    result = await execute(
        engine,
        clock,
        stage(
            "a",
            step("bad", refuse),
            step("needs", load, arguments={"name": "x"}, dependencies=["bad"]),
            step("free", load, arguments={"name": "y"}),
        ),
        stage("b", step("later", plain), dependencies=["a"]),
        stage("c", step("apart", plain)),
    )

    assert not result.success
    assert statuses(result) == {
        "bad": "failed",
        "needs": "skipped",
        "free": "done",
        "later": "skipped",
        "apart": "done",
    }
    assert isinstance(result.steps["bad"].error, ValueError)
    assert result.steps["bad"].error_message == "ValueError: no"
    assert result.steps["needs"].blocked_by == ("bad",)
    assert result.steps["later"].blocked_by == ("a",)
    assert [str(one.status) for one in result.stages] == ["failed", "skipped", "done"]


async def test_a_failed_workflow_raises_with_its_result(engine: Any, clock: AutojumpClock) -> None:
    """The error names the steps and has the first one's error for its cause."""
    executor = StagedParallelExecutor(clock=clock, engine=engine)

    with pytest.raises(
        WorkflowFailedError, match="1 of 1 steps failed: 'bad': ValueError: no"
    ) as e:
        await executor.execute_workflow("w", [stage("a", step("bad", refuse))])

    assert isinstance(e.value.__cause__, ValueError)
    assert statuses(e.value.result) == {"bad": "failed"}


async def test_allowed_failures(engine: Any, clock: AutojumpClock) -> None:
    """A stage that may lack steps is partial, and what follows runs."""
    result = await execute(
        engine,
        clock,
        stage(
            "a",
            step("bad", refuse),
            step("good", load, arguments={"name": "x"}),
            allow_partial_failure=True,
        ),
        stage("b", step("later", build_of_any), dependencies=["a"]),
    )

    assert result.success
    assert statuses(result) == {"bad": "failed", "good": "done", "later": "done"}
    assert result.results["later"] == ["good"]
    assert str(result.stages[0].status) == "partial"


async def build_of_any(inputs: StepInputs) -> list[str]:
    """Return the names of what came before."""
    return sorted(inputs)


async def test_a_step_that_waits_for_a_human(engine: Any, clock: AutojumpClock) -> None:
    """It is escalated with its id, what depends on it is held up, the workflow is no failure."""
    result = await execute(
        engine,
        clock,
        stage("a", step("asks", ask), step("free", load, arguments={"name": "y"})),
        stage("b", step("later", build_of_any), dependencies=["a"]),
    )

    assert not result.success
    assert statuses(result)["asks"] == "escalated"
    assert result.steps["asks"].escalation_id == "esc_1"
    assert result.steps["asks"].error_message == "StepEscalatedError: wait for ann"
    assert str(result.stages[0].status) == "escalated"


async def recovered(success: bool, escalated: bool) -> RecoveryResult:
    """Return the account of a recovery instead of a value."""
    kind = RecoveryStrategy.RETRY
    if success:
        return RecoveryResult.recovered(kind, {"n": 1}, retry_count=1)
    return RecoveryResult.failed(
        kind, "it stays", escalated=escalated, escalation_id="esc_2" if escalated else None
    )


@pytest.mark.parametrize(
    ("success", "escalated", "status"),
    [(True, False, "done"), (False, False, "failed"), (False, True, "escalated")],
)
async def test_a_step_that_returns_the_account_of_a_recovery(
    engine: Any,
    clock: AutojumpClock,
    success: bool,
    escalated: bool,
    status: str,
) -> None:
    """The account is read as the step's own end, and is part of the outcome."""
    arguments = {"success": success, "escalated": escalated}

    result = await execute(engine, clock, stage("a", step("s", recovered, arguments=arguments)))

    outcome = result.steps["s"]
    assert str(outcome.status) == status
    assert outcome.result == ({"n": 1} if success else None)
    assert outcome.escalation_id == ("esc_2" if escalated else None)
    assert outcome.recovery is not None
    assert outcome.recovery.success is success


async def test_time_limits_of_steps_and_stages(engine: Any, clock: AutojumpClock) -> None:
    """What takes too long is stopped, and what of its stage has not begun is given up."""

    async def slow() -> int:
        await clock.sleep(10)
        return 1

    async def quick() -> int:
        await clock.sleep(1)
        return 2

    result = await execute(
        engine,
        clock,
        stage("a", step("late", slow, timeout_seconds=2.0), step("quick", quick)),
        stage(
            "b",
            step("cut", slow),
            step("never", quick, dependencies=["cut"]),
            step("kept", quick),
            timeout_seconds=3.0,
        ),
    )

    assert statuses(result) == {
        "late": "timed_out",
        "quick": "done",
        "cut": "timed_out",
        "never": "timed_out",
        "kept": "done",
    }
    assert isinstance(result.steps["late"].error, StepTimeoutError)
    assert result.results["kept"] == 2


async def test_a_cancelled_run_leaves_nothing_behind(engine: Any, clock: AutojumpClock) -> None:
    """Cancelling the run cancels its steps and passes on; the same workflow may be run again."""
    begun, ended = asyncio.Event(), []

    async def hang() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("hang")

    async def quick() -> int:
        return 1

    task = asyncio.create_task(execute(engine, clock, stage("a", step("s", hang))))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    again = await execute(engine, clock, stage("a", step("s", quick)))

    assert ended == ["hang"]
    assert again.results["s"] == 1


async def test_a_step_cancelled_from_within(engine: Any, clock: AutojumpClock) -> None:
    """An operation that is cancelled by itself ends as cancelled, the others go on."""

    async def give_up() -> None:
        raise asyncio.CancelledError

    async def quick() -> int:
        return 1

    result = await execute(engine, clock, stage("a", step("s", give_up), step("t", quick)))

    assert statuses(result) == {"s": "cancelled", "t": "done"}


async def test_interrupts_pass(engine: Any, clock: AutojumpClock) -> None:
    """What is no Exception is nobody's to keep; the workflow may be run again after it."""

    class Interrupt(BaseException):
        """Stands for an interrupt."""

    async def interrupt() -> None:
        raise Interrupt

    async def quick() -> int:
        return 1

    with pytest.raises(Interrupt):
        await execute(engine, clock, stage("a", step("s", interrupt)))

    assert (await execute(engine, clock, stage("a", step("s", quick)))).results["s"] == 1


async def test_progress_is_told_in_order(engine: Any, clock: AutojumpClock) -> None:
    """The events and their counts are the same on every engine."""
    events: list[ProgressEvent] = []

    await execute(
        engine,
        clock,
        stage("a", step("s", load, arguments={"name": "x"}), step("bad", refuse)),
        stage("b", step("t", build_of_any)),
        on_progress=events.append,
        max_parallel=1,
    )

    told = [
        (e.name, e.stage_id, e.step_id, e.status, e.finished, e.running, e.total) for e in events
    ]
    assert told == [
        ("stage_started", "a", None, "", 0, 0, 3),
        ("stage_started", "b", None, "", 0, 0, 3),
        ("step_started", "a", "s", "", 0, 1, 3),
        ("step_finished", "a", "s", "done", 1, 0, 3),
        ("step_started", "a", "bad", "", 1, 1, 3),
        ("step_finished", "a", "bad", "failed", 2, 0, 3),
        ("stage_finished", "a", None, "failed", 2, 0, 3),
        ("step_started", "b", "t", "", 2, 1, 3),
        ("step_finished", "b", "t", "done", 3, 0, 3),
        ("stage_finished", "b", None, "done", 3, 0, 3),
    ]


async def test_a_callback_that_raises(engine: Any, clock: AutojumpClock) -> None:
    """It is counted and disturbs nothing."""

    def broken(event: ProgressEvent) -> None:
        raise RuntimeError(event.name)

    result = await execute(
        engine, clock, stage("a", step("s", load, arguments={"name": "x"})), on_progress=broken
    )

    assert result.success
    assert result.progress_failures == 4


async def test_as_many_at_once_as_allowed(engine: Any, clock: AutojumpClock) -> None:
    """The limit holds, and is used."""
    running, most = 0, 0

    async def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await clock.sleep(1)
        running -= 1

    steps = [step(f"s{n}", work) for n in range(10)]

    result = await execute(engine, clock, stage("a", *steps), max_parallel=3)

    assert result.success
    assert most == 3


async def test_an_earlier_result_is_taken_up(engine: Any, clock: AutojumpClock) -> None:
    """`finished=` spares what an earlier run had done, whatever the engine keeps."""
    executor, runs = StagedParallelExecutor(clock=clock, engine=engine), []

    async def count() -> int:
        runs.append(1)
        return len(runs)

    answers = iter([ValueError("no"), 7])

    async def second() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    stages = [stage("a", step("one", count), step("two", second))]
    with pytest.raises(WorkflowFailedError) as failed:
        await executor.execute_workflow("w", stages)

    result = await executor.execute_workflow("w", stages, finished=failed.value.result)

    assert dict(result.results) == {"one": 1, "two": 7}
    assert result.steps["one"].reused
    assert runs == [1]


async def test_nothing_to_do(engine: Any, clock: AutojumpClock) -> None:
    """An empty workflow is a success, with stages or without."""
    assert (await execute(engine, clock)).success
    assert (await execute(engine, clock, stage("a"))).success


async def test_a_wrong_definition_is_refused(engine: Any, clock: AutojumpClock) -> None:
    """A definition is checked as a whole before anything runs."""
    with pytest.raises(WorkflowDefinitionError, match="'ghost'"):
        await execute(engine, clock, stage("a", step("s", refuse, dependencies=["ghost"])))


async def test_calls_in_steps_recover(engine: Any, clock: AutojumpClock) -> None:
    """`run`, `run_sync`, `recoverable` and `handle_error` in a step recover as they do outside."""
    orchestrator = ErrorRecoveryOrchestrator(clock=clock, jitter="none", engine=engine)

    async def awaited() -> int:
        return await orchestrator.run(fails_then(ConnectionError("reset"), 1))

    def blocking() -> int:
        return orchestrator.run_sync(fails_then(ConnectionError("reset"), 2).sync)

    async def decorated() -> int:
        call = fails_then(ConnectionError("reset"), 3)

        @orchestrator.recoverable
        async def fetch() -> Any:
            return await call()

        return await fetch()

    async def afterwards() -> RecoveryResult:
        context = RecoveryContext("w", "n", exception=ConnectionError("reset"))
        return await orchestrator.handle_error(context, fails_then(ConnectionError("again"), 4))

    result = await execute(
        engine,
        clock,
        stage(
            "a",
            step("awaited", awaited),
            step("blocking", blocking),
            step("decorated", decorated),
            step("afterwards", afterwards),
        ),
    )

    assert dict(result.results) == {"awaited": 1, "blocking": 2, "decorated": 3, "afterwards": 4}
    statistics = orchestrator.get_statistics()
    assert statistics.total_attempts == 4
    assert statistics.success_rate == 1.0


async def test_a_call_that_asks_a_human_in_a_step(engine: Any, clock: AutojumpClock) -> None:
    """A recovery that leaves a question open makes the step one that waits, with the row's id."""
    orchestrator = ErrorRecoveryOrchestrator(
        clock=clock,
        engine=engine,
        enable_notifications=False,
        escalation={"pause_workflow": False},
    )

    async def asks() -> Any:
        runs = orchestrator.with_options(strategy="escalation", workflow_id="w", node_name="n")
        return await runs.run(refuse)

    result = await execute(engine, clock, stage("a", step("s", asks)))

    outcome = result.steps["s"]
    assert str(outcome.status) == "escalated"
    assert isinstance(outcome.error, ValueError)
    rows = await orchestrator.escalations.list()
    assert [(row.id, str(row.status)) for row in rows] == [(outcome.escalation_id, "open")]


def test_something_else_is_no_engine() -> None:
    """What is no engine is refused where it is given."""
    with pytest.raises(ConfigurationError, match="engine is 'sqlite'"):
        StagedParallelExecutor(engine="sqlite")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="engine is 'sqlite'"):
        ErrorRecoveryOrchestrator(engine="sqlite")  # type: ignore[arg-type]
