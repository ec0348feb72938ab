"""What the answers skip and abort do to a workflow, on every engine; on a journal they last."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, RecoveryContext
from omninode_bridge.agents.workflows.staged_execution import (
    StagedParallelExecutor,
    WorkflowFailedError,
    WorkflowResult,
    WorkflowStage,
)
from omninode_bridge.testing import FakeClock, RecordingNotifier

from ._engines import ENGINES, execute, make_engine, stage, statuses, step


class Answering(RecordingNotifier):
    """A channel whose human answers at once, or not at all."""

    def __init__(self) -> None:
        super().__init__("human")
        self.answer = ""
        self.store: Any = None

    async def send(self, report: Any) -> Any:
        receipt = await super().send(report)
        if self.answer:
            await self.store.resolve(report.escalation_id, self.answer, by="ann")
        return receipt


class World:
    """An engine, a human, and steps that ask or just return."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.clock, self.human = kind, FakeClock(), Answering()
        self.engine = make_engine(kind, self.clock, folder)
        self.ran: list[str] = []
        self.hasty = self._orchestrator(pause=False)
        self.patient = self._orchestrator(pause=True)
        self.human.store = self.hasty.escalations

    def _orchestrator(self, *, pause: bool) -> ErrorRecoveryOrchestrator:
        return ErrorRecoveryOrchestrator(
            clock=self.clock,
            engine=self.engine,
            notifiers={"human": self.human},
            escalation={"notification_channel": "human", "pause_workflow": pause},
            escalations=self.hasty.escalations if pause else None,
        )

    @property
    def orchestrator(self) -> ErrorRecoveryOrchestrator:
        """One that waits where the human answers at once."""
        return self.patient if self.human.answer else self.hasty

    def answers(self, answer: str) -> None:
        """Have the human answer so at once, while the step waits."""
        self.human.answer = answer

    async def broken(self) -> None:
        """Fail in a way that only a human can do something about."""
        self.ran.append("x")
        raise ValueError("no such table")

    async def asks(self) -> Any:
        """Make the call under the ladder."""
        runs = self.orchestrator.with_options(strategy="escalation", node_name="x")
        return await runs.run(self.broken)

    def plain(self, name: str) -> Any:
        """Return an operation that says that it ran."""

        async def operation() -> str:
            self.ran.append(name)
            return name

        return operation

    async def run(self, *stages: WorkflowStage) -> WorkflowResult:
        """Run the workflow; one that failed gives its result too."""
        return await execute(self.engine, self.clock, *stages, max_parallel=1)

    def usual(self, operation: Any = None) -> list[WorkflowStage]:
        """Return x beside y, steps that depend on each, and a stage after them."""
        return [
            stage("a", step("x", operation or self.asks), step("y", self.plain("y"))),
            stage(
                "b",
                step("after_x", self.plain("after_x"), dependencies=["x"]),
                step("later", self.plain("later"), dependencies=["after_x"]),
                step("after_y", self.plain("after_y"), dependencies=["y"]),
            ),
            stage("c", step("end", self.plain("end")), dependencies=["a"]),
        ]


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Every engine in turn."""
    made = World(request.param, tmp_path)
    yield made
    if request.param == "journal":
        made.engine.close()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[World]:
    """The engine that keeps things."""
    made = World("journal", tmp_path)
    yield made
    made.engine.close()


async def test_skip_leaves_out_the_step_and_what_depends_on_it_by_name(world: World) -> None:
    """The rest runs, the workflow ends well, and it is said who left the step out."""
    world.answers("skip")

    result = await world.run(*world.usual())

    assert statuses(result) == {
        "x": "skipped",
        "y": "done",
        "after_x": "skipped",
        "later": "skipped",
        "after_y": "done",
        "end": "done",
    }
    assert (result.success, result.failed, result.paused) == (True, False, False)
    assert result.skipped == ("x", "after_x", "later")
    x = result.steps["x"]
    assert x.answer is not None
    assert (str(x.answer.kind), x.answer.by, x.answer.at) == ("skip", "ann", world.clock.now())
    assert isinstance(x.error, ValueError)
    assert (
        x.error_message
        == f"skipped by ann (escalation {x.escalation_id}): ValueError: no such table"
    )
    reason = "skipped because step 'x' was skipped by ann"
    assert [result.steps[key].error_message for key in ("after_x", "later")] == [reason, reason]


async def test_a_stage_of_nothing_but_skipped_steps_holds_up_what_depends_on_it(
    world: World,
) -> None:
    """A stage that depends on it is skipped too, and says whose answer that was."""
    world.answers("skip")

    result = await world.run(
        stage("a", step("x", world.asks)),
        stage("b", step("end", world.plain("end")), dependencies=["a"]),
    )

    assert statuses(result) == {"x": "skipped", "end": "skipped"}
    assert result.steps["end"].error_message == "skipped because step 'x' was skipped by ann"
    assert result.success


async def test_abort_begins_nothing_more(world: World) -> None:
    """No further step begins, the error says who and how to start over, and its cause is the first error."""
    world.answers("abort")
    executor = StagedParallelExecutor(clock=world.clock, engine=world.engine, max_parallel=1)

    with pytest.raises(WorkflowFailedError, match=r"was aborted by ann at .* UTC") as caught:
        await executor.execute_workflow("w", world.usual())

    result = caught.value.result
    assert world.ran == ["x"]
    assert statuses(result) == {"x": "aborted"} | dict.fromkeys(
        ("y", "after_x", "later", "after_y", "end"), "skipped"
    )
    assert (result.success, result.failed, result.paused) == (False, True, False)
    assert result.aborted is not None
    assert result.aborted.by == "ann"
    assert result.steps["y"].error_message == "not begun because ann aborted the workflow"
    assert isinstance(caught.value.__cause__, ValueError)
    assert "another id" in str(caught.value)


@pytest.mark.parametrize("answer", ["skip", "abort"])
async def test_nothing_around_the_call_is_tried(world: World, answer: str) -> None:
    """A recovery around the one that asked does not ask about the same trouble again."""
    world.answers(answer)

    async def around() -> Any:
        return await world.orchestrator.run(world.asks)

    result = await world.run(stage("a", step("x", around)))

    assert statuses(result) == {"x": "skipped" if answer == "skip" else "aborted"}
    assert world.ran == ["x"]
    assert len(world.human.sent) == 1


async def test_a_step_that_catches_the_error_is_done(world: World) -> None:
    """Who catches the exception goes on as before: it is the original one."""
    world.answers("skip")

    async def catches() -> str:
        try:
            await world.asks()
        except ValueError as error:
            return str(error)
        return "?"

    result = await world.run(stage("a", step("x", catches)))

    assert result.results == {"x": "no such table"}


@pytest.mark.parametrize("way", ["from", "group", "result", "handled"])
async def test_however_the_step_tells_of_it(world: World, way: str) -> None:
    """An error raised from it, a group of it, the account returned, the error handled after the fact."""
    world.answers("skip")

    async def tells() -> Any:
        if way in ("from", "group"):
            try:
                return await world.asks()
            except ValueError as error:
                if way == "group":
                    raise ExceptionGroup("all", [error, ExceptionGroup("in", [error])]) from None
                raise KeyError("mine") from error
        error = ValueError("no such table")
        result = await world.orchestrator.handle_error(
            RecoveryContext("w", "x", exception=error), world.broken
        )
        if way == "handled":
            raise error
        return result

    result = await world.run(stage("a", step("x", tells)))

    assert statuses(result) == {"x": "skipped"}


async def test_a_failure_beside_the_skipped_call_is_a_failure(world: World) -> None:
    """A group in which something else failed too is no skipped step."""
    world.answers("skip")

    async def both() -> None:
        try:
            await world.asks()
        except ValueError as error:
            raise ExceptionGroup("all", [error, KeyError("other")]) from None

    result = await world.run(stage("a", step("x", both)))

    assert statuses(result) == {"x": "failed"}


async def test_a_workflow_within_a_step_is_given_up_alone(world: World) -> None:
    """What a human said of the inner workflow does not end the outer one: its step has failed."""
    world.answers("abort")

    async def inner() -> None:
        executor = StagedParallelExecutor(clock=world.clock, engine=world.engine)
        await executor.execute_workflow("inner", [stage("a", step("x", world.asks))])

    result = await world.run(stage("a", step("in", inner)), stage("b", step("y", world.plain("y"))))

    assert statuses(result) == {"in": "failed", "y": "done"}
    assert result.aborted is None


async def test_paused_and_its_questions(world: World) -> None:
    """A workflow that waits says so, and for what."""
    result = await world.run(*world.usual())

    [question] = await world.orchestrator.escalations.list("open")
    assert (result.paused, result.failed, result.success) == (True, False, False)
    assert result.questions == (question.id,)


async def test_taken_up_from_an_earlier_result() -> None:
    """Without an engine the result of a failed run keeps what was left out."""
    clock, world = FakeClock(), World("none", Path())
    world.answers("skip")
    fails = [True]

    async def fragile() -> str:
        if fails:
            raise KeyError("once")
        return "now"

    stages = [stage("a", step("x", world.asks), step("y", fragile))]
    executor = StagedParallelExecutor(clock=clock)
    with pytest.raises(WorkflowFailedError) as caught:
        await executor.execute_workflow("w", stages)
    fails.clear()

    result = await executor.execute_workflow("w", stages, finished=caught.value.result)

    assert statuses(result) == {"x": "skipped", "y": "done"}
    assert result.steps["x"].reused
    assert world.ran == ["x"]


async def test_skip_lasts(kept: World) -> None:
    """The next run of the workflow neither runs the step nor asks; the journal says skipped."""
    kept.answers("skip")
    await kept.run(*kept.usual())
    kept.answers("")
    before = list(kept.ran)

    again = await kept.run(*kept.usual())

    assert kept.ran == before
    assert len(kept.human.sent) == 1
    x = again.steps["x"]
    assert (str(x.status), x.reused, x.answer and x.answer.by) == ("skipped", True, "ann")
    assert again.success
    assert again.steps["later"].error_message == "skipped because step 'x' was skipped by ann"
    found = kept.engine.file.read(
        lambda c: (
            c.execute("SELECT status FROM steps WHERE key = 'a/x'").fetchall()
            + c.execute("SELECT status FROM workflows").fetchall()
        )
    )
    assert found == [("skipped",), ("done",)]


async def test_abort_lasts(kept: World) -> None:
    """The next run begins nothing and says in the same words who gave it up, with what was done."""
    executor = StagedParallelExecutor(clock=kept.clock, engine=kept.engine, max_parallel=1)
    stages = [stage("z", step("first", kept.plain("first"))), *kept.usual()]
    kept.answers("abort")
    with pytest.raises(WorkflowFailedError) as caught:
        await executor.execute_workflow("w", stages)
    kept.answers("")
    before = list(kept.ran)

    with pytest.raises(WorkflowFailedError) as again:
        await executor.execute_workflow("w", stages)

    assert str(again.value) == str(caught.value)
    assert kept.ran == before == ["first", "x"]
    assert len(kept.human.sent) == 1
    assert again.value.result.results == {"first": "first"}
    assert statuses(again.value.result)["x"] == "aborted"
    status, error = kept.engine.file.read(
        lambda c: c.execute("SELECT status, error FROM workflows").fetchone()
    )
    assert status == "failed"
    assert error.startswith("aborted by ann at ")


async def test_abort_ends_the_other_questions(kept: World) -> None:
    """Nobody is left to answer what nobody needs any more."""

    async def other() -> Any:
        runs = kept.orchestrator.with_options(strategy="escalation", node_name="other")
        return await runs.run(kept.broken)

    stages = [stage("a", step("o", other), step("x", kept.asks))]
    await kept.run(*stages)
    [first, second] = await kept.orchestrator.escalations.list("open")
    await kept.orchestrator.escalations.resolve(second.id, "abort", by="ann")

    result = await kept.run(*stages)

    assert result.aborted is not None
    assert result.questions == ()
    row = await kept.orchestrator.escalations.get(first.id)
    assert str(row.status) == "superseded"


async def test_an_answer_that_nobody_took_is_told(
    kept: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the step no longer asks, the one who answered can find out."""
    await kept.run(stage("a", step("x", kept.asks)))
    [question] = await kept.orchestrator.escalations.list("open")
    await kept.orchestrator.escalations.resolve(question.id, "retry", by="ann")

    with caplog.at_level(logging.WARNING):
        result = await kept.run(stage("a", step("x", kept.plain("x"), version="2")))

    assert result.unused_answers == (question.id,)
    [line] = [r for r in caplog.records if r.getMessage() == "escalation.answer_unused"]
    assert (line.__dict__["escalation_id"], line.__dict__["by"]) == (question.id, "ann")


async def test_an_answer_that_still_waits_for_its_step_is_not_unused(kept: World) -> None:
    """An answer that came while the run ended is applied by the next one."""
    stages = [stage("a", step("x", kept.asks), step("y", kept.plain("y")))]
    await kept.run(*stages)
    [question] = await kept.orchestrator.escalations.list("open")
    await kept.orchestrator.escalations.resolve(question.id, "skip", by="ann")

    result = await kept.run(*stages)

    assert result.unused_answers == ()
    assert result.skipped == ("x",)
