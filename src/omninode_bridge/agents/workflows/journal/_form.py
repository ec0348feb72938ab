"""What form a journal's file has, and how an older one becomes one of this version."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from omninode_bridge.errors import JournalError, JournalLockedError, JournalVersionError

from ._owner import Owner, is_alive
from ._schema import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION

__all__ = ["form", "prepare"]

# https://www.sqlite.org/limits.html (11)
_MOST_PAGES: Final = 4_294_967_294


def prepare(connection: sqlite3.Connection, path: Path, *, now: float) -> None:
    """Make an empty file a journal, or an older journal one of this version; all or nothing.

    An older journal may grow over its size meanwhile, for what it has is copied.

    Args:
        connection: not in a transaction.
        path: of the file, for messages.
        now: seconds since 1970.

    Raises:
        JournalError: it is a database of another program.
        JournalLockedError: it is of an older form, and somebody who knows no other works on it.
        JournalVersionError: a newer version of this package has written it.
    """
    if form(connection, path) == SCHEMA_VERSION:
        return
    most = connection.execute("PRAGMA max_page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {_MOST_PAGES}")
    connection.execute("BEGIN IMMEDIATE")
    try:
        known = form(connection, path)
        if known == 1:
            _refuse_if_run(connection, path, now)
        for statements in MIGRATIONS[known:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute(f"PRAGMA max_page_count = {most}")


def _refuse_if_run(connection: sqlite3.Connection, path: Path, now: float) -> None:
    """Refuse a journal whose workflows an older version of this package runs at this moment."""
    for workflow_id, seen, *columns in connection.execute(
        "SELECT id, owner_seen, owner_pid, owner_started, owner_boot, owner_space, owner_host "
        "FROM workflows WHERE owner IS NOT NULL AND owner_pid IS NOT NULL"
    ):
        owner = Owner(*columns)
        if is_alive(owner, seen=seen or 0.0, now=now):
            raise JournalLockedError(
                f"the journal {str(path)!r} is of an older form, in which process {owner.pid} runs the "
                f"workflow {workflow_id!r}; try again when that has ended",
                path=str(path),
            )


def form(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of the file's tables, 0 for an empty file.

    Raises:
        JournalError: it is a database of another program.
        JournalVersionError: a newer version of this package has written it.
    """
    # one look at one state: another process may be making it a journal right now
    owner, version, tables = connection.execute(
        "SELECT (SELECT application_id FROM pragma_application_id), "
        "(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)"
    ).fetchone()
    known, is_empty = int(version), not tables
    if owner != APPLICATION_ID and not (is_empty and not owner and not known):
        raise JournalError(
            f"{str(path)!r} is a database of another program; name another file for the journal",
            path=str(path),
        )
    if known > SCHEMA_VERSION:
        raise JournalVersionError(
            f"the journal {str(path)!r} has the form {known}, this version of omninode-bridge knows "
            f"forms up to {SCHEMA_VERSION}; upgrade omninode-bridge, or name another file",
            path=str(path),
        )
    return known
