"""Files that an older version of the package has made."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from omninode_bridge.agents.workflows.journal import _schema


@contextmanager
def first_form(path: Path) -> Iterator[sqlite3.Connection]:
    """Make a journal of the first form, to be filled."""
    with closing(sqlite3.connect(path)) as old:
        for statement in _schema.MIGRATIONS[0]:
            old.execute(statement)
        old.execute(f"PRAGMA application_id = {_schema.APPLICATION_ID}")
        old.execute("PRAGMA user_version = 1")
        yield old
        old.commit()
