"""What the journal forgets, and what it never does."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import JournalEngine
from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal.retention import Retention
from omninode_bridge.agents.workflows.staged_execution import WorkflowFailedError
from omninode_bridge.errors import ConfigurationError, JournalFullError
from omninode_bridge.testing import FakeClock, sample_report

from ._flows import chain, run

DAY = 86_400.0
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def ids(file: JournalFile, table: str = "workflows") -> list[str]:
    return file.read(lambda c: [row[0] for row in c.execute(f"SELECT id FROM {table} ORDER BY id")])


def swept() -> None:
    """Wait for the sweep that is under way."""
    for thread in threading.enumerate():
        if thread.name == "omninode-bridge-journal-tidying":
            thread.join()


def fails() -> None:
    raise ValueError("no")


def works() -> int:
    return 1


async def test_what_ended_long_ago_goes_and_what_is_unfinished_stays(tmp_path: Path) -> None:
    """A month after their end; a paused workflow, an open question and an answer that nobody has
    applied are kept for ever.
    """
    clock = FakeClock()
    with JournalEngine(tmp_path / "j.db", clock=clock) as engine:
        store = engine.escalations
        await run(engine, chain(works), name="done")
        with pytest.raises(WorkflowFailedError):
            await run(engine, chain(fails), name="failed")
        await engine.open_workflow("cut off")
        for name, workflow in (
            ("open", "x"),
            ("waits", "y"),
            ("of_unfinished", "cut off/part"),
            ("old", "z"),
        ):
            await store.open(sample_report(escalation_id=name, workflow_id=workflow))
            if name != "open":
                await store.resolve(name, "skip", by="ann")
            if name in ("of_unfinished", "old"):
                await store.take_answer(name, "key")
        clock.advance(29 * DAY)
        await run(engine, chain(works), name="later")
        swept()
        assert ids(engine.file) == ["cut off", "done", "failed", "later"]

        clock.advance(2 * DAY)
        await run(engine, chain(works), name="latest")
        swept()

        assert ids(engine.file) == ["cut off", "later", "latest"]
        assert ids(engine.file, "escalations") == ["of_unfinished", "open", "waits"]
        steps = "SELECT count(*) FROM steps WHERE workflow_id IN ('done', 'failed')"
        assert engine.file.read(lambda c: c.execute(steps).fetchone()[0]) == 0


def large() -> str:
    return "x" * 300_000


async def test_a_file_that_is_nearly_full_lets_go_of_what_is_done(tmp_path: Path) -> None:
    """The oldest first, no more than needed, and nothing that failed, for whoever runs it again would
    run its finished steps again.
    """
    clock = FakeClock()
    with JournalEngine(tmp_path / "j.db", clock=clock) as engine:
        with pytest.raises(WorkflowFailedError):
            await run(engine, chain(works, fails), name="failed")
        for name in ("one", "two", "three"):
            clock.advance(1)
            await run(engine, chain(large), name=name)
    with JournalEngine(tmp_path / "j.db", clock=clock, max_bytes=1024 * 1024) as engine:
        swept()
        assert ids(engine.file) == ["failed", "three", "two"]


async def test_a_write_that_finds_no_room_makes_some(tmp_path: Path) -> None:
    """Within the hour too: what ended first goes, and not on the event loop."""
    clock, threads = FakeClock(), []
    with JournalEngine(tmp_path / "j.db", clock=clock, max_bytes=1024 * 1024) as engine:
        keeper = engine.file.keeper
        assert keeper is not None
        make_room = keeper.make_room

        def noted(file: JournalFile, eighths: int) -> bool:
            threads.append(threading.current_thread())
            return make_room(file, eighths)

        keeper.make_room = noted  # type: ignore[method-assign]
        for name in ("a", "b", "c", "d", "e", "f"):
            clock.advance(1)
            result = await run(engine, chain(large), name=name)
            assert len(result.results["large"]) == 300_000
        assert ids(engine.file)[-2:] == ["e", "f"]
        assert "a" not in ids(engine.file)
        beside = list(threads)
        engine.file.write_now(
            lambda c: c.execute("UPDATE workflows SET error = ?", ("x" * 200_000,)), durable=True
        )
        assert ids(engine.file)[-1] == "f"

    assert beside
    assert threading.main_thread() not in beside


async def test_what_waits_or_failed_makes_no_room(tmp_path: Path) -> None:
    """The write is refused then, and nothing is lost."""
    with JournalEngine(tmp_path / "j.db", max_bytes=1024 * 1024) as engine:
        await run(engine, chain(large), name="asks")
        await engine.escalations.open(sample_report(escalation_id="e", workflow_id="asks/part"))
        with pytest.raises(WorkflowFailedError):
            await run(engine, chain(large, fails), name="failed")
        await engine.open_workflow("cut off")

        with pytest.raises(JournalFullError):
            await run(engine, chain(lambda: "x" * 900_000), name="more")

        assert ids(engine.file) == ["asks", "cut off", "failed", "more"]
        assert ids(engine.file, "escalations") == ["e"]


async def test_an_engine_without_workflows_tidies_too(tmp_path: Path) -> None:
    """Every write is an occasion."""
    clock = FakeClock()
    with JournalEngine(tmp_path / "j.db", clock=clock) as engine:
        store = engine.escalations
        swept()
        await store.open(sample_report(escalation_id="old", workflow_id="x"))
        await store.resolve("old", "skip", by="ann")
        await store.take_answer("old", "key")
        clock.advance(31 * DAY)

        await store.open(sample_report(escalation_id="new", workflow_id="x"))
        swept()

        assert ids(engine.file, "escalations") == ["new"]


async def test_told_to_end_by_a_process_that_died_goes_too(tmp_path: Path) -> None:
    """It counts from the time when it was told, and its questions are superseded first."""
    clock = FakeClock()
    path = tmp_path / "j.db"
    with JournalEngine(path, clock=clock) as engine:
        swept()
        await engine.escalations.open(sample_report(escalation_id="e", workflow_id="w"))
        await engine.open_workflow("w")
        engine.file.write_now(
            lambda c: c.execute("UPDATE workflows SET cancelled = 1, owner_started = 'before'"),
            durable=True,
        )
        Retention().apply(engine.file)
        rows = engine.file.read(lambda c: c.execute("SELECT status FROM workflows").fetchall())
        assert (rows, str((await engine.escalations.get("e")).status)) == (
            [("running",)],
            "open",
        )  # within the hour nobody looks
        clock.advance(2 * 3600)
        Retention().apply(engine.file)
        rows = engine.file.read(lambda c: c.execute("SELECT status FROM workflows").fetchall())
        assert (rows, str((await engine.escalations.get("e")).status)) == (
            [("cancelled",)],
            "superseded",
        )
        clock.advance(31 * DAY)
        Retention().apply(engine.file)
        assert ids(engine.file) == []


async def test_others_write_while_a_sweep_goes_on(tmp_path: Path) -> None:
    """It makes small transactions, on a connection of its own."""
    file = JournalFile(tmp_path / "j.db", busy_timeout=0)
    rows = [((1 << 32) + number, f"k{number}") for number in range(2_000)]
    file.write_now(
        lambda c: (
            c.execute(
                "INSERT INTO workflows(id, status, created_at, updated_at, ended_at) "
                "VALUES('w', 'done', 0, 0, 0)"
            ),
            c.execute("INSERT INTO workflow_numbers(n, workflow_id) VALUES(1, 'w')"),
            c.executemany(
                "INSERT INTO step_rows(n, key, status, starts, code_hash, arguments_hash, "
                "inputs_hash, started_at) VALUES(?, ?, 'done', 0, '', '', '', 0)",
                rows,
            ),
        ),
        durable=False,
    )
    left: list[int] = []

    class Others(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            file.write_now(lambda c: c.execute("UPDATE tidied SET at = 0"), durable=False)
            steps = "SELECT count(*) FROM steps"
            left.append(file.read(lambda c: c.execute(steps).fetchone()[0]))
            return False

    assert Retention().apply(file, stop=Others()) == 1
    assert ids(file) == []
    assert len(left) >= 3
    assert all(before - after <= 800 for before, after in pairwise(left))
    file.close()


async def test_no_more_workflows_than_wanted(tmp_path: Path) -> None:
    """The latest ones stay."""
    clock = FakeClock()
    with JournalEngine(tmp_path / "j.db", clock=clock) as engine:
        for name in "abcde":
            await run(engine, chain(works), name=name)
            clock.advance(1)
    clock.advance(DAY)
    with JournalEngine(tmp_path / "j.db", clock=clock, retention=Retention(workflows=2)) as engine:
        swept()
        assert ids(engine.file) == ["d", "e"]


async def test_a_file_that_cannot_be_written_keeps_everything(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Tidying is no reason to fail; it is said."""
    clock = FakeClock(LONG_AGO)
    path = tmp_path / "j.db"
    with JournalEngine(path, clock=clock) as engine:
        await run(engine, chain(works))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with JournalEngine(path, busy_timeout=0.01) as engine:
        swept()
        assert ids(engine.file) == ["w"]
        assert "journal.not_tidied" in caplog.messages
    other.execute("ROLLBACK")
    other.close()
    with JournalEngine(path) as engine:
        swept()
        assert ids(engine.file) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"days": 0},
        {"days": float("nan")},
        {"workflows": -1},
        {"fill": 0},
        {"fill": 1.1},
        {"recoveries": True},
    ],
)
def test_what_cannot_be_kept_to_is_refused(settings: Any) -> None:
    """At construction, with the value."""
    with pytest.raises(ConfigurationError, match=str(next(iter(settings.values())))):
        Retention(**settings)


