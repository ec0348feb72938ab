"""Recoveries as the journal tells of them: the error, the ladder, what was tried of it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ._reading_values import json_object

__all__ = [
    "LogRow",
    "RecoveryRow",
    "read_recovery",
    "recoveries_of_escalation",
    "recoveries_of_workflow",
    "recovery_number",
]

_COLUMNS: Final = (
    "id, workflow_id, step_key, node_name, status, error_type, strategy, first, plan, account, "
    "escalation_id, began_at, ended_at, duration_ms"
)
#: Entries of one recovery that are read; no budget admits as many.
MAX_ENTRIES: Final = 2_000


@dataclass(frozen=True, slots=True)
class LogRow:
    """One entry of a recovery's log.

    Attributes:
        kind: ``attempt``, ``outcome``, ``skipped`` or another one that is not known here.
        at: seconds since 1970.
    """

    n: int
    kind: str
    data: Mapping[str, Any]
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRow:
    """One recovery with its log.

    Attributes:
        id: as people write it, ``r17``.
        status: ``open``, ``recovered``, ``failed``, ``pending`` or ``superseded``.
        first: the error that began it, and what it was taken for.
        plan: what the ladder was decided by.
        account: what the caller was told; empty while it is open.
    """

    id: str
    workflow_id: str
    step_key: str
    node_name: str
    status: str
    error_type: str
    strategy: str | None
    first: Mapping[str, Any]
    plan: Mapping[str, Any]
    account: Mapping[str, Any]
    escalation_id: str | None
    began_at: float
    ended_at: float | None
    duration_ms: float | None
    log: tuple[LogRow, ...]


def recovery_number(given: str) -> int | None:
    """Return the number of a text such as ``r17``, or None."""
    match = re.fullmatch(r"[rR]([1-9][0-9]{0,17})", given)
    return int(match[1]) if match else None


def read_recovery(connection: sqlite3.Connection, number: int) -> RecoveryRow | None:
    """Return the recovery of this number, or None."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM recoveries WHERE id = ?",  # noqa: S608
        (number,),
    ).fetchone()
    return None if row is None else _recovery(connection, row)


def recoveries_of_escalation(
    connection: sqlite3.Connection, escalation_id: str, *, limit: int
) -> list[RecoveryRow]:
    """Return the recoveries that asked this question, oldest first, the latest `limit`."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM recoveries WHERE escalation_id = ? ORDER BY id DESC LIMIT ?",  # noqa: S608
        (escalation_id, limit),
    ).fetchall()
    return [_recovery(connection, row) for row in reversed(rows)]


def recoveries_of_workflow(
    connection: sqlite3.Connection, workflow_id: str, *, limit: int
) -> tuple[list[RecoveryRow], int]:
    """Return the latest `limit` recoveries of a workflow, oldest first, and how many it has."""
    total = connection.execute(
        "SELECT count(*) FROM recoveries WHERE workflow_id = ?", (workflow_id,)
    ).fetchone()[0]
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM recoveries WHERE workflow_id = ? ORDER BY id DESC LIMIT ?",  # noqa: S608
        (workflow_id, limit),
    ).fetchall()
    return [_recovery(connection, row) for row in reversed(rows)], total


def _recovery(connection: sqlite3.Connection, row: tuple[Any, ...]) -> RecoveryRow:
    entries = connection.execute(
        "SELECT n, kind, data, at FROM entries WHERE recovery = ? ORDER BY n LIMIT ?",
        (row[0], MAX_ENTRIES),
    )
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    values |= {name: json_object(values[name]) for name in ("first", "plan", "account")}
    log = tuple(LogRow(n, kind, json_object(data), at) for n, kind, data, at in entries)
    return RecoveryRow(**values | {"id": f"r{row[0]}", "log": log})
