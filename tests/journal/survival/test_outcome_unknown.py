"""A step that begins again and again and never ends is looked at by somebody before it goes on."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from ._flows import program

pytestmark = pytest.mark.slow

DEADLY = """
import asyncio, json, os, signal, sys
from omninode_bridge.agents.workflows import *
from omninode_bridge.agents.workflows.staged_execution import WorkflowFailedError
path, deadly = sys.argv[1], sys.argv[2] == "deadly"
def before(): return 1
def step(inputs):
    print("begun", flush=True)
    if deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    return "survived"
with JournalEngine(path) as engine:
    stages = [WorkflowStage("s", [WorkflowStep("before", before),
                                  WorkflowStep("deadly", step, ["before"], version="1")])]
    try:
        result = asyncio.run(StagedParallelExecutor(engine=engine).execute_workflow("w", stages))
        print(result.results["deadly"])
    except WorkflowFailedError as error:
        outcome = error.result.steps["deadly"]
        print(type(outcome.error).__name__, outcome.error)
"""


def test_a_step_that_kills_its_process_three_times_is_refused_the_fourth_time(
    tmp_path: Path,
) -> None:
    """The sentence says how often and what to do; whoever runs it once more has been told."""
    path = tmp_path / "j.db"
    said = [program(DEADLY, path, "deadly").stdout for _ in range(5)]
    last = program(DEADLY, path, "harmless").stdout

    assert said[:3] == ["begun\n"] * 3
    assert said[3].startswith("OutcomeUnknownError step 's/deadly' was begun 3 times and never")
    assert "run the workflow again to begin it once more" in said[3]
    assert "begun\n" not in said[3]
    assert said[4] == "begun\n"
    assert last == "begun\nsurvived\n"


WAITING = """
import asyncio, json, os, signal, sys, threading, time
from omninode_bridge.agents.workflows import *
from omninode_bridge.agents.workflows.staged_execution import WorkflowFailedError
path, what = sys.argv[1], sys.argv[2]
def call(text):
    print("call", text, flush=True)
    if text == "mended":
        if what == "die after the answer":
            os.kill(os.getpid(), signal.SIGKILL)
        return text
    raise ValueError("cannot use " + text)
def step():
    return orchestrator.run_sync(call, "broken")
with JournalEngine(path) as engine:
    orchestrator = ErrorRecoveryOrchestrator(engine=engine, enable_notifications=False,
        escalation={"pause_workflow": True, "timeout": 60.0})
    async def main():
        stages = [WorkflowStage("s", [WorkflowStep("asks", step, version="1")])]
        running = asyncio.ensure_future(
            StagedParallelExecutor(engine=engine).execute_workflow("w", stages))
        while what == "die while waiting" or what == "answer":
            if running.done():
                break
            rows = await engine.escalations.list("open")
            # it says that it waits, in a transaction of its own, before it does
            said = engine.file.read(lambda c: c.execute("SELECT starts FROM steps").fetchall())
            if rows and said == [(0,)]:
                if what == "answer":
                    await engine.escalations.resolve(rows[0].id, Decision.edit({"text": "mended"}), by="ann")
                    break
                os.kill(os.getpid(), signal.SIGKILL)
            await asyncio.sleep(0.002)
        result = await running
        print(result.results["asks"])
    try:
        asyncio.run(main())
    except WorkflowFailedError as error:
        print(type(error.result.steps["asks"].error).__name__)
"""


def test_a_death_while_a_human_is_waited_for_does_not_count(tmp_path: Path) -> None:
    """Whoever waits for days may be restarted any number of times."""
    path = tmp_path / "j.db"
    said = [program(WAITING, path, "die while waiting") for _ in range(5)]
    last = program(WAITING, path, "answer")

    assert [one.returncode for one in said] == [-9] * 5
    assert [one.stdout for one in said] == ["call broken\n"] + [""] * 4
    assert last.stdout == "call mended\nmended\n", last.stderr


def test_deaths_after_the_answer_count(tmp_path: Path) -> None:
    """The answer is applied at most three times, then somebody has to look."""
    path = tmp_path / "j.db"
    program(WAITING, path, "die while waiting")
    answered = program(ANSWER, path)
    said = [program(WAITING, path, "die after the answer").stdout for _ in range(4)]

    assert json.loads(answered.stdout) == "Won"
    assert said[:3] == ["call mended\n"] * 3
    assert said[3] == "OutcomeUnknownError\n"
    assert taken(path) == 1


ANSWER = """
import asyncio, json, sys
from omninode_bridge.agents.workflows import *
with JournalEngine(sys.argv[1]) as engine:
    async def main():
        row, = await engine.escalations.list("open")
        told = await engine.escalations.resolve(row.id, Decision.edit({"text": "mended"}), by="ann")
        print(json.dumps(type(told).__name__))
    asyncio.run(main())
"""


def taken(path: Path) -> Any:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(
            "SELECT count(*) FROM escalations WHERE taken_by IS NOT NULL"
        ).fetchone()[0]
    finally:
        connection.close()
