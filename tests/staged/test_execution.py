"""Running a workflow: order, results, failures, time limits, progress, and what comes back."""

from __future__ import annotations

import asyncio
import doctest
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from omninode_bridge.agents.workflows import staged_execution
from omninode_bridge.agents.workflows._attached import attached_call
from omninode_bridge.agents.workflows.recovery_models import RecoveryResult, RecoveryStrategy
from omninode_bridge.agents.workflows.staged_execution import (
    ProgressEvent,
    StagedParallelExecutor,
    StepEscalatedError,
    StepInputs,
    WorkflowFailedError,
    WorkflowResult,
    WorkflowStage,
    WorkflowStep,
)
from omninode_bridge.errors import StepTimeoutError

from ._clock import JumpingClock


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def run(clock: JumpingClock) -> Callable[..., Any]:
    """Run stages on the clock; a failed workflow gives its result too."""

    async def run(*stages: WorkflowStage, **settings: Any) -> WorkflowResult:
        executor = StagedParallelExecutor(clock=clock, **settings)
        try:
            return await executor.execute_workflow("w", stages)
        except WorkflowFailedError as error:
            return error.result

    return run


def takes(clock: JumpingClock, seconds: float, result: Any = None) -> Callable[[], Any]:
    """Return an operation that takes so long."""

    async def operation() -> Any:
        await clock.sleep(seconds)
        return result

    return operation


def fails(text: str = "no") -> Callable[[], Any]:
    """Return an operation that fails."""

    async def operation() -> None:
        raise ValueError(text)

    return operation


def statuses(result: WorkflowResult) -> dict[str, str]:
    """Return each step's status in plain words."""
    return {key: str(outcome.status) for key, outcome in result.steps.items()}


async def test_an_empty_workflow_is_a_success() -> None:
    """Nothing to do is done, with stages or without."""
    executor = StagedParallelExecutor()

    nothing = await executor.execute_workflow("w", [])
    empty = await executor.execute_workflow(
        "w", [WorkflowStage("b", (), ["a"]), WorkflowStage("a")]
    )

    assert (nothing.success, nothing.complete, nothing.stages) == (True, True, ())
    assert nothing.workflow_id == "w"
    assert empty.success
    assert [(s.stage_id, s.status) for s in empty.stages] == [("b", "done"), ("a", "done")]


async def test_stages_follow_their_dependencies_and_hand_on_results(run: Any) -> None:
    """A step gets the results of the steps it names and of the stages before its own."""

    def gather(inputs: StepInputs) -> Any:
        return dict(inputs), inputs.workflow_id, inputs.stage_id, inputs.step_id, len(inputs)

    done = await run(
        WorkflowStage(
            "last", [WorkflowStep("c", gather), WorkflowStep("d", gather, ["c"])], ["first"]
        ),
        WorkflowStage("first", [WorkflowStep("a", lambda: 1), WorkflowStep("b", lambda: 2)]),
    )

    assert done.results["c"] == ({"a": 1, "b": 2}, "w", "last", "c", 2)
    assert done.results["d"][0] == {"c": done.results["c"], "a": 1, "b": 2}
    assert list(done.steps) == ["c", "d", "a", "b"]
    assert done.complete


async def test_steps_run_side_by_side_under_the_limit(clock: JumpingClock, run: Any) -> None:
    """Ten steps of ten seconds, four at a time, take thirty; the speed-up says so."""
    steps = [WorkflowStep(f"s{n}", takes(clock, 10)) for n in range(10)]

    done = await run(WorkflowStage("s", steps), max_parallel=4)

    assert clock.monotonic() == 30
    assert done.duration_ms == 30_000
    assert done.step_time_ms == 100_000
    assert done.speedup == pytest.approx(10 / 3)


async def test_stages_without_a_common_dependency_run_side_by_side(
    clock: JumpingClock, run: Any
) -> None:
    """Only what depends on something waits."""
    await run(
        WorkflowStage("a", [WorkflowStep("a1", takes(clock, 10))]),
        WorkflowStage("b", [WorkflowStep("b1", takes(clock, 10))]),
        WorkflowStage("c", [WorkflowStep("c1", takes(clock, 5))], ["a", "b"]),
    )

    assert clock.monotonic() == 15


async def test_results_stay_in_the_order_of_definition(clock: JumpingClock, run: Any) -> None:
    """However long each step takes, the order is the written one."""
    seconds = [5, 1, 4, 2, 3]

    done = await run(
        WorkflowStage("s", [WorkflowStep(f"s{n}", takes(clock, n, n)) for n in seconds])
    )

    assert list(done.results.values()) == seconds
    assert [o.step_id for o in done.stages[0].steps] == [f"s{n}" for n in seconds]


