"""One live owner for each workflow: who is refused, who takes over, who is told that he is out."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import JournalEngine
from omninode_bridge.agents.workflows.journal import JournalFile, workflows
from omninode_bridge.agents.workflows.journal._owner import (
    APART,
    STALE_AFTER,
    Owner,
    is_alive,
    this_process,
)
from omninode_bridge.agents.workflows.journal._pulse import Pulse
from omninode_bridge.agents.workflows.journal.book import WorkflowBook
from omninode_bridge.errors import (
    JournalError,
    UnknownWorkflowError,
    WorkflowCancelledError,
    WorkflowOwnedError,
)
from omninode_bridge.testing import sample_report

from ._flows import chain, run

OWNER = """
import asyncio, os, sys
from omninode_bridge.agents.workflows import *
folder, name = sys.argv[1], sys.argv[2]
def first():
    with open(folder + "/begun", "a") as file: file.write("first\\n")
    return 1
async def second(inputs):
    with open(folder + "/begun", "a") as file: file.write("second\\n")
    while not os.path.exists(folder + "/go"):
        await asyncio.sleep(0.002)
    return inputs["first"] + 1
with JournalEngine(folder + "/j.db") as engine:
    stages = [WorkflowStage("s", [WorkflowStep("first", first, version="1"),
                                  WorkflowStep("second", second, ["first"], version="1")])]
    result = asyncio.run(StagedParallelExecutor(engine=engine).execute_workflow(name, stages))
    print(dict(result.results))
