"""Open an escalation in the file: the row, its notice, and the end of what it takes the place of."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from omninode_bridge.agents.workflows.escalation.stores._settings import wall_deadline
from omninode_bridge.agents.workflows.recovery_models import (
    EscalationReport,
    EscalationRow,
    EscalationStatus,
)
from omninode_bridge.errors import EscalationError

from ._escalation_rows import Ending, end_row, known_row
from ._file import JournalFile
from ._outbox_rows import put_notice
from ._report_codec import encode_report
from ._stored_row import stored_row

__all__ = ["Opening", "open_row"]

_INSERT: Final = (
    "INSERT INTO escalations(id, workflow_id, key, status, priority, report, opened_at, timeout,"
    " boot, due, deadline) VALUES(?, ?, ?, 'open', ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a new row begins with; times in seconds, `text` the report as it is kept."""

    report: EscalationReport
    text: str
    key: str
    now: float
    boot: str
    due: float | None
    deadline: float | None

    @classmethod
    def of(cls, file: JournalFile, report: EscalationReport, key: str) -> Opening:
        """Return what a row begins with now."""
        now = file.clock.now()
        ends = wall_deadline(now, report.timeout)
        return cls(
            report=report,
            text=encode_report(report),
            key=key,
            now=now.timestamp(),
            boot=file.boot_id,
            due=None if report.timeout is None else file.clock.monotonic() + report.timeout,
            deadline=None if ends is None else ends.timestamp(),
        )


def open_row(
    connection: sqlite3.Connection, opening: Opening, *, max_rows: int
) -> tuple[EscalationRow, list[EscalationRow]]:
    """Make or join a row with its notice; return it, and those that have ended in its favour."""
    row, number, earlier = _open_row(connection, opening, max_rows=max_rows)
    if number is not None:
        put_notice(connection, number, opening.report)
    ending = Ending(status=EscalationStatus.SUPERSEDED, at=opening.now, by_id=row.id)
    return row, [end_row(connection, one, ending)[0] for one in earlier]


def _open_row(
    connection: sqlite3.Connection, opening: Opening, *, max_rows: int
) -> tuple[EscalationRow, int | None, list[str]]:
    """Make or join a row.

    Returns:
        The row, its number where it is a new one, and the ids of those whose place it takes.
    """
    one_id, number = opening.report.escalation_id, None
    joined = connection.execute(
        "UPDATE escalations SET joined = joined + 1,"
        " key = CASE WHEN ? != '' AND status = 'open' THEN ? ELSE key END WHERE id = ?",
        (opening.key, opening.key, one_id),
    )
    report = opening.report
    if joined.rowcount:
        row = known_row(connection, one_id)
    else:
        _make_room(connection, max_rows)
        number = connection.execute(
            _INSERT,
            (
                one_id,
                report.workflow_id,
                opening.key,
                str(report.priority),
                opening.text,
                opening.now,
                report.timeout,
                opening.boot,
                opening.due,
                opening.deadline,
            ),
        ).lastrowid
        row = stored_row(
            (one_id, "open", opening.text, opening.now, *(None,) * 4, 0, opening.deadline, None)
        )
    if not opening.key or row.status is not EscalationStatus.OPEN:
        return row, number, []
    earlier = connection.execute(
        "SELECT id FROM escalations WHERE key = ? AND key != '' AND status = 'open' AND id != ?",
        (opening.key, one_id),
    ).fetchall()
    return row, number, [one for (one,) in earlier]


def _make_room(connection: sqlite3.Connection, max_rows: int) -> None:
    """Delete what ended first, what nobody has to apply any more before the rest."""
    first, last = connection.execute(
        "SELECT (SELECT n FROM escalations ORDER BY n LIMIT 1),"
        " (SELECT n FROM escalations ORDER BY n DESC LIMIT 1)"
    ).fetchone()
    if first is None or last - first + 1 < max_rows:
        return  # counting them all costs more than all else
    count = connection.execute("SELECT count(*) FROM escalations").fetchone()[0]
    if count < max_rows:
        return
    gone = connection.execute(
        "DELETE FROM escalations WHERE n IN (SELECT n FROM escalations WHERE status != 'open'"
        " ORDER BY taken_by IS NULL, at, n LIMIT ?)",
        (count - max_rows + 1,),
    ).rowcount
    if gone < count - max_rows + 1:
        raise EscalationError(
            f"{count - gone} escalations are open and no more are kept; "
            "answer or expire some, or raise max_rows"
        )