async def test_siblings_of_a_failed_step_are_kept(clock: JumpingClock) -> None:
    """A failed workflow hands over what was done, says what failed, and chains the first error."""
    executor = StagedParallelExecutor(clock=clock)

    with pytest.raises(WorkflowFailedError) as caught:
        await executor.execute_workflow(
            "w",
            [
                WorkflowStage(
                    "s",
                    [
                        WorkflowStep("slow", takes(clock, 60, "kept")),
                        WorkflowStep("bad", fails("token=abc123456")),
                        WorkflowStep("after", takes(clock, 1), ["bad"]),
                    ],
                ),
                WorkflowStage("next", [WorkflowStep("n", takes(clock, 1))], ["s"]),
                WorkflowStage("beside", [WorkflowStep("b", takes(clock, 1, "too"))]),
            ],
        )

    error, done = caught.value, caught.value.result
    assert str(error) == "workflow 'w': 1 of 5 steps failed: 'bad': ValueError: token=[redacted]"
    assert isinstance(error.__cause__, ValueError)
    assert done.results == {"slow": "kept", "b": "too"}
    assert done.steps["after"].blocked_by == ("bad",)
    assert done.steps["n"].blocked_by == ("s",)
    assert done.steps["n"].error_message == "it depends on stage 's', which did not finish"
    assert [str(s.status) for s in done.stages] == ["failed", "skipped", "done"]
    assert not done.success


async def test_a_failed_workflow_is_taken_up_where_it_ended(clock: JumpingClock) -> None:
    """The call that travels with the error runs only what was not done."""
    runs: list[str] = []
    broken = True

    def work(name: str) -> Callable[[], str]:
        def operation() -> str:
            runs.append(name)
            if name == "b" and broken:
                raise OSError("down")
            return name

        return operation

    stages = [
        WorkflowStage("s", [WorkflowStep("a", work("a")), WorkflowStep("b", work("b"))]),
        WorkflowStage("t", [WorkflowStep("c", lambda inputs: sorted(inputs))], ["s"]),
    ]
    with pytest.raises(WorkflowFailedError) as caught:
        await StagedParallelExecutor(clock=clock).execute_workflow("w", stages)
    broken = False
    call = attached_call(caught.value)
    assert call is not None

    done = await call()

    assert sorted(runs) == ["a", "b", "b"]
    assert done.results["c"] == ["a", "b"]
    assert (done.steps["a"].reused, done.steps["b"].reused) == (True, False)


async def test_allowed_failures_let_the_workflow_go_on(run: Any) -> None:
    """Where some may fail, the next stage works with the rest, and the workflow succeeds."""
    done = await run(
        WorkflowStage(
            "s",
            [WorkflowStep("good", lambda: 1), WorkflowStep("bad", fails())],
            allow_partial_failure=True,
        ),
        WorkflowStage(
            "t",
            [WorkflowStep("all", lambda inputs: dict(inputs)), WorkflowStep("one", print, ["bad"])],
            ["s"],
        ),
    )

    assert statuses(done) == {"good": "done", "bad": "failed", "all": "done", "one": "skipped"}
    assert done.results["all"] == {"good": 1}
    assert [str(s.status) for s in done.stages] == ["partial", "partial"]
    assert (done.success, done.complete) == (True, False)


async def test_a_stage_of_which_nothing_is_done_has_failed(run: Any) -> None:
    """Partial failure is no total failure."""
    done = await run(
        WorkflowStage("s", [WorkflowStep("bad", fails())], allow_partial_failure=True),
        WorkflowStage("t", [WorkflowStep("x", lambda: 1)], ["s"]),
    )

    assert [str(s.status) for s in done.stages] == ["failed", "skipped"]
    assert not done.success


def escalates() -> None:
    raise StepEscalatedError("ask ann", escalation_id="esc_1")


def recovery_escalates() -> RecoveryResult:
    return RecoveryResult.failed(
        RecoveryStrategy.ESCALATION, "ask ann", escalated=True, escalation_id="esc_1"
    )


@pytest.mark.parametrize("operation", [escalates, recovery_escalates])
async def test_an_escalated_step_holds_up_only_what_depends_on_it(
    run: Any, operation: Callable[[], Any]
) -> None:
    """Everything else is done; the workflow is no success, and no error either."""
    done = await run(
        WorkflowStage("s", [WorkflowStep("ask", operation), WorkflowStep("good", lambda: 1)]),
        WorkflowStage(
            "t", [WorkflowStep("x", lambda: 2), WorkflowStep("y", print, ["ask"])], ["s"]
        ),
        WorkflowStage("u", [WorkflowStep("z", lambda: 3)], ["t"]),
    )

    assert statuses(done) == {
        "ask": "escalated",
        "good": "done",
        "x": "done",
        "y": "skipped",
        "z": "done",
    }
    assert done.steps["ask"].escalation_id == "esc_1"
    assert "ask ann" in done.steps["ask"].error_message
    assert [str(s.status) for s in done.stages] == ["escalated", "partial", "done"]
    assert not done.success


