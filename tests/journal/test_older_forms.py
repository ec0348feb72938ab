"""What becomes of a file that an older version of the package has made."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import astuple
from pathlib import Path

import pytest

from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal._owner import this_process
from omninode_bridge.errors import JournalFullError, JournalLockedError

from ._older import first_form

MEGABYTE = 1024 * 1024
STEPS = "SELECT workflow_id, key FROM steps ORDER BY 1, 2"


def fill(old: sqlite3.Connection, workflow_id: str, *keys: str, result: str = "1") -> None:
    old.execute("INSERT INTO workflows(id, created_at, updated_at) VALUES(?, 0, 0)", (workflow_id,))
    old.executemany(
        "INSERT INTO steps(workflow_id, key, status, starts, code_hash, arguments_hash, "
        "inputs_hash, result, started_at) VALUES(?, ?, 'done', 0, 'c', 'a', 'i', ?, 0)",
        [(workflow_id, key, result) for key in keys],
    )


def test_its_steps_are_kept(tmp_path: Path) -> None:
    """They are read as before, and go with their workflow."""
    path = tmp_path / "j.db"
    with first_form(path) as old:
        fill(old, "b", "s/2", "s/1")
        fill(old, "a", "s/1")

    file = JournalFile(path)
    try:
        before = file.read(lambda c: c.execute(STEPS).fetchall())
        file.write_now(lambda c: c.execute("DELETE FROM workflows WHERE id = 'b'"), durable=True)
        after = file.read(lambda c: c.execute("SELECT count(*) FROM step_rows").fetchone()[0])
    finally:
        file.close()

    assert (before, after) == ([("a", "s/1"), ("b", "s/1"), ("b", "s/2")], 1)


def test_one_that_is_nearly_full_is_brought_up_to_date(tmp_path: Path) -> None:
    """It is copied over its size, and has that size again."""
    path = tmp_path / "j.db"
    with first_form(path) as old:
        fill(old, "w", *(f"s/{n}" for n in range(24)), result="x" * 100_000)

    file = JournalFile(path, max_bytes=4 * MEGABYTE)
    try:
        kept = file.read(lambda c: c.execute("SELECT count(*) FROM steps").fetchone()[0])
        with pytest.raises(JournalFullError):
            file.write_now(
                lambda c: c.execute("UPDATE workflows SET spec = ?", ("x" * 8 * MEGABYTE,)),
                durable=True,
            )
    finally:
        file.close()

    assert kept == 24


def test_one_that_somebody_works_on_is_left_alone(tmp_path: Path) -> None:
    """The process that knows the older form alone could write no more."""
    path = tmp_path / "j.db"
    with first_form(path) as old:
        fill(old, "w", "s/1")
        old.execute(
            "UPDATE workflows SET owner = 't', owner_seen = ?, owner_pid = ?, owner_started = ?, "
            "owner_boot = ?, owner_space = ?, owner_host = ?",
            (time.time(), *astuple(this_process())),
        )

    with pytest.raises(JournalLockedError, match="runs the workflow 'w'; try again"):
        JournalFile(path)

    with closing(sqlite3.connect(path)) as old, old:
        assert old.execute("PRAGMA user_version").fetchone() == (1,)
        assert old.execute(STEPS).fetchall() == [("w", "s/1")]
