"""Escalations as the journal tells of them: by urgency, of a workflow, one alone."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from omninode_bridge.agents.workflows.recovery_models import (
    TIMEOUT,
    EscalationPriority,
    EscalationStatus,
)
from omninode_bridge.errors import UnknownWorkflowError

from ._reading_due import counted, counts_as, end_of_time, over_rows, stands
from ._reading_ids import find_workflow, is_text, short_id
from ._reading_values import json_object, json_value, text

__all__ = [
    "EscalationLine",
    "EscalationPage",
    "escalations_of_workflow",
    "list_escalations",
    "open_by_workflow",
    "own_escalations",
    "read_escalation",
    "whole_workflow",
]

_COLUMNS: Final = (
    "id, status, workflow_id, report, opened_at, decision, payload, decided_by, at, joined, "
    "deadline, superseded_by, priority, taken_by, boot, due"
)
_URGENCY: Final = "CASE priority {} ELSE 9 END".format(
    " ".join(
        f"WHEN '{priority}' THEN {place}"
        for place, priority in enumerate(reversed(EscalationPriority))
    )
)
#: Of a workflow or of a part of it, ``workflow/part``; the id is given twice.
PART_OF: Final = "(workflow_id = ? OR instr(workflow_id, ? || '/') = 1)"


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationLine:
    """What a person needs of an escalation at a glance.

    One whose time is over stands as whoever writes next will leave it.

    Attributes:
        short: the beginning of the id, as short as it is unique.
        asked: the description, else the error.
        error: ``TypeName: message``.
        deadline: when it ends without an answer; None for never.
        decision: word of the answer that won.
        at: when it ended.
        payload: of that answer.
        joined: how often the same escalation was opened again.
        applied: whoever asked has taken the end of it and goes on.
        report: everything that was written down, as JSON.
    """

    id: str
    short: str
    status: str
    priority: str
    opened_at: float
    workflow_id: str
    node_name: str
    asked: str
    error: str
    assignee: str
    deadline: float | None
    decision: str | None
    by: str | None
    at: float | None
    payload: Any
    joined: int
    superseded_by: str | None
    applied: bool
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EscalationPage:
    """The most urgent escalations of one status, and how many there are of each.

    Attributes:
        total: those that were asked for, whether shown or not.
    """

    rows: tuple[EscalationLine, ...]
    total: int
    counts: Mapping[str, int]


def list_escalations(
    connection: sqlite3.Connection,
    *,
    status: str | None = None,
    workflow: str | None = None,
    limit: int,
) -> EscalationPage:
    """Return up to `limit` escalations, open ones first, of these the most urgent, then the oldest.

    Args:
        connection: to read with.
        status: only these; None for all.
        workflow: only those of the workflow with this id, or the beginning of it.
        limit: how many.
    """
    where: list[str] = []
    values: list[str] = []
    if workflow is not None:
        where.append(PART_OF)
        values += [_workflow_meant(connection, workflow)] * 2
    scope = f"WHERE {' AND '.join(where)} " if where else ""
    counts = dict(
        connection.execute(
            f"SELECT status, count(*) FROM escalations {scope}GROUP BY status",  # noqa: S608
            values,
        ).fetchall()
    )
    over = over_rows(connection)
    mine = set(over)
    if over and where:
        ids = connection.execute(f"SELECT n FROM escalations {scope}", values)  # noqa: S608
        mine &= {n for (n,) in ids}
    counts = counted(counts, {n: over[n] for n in mine})
    if status is not None:
        where.append(stands(over, status))
    scope = f"WHERE {' AND '.join(where)} " if where else ""
    order = f"NOT ({stands(over, str(EscalationStatus.OPEN))}), {_URGENCY}, opened_at, n"
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM escalations WHERE n IN (SELECT n FROM escalations {scope}"  # noqa: S608
        f"ORDER BY {order} LIMIT ?) ORDER BY {order}",
        (*values, limit),
    ).fetchall()
    total = sum(counts.values()) if status is None else counts.get(status, 0)
    return EscalationPage(tuple(_line(connection, row) for row in rows), total, counts)


def escalations_of_workflow(
    connection: sqlite3.Connection, workflow_id: str, *, limit: int
) -> list[EscalationLine]:
    """Return escalations of a workflow, the open ones first, then in order of opening."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM escalations WHERE {PART_OF} "  # noqa: S608
        "ORDER BY status <> 'open', opened_at, n LIMIT ?",
        (workflow_id, workflow_id, limit),
    ).fetchall()
    lines = [_line(connection, row) for row in rows]
    return sorted(lines, key=lambda line: line.status != EscalationStatus.OPEN)


