"""Escalations as the journal tells of them: by urgency, one whole, and counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from omninode_bridge.agents.workflows.recovery_models import EscalationPriority, EscalationStatus
from omninode_bridge.agents.workflows.recovery_models.escalation import TIMEOUT

from ._reading_ids import find_workflow, short_id
from ._reading_values import json_object, json_value, text

__all__ = [
    "EscalationCounts",
    "EscalationLine",
    "EscalationPage",
    "NoticeLine",
    "count_escalations",
    "escalations_of_workflow",
    "list_escalations",
    "open_by_workflow",
    "read_escalation",
    "read_notices",
    "whole_workflow",
]

_COLUMNS: Final = (
    "id, status, workflow_id, report, opened_at, decision, payload, decided_by, at, joined, "
    "deadline, superseded_by, priority"
)
_URGENCY: Final = "CASE priority {} ELSE 9 END".format(
    " ".join(
        f"WHEN '{priority}' THEN {place}"
        for place, priority in enumerate(reversed(EscalationPriority))
    )
)
#: Of a workflow or of a part of it, ``workflow/part``; the id is given twice.
PART_OF: Final = "(workflow_id = ? OR instr(workflow_id, ? || '/') = 1)"
#: Notices that a process has taken stand for the ones that it tells with them.
_STATES: Final = {
    "due": "waiting",
    "claimed": "being sent",
    "delivered": "delivered",
    "given_up": "given up",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationLine:
    """What a person needs of an escalation at a glance.

    Attributes:
        short: the beginning of the id, as short as it is unique.
        asked: the description, else the error.
        error: ``TypeName: message``.
        deadline: when it ends without an answer; None for never.
        decision: word of the answer that won.
        at: when it ended.
        payload: of that answer.
        joined: how often the same escalation was opened again.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """What became of a notice, on one channel or altogether.

    Attributes:
        channel: its name; empty where the whole notice is meant.
        state: ``delivered``, ``given up``, ``waiting`` or ``being sent``.
        tries: how often no channel took it.
        maybe: how often nobody knows whether it arrived.
    """

    channel: str
    state: str
    tries: int = 0
    maybe: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationCounts:
    """Escalations since a moment, and what became of their notices.

    Attributes:
        statuses: number by status; of the open ones all, of the others those that ended since.
        decisions: number of answers by kind.
        median_answer_seconds: from question to answer; None where nobody answered.
        notices: ``delivered``, ``given_up`` and ``waiting``.
    """

    statuses: Mapping[str, int] = field(default_factory=dict)
    decisions: Mapping[str, int] = field(default_factory=dict)
    median_answer_seconds: float | None = None
    notices: Mapping[str, int] = field(default_factory=dict)


def list_escalations(
    connection: sqlite3.Connection,
    *,
    status: str | None = None,
    workflow: str | None = None,
    limit: int,
) -> EscalationPage:
    """Return up to `limit` escalations, the most urgent first, then the oldest.

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
        values += [find_workflow(connection, workflow)] * 2
    scope = f"WHERE {' AND '.join(where)} " if where else ""
    counts = dict(
        connection.execute(
            f"SELECT status, count(*) FROM escalations {scope}GROUP BY status",  # noqa: S608
            values,
        ).fetchall()
    )
    if status is not None:
        where.append("status = ?")
        values.append(status)
    scope = f"WHERE {' AND '.join(where)} " if where else ""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM escalations WHERE n IN (SELECT n FROM escalations {scope}"  # noqa: S608
        f"ORDER BY {_URGENCY}, opened_at, n LIMIT ?) ORDER BY {_URGENCY}, opened_at, n",
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
    return [_line(connection, row) for row in rows]


def read_escalation(connection: sqlite3.Connection, escalation_id: str) -> EscalationLine | None:
    """Return the escalation of this id, or None."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM escalations WHERE id = ?",  # noqa: S608
        (escalation_id,),
    ).fetchone()
    return None if row is None else _line(connection, row)


