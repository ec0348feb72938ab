"""Cancellation: everything ends, nothing is swallowed, nothing is left behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Generator
from typing import Any

import pytest

from omninode_bridge.agents.workflows.staged_execution import (
    StagedParallelExecutor,
    WorkflowStage,
    WorkflowStep,
)


class Stop(BaseException):
    """Not for us to catch."""


def stages(log: list[str]) -> list[WorkflowStage]:
    """Return a workflow that suspends in every way: steps, limits, stages, skips."""

    def work(name: str, turns: int) -> Any:
        async def operation() -> str:
            log.append(f"+{name}")
            try:
                for _ in range(turns):
                    await asyncio.sleep(0)
                if name == "bad":
                    raise ValueError
                return name
            finally:
                log.append(f"-{name}")

        return operation

    return [
        WorkflowStage(
            "s",
            [
                WorkflowStep("a", work("a", 3), timeout_seconds=60),
                WorkflowStep("b", work("b", 1)),
                WorkflowStep("bad", work("bad", 2)),
                WorkflowStep("c", work("c", 2), ["a"]),
            ],
            timeout_seconds=60,
            allow_partial_failure=True,
        ),
        WorkflowStage(
            "t", [WorkflowStep("d", work("d", 2)), WorkflowStep("e", work("e", 1), ["bad"])], ["s"]
        ),
    ]


class Driven:
    """Awaits a coroutine by hand, and throws into it at the n-th time that it waits."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], at: int, error: BaseException) -> None:
        self.coroutine, self.at, self.error = coroutine, at, error
        self.thrown = False

    def __await__(self) -> Generator[Any, Any, Any]:
        turn = 0
        try:
            waiting = self.coroutine.send(None)
            while True:
                if turn == self.at:
                    self.thrown = True
                    if asyncio.isfuture(waiting):
                        waiting._asyncio_future_blocking = False
                    waiting = self.coroutine.throw(self.error)
                else:
                    yield waiting
                    waiting = self.coroutine.send(None)
                turn += 1
        except StopIteration as end:
            return end.value


@pytest.mark.parametrize("kind", [asyncio.CancelledError, KeyboardInterrupt, Stop, RuntimeError])
async def test_thrown_at_every_send_nothing_is_left(kind: type[BaseException]) -> None:
    """Wherever it strikes it comes out again, and tasks are back to where they were."""
    before = asyncio.all_tasks()
    turn = 0
    while True:
        log: list[str] = []
        driven = Driven(
            StagedParallelExecutor(max_parallel=2).execute_workflow("w", stages(log)), turn, kind()
        )
        try:
            result = await driven
        except kind:
            assert driven.thrown
        else:
            assert not driven.thrown
            assert result.success
            break
        assert asyncio.all_tasks() == before
        assert sum(entry[0] == "+" for entry in log) == sum(entry[0] == "-" for entry in log)
        turn += 1
    assert turn >= 4


async def test_a_closed_coroutine_asks_its_children_to_end() -> None:
    """`close()` may not wait, so the children end in the next turns."""
    before = asyncio.all_tasks()
    log: list[str] = []
    coroutine = StagedParallelExecutor().execute_workflow("w", stages(log))
    coroutine.send(None)
    await asyncio.sleep(0)

    coroutine.close()
    for _ in range(5):
        await asyncio.sleep(0)

    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("turns", range(12))
async def test_a_cancelled_task_is_cancelled(turns: int) -> None:
    """Cancelling from outside at any moment ends in CancelledError and leaves no task."""
    before = asyncio.all_tasks()
    log: list[str] = []
    task = asyncio.create_task(StagedParallelExecutor().execute_workflow("w", stages(log)))
    for _ in range(turns):
        await asyncio.sleep(0)
    ended = task.done()

    task.cancel()

    if not ended:
        with pytest.raises(asyncio.CancelledError):
            await task
    assert asyncio.all_tasks() == before
    assert sum(entry[0] == "+" for entry in log) == sum(entry[0] == "-" for entry in log)


