"""``omninode-bridge workflows restart`` and ``delete``: what goes, what stays, what is refused."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    JournalEngine,
    StagedParallelExecutor,
    WorkflowFailedError,
    WorkflowResult,
    WorkflowStage,
    WorkflowStep,
)
from omninode_bridge.agents.workflows.journal._owner import this_process

from ..journal._rows import Journal, dead_process

Run = Callable[..., Any]
TABLES = ("workflows", "steps", "recoveries", "entries", "escalations", "notices")


def filled(journal: Journal, workflow_id: str, status: str, **more: Any) -> None:
    """Insert a workflow with a dozen steps, a recovery and a question that was answered."""
    number = 1 + sum(counts(journal).values())
    journal.workflow(workflow_id, status, **more)
    for step in range(12):
        journal.step(workflow_id, f"read/{step}", result="[1]")
    log: list[tuple[str, dict[str, Any]]] = [("attempt", {"n": 1, "strategy": "retry"})]
    journal.recovery(number, log, workflow_id=workflow_id, escalation_id=f"esc_{number}")
    ending = {"status": "resolved", "decision": "skip", "decided_by": "ann", "at": journal.now}
    journal.escalation(f"esc_{number}", workflow_id=f"{workflow_id}/part", columns=ending)


def counts(journal: Journal) -> dict[str, int]:
    """Return how many rows each table has."""
    return journal.file.read(
        lambda c: {name: c.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in TABLES}
    )


def test_delete(run: Run, journal: Journal) -> None:
    """Everything of the workflow goes, and nothing of another one, however it is called."""
    filled(journal, "w", "paused")
    filled(journal, "w/own", "done")
    filled(journal, "other", "done")
    journal.escalation("esc_open", workflow_id="w/own")
    before = counts(journal)
    filled(journal, "wanted", "done")

    ended = run("workflows", "delete", "wan")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "workflow 'wanted' is deleted, with 12 steps and 1 escalation\n"
    assert counts(journal) == before

    assert run("workflows", "delete", "w", "--force").code == 0
    left = {"workflows": 2, "steps": 24, "recoveries": 2, "entries": 2, "escalations": 3}
    assert counts(journal) == {**left, "notices": 0}
    assert "esc_open" in run("escalations", "list").out


@pytest.mark.parametrize(
    ("state", "more", "why"),
    [
        ("paused", {}, "waits for an answer"),
        ("failed", {}, "failed and can be tried again"),
        ("running", {"owner": dead_process()}, "was interrupted and can be gone on with"),
    ],
)
def test_what_may_still_be_needed_is_deleted_by_force_alone(
    run: Run, journal: Journal, state: str, more: dict[str, Any], why: str
) -> None:
    """A refusal leaves everything as it was; forced, its open question is ended first."""
    filled(journal, "w", state, **more)
    journal.escalation("esc_open", workflow_id="w")
    if state != "paused":
        run("escalations", "answer", "esc_open", "retry")
    before = counts(journal)

    refused = run("workflows", "delete", "w")

    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        f"omninode-bridge: workflow 'w' {why}; --force deletes it all the same\n"
    )
    assert counts(journal) == before

    forced = run("workflows", "delete", "w", "--force")

    assert forced.code == 0
    assert ("1 open question of it can no longer be answered" in forced.out) == (state == "paused")
    assert not any(counts(journal).values())


@pytest.mark.parametrize("command", [("delete", "w", "--force"), ("restart", "w")])
def test_what_runs_is_left_alone(run: Run, journal: Journal, command: tuple[str, ...]) -> None:
    """Whoever runs it is named."""
    filled(journal, "w", "running", owner=this_process())
    before = counts(journal)

    ended = run("workflows", *command)

    assert (ended.code, ended.out) == (1, "")
    assert f"is being run by process {os.getpid()}, which is alive" in ended.err
    assert counts(journal) == before


def execute(place: Path, ran: list[str]) -> WorkflowResult:
    """Run a workflow one of whose steps asks a human."""

    async def fetch() -> str:
        ran.append("fetch")
        return "orders"

    async def work() -> str:
        ran.append("report")
        raise ValueError("no such table")

    with JournalEngine(place) as engine:
        orchestrator = ErrorRecoveryOrchestrator(
            engine=engine, escalation={}, enable_notifications=False, base_delay=0
        )

        async def report() -> Any:
            return await orchestrator.run(work)

        stages = [
            WorkflowStage(
                "all",
                [
                    WorkflowStep("fetch", fetch, version="1"),
                    WorkflowStep("report", report, version="1"),
                ],
            )
        ]
        executor = StagedParallelExecutor(engine=engine)
        return asyncio.run(executor.execute_workflow("nightly", stages))


@pytest.mark.parametrize("answer", ["abort", "skip", "retry", None])
def test_a_restarted_workflow_begins_anew(run: Run, place: Path, answer: str | None) -> None:
    """Finished steps run again and people are asked again, whatever was answered, used or not."""
    ran: list[str] = []
    first = execute(place, ran).questions
    if answer is not None:
        run("escalations", "answer", first[0], answer)
    if answer == "abort":
        with pytest.raises(WorkflowFailedError, match="omninode-bridge workflows restart"):
            execute(place, ran)
        assert "nightly  aborted\n" in run("workflows", "show", "nightly").out
    elif answer == "skip":
        assert execute(place, ran).skipped
    tries = ran.count("report")

    ended = run("workflows", "restart", "nightly")

    assert (ended.code, ended.err) == (0, "")
    assert "workflow 'nightly' begins anew with its next run: 2 recorded steps" in ended.out
    assert ("1 open question of it" in ended.out) == (answer is None)
    shown = run("workflows", "show", "nightly").out
    assert shown.startswith("nightly  interrupted\n")
    assert "no step was begun yet" in shown
    again = execute(place, ran)
    assert again.paused
    assert again.questions != first
    assert again.unused_answers == ()
    assert (ran.count("fetch"), ran.count("report") > tries) == (2, True)