"""


def first() -> int:
    return 1


async def second(inputs: Any) -> int:
    return int(inputs["first"]) + 1


class Child:
    """Another process that runs the workflow and is in the middle of its second step."""

    def __init__(self, folder: Path, name: str = "w") -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(folder), name], stdout=subprocess.PIPE, text=True
        )
        until = time.monotonic() + 30
        while "second" not in self.begun() and time.monotonic() < until:
            time.sleep(0.005)

    def begun(self) -> list[str]:
        path = self.folder / "begun"
        return path.read_text().split() if path.exists() else []

    def ends(self) -> tuple[str, int]:
        (self.folder / "go").touch()
        said, _ = self.process.communicate(timeout=30)
        return said, self.process.returncode

    def stop(self) -> None:
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT)

    def die(self) -> None:
        """Be dead, and not yet collected."""
        self.process.kill()
        os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)


async def test_a_stopped_owner_keeps_its_workflow_and_ends_it_well(tmp_path: Path) -> None:
    """Whoever tries to take over from a stopped process is told who has it, and does nothing."""
    child = Child(tmp_path)
    child.stop()
    try:
        with JournalEngine(tmp_path / "j.db") as engine:
            with pytest.raises(
                WorkflowOwnedError, match=rf"process {child.process.pid}.*alive"
            ) as it:
                await run(engine, chain(first, second))
            assert it.value.pid == child.process.pid
            other = await run(engine, chain(first, second), name="another")
    finally:
        child.process.send_signal(signal.SIGCONT)
    said, code = child.ends()

    assert (said, code) == ("{'first': 1, 'second': 2}\n", 0)
    assert child.begun() == ["first", "second"]
    assert other.results == {"first": 1, "second": 2}


async def test_a_killed_owner_is_followed_at_once(tmp_path: Path) -> None:
    """Also while it is a zombie, whose number is still taken."""
    child = Child(tmp_path)
    child.die()

    with JournalEngine(tmp_path / "j.db") as engine:
        result = await run(engine, chain(first, second))
    child.process.communicate()

    assert result.results == {"first": 1, "second": 2}


@pytest.mark.slow
def test_several_processes_run_several_workflows_on_one_file(tmp_path: Path) -> None:
    """Nobody is told that the file is locked, and every workflow ends."""
    (tmp_path / "go").touch()
    children = [
        subprocess.Popen(
            [sys.executable, "-c", OWNER, str(tmp_path), f"w{number}"],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(6)
    ]

    assert [child.communicate(timeout=60)[0] for child in children] == [
        "{'first': 1, 'second': 2}\n"
    ] * 6


async def test_one_run_of_a_workflow_in_a_process(tmp_path: Path) -> None:
    """Two tasks, and two engines, are two owners too; the second may when the first has ended."""
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow() -> str:
        begun.set()
        await go.wait()
        return "done"

    with JournalEngine(tmp_path / "j.db") as one, JournalEngine(tmp_path / "j.db") as two:
        running = asyncio.ensure_future(run(one, chain(slow)))
        await begun.wait()
        for engine in (one, two):
            with pytest.raises(WorkflowOwnedError, match="in this process already"):
                await run(engine, chain(slow))
        go.set()
        await running
        again = await run(two, chain(slow))

    assert again.steps["slow"].reused


@pytest.mark.parametrize("engines", [1, 2])
async def test_a_cancelled_run_gives_its_workflow_up(tmp_path: Path, engines: int) -> None:
    """Also one that is cancelled at any turn of its beginning."""
    with JournalEngine(tmp_path / "j.db") as one, JournalEngine(tmp_path / "j.db") as two:
        for turns in range(12):
            task = asyncio.ensure_future(run(one, chain(first, second)))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            owner = one.file.read(
                lambda c: c.execute(
                    "SELECT owner FROM workflows WHERE owner IS NOT NULL"
                ).fetchall()
            )
            assert owner == []
        result = await run((one, two)[engines - 1], chain(first, second))

    assert result.results == {"first": 1, "second": 2}


# -- who is alive ------------------------------------------------------------------------------

ME = this_process()


def make(path: Path, owner: Owner, *, seen: float = 0.0) -> JournalFile:
    """Return a journal in which this owner runs the workflow ``w``."""
    file = JournalFile(path)
    file.write_now(
        lambda c: workflows.claim(
            c, "w", "theirs", now=file.now() + seen, kind="", spec=None, me=owner
        ),
        durable=True,
    )
    return file


async def taken_over(file: JournalFile) -> bool:
    try:
        book = await WorkflowBook.open(file, "w", "ours")
    except WorkflowOwnedError:
        return False
    book.close("done")
    return True


@pytest.mark.parametrize(
    ("changes", "seen", "wanted"),
    [
        ({}, 0.0, False),
        ({}, -7_200.0, False),
        ({}, 7_200.0, False),
        ({"started": "1"}, 0.0, True),
        ({"pid": 0}, 0.0, True),
        ({"pid": 2**22 + 1}, 0.0, True),
        ({"space": "pid:[1]"}, -10.0, False),
        ({"host": "elsewhere"}, -7_200.0, False),
        ({"host": "elsewhere", "boot": "another"}, -10.0, False),
        ({"host": "elsewhere", "boot": "another"}, -STALE_AFTER - 10, False),
        ({"host": "elsewhere", "boot": "another"}, -STALE_AFTER - APART - 10, True),
    ],
    ids=str,
)
async def test_whose_owner_counts_as_gone(
    tmp_path: Path, changes: dict[str, Any], seen: float, wanted: bool
) -> None:
    """A later process of the same number, an earlier boot: gone. The clock on the wall has a say only
    where a process cannot be looked at.
    """
    file = make(tmp_path / "j.db", replace(ME, **changes), seen=seen)

    assert await taken_over(file) is wanted
    file.close()


async def test_a_container_gives_its_sign_by_the_machines_clock(tmp_path: Path) -> None:
    """It is written with every sign of life: an hour that was set makes nobody another owner."""
    file = make(tmp_path / "j.db", replace(ME, space="pid:[1]"), seen=-7_200.0)
    assert not await taken_over(file)

    file.write_now(
        lambda c: c.execute(
            "UPDATE workflows SET owner_seen = ?, owner_ticks = ?",
            (file.now() + 7_200, time.monotonic() - STALE_AFTER - 1),
        ),
        durable=True,
    )

    assert await taken_over(file)
    file.close()


HERE = Owner(7, "1", "boot", "pid:[4026531836]", "host")
INSIDE = replace(HERE, space="pid:[1]")


@pytest.mark.parametrize(
    ("owner", "me", "wall", "ticks", "alive"),
    [
        (INSIDE, HERE, 7_200.0, 10.0, True),
        (INSIDE, HERE, -7_200.0, 10.0, True),
        (INSIDE, HERE, 0.0, STALE_AFTER - 1, True),
        (INSIDE, HERE, 0.0, STALE_AFTER, False),
        (INSIDE, HERE, -7_200.0, STALE_AFTER, False),
        (INSIDE, replace(INSIDE, space="pid:[2]", host="other"), 7_200.0, 10.0, True),
        (INSIDE, replace(INSIDE, space="pid:[2] time:[3]"), 10.0, STALE_AFTER, True),
        (INSIDE, HERE, STALE_AFTER + APART - 1, None, True),
        (INSIDE, HERE, STALE_AFTER + APART, None, False),
        (HERE, replace(HERE, boot="next"), 0.0, 0.0, False),
        (INSIDE, replace(INSIDE, boot="next"), 10.0, 1e9, True),
        (HERE, replace(INSIDE, boot="next"), 10.0, 1e9, True),
        (HERE, replace(HERE, boot="next", host="other"), 10.0, 1e9, True),
        (HERE, replace(HERE, boot="next", host="other"), STALE_AFTER + APART, 0.0, False),
    ],
)
def test_what_the_last_sign_of_life_says(
    owner: Owner, me: Owner, wall: float, ticks: float | None, *, alive: bool
) -> None:
    """In another container of the machine its own clock decides, whatever the hour is set to; on
    another machine the hour, with a margin; one that was started again outlives nobody.
    """
    clock = (None, None) if ticks is None else (50.0, 50.0 + ticks)

    told = is_alive(owner, seen=1e9, now=1e9 + wall, me=me, seen_ticks=clock[0], ticks=clock[1])

    assert told is alive


def test_a_process_that_is_somebody_elses_is_alive() -> None:
    """Process 1 may not be signalled by everybody, but it runs."""
    started = Path("/proc/1/stat")
    if not started.exists():
        pytest.skip("processes are looked at otherwise here")
    init = replace(ME, pid=1, started=started.read_text().rpartition(")")[2].split()[19])

    assert is_alive(init, seen=0.0, now=1e9)
    assert not is_alive(replace(init, started="0"), seen=0.0, now=1e9)


async def test_whoever_was_taken_over_writes_nothing_more(tmp_path: Path) -> None:
    """A process that counted as gone and comes back stops at its next write, which is not made."""
    steps: list[str] = []
    with JournalEngine(tmp_path / "j.db") as engine:

        def taken() -> str:
            steps.append("taken")
            engine.file.write_now(
                lambda c: c.execute("UPDATE workflows SET owner = 'another'"), durable=True
            )
            return "lost"

        def never() -> None:
            steps.append("never")

        with pytest.raises(WorkflowOwnedError, match="taken over"):
            await run(engine, chain(taken, never))
        rows = engine.file.read(
            lambda c: c.execute("SELECT key, status, result FROM steps").fetchall()
        )
        owner = engine.file.read(lambda c: c.execute("SELECT owner FROM workflows").fetchall())

    assert steps == ["taken"]
    assert rows == [("stage/taken", "started", None)]
    assert owner == [("another",)]


async def test_a_cancelled_workflow_keeps_what_had_ended(tmp_path: Path) -> None:
    """Its owner notices at the next write; what the last step brought is kept."""
    with JournalEngine(tmp_path / "j.db") as engine:

        def cancelled() -> str:
            workflows.cancel(engine.file, "w")
            return "kept"

        with pytest.raises(WorkflowCancelledError):
            await run(engine, chain(cancelled, first))
        rows = engine.file.read(lambda c: c.execute("SELECT status, result FROM steps").fetchall())
        status = engine.file.read(
            lambda c: c.execute("SELECT status, owner FROM workflows").fetchall()
        )
        with pytest.raises(WorkflowCancelledError):
            await run(engine, chain(cancelled, first))
        with pytest.raises(UnknownWorkflowError):
            workflows.cancel(engine.file, "nothing")

    assert rows == [("done", '"kept"')]
    assert status == [("cancelled", None)]


async def test_whoever_was_taken_over_ends_nothing(tmp_path: Path) -> None:
    """Also where its successor was cancelled meanwhile: neither its steps nor its end are kept."""
    with JournalEngine(tmp_path / "j.db") as engine:

        def taken() -> str:
            engine.file.write_now(
                lambda c: c.execute("UPDATE workflows SET owner = 'another', cancelled = 1"),
                durable=True,
            )
            return "lost"

        with pytest.raises(WorkflowCancelledError):
            await run(engine, chain(taken))
        rows = engine.file.read(
            lambda c: c.execute(
                "SELECT s.status, w.status, owner FROM steps s, workflows w"
            ).fetchall()
        )

    assert rows == [("started", "running", "another")]


async def test_a_cancelled_workflow_leaves_no_question_open(tmp_path: Path) -> None:
    """One that was asked after the cancelling, before its owner noticed, is superseded too."""
    with JournalEngine(tmp_path / "j.db") as engine:
        store = engine.escalations

        async def asks() -> str:
            workflows.cancel(engine.file, "w")
            await store.open(sample_report(escalation_id="esc_1", workflow_id="w"))
            return "asked"

        with pytest.raises(WorkflowCancelledError):
            await run(engine, chain(asks, first))
        row = await store.get("esc_1")

    assert row.status == "superseded"


async def test_a_long_step_gives_signs_of_life(tmp_path: Path) -> None:
    """They go on while nothing is written, and end with the run; one that fails is left alone."""
    signs: list[int] = []
    enough = asyncio.Event()

    async def give() -> None:
        signs.append(1)
        if len(signs) == 2:
            raise JournalError("full", path="")
        if len(signs) == 4:
            enough.set()

    pulse = Pulse(give, every=0.002)
    await enough.wait()
    pulse.stop()
    number = len(signs)
    await asyncio.sleep(0.02)
    assert len(signs) == number

    file = JournalFile(tmp_path / "j.db")
    book = await WorkflowBook.open(file, "w", "ours")
    seen = "SELECT owner_seen FROM workflows"
    before = file.read(lambda c: c.execute(seen).fetchone()[0])
    await asyncio.sleep(0.002)
    await book._sign_of_life()

    assert file.read(lambda c: c.execute(seen).fetchone()[0]) > before
    book.close("done")
    file.close()
