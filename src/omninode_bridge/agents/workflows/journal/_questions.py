"""What becomes of a workflow's escalations when a run of it ends."""

from __future__ import annotations

import sqlite3

from ._escalation_rows import open_ids
from .book_answers import end_questions, is_aborted

__all__ = ["settle_questions"]


def settle_questions(
    connection: sqlite3.Connection, workflow_id: str, status: str, now: float
) -> str:
    """Return the status that the workflow has; what nobody needs an answer to any more is ended.

    A workflow waits for a human as long as an escalation of its is open, or was answered and the
    answer has not been applied.
    """
    if status == "paused" and not _waits(connection, workflow_id):
        status = "done"
    if status in ("done", "cancelled") or is_aborted(connection, workflow_id):
        end_questions(connection, workflow_id, now)
    return status


def _waits(connection: sqlite3.Connection, workflow_id: str) -> bool:
    if open_ids(connection, workflow_id):
        return True
    waiting = connection.execute(
        "SELECT 1 FROM escalations WHERE workflow_id = ?1 AND status = 'resolved' "
        "AND taken_by IS NULL UNION ALL "
        # asked elsewhere than here, so nobody can say here that it has been answered
        "SELECT 1 FROM steps WHERE workflow_id = ?1 AND status = 'escalated' "
        "AND coalesce(escalation_id, '') NOT IN (SELECT id FROM escalations) LIMIT 1",
        (workflow_id,),
    )
    return waiting.fetchone() is not None