async def test_an_escalation_is_returned_not_raised() -> None:
    """A human has been asked already, so there is nothing to recover."""
    done = await StagedParallelExecutor().execute_workflow(
        "w", [WorkflowStage("s", [WorkflowStep("ask", escalates)])]
    )

    assert not done.success
    assert done.with_status("escalated")[0].step_id == "ask"


async def test_a_recoverys_answer_is_the_steps(run: Any) -> None:
    """A successful recovery hands on its result, a failed one is a failed step."""
    good = RecoveryResult.recovered(RecoveryStrategy.RETRY, "value")
    bad = RecoveryResult.failed(RecoveryStrategy.RETRY, "gave up", error=OSError("down"))

    done = await run(
        WorkflowStage(
            "s",
            [
                WorkflowStep("good", lambda: good),
                WorkflowStep("bad", lambda: bad),
                WorkflowStep("next", lambda inputs: inputs["good"], ["good"]),
            ],
        )
    )

    assert done.results == {"good": "value", "next": "value"}
    assert done.steps["good"].recovery is good
    assert done.steps["bad"].error_message == "gave up"
    assert isinstance(done.steps["bad"].error, OSError)


async def test_a_step_has_its_own_time_limit(clock: JumpingClock, run: Any) -> None:
    """What takes too long is stopped at its limit, the sibling goes on."""
    done = await run(
        WorkflowStage(
            "s",
            [
                WorkflowStep("late", takes(clock, 100), timeout_seconds=5),
                WorkflowStep("good", takes(clock, 8), timeout_seconds=9),
            ],
        )
    )

    assert statuses(done) == {"late": "timed_out", "good": "done"}
    assert isinstance(done.steps["late"].error, StepTimeoutError)
    assert done.steps["late"].error_message == "step 'late' took longer than 5 s"
    assert done.steps["late"].duration_ms == 5_000
    assert clock.monotonic() == 8


async def test_a_timeout_of_the_operations_own_is_a_failure(clock: JumpingClock, run: Any) -> None:
    """Only the step's limit makes it timed out."""

    async def operation() -> None:
        raise TimeoutError("the server's")

    done = await run(WorkflowStage("s", [WorkflowStep("x", operation, timeout_seconds=5)]))

    assert statuses(done) == {"x": "failed"}


async def test_a_stage_has_its_own_time_limit(clock: JumpingClock, run: Any) -> None:
    """Steps that run are stopped, steps that wait are given up, finished ones are kept."""
    done = await run(
        WorkflowStage(
            "s",
            [
                WorkflowStep("good", takes(clock, 4, "kept")),
                WorkflowStep("late", takes(clock, 100)),
                WorkflowStep("never", takes(clock, 1), ["late"]),
                WorkflowStep("queued", takes(clock, 100)),
            ],
            timeout_seconds=10,
        ),
        WorkflowStage("beside", [WorkflowStep("b", takes(clock, 20))]),
        max_parallel=1,
    )

    assert statuses(done) == {
        "good": "done",
        "late": "timed_out",
        "never": "timed_out",
        "queued": "timed_out",
        "b": "done",
    }
    assert done.steps["late"].duration_ms == 6_000
    assert done.steps["late"].error_message == "stage 's' took longer than 10 s"
    assert done.steps["queued"].duration_ms == 0
    assert done.steps["never"].error_message.endswith("10 s; this step had not started")
    assert clock.monotonic() == 30


async def test_a_stage_in_time_is_not_stopped_later(clock: JumpingClock, run: Any) -> None:
    """The limit ends with its stage, and nobody waits for it."""
    await run(
        WorkflowStage("s", [WorkflowStep("a", takes(clock, 1))], timeout_seconds=50),
        WorkflowStage("t", [WorkflowStep("b", takes(clock, 3))], ["s"], timeout_seconds=50),
    )

    assert clock.monotonic() == 4


async def test_an_operation_that_cancels_itself_is_not_a_cancelled_workflow(run: Any) -> None:
    """A CancelledError of the step's own ends that step."""

    async def operation() -> None:
        raise asyncio.CancelledError

    done = await run(
        WorkflowStage("s", [WorkflowStep("x", operation), WorkflowStep("good", lambda: 1)])
    )

    assert statuses(done) == {"x": "cancelled", "good": "done"}
    assert not done.success


async def test_an_answer_after_the_limit_is_too_late(clock: JumpingClock, run: Any) -> None:
    """An operation that swallows its cancellation does not get past the limit."""

    async def stubborn() -> str:
        with suppress(asyncio.CancelledError):
            await clock.sleep(100)
        return "late"

    done = await run(
        WorkflowStage("s", [WorkflowStep("x", stubborn, timeout_seconds=5)]),
        WorkflowStage("t", [WorkflowStep("y", stubborn)], timeout_seconds=5),
    )

    assert statuses(done) == {"x": "timed_out", "y": "timed_out"}


