"""What the journal forgets, and what it never does."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import JournalEngine
from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal.retention import Retention
from omninode_bridge.agents.workflows.staged_execution import WorkflowFailedError
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import FakeClock, sample_report

from ._flows import chain, run

DAY = 86_400.0
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def ids(file: JournalFile, table: str = "workflows") -> list[str]:
    return file.read(lambda c: [row[0] for row in c.execute(f"SELECT id FROM {table} ORDER BY id")])


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
        assert ids(engine.file) == ["cut off", "done", "failed", "later"]

        clock.advance(2 * DAY)
        await run(engine, chain(works), name="latest")

        assert ids(engine.file) == ["cut off", "later", "latest"]
        assert ids(engine.file, "escalations") == ["of_unfinished", "open", "waits"]
        steps = "SELECT count(*) FROM steps WHERE workflow_id IN ('done', 'failed')"
        assert engine.file.read(lambda c: c.execute(steps).fetchone()[0]) == 0


async def test_a_file_that_is_nearly_full_lets_go_of_what_is_done(tmp_path: Path) -> None:
    """Nothing that failed goes, for whoever runs it again would run its finished steps again."""
    clock = FakeClock()

    def large() -> str:
        return "x" * 300_000

    with JournalEngine(tmp_path / "j.db", clock=clock) as engine:
        for name in ("one", "two", "three"):
            await run(engine, chain(large), name=name)
        with pytest.raises(WorkflowFailedError):
            await run(engine, chain(works, fails), name="failed")
    with JournalEngine(tmp_path / "j.db", clock=clock, max_bytes=1024 * 1024) as engine:
        assert ids(engine.file) == ["failed"]
        await run(engine, chain(large), name="four")


async def test_no_more_workflows_than_wanted(tmp_path: Path) -> None:
    """The latest ones stay."""
    clock = FakeClock()
    with JournalEngine(tmp_path / "j.db", clock=clock) as engine:
        for name in "abcde":
            await run(engine, chain(works), name=name)
            clock.advance(1)
    clock.advance(DAY)
    with JournalEngine(tmp_path / "j.db", clock=clock, retention=Retention(workflows=2)) as engine:
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
        assert ids(engine.file) == ["w"]
        assert "journal.not_tidied" in caplog.messages
    other.execute("ROLLBACK")
    other.close()
    with JournalEngine(path) as engine:
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