async def test_a_write_that_can_never_fit_costs_nothing_that_is_kept(tmp_path: Path) -> None:
    """What has ended is worth more than what is larger than the file may be."""
    with JournalEngine(tmp_path / "j.db", max_bytes=4 * 1024 * 1024) as engine:
        for name in ("a", "b"):
            await run(engine, chain(works), name=name)

        with pytest.raises(JournalFullError):
            await engine.file.write(
                lambda c: c.execute("UPDATE workflows SET spec = ?", ("x" * 6_000_000,)),
                durable=True,
            )

        assert ids(engine.file) == ["a", "b"]


async def test_a_part_of_what_is_done_makes_room_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workflow too large to go at one stroke is room already where some of it went."""

    def some(self: Retention, file: JournalFile, **_: object) -> int:
        file.write_now(lambda c: c.execute("DELETE FROM step_rows"), durable=False)
        return 0

    with JournalEngine(tmp_path / "j.db", max_bytes=1024 * 1024) as engine:
        for name in ("a", "b"):
            await run(engine, chain(large), name=name)
        monkeypatch.setattr(Retention, "_sweep", lambda *_, **__: 0)
        assert not Retention().make_room(engine.file, 4)
        monkeypatch.setattr(Retention, "_sweep", some)
        assert Retention().make_room(engine.file, 4)