async def test_sync_operations_run_in_threads_side_by_side() -> None:
    """More of them than any pool would give run at once, off the loop's thread."""
    barrier = threading.Barrier(40)

    def operation() -> bool:
        barrier.wait(10)
        return threading.current_thread() is not threading.main_thread()

    done = await StagedParallelExecutor(max_parallel=40).execute_workflow(
        "w", [WorkflowStage("s", [WorkflowStep(f"s{n}", operation) for n in range(40)])]
    )

    assert set(done.results.values()) == {True}


async def test_a_sync_operation_learns_that_nobody_waits() -> None:
    """A thread cannot be stopped, but it can ask."""
    given: list[StepInputs] = []
    go, over = threading.Event(), threading.Event()

    def operation(inputs: StepInputs) -> None:
        given.append(inputs)
        assert not inputs.abandoned
        go.wait(10)
        over.set()

    with pytest.raises(WorkflowFailedError, match=r"took longer than 0\.05 s"):
        await StagedParallelExecutor().execute_workflow(
            "w", [WorkflowStage("s", [WorkflowStep("x", operation, timeout_seconds=0.05)])]
        )

    assert given[0].abandoned
    go.set()
    assert over.wait(10)


async def test_progress_is_told_in_order(run: Any) -> None:
    """Every start and end is an event with its counts."""
    seen: list[ProgressEvent] = []

    await run(
        WorkflowStage("s", [WorkflowStep("a", lambda: 1), WorkflowStep("b", fails(), ["a"])]),
        WorkflowStage("t", [WorkflowStep("c", lambda: 1)], ["s"]),
        on_progress=seen.append,
    )

    assert [(e.name, e.step_id or e.stage_id, e.status, e.finished, e.running) for e in seen] == [
        ("stage_started", "s", "", 0, 0),
        ("step_started", "a", "", 0, 1),
        ("step_finished", "a", "done", 1, 0),
        ("step_started", "b", "", 1, 1),
        ("step_finished", "b", "failed", 2, 0),
        ("stage_finished", "s", "failed", 2, 0),
        ("step_finished", "c", "skipped", 3, 0),
        ("stage_finished", "t", "skipped", 3, 0),
    ]
    assert {(e.workflow_id, e.total) for e in seen} == {("w", 3)}
    with pytest.raises(AttributeError):
        seen[0].name = "x"  # type: ignore[misc]


async def test_a_failing_progress_callback_is_counted(
    run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """It disturbs nothing, is logged once, and the result says how often it failed."""

    def callback(event: ProgressEvent) -> None:
        raise RuntimeError("no")

    done = await run(WorkflowStage("s", [WorkflowStep("a", lambda: 1)]), on_progress=callback)

    assert done.success
    assert done.progress_failures == 4
    assert [r.message for r in caplog.records if r.levelname == "WARNING"] == [
        "workflow.progress_failed"
    ]


async def test_errors_in_threads_and_odd_errors_are_failures(run: Any) -> None:
    """Whatever an operation raises as an Exception ends that step alone."""

    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def stop() -> None:
        raise StopIteration

    async def mute() -> None:
        raise Mute

    async def group() -> None:
        raise ExceptionGroup("several", [ValueError()])

    done = await run(WorkflowStage("s", [WorkflowStep(f.__name__, f) for f in (stop, mute, group)]))

    assert set(statuses(done).values()) == {"failed"}
    assert done.steps["mute"].error_message == "Mute: (its text cannot be read)"


def test_many_workflows_share_one_executor() -> None:
    """Two loops in two threads, ten workflows each: every one has its own answer."""
    executor = StagedParallelExecutor(max_parallel=3)
    answers: list[list[Any]] = []

    async def ten(base: int) -> None:
        def stages(n: int) -> list[WorkflowStage]:
            async def start() -> int:
                await asyncio.sleep(0)
                return base + n

            return [
                WorkflowStage("s", [WorkflowStep("a", start)]),
                WorkflowStage("t", [WorkflowStep("b", lambda inputs: inputs["a"] * 2)], ["s"]),
            ]

        done = await asyncio.gather(
            *(executor.execute_workflow(f"w{n}", stages(n)) for n in range(10))
        )
        answers.append([one.results["b"] for one in done])

    threads = [threading.Thread(target=lambda b=b: asyncio.run(ten(b))) for b in (0, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(answers) == [[2 * n for n in range(10)], [2 * (100 + n) for n in range(10)]]


def test_the_example_of_the_docstring_runs() -> None:
    """What the documentation shows is true."""
    assert doctest.testmod(staged_execution).failed == 0