def read_escalation(connection: sqlite3.Connection, escalation_id: str) -> EscalationLine | None:
    """Return the escalation of this id, or None."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM escalations WHERE id = ?",  # noqa: S608
        (escalation_id,),
    ).fetchone()
    return None if row is None else _line(connection, row)


def _workflow_meant(connection: sqlite3.Connection, given: str) -> str:
    """Return the id of a workflow; one that only its escalations name is given whole."""
    try:
        return find_workflow(connection, given)
    except UnknownWorkflowError:
        if not is_text(given) or not escalations_of_workflow(connection, given, limit=1):
            raise
        return given


def open_by_workflow(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many escalations are open under each workflow id that has any."""
    rows = connection.execute(
        "SELECT workflow_id, count(*) FROM escalations WHERE status = 'open' GROUP BY workflow_id"
    )
    found = Counter(dict(rows.fetchall()))
    found.subtract(workflow_id for workflow_id, _ in over_rows(connection).values())
    return {workflow_id: number for workflow_id, number in found.items() if number > 0}


def whole_workflow(connection: sqlite3.Connection, escalated: str) -> str:
    """Return the id of the workflow that the journal has for an escalation's ``workflow/part``."""
    parts = escalated.split("/")
    for length in range(len(parts), 0, -1):
        given = "/".join(parts[:length])
        if connection.execute("SELECT 1 FROM workflows WHERE id = ?", (given,)).fetchone():
            return given
    return escalated


def own_escalations(connection: sqlite3.Connection, workflow_id: str) -> list[tuple[int, str]]:
    """Return number and id of what a workflow and its parts have asked.

    A part may be a workflow of its own; what that has asked is not this one's.
    """
    rows = connection.execute(
        f"SELECT n, id, workflow_id FROM escalations WHERE {PART_OF} ORDER BY n",  # noqa: S608
        (workflow_id, workflow_id),
    ).fetchall()
    return [(n, one) for n, one, part in rows if whole_workflow(connection, part) == workflow_id]


def _ended_at(row: Sequence[Any]) -> float | None:
    """Return when a row ended; one whose time was over at its deadline, not when that was noticed."""
    at: float | None = row[8]
    deadline: float | None = row[10]
    late = row[1] == EscalationStatus.EXPIRED or row[7] == TIMEOUT
    return min(at, deadline) if late and at is not None and deadline is not None else at


def _line(connection: sqlite3.Connection, row: Sequence[Any]) -> EscalationLine:
    report = json_object(row[3])
    is_open = row[1] == EscalationStatus.OPEN
    deadline = end_of_time(row[10], row[14], row[15]) if is_open else row[10]
    over = counts_as(deadline, report) if is_open else None
    return EscalationLine(
        id=row[0],
        short=short_id(connection, "escalations", row[0]),
        status=row[1] if over is None else over.status,
        priority=row[12],
        opened_at=row[4],
        workflow_id=row[2],
        node_name=text(report, "node_name"),
        asked=text(report, "description") or text(report, "error_message"),
        error=text(report, "error_message"),
        assignee=text(report, "assignee"),
        deadline=deadline,
        decision=row[5] if over is None else over.decision,
        by=row[7] if over is None else over.by,
        at=over.at if over is not None else _ended_at(row),
        payload=json_value(row[6]),
        joined=row[9],
        superseded_by=row[11],
        applied=row[13] is not None,
        report=report,
    )
