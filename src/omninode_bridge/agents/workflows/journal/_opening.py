"""Open an escalation in the file: the row, and the end of what it takes the place of."""

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
from ._report_codec import decode_report, encode_report
from ._stored_row import stored_row

__all__ = ["Opening", "open_row"]

_INSERT: Final = (
    "INSERT INTO escalations(id, workflow_id, key, status, priority, report, opened_at, timeout,"
    " boot, due, deadline) VALUES(?, ?, ?, 'open', ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO NOTHING"
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

    @property
    def told(self) -> EscalationReport:
        """The report as it is read from the file."""
        report = self.report
        return decode_report(self.text) if report.context or report.subject else report

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
) -> tuple[EscalationRow, int | None, list[EscalationRow]]:
    """Make or join a row.

    Returns:
        The row, its number where it is a new one that has no notice yet, and those that have ended
        in its favour.
    """
    report = opening.report
    made = connection.execute(
        _INSERT,
        (
            report.escalation_id,
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
    )
    number = made.lastrowid if made.rowcount else None
    if number is None:
        row = _join(connection, opening)
    else:
        _make_room(connection, number, max_rows)
        row = stored_row(
            (
                *(report.escalation_id, "open", opening.text, opening.now),
                *((None,) * 4),
                *(0, opening.deadline, None),
            )
        )
    return row, number, _supersede(connection, opening, row)


def _join(connection: sqlite3.Connection, opening: Opening) -> EscalationRow:
    connection.execute(
        "UPDATE escalations SET joined = joined + 1,"
        " key = CASE WHEN ?1 != '' AND status = 'open' THEN ?1 ELSE key END WHERE id = ?2",
        (opening.key, opening.report.escalation_id),
    )
    return known_row(connection, opening.report.escalation_id)


def _supersede(
    connection: sqlite3.Connection, opening: Opening, row: EscalationRow
) -> list[EscalationRow]:
    """End what was asked under the same key before."""
    if not opening.key or row.status is not EscalationStatus.OPEN:
        return []
    earlier = connection.execute(
        "SELECT id FROM escalations WHERE key = ? AND key != '' AND status = 'open' AND id != ?",
        (opening.key, row.id),
    ).fetchall()
    ending = Ending(status=EscalationStatus.SUPERSEDED, at=opening.now, by_id=row.id)
    return [end_row(connection, one, ending)[0] for (one,) in earlier]


def _make_room(connection: sqlite3.Connection, number: int, max_rows: int) -> None:
    """Delete what ended first, what nobody has to apply any more before the rest.

    Args:
        connection: to the file.
        number: of the row that was made just now, the last one.
        max_rows: how many are kept.
    """
    if number <= max_rows:
        return  # there cannot be more; counting them all costs more than all else
    (first,) = connection.execute("SELECT min(n) FROM escalations").fetchone()
    if number - first < max_rows:
        return
    over = connection.execute("SELECT count(*) FROM escalations").fetchone()[0] - max_rows
    if over <= 0:
        return
    gone = connection.execute(
        "DELETE FROM escalations WHERE n IN (SELECT n FROM escalations WHERE status != 'open'"
        " ORDER BY taken_by IS NULL, at, n LIMIT ?)",
        (over,),
    ).rowcount
    if gone < over:
        raise EscalationError(
            f"{max_rows + over - gone - 1} escalations are open and no more are kept; "
            "answer or expire some, or raise max_rows"
        )