def open_by_workflow(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many escalations are open under each workflow id that has any."""
    rows = connection.execute(
        "SELECT workflow_id, count(*) FROM escalations WHERE status = 'open' GROUP BY workflow_id"
    )
    return dict(rows.fetchall())


def whole_workflow(connection: sqlite3.Connection, escalated: str) -> str:
    """Return the id of the workflow that the journal has for an escalation's ``workflow/part``."""
    parts = escalated.split("/")
    for length in range(len(parts), 0, -1):
        given = "/".join(parts[:length])
        if connection.execute("SELECT 1 FROM workflows WHERE id = ?", (given,)).fetchone():
            return given
    return escalated


def read_notices(connection: sqlite3.Connection, escalation_id: str) -> list[NoticeLine]:
    """Return what became of the notice: altogether first, then on each channel that was tried."""
    row = connection.execute(
        "SELECT state, tries, maybe, channels FROM notices "
        "WHERE n = (SELECT n FROM escalations WHERE id = ?)",
        (escalation_id,),
    ).fetchone()
    if row is None:
        return []
    lines = [NoticeLine(channel="", state=_STATES.get(row[0], row[0]), tries=row[1], maybe=row[2])]
    for channel, told in json_object(row[3]).items():
        taken, maybe = (*told, 0, 0)[:2] if isinstance(told, list) else (told, 0)
        state = "delivered" if taken else "not delivered"
        lines.append(
            NoticeLine(channel=channel, state=state, maybe=maybe if isinstance(maybe, int) else 0)
        )
    return lines


def count_escalations(
    connection: sqlite3.Connection, *, since: float | None = None
) -> EscalationCounts:
    """Count escalations that are open, or that ended at `since`, in seconds since 1970, or later."""
    start = float("-inf") if since is None else since
    scope = "(status = 'open' OR at >= ?)"
    statuses = connection.execute(
        f"SELECT status, count(*) FROM escalations WHERE {scope} GROUP BY status",  # noqa: S608
        (start,),
    ).fetchall()
    decisions = connection.execute(
        "SELECT decision, count(*) FROM escalations WHERE status = 'resolved' AND at >= ? "
        "GROUP BY decision ORDER BY count(*) DESC, decision",
        (start,),
    ).fetchall()
    taken = connection.execute(
        "SELECT max(0, at - opened_at) FROM escalations WHERE status = 'resolved' "
        "AND decided_by <> ? AND at >= ?",
        (TIMEOUT, start),
    ).fetchall()
    notices = connection.execute(
        "SELECT state, count(*) FROM notices JOIN escalations USING(n) "  # noqa: S608
        f"WHERE {scope} GROUP BY state",
        (start,),
    ).fetchall()
    known = dict(statuses)
    return EscalationCounts(
        statuses={str(one): known.get(str(one), 0) for one in EscalationStatus},
        decisions={answer or "nothing": number for answer, number in decisions},
        median_answer_seconds=median(row[0] for row in taken) if taken else None,
        notices=_notices(dict(notices)),
    )


def _notices(states: Mapping[str, int]) -> dict[str, int]:
    return {
        "delivered": states.get("delivered", 0),
        "given_up": states.get("given_up", 0),
        "waiting": sum(n for name, n in states.items() if name in {"due", "claimed"}),
    }


def _line(connection: sqlite3.Connection, row: Sequence[Any]) -> EscalationLine:
    report = json_object(row[3])
    return EscalationLine(
        id=row[0],
        short=short_id(connection, "escalations", row[0]),
        status=row[1],
        priority=row[12],
        opened_at=row[4],
        workflow_id=row[2],
        node_name=text(report, "node_name"),
        asked=text(report, "description") or text(report, "error_message"),
        error=text(report, "error_message"),
        assignee=text(report, "assignee"),
        deadline=row[10],
        decision=row[5],
        by=row[7],
        at=row[8],
        payload=json_value(row[6]),
        joined=row[9],
        superseded_by=row[11],
        report=report,
    )
