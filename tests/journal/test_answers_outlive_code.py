"""An answer is for the question, not for the version of the code that asked it."""

from __future__ import annotations

from pathlib import Path

from omninode_bridge.agents.workflows import (
    Decision,
    ErrorRecoveryOrchestrator,
    JournalEngine,
    StagedParallelExecutor,
    WorkflowStage,
    WorkflowStep,
)
from omninode_bridge.testing import RecordingNotifier


async def write(dialect: str) -> str:
    """Fail as long as nobody knows what is meant."""
    if dialect == "?":
        raise ValueError("no dialect is named")
    return f"select 1 -- {dialect}"


async def run(engine: JournalEngine, version: str, dialect: str = "?") -> object:
    """Run the workflow with its code in this version."""
    orchestrator = ErrorRecoveryOrchestrator(
        engine=engine, escalation={}, notifiers={"console": RecordingNotifier("console")}
    )

    async def build() -> str:
        return await orchestrator.run(write, dialect)

    stages = [WorkflowStage("build", [WorkflowStep("build", build, version=version)])]
    result = await StagedParallelExecutor(engine=engine).execute_workflow("w", stages)
    return result.results.get("build")


async def test_an_answer_counts_after_the_code_was_changed(tmp_path: Path) -> None:
    """Whoever upgrades between the question and the run is not asked a second time."""
    with JournalEngine(tmp_path / "j.db") as engine:
        assert await run(engine, "1") is None
        [question] = await engine.escalations.list("open")
        await engine.escalations.resolve(question.id, Decision.edit({"dialect": "sqlite"}), by="a")

        assert await run(engine, "2") == "select 1 -- sqlite"

        assert len(await engine.escalations.list()) == 1


async def test_a_question_stays_the_same_after_the_code_was_changed(tmp_path: Path) -> None:
    """What is still open is joined, not asked again."""
    with JournalEngine(tmp_path / "j.db") as engine:
        await run(engine, "1")
        await run(engine, "2")

        [question] = await engine.escalations.list()
        assert (str(question.status), question.joined) == ("open", 1)


async def test_a_question_ends_where_the_new_code_does_without(tmp_path: Path) -> None:
    """Nobody is kept waiting for an answer that nobody needs."""
    with JournalEngine(tmp_path / "j.db") as engine:
        await run(engine, "1")

        assert await run(engine, "2", dialect="mysql") == "select 1 -- mysql"

        [question] = await engine.escalations.list()
        assert str(question.status) == "superseded"


async def test_a_step_that_was_left_out_is_asked_about_again_where_it_has_changed(
    tmp_path: Path,
) -> None:
    """That a step be left out holds for the step that was asked about, not for other code."""
    with JournalEngine(tmp_path / "j.db") as engine:
        await run(engine, "1")
        [question] = await engine.escalations.list("open")
        await engine.escalations.resolve(question.id, "skip", by="a")
        assert await run(engine, "1") is None
        assert await run(engine, "1") is None
        assert [str(row.status) for row in await engine.escalations.list()] == ["resolved"]

        await run(engine, "2")

        assert [str(row.status) for row in await engine.escalations.list()] == ["resolved", "open"]
