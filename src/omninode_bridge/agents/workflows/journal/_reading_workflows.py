"""Workflows as the journal tells of them: how each stands, who runs it, what its steps did."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ._reading_escalations import open_by_workflow, whole_workflow
from ._reading_values import json_list, json_object
from .workflows import is_owner_alive, owner_of

__all__ = [
    "WORKFLOW_STATES",
    "OwnerState",
    "StepAnswer",
    "StepRow",
    "WorkflowRow",
    "count_workflows",
    "list_workflows",
    "read_steps",
    "read_workflow",
]

#: ``interrupted`` is a running one that no living process runs; where it was told to end it is
#: ``cancelled``. ``aborted`` is a failed one that a human has given up.
WORKFLOW_STATES: Final = (
    *("running", "interrupted", "paused"),
    *("done", "failed", "aborted", "cancelled"),
)

#: How the error of one that a human has given up begins, see `_staged_answers.aborted_words()`.
_ABORTED: Final = "aborted by "
#: What is stored of a state, where that is not its name.
_STATUSES: Final = {
    "interrupted": "'running'",
    "cancelled": "'cancelled', 'running'",
    "aborted": "'failed'",
}
_COLUMNS: Final = (
    "id, kind, status, spec, summary, error, created_at, updated_at, ended_at, runs, cancelled, "
    "owner, owner_seen, owner_pid, owner_started, owner_boot, owner_space, owner_host, owner_ticks"
)


@dataclass(frozen=True, slots=True)
class OwnerState:
    """The process that runs a workflow, or did when it died."""

    pid: int
    host: str
    is_alive: bool
    seen: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRow:
    """One workflow.

    Attributes:
        state: one of `WORKFLOW_STATES`.
        kind: what `resume` knows how to begin again, or empty.
        runs: how often somebody began it or took it up.
        cancelled: somebody wants it to end; its owner, where that lives, may not have noticed yet.
        owner: who runs it, or ran it and died; None where it was given up in order.
        steps: number of steps by status.
        open_escalations: questions of it that nobody has answered.
    """

    id: str
    state: str
    kind: str
    error: str
    created_at: float
    updated_at: float
    ended_at: float | None
    runs: int
    cancelled: bool
    owner: OwnerState | None
    steps: Mapping[str, int]
    open_escalations: int
    spec: Mapping[str, Any]
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """The human's answer that ended a step: who, and when in seconds since 1970."""

    by: str
    at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One step of a workflow; what it returned is not read.

    Attributes:
        status: ``started`` where it runs or was cut off, else how it ended.
        starts: how often it was begun since it last ended.
        stale: why what was recorded before was not reused; empty where nothing was, or it was.
        answer: that left it out or gave the workflow up; None where it ended otherwise.
    """

    key: str
    stage: str
    step: str
    status: str
    starts: int
    stale: str
    error: str
    escalation_id: str | None
    started_at: float
    ended_at: float | None
    duration_ms: float
    answer: StepAnswer | None = None


def count_workflows(connection: sqlite3.Connection, *, now: float) -> dict[str, int]:
    """Return how many workflows there are in each state that any is in."""
    rows = connection.execute("SELECT status, count(*) FROM workflows GROUP BY status")
    counts: dict[str, int] = dict(rows.fetchall())
    counts["aborted"] = connection.execute(
        "SELECT count(*) FROM workflows WHERE status = 'failed' AND substr(error, 1, ?) = ?",
        (len(_ABORTED), _ABORTED),
    ).fetchone()[0]
    counts["failed"] = counts.get("failed", 0) - counts["aborted"]
    if counts.get("running"):
        rows = connection.execute(f"SELECT {_COLUMNS} FROM workflows WHERE status = 'running'")  # noqa: S608
        states = Counter(_state(row, _owner(row, now)) for row in rows)
        counts["cancelled"] = counts.get("cancelled", 0) + states.pop("cancelled", 0)
        counts.update({"running": 0} | states)
    return {state: counts[state] for state in WORKFLOW_STATES if counts.get(state)}


def list_workflows(
    connection: sqlite3.Connection, *, now: float, state: str | None = None, limit: int
) -> list[WorkflowRow]:
    """Return up to `limit` workflows, the latest first."""
    # what a dead process left as running stands otherwise, see `_state()`
    marks = _STATUSES.get(state or "", "?")
    where = "" if state is None else f"WHERE status IN ({marks}) "
    waiting = _waiting(connection)
    found: list[WorkflowRow] = []
    ids = connection.execute(  # from the index alone: rows may be long
        f"SELECT id FROM workflows {where}ORDER BY created_at DESC, id",  # noqa: S608
        (state,) if "?" in where else (),
    )
    for (workflow_id,) in ids:
        row = _row(connection, workflow_id)
        if row is None:
            continue
        owner = _owner(row, now)
        if state in (None, _state(row, owner)):
            found.append(_workflow(connection, row, owner, waiting))
        if len(found) >= limit:
            break
    return found


def _row(connection: sqlite3.Connection, workflow_id: str) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = connection.execute(
        f"SELECT {_COLUMNS} FROM workflows WHERE id = ?",  # noqa: S608
        (workflow_id,),
    ).fetchone()
    return row


def read_workflow(
    connection: sqlite3.Connection, workflow_id: str, *, now: float
) -> WorkflowRow | None:
    """Return the workflow of this id, or None."""
    row = _row(connection, workflow_id)
    if row is None:
        return None
    return _workflow(connection, row, _owner(row, now), _waiting(connection))


def read_steps(connection: sqlite3.Connection, workflow_id: str) -> list[StepRow]:
    """Return the steps of a workflow in the order in which they were begun, by stage."""
    rows = connection.execute(
        "SELECT key, status, starts, stale, error, escalation_id, started_at, ended_at, "
        "duration_ms, CASE WHEN status IN ('skipped', 'aborted') THEN result END "
        "FROM steps WHERE workflow_id = ? "
        "ORDER BY started_at, key",
        (workflow_id,),
    )
    steps = [
        StepRow(
            key=key,
            stage=key.partition("/")[0] if "/" in key else "",
            step=key.partition("/")[2] if "/" in key else key,
            status=status,
            starts=starts,
            stale=stale,
            error=error or "",
            escalation_id=escalation_id,
            started_at=started_at,
            ended_at=ended_at,
            duration_ms=duration_ms,
            answer=_answer(kept),
        )
        for key, status, starts, stale, error, escalation_id, started_at, ended_at, duration_ms, kept in rows
    ]
    stages = {name: place for place, name in enumerate(dict.fromkeys(one.stage for one in steps))}
    return sorted(steps, key=lambda one: stages[one.stage])


def _answer(kept: str | None) -> StepAnswer | None:
    """Return the answer of a text as `book_answers.kept_answer()` makes it."""
    said = json_list(json_object(kept).get("answer"))
    if len(said) != 4 or not all(isinstance(one, str) for one in said):
        return None
    try:
        return StepAnswer(said[1], datetime.fromisoformat(said[2]).timestamp())
    except (ValueError, OverflowError):
        return StepAnswer(said[1], None)


def _owner(row: Sequence[Any], now: float) -> OwnerState | None:
    if row[11] is None:
        return None
    holder = owner_of(row[13:19])
    if holder is None:
        return None
    alive = is_owner_alive(row[12], row[13:19], now)
    return OwnerState(holder.pid, holder.host, alive, row[12] or 0.0)


def _state(row: Sequence[Any], owner: OwnerState | None) -> str:
    status = str(row[2])
    if status == "running" and (owner is None or not owner.is_alive):
        return "cancelled" if row[10] else "interrupted"
    return "aborted" if status == "failed" and row[5].startswith(_ABORTED) else status


def _waiting(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many open escalations each workflow has, those of its parts included."""
    found: Counter[str] = Counter()
    for workflow_id, number in open_by_workflow(connection).items():
        found[whole_workflow(connection, workflow_id)] += number
    return found


def _workflow(
    connection: sqlite3.Connection,
    row: Sequence[Any],
    owner: OwnerState | None,
    waiting: Mapping[str, int],
) -> WorkflowRow:
    steps = connection.execute(
        "SELECT status, count(*) FROM steps WHERE workflow_id = ? GROUP BY status", (row[0],)
    )
    return WorkflowRow(
        id=row[0],
        state=_state(row, owner),
        kind=row[1],
        spec=json_object(row[3]),
        summary=json_object(row[4]),
        error=row[5],
        created_at=row[6],
        updated_at=row[7],
        ended_at=row[8],
        runs=row[9],
        cancelled=bool(row[10]),
        owner=owner,
        steps=dict(steps.fetchall()),
        open_escalations=waiting.get(row[0], 0),
    )