async def test_children_that_clean_up_slowly_are_waited_for() -> None:
    """A second cancellation does not abandon them either."""
    steps: list[str] = []
    never = asyncio.Event()

    async def slow() -> None:
        try:
            await never.wait()
        finally:
            for _ in range(10):
                try:
                    await asyncio.sleep(0)
                except asyncio.CancelledError:
                    steps.append("again")
            steps.append("cleaned")

    task = asyncio.create_task(
        StagedParallelExecutor().execute_workflow(
            "w", [WorkflowStage("s", [WorkflowStep("x", slow), WorkflowStep("y", slow)])]
        )
    )
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps.count("cleaned") == 2
    assert "again" in steps


@pytest.mark.parametrize("in_thread", [False, True])
async def test_what_is_no_exception_ends_the_workflow(in_thread: bool) -> None:
    """A BaseException of a step passes through, after its siblings were stopped."""
    ended: list[str] = []

    async def sibling() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("sibling")

    def stop() -> None:
        raise Stop

    async def stop_async() -> None:
        raise Stop

    before = asyncio.all_tasks()
    with pytest.raises(Stop):
        await StagedParallelExecutor().execute_workflow(
            "w",
            [
                WorkflowStage(
                    "s",
                    [
                        WorkflowStep("sibling", sibling),
                        WorkflowStep("x", stop if in_thread else stop_async),
                    ],
                )
            ],
        )

    assert ended == ["sibling"]
    assert asyncio.all_tasks() == before


def test_an_interrupt_in_a_step_leaves_the_loop() -> None:
    """KeyboardInterrupt ends the program's loop, whatever the workflow was doing."""

    async def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(
            StagedParallelExecutor().execute_workflow(
                "w", [WorkflowStage("s", [WorkflowStep("x", interrupt)])]
            )
        )


async def test_a_callback_may_end_the_workflow() -> None:
    """What is no Exception passes out of the progress callback too."""
    before = asyncio.all_tasks()

    def callback(event: Any) -> None:
        if event.name == "step_finished":
            raise Stop

    with pytest.raises(Stop):
        await StagedParallelExecutor(on_progress=callback).execute_workflow("w", stages([]))

    assert asyncio.all_tasks() == before


async def test_a_hanging_thread_does_not_hold_up_cancellation() -> None:
    """The thread is left to itself and its late answer is dropped."""
    started, go, over = threading.Event(), threading.Event(), threading.Event()

    def hang() -> None:
        started.set()
        go.wait(10)
        over.set()

    task = asyncio.create_task(
        StagedParallelExecutor().execute_workflow(
            "w", [WorkflowStage("s", [WorkflowStep("x", hang)])]
        )
    )
    await asyncio.to_thread(started.wait, 10)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert not over.is_set()
    go.set()
    assert over.wait(10)


async def test_a_step_whose_task_is_cancelled_from_elsewhere_is_told_apart() -> None:
    """Somebody who cancels the step's task ends that step, not the workflow."""
    tasks: list[asyncio.Task[Any]] = []
    started = asyncio.Event()

    async def victim() -> None:
        tasks.append(asyncio.current_task())  # type: ignore[arg-type]
        started.set()
        await asyncio.Event().wait()

    async def killer() -> None:
        await started.wait()
        tasks[0].cancel()

    done = await StagedParallelExecutor().execute_workflow(
        "w",
        [
            WorkflowStage(
                "s",
                [WorkflowStep("victim", victim), WorkflowStep("killer", killer)],
                allow_partial_failure=True,
            )
        ],
    )

    assert done.steps["victim"].status == "cancelled"
    assert done.steps["victim"].error_message == "its task was cancelled from elsewhere"
    assert done.steps["killer"].status == "done"


async def test_foreign_control_flow_passes() -> None:
    """An exception that steers another system is no failed step."""
    interrupt = type("GraphInterrupt", (Exception,), {"__module__": "langgraph.errors"})

    async def pause() -> None:
        raise interrupt

    before = asyncio.all_tasks()
    with pytest.raises(interrupt):
        await StagedParallelExecutor().execute_workflow(
            "w",
            [
                WorkflowStage(
                    "s", [WorkflowStep("x", pause), WorkflowStep("y", asyncio.Event().wait)]
                )
            ],
        )

    assert asyncio.all_tasks() == before
