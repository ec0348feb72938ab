"""What may go from a journal, the oldest first: never what is open, unfinished or waits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

__all__ = ["Leaving", "Limits", "asking_since", "forget_some", "leaving"]

#: Of each kind, looked up in one go.
_MOST: Final = 5_000
_ENTRIES_AT_ONCE, _STEPS_AT_ONCE = 100, 8

_ENDED_WORKFLOWS: Final = """
SELECT id, ended_at, ended_at < :before OR place > :workflows AS is_due FROM (
  SELECT id, status, ended_at, row_number() OVER (ORDER BY ended_at DESC) AS place
  FROM workflows WHERE ended_at IS NOT NULL)
WHERE is_due OR (:sooner AND status != 'failed') ORDER BY ended_at"""
_ENDED_RECOVERIES: Final = """
SELECT id, ended_at, ended_at < :before OR id <= coalesce((SELECT id FROM recoveries
  WHERE step_key = '' ORDER BY id DESC LIMIT 1 OFFSET :recoveries), 0) AS is_due, escalation_id
FROM recoveries WHERE step_key = '' AND ended_at IS NOT NULL AND (is_due OR :sooner)
ORDER BY ended_at"""
_ENDED_ESCALATIONS: Final = """
SELECT n, at, at < :before AS is_due, id, workflow_id,
  EXISTS (SELECT 1 FROM notices WHERE notices.n = escalations.n AND state IN ('due', 'claimed'))
FROM escalations WHERE status != 'open' AND (is_due OR :sooner) ORDER BY at, n"""
# An answer that nobody has applied is waited for by whoever asked.
_WAITING: Final = (
    "SELECT id, workflow_id FROM escalations WHERE "
    "(status = 'open' OR (status = 'resolved' AND taken_by IS NULL))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is over its time.

    Attributes:
        before: seconds since 1970; what ended earlier is.
        workflows: how many of the latest that have ended are not.
        recoveries: the same for those outside of workflows.
    """

    before: float
    workflows: int
    recoveries: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """One thing that may go.

    Attributes:
        table: that it is in.
        key: its id there; of an escalation its number.
        at: when it ended.
        is_due: it is over its time; else it goes where room is needed.
    """

    table: str
    key: Any
    at: float
    is_due: bool


def leaving(connection: sqlite3.Connection, limits: Limits, *, sooner: bool) -> list[Leaving]:
    """Return what may go, up to a number, what ended first before the rest.

    Args:
        connection: to read with.
        limits: what is over its time.
        sooner: also what is not, but nothing that failed and may be run again.
    """
    values = {
        "before": limits.before,
        "workflows": limits.workflows,
        "recoveries": limits.recoveries,
        "sooner": sooner,
    }
    kept = _Kept.read(connection)
    found: list[Leaving] = []
    for table, query, stays in (
        ("workflows", _ENDED_WORKFLOWS, kept.has_workflow),
        ("recoveries", _ENDED_RECOVERIES, kept.has_recovery),
        ("escalations", _ENDED_ESCALATIONS, kept.has_escalation),
    ):
        rows = (row for row in connection.execute(query, values) if not stays(row))
        found += [Leaving(table, row[0], row[1], bool(row[2])) for row in islice(rows, _MOST)]
    return sorted(found, key=lambda one: one.at)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What stays: workflows by what they are, escalations that are waited for, and for whom."""

    unfinished: frozenset[str]
    failed: frozenset[str]
    waiting: frozenset[str]
    asking: frozenset[str]

    @classmethod
    def read(cls, connection: sqlite3.Connection) -> _Kept:
        found: dict[str, set[str]] = {"cancelled": set(), "failed": set(), "": set()}
        for workflow_id, status in connection.execute(
            "SELECT id, CASE WHEN ended_at IS NULL THEN '' ELSE status END AS stands "
            "FROM workflows WHERE stands IN ('', 'failed', 'cancelled')"
        ):
            found[status].add(workflow_id)
        waiting = [
            (one, whole)
            for one, workflow_id in connection.execute(_WAITING)
            if found["cancelled"].isdisjoint(whole := list(_wholes(workflow_id)))
        ]
        return cls(
            unfinished=frozenset(found[""]),
            failed=frozenset(found["failed"]),
            waiting=frozenset(one for one, _ in waiting),
            asking=frozenset(name for _, whole in waiting for name in whole),
        )

    def has_workflow(self, row: tuple[Any, ...]) -> bool:
        return row[0] in self.asking

    def has_recovery(self, row: tuple[Any, ...]) -> bool:
        return row[3] in self.waiting

    def has_escalation(self, row: tuple[Any, ...]) -> bool:
        _, _, is_due, one, workflow_id, is_being_told = row
        whole = list(_wholes(workflow_id))
        if one in self.waiting or not self.unfinished.isdisjoint(whole):
            return True
        return not is_due and (is_being_told or not self.failed.isdisjoint(whole))


def _wholes(workflow_id: str) -> Iterator[str]:
    """Yield the id, and the ids of what it may be a part of (``workflow/part``)."""
    yield workflow_id
    end = workflow_id.rfind("/")
    while end > 0:
        yield workflow_id[:end]
        end = workflow_id.rfind("/", 0, end)


def asking_since(connection: sqlite3.Connection, number: int) -> frozenset[str]:
    """Return the workflows of the escalations after that number."""
    rows = connection.execute("SELECT workflow_id FROM escalations WHERE n > ?", (number,))
    return frozenset(name for (workflow_id,) in rows for name in _wholes(workflow_id))


def forget_some(connection: sqlite3.Connection, one: Leaving) -> bool:
    """Delete a small part of it, or the last of it; True where nothing is left to be deleted.

    Somebody may have begun a workflow again since it was looked up: it stays then, as far as it is
    still there, as if those of its steps that went had never been.
    """
    if one.table == "escalations":
        connection.execute("DELETE FROM escalations WHERE n = ? AND status != 'open'", (one.key,))
        return True
    if one.table == "recoveries":
        return _forget_recovery(connection, one.key)
    if _is_taken_up(connection, one.key):
        return True
    inner = connection.execute(
        "SELECT id FROM recoveries WHERE workflow_id = ? LIMIT 1", (one.key,)
    ).fetchone()
    if inner is not None:
        _forget_recovery(connection, inner[0])
        return False
    keys = connection.execute(
        "SELECT n FROM steps WHERE workflow_id = ? LIMIT ?",
        (one.key, _STEPS_AT_ONCE),
    ).fetchall()
    if keys:
        connection.executemany("DELETE FROM step_rows WHERE n = ?", keys)
        return False
    connection.execute("DELETE FROM workflows WHERE id = ?", (one.key,))
    return True


def _is_taken_up(connection: sqlite3.Connection, workflow_id: str) -> bool:
    row = connection.execute(
        "SELECT ended_at FROM workflows WHERE id = ?", (workflow_id,)
    ).fetchone()
    return row is None or row[0] is None


def _forget_recovery(connection: sqlite3.Connection, number: int) -> bool:
    entries = connection.execute(
        "DELETE FROM entries WHERE recovery = ?1 AND n IN "
        "(SELECT n FROM entries WHERE recovery = ?1 LIMIT ?2)",
        (number, _ENTRIES_AT_ONCE),
    )
    if entries.rowcount == _ENTRIES_AT_ONCE:
        return False
    connection.execute("DELETE FROM recoveries WHERE id = ?", (number,))
    return True
