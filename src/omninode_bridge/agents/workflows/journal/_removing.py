"""Take a workflow out of the journal, or what is recorded of it, at somebody's wish."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from os import PathLike
from typing import Final

from omninode_bridge.agents.workflows.recovery_models import EscalationRow
from omninode_bridge.errors import EngineError, WorkflowOwnedError

from ._file import JournalFile
from ._leaving import Leaving, forget_some
from ._reading_accounts import known_workflow
from ._reading_cancelling import supersede_open
from ._reading_escalations import own_escalations
from ._reading_workflows import WorkflowRow

__all__ = ["Removed", "StillNeededError", "delete_workflow", "restart_workflow"]

#: Small parts of a workflow that one transaction deletes.
_AT_ONCE: Final = 50


class StillNeededError(EngineError):
    """The workflow stays: it waits for an answer, or can be gone on with."""


@dataclass(frozen=True, slots=True)
class Removed:
    """What came of it.

    Attributes:
        workflow: as it stood before.
        steps: recorded ones that are gone.
        escalations: that are gone.
        superseded: its questions that were open, which nobody can answer any more.
    """

    workflow: WorkflowRow
    steps: int
    escalations: int
    superseded: tuple[EscalationRow, ...]


def delete_workflow(path: str | PathLike[str], workflow_id: str, *, force: bool = False) -> Removed:
    """Delete a workflow, its steps, its recoveries and its escalations.

    Nobody can take it up from the first moment on. A death in the middle leaves it cancelled, to be
    deleted again.

    Args:
        path: of the journal.
        workflow_id: of the workflow.
        force: also one that waits for an answer or can be gone on with.

    Raises:
        UnknownWorkflowError: no workflow has this id.
        WorkflowOwnedError: a living process runs it.
        StillNeededError: it may still be needed, and `force` is not given.
        JournalError: the journal cannot be written.
    """
    file = JournalFile(path)
    try:
        now = file.now()

        def end(connection: sqlite3.Connection) -> tuple[WorkflowRow, tuple[EscalationRow, ...]]:
            row = _idle(connection, workflow_id, now)
            why = _why_kept(row)
            if why and not force:
                raise StillNeededError(f"workflow {workflow_id!r} {why}")
            ended = supersede_open(connection, workflow_id, now)
            connection.execute(
                "UPDATE workflows SET status = 'cancelled', cancelled = 1, owner = NULL, "
                "ended_at = coalesce(ended_at, ?2), updated_at = ?2 WHERE id = ?1",
                (workflow_id, now),
            )
            return row, ended

        row, ended = file.write_now(end, durable=True)
        asked = file.read(lambda c: own_escalations(c, workflow_id))
        going = deque(Leaving("escalations", number, now, is_due=True) for number, _ in asked)
        # the last: as long as it is there it can be deleted again
        going.append(Leaving("workflows", workflow_id, now, is_due=True))
        while going:
            some = tuple(islice(going, _AT_ONCE))
            for _ in range(file.write_now(partial(_forget, some), durable=False)):
                going.popleft()
    finally:
        file.close()
    return Removed(row, sum(row.steps.values()), len(asked), ended)


def restart_workflow(path: str | PathLike[str], workflow_id: str) -> Removed:
    """Forget what is recorded of a workflow's steps: the next run of it begins anew.

    What its recoveries did and what was asked stays to be read, but nothing goes on from there.

    Raises:
        UnknownWorkflowError: no workflow has this id.
        WorkflowOwnedError: a living process runs it.
        JournalError: the journal cannot be written.
    """
    file = JournalFile(path)
    now = file.now()

    def work(connection: sqlite3.Connection) -> Removed:
        row = _idle(connection, workflow_id, now)
        ended = supersede_open(connection, workflow_id, now)
        # whatever was answered, or was not in time, is no answer to what the next run asks
        connection.executemany(
            "UPDATE escalations SET status = 'superseded' WHERE n = ?",
            [(number,) for number, _ in own_escalations(connection, workflow_id)],
        )
        # one that waits would be gone on with under its old key
        connection.execute(
            "UPDATE recoveries SET over = 1, ended_at = coalesce(ended_at, ?), status = CASE WHEN "
            "status IN ('open', 'pending') THEN 'superseded' ELSE status END WHERE workflow_id = ?",
            (now, workflow_id),
        )
        gone = connection.execute(
            "DELETE FROM step_rows WHERE n IN (SELECT n FROM steps WHERE workflow_id = ?)",
            (workflow_id,),
        ).rowcount
        connection.execute(
            "UPDATE workflows SET status = 'running', cancelled = 0, owner = NULL, error = '', "
            "summary = '{}', ended_at = NULL, runs = 0, created_at = ?2, updated_at = ?2 "
            "WHERE id = ?1",
            (workflow_id, now),
        )
        return Removed(row, gone, 0, ended)

    try:
        return file.write_now(work, durable=True)
    finally:
        file.close()


def _idle(connection: sqlite3.Connection, workflow_id: str, now: float) -> WorkflowRow:
    """Return the workflow, where nobody runs it."""
    row = known_workflow(connection, workflow_id, now)
    if row.state == "running" and row.owner is not None:
        raise WorkflowOwnedError(
            f"workflow {workflow_id!r} is being run by process {row.owner.pid}, which is alive; "
            "cancel it, or wait for its end",
            pid=row.owner.pid,
        )
    return row


def _why_kept(row: WorkflowRow) -> str:
    """Say why the workflow may still be needed; empty where it is over."""
    if row.open_escalations or row.state == "paused":
        return "waits for an answer"
    if row.state == "interrupted":
        return "was interrupted and can be gone on with"
    if row.state == "failed":
        return "failed and can be tried again"
    return ""


def _forget(going: Sequence[Leaving], connection: sqlite3.Connection) -> int:
    """Delete so much as one small transaction may, as retention does; return how many are gone."""
    gone = 0
    for _ in range(_AT_ONCE):
        if gone < len(going):
            gone += forget_some(connection, going[gone])
    return gone
