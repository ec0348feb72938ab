"""An answer is applied to the call that it was given for, whatever changed its place meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from omninode_bridge.agents.workflows import (
    Decision,
    ErrorRecoveryOrchestrator,
    JournalEngine,
    StagedParallelExecutor,
    WorkflowStage,
    WorkflowStep,
)


class Customer:
    """Arguments that no JSON has."""

    def __init__(self, name: str) -> None:
        self.name = name


def ship(customer: Customer) -> str:
    """Nobody knows where to."""
    raise ValueError(f"no address is known for {customer.name}")


async def run(engine: JournalEngine, names: list[str], *, hidden: bool) -> dict[str, str]:
    """Run one step that ships to all of them, one after the other."""
    orchestrator = ErrorRecoveryOrchestrator(
        engine=engine, escalation={}, enable_notifications=False
    )
    out: dict[str, str] = {}

    async def step() -> dict[str, str]:
        last: ValueError | None = None
        for name in names:
            customer = Customer(name)
            call = (lambda customer=customer: ship(customer)) if hidden else ship
            given = () if hidden else (customer,)
            try:
                out[name] = await orchestrator.run(call, *given)
            except ValueError as error:
                last = error
        if last is not None:
            raise last
        return out

    stages = [WorkflowStage("s", [WorkflowStep("a", step, version="1")])]
    await StagedParallelExecutor(engine=engine).execute_workflow("w", stages)
    return out


async def answer(engine: JournalEngine) -> None:
    """Answer every open question with what it is about."""
    for row in await engine.escalations.list("open"):
        name = row.report.error_message.split()[-1]
        await engine.escalations.resolve(row.id, Decision.value(f"home of {name}"), by="ann")


@pytest.mark.parametrize("hidden", [False, True])
async def test_in_the_same_order(tmp_path: Path, hidden: bool) -> None:
    """Nothing changed, so each question was the right one."""
    with JournalEngine(tmp_path / "j.db") as engine:
        assert await run(engine, ["alice", "bob"], hidden=hidden) == {}
        await answer(engine)

        found = await run(engine, ["alice", "bob"], hidden=hidden)

    assert found == {"alice": "home of alice", "bob": "home of bob"}


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("later", [["bob", "alice"], ["bob"]], ids=["turned", "one less"])
async def test_in_another_order(tmp_path: Path, later: list[str], hidden: bool) -> None:
    """Nobody gets what was meant for somebody else; who cannot be told apart is asked anew."""
    with JournalEngine(tmp_path / "j.db") as engine:
        await run(engine, ["alice", "bob"], hidden=hidden)
        await answer(engine)

        assert await run(engine, later, hidden=hidden) == {}
        await answer(engine)
        found = await run(engine, later, hidden=hidden)

    assert found == {name: f"home of {name}" for name in later}


async def test_two_items_outside_of_a_workflow_are_two_questions(tmp_path: Path) -> None:
    """One id of a workflow and one error are not one question."""
    with JournalEngine(tmp_path / "j.db") as engine:
        orchestrator = ErrorRecoveryOrchestrator(
            engine=engine, escalation={}, enable_notifications=False
        )
        runs = orchestrator.with_options(workflow_id="w")

        async def lookup(name: str) -> str:
            raise ValueError("no address is known")

        for name in ("alice", "bob"):
            with pytest.raises(ValueError, match="no address"):
                await runs.run(lookup, name)

        assert len(await engine.escalations.list("open")) == 2
