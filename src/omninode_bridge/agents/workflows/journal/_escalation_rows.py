"""Rows of escalations in the file: made, joined, ended once, listed."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from omninode_bridge.agents.workflows.escalation.stores._settings import is_settled
from omninode_bridge.agents.workflows.recovery_models import (
    EscalationRow,
    EscalationStatus,
)
from omninode_bridge.errors import UnknownEscalationError

from ._file import JournalFile
from ._new_notices import drop_notice
from ._stored_row import COLUMNS, stored_row

Connection = sqlite3.Connection

__all__ = [
    "Connection",
    "Ending",
    "end_row",
    "find_row",
    "known_row",
    "lift_limit",
    "take",
]

_OPEN: Final = str(EscalationStatus.OPEN)
_ROW: Final = f"SELECT {COLUMNS} FROM escalations WHERE id = ?"  # noqa: S608 - our own names


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a row ends; `payload` is JSON."""

    status: EscalationStatus
    at: float
    kind: str | None = None
    payload: str | None = None
    by: str | None = None
    by_id: str | None = None


def find_row(connection: sqlite3.Connection, escalation_id: str) -> EscalationRow | None:
    """Return the row of this id, or None."""
    try:
        found = connection.execute(_ROW, (escalation_id,)).fetchone()
    except (UnicodeEncodeError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
        return None  # what cannot be written as a text is nobody's id
    return None if found is None else stored_row(found)


def known_row(connection: sqlite3.Connection, escalation_id: str) -> EscalationRow:
    """Return the row of this id, or raise `UnknownEscalationError`."""
    row = find_row(connection, escalation_id) if isinstance(escalation_id, str) else None
    if row is None:
        raise UnknownEscalationError(f"no escalation has the id {escalation_id!r}")
    return row


def end_row(
    connection: sqlite3.Connection, escalation_id: str, ending: Ending
) -> tuple[EscalationRow, bool]:
    """End an open row: the one compare-and-set; return it as it is now, and whether we ended it."""
    known_row(connection, escalation_id)
    done = connection.execute(
        "UPDATE escalations SET status = ?, decision = ?, payload = ?, decided_by = ?, at = ?,"
        " superseded_by = ? WHERE id = ? AND status = 'open'",
        (
            str(ending.status),
            ending.kind,
            ending.payload,
            ending.by,
            ending.at,
            ending.by_id,
            escalation_id,
        ),
    )
    if done.rowcount and is_settled(ending.status, ending.by):
        drop_notice(connection, escalation_id)
    return known_row(connection, escalation_id), done.rowcount == 1


def lift_limit(connection: sqlite3.Connection, escalation_id: str) -> None:
    """Let an open row wait for its answer without end."""
    connection.execute(
        "UPDATE escalations SET timeout = NULL, due = NULL, deadline = NULL"
        " WHERE id = ? AND status = 'open'",
        (escalation_id,),
    )


def take(connection: sqlite3.Connection, escalation_id: str, key: str) -> bool:
    """Give the end of a row to one key, and to that one again."""
    known_row(connection, escalation_id)
    first = connection.execute(
        "UPDATE escalations SET taken_by = ?"
        " WHERE id = ? AND status != 'open' AND taken_by IS NULL",
        (key, escalation_id),
    )
    return first.rowcount == 1 or is_taken(connection, escalation_id, key)


def is_taken(connection: sqlite3.Connection, escalation_id: str, key: str) -> bool:
    """Whether this key has it already."""
    row = connection.execute(
        "SELECT taken_by FROM escalations WHERE id = ?", (escalation_id,)
    ).fetchone()
    return bool(key) and row is not None and row[0] == key


def rest_of(file: JournalFile, connection: sqlite3.Connection, escalation_id: str) -> float | None:
    """Return the seconds that an open row has left, down to 0; None without a limit."""
    found = connection.execute(
        "SELECT timeout, boot, due, deadline FROM escalations WHERE id = ? AND status = 'open'",
        (escalation_id,),
    ).fetchone()
    return None if found is None else _rest(file, *found)


def due_rows(file: JournalFile, connection: sqlite3.Connection) -> list[str]:
    """Return the ids of the open rows whose time is over, in order of opening."""
    found = connection.execute(
        "SELECT id, timeout, boot, due, deadline FROM escalations"
        " WHERE status = 'open' AND timeout IS NOT NULL ORDER BY n"
    )
    return [one for one, *when in found if _rest(file, *when) == 0]


def has_rows_of_another_boot(file: JournalFile, connection: sqlite3.Connection) -> bool:
    """Whether an open row's time still runs by a monotonic clock that is gone."""
    found = connection.execute(
        "SELECT 1 FROM escalations WHERE status = 'open' AND timeout IS NOT NULL AND boot != ?"
        " LIMIT 1",
        (file.boot_id,),
    )
    return found.fetchone() is not None


def adopt_rows(file: JournalFile, connection: sqlite3.Connection) -> None:
    """Let the time of such rows run by this boot's clock; what is left is what the hour says.

    It is never more than the whole was, and it is looked at once: a clock that is set afterwards,
    or one that stands hours behind, adds nothing.
    """
    connection.execute(
        "UPDATE escalations SET boot = ?1,"
        " due = ?2 + min(timeout, max(0, coalesce(deadline, 1e300) - ?3))"
        " WHERE status = 'open' AND timeout IS NOT NULL AND boot != ?1",
        (file.boot_id, file.clock.monotonic(), file.now()),
    )


def open_ids(connection: sqlite3.Connection, workflow_id: str) -> list[str]:
    """Return the ids of the open rows of a workflow and of its parts (``workflow/part``).

    A part may be a workflow of its own; what that has asked is not this one's.
    """
    found = connection.execute(
        "SELECT id FROM escalations e WHERE status = 'open'"
        " AND (workflow_id = ?1 OR substr(workflow_id, 1, length(?1) + 1) = ?1 || '/'"
        # '0' is what follows '/', so these are the ids that begin with the workflow's and '/'
        "   AND NOT EXISTS (SELECT 1 FROM workflows w WHERE w.id > ?1 || '/' AND w.id < ?1 || '0'"
        "     AND (w.id = e.workflow_id OR instr(e.workflow_id, w.id || '/') = 1)))"
        " ORDER BY n",
        (workflow_id,),
    )
    return [one for (one,) in found]


def _rest(
    file: JournalFile, timeout: float | None, boot: str, due: float | None, deadline: float | None
) -> float | None:
    """Time that passed decides while the machine runs on; after that its clock, within the limit."""
    if timeout is None or due is None:
        return None
    if boot and boot == file.boot_id:
        return max(0.0, due - file.clock.monotonic())
    if deadline is None:
        return timeout
    return min(timeout, max(0.0, deadline - file.now()))
