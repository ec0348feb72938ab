"""End a workflow from outside, and with it what it asks."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from os import PathLike

from omninode_bridge.agents.workflows.recovery_models import EscalationStatus

from . import workflows
from ._escalation_rows import Ending, end_row, open_ids
from ._file import JournalFile
from ._reading_accounts import known_workflow
from ._reading_workflows import OwnerState

__all__ = ["Cancelled", "cancel_workflow"]


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What came of cancelling a workflow.

    Attributes:
        cancelled: it had not ended before.
        state: how it stands now.
        owner: the living process that has yet to notice.
        superseded: open questions that nobody can answer any more.
    """

    cancelled: bool
    state: str
    owner: OwnerState | None
    superseded: int


def cancel_workflow(path: str | PathLike[str], workflow_id: str) -> Cancelled:
    """Have a workflow end, and its open questions with it.

    Raises:
        UnknownWorkflowError: no workflow has this id.
        JournalError: the journal cannot be written.
    """
    file = JournalFile(path)
    try:
        done = workflows.cancel(file, workflow_id)
        row = file.read(lambda c: known_workflow(c, workflow_id, file.now()))
        ended = 0
        if done or row.state == "cancelled":
            ended = file.write_now(
                lambda c: _supersede_open(c, workflow_id, file.now()), durable=True
            )
    finally:
        file.close()
    runs = row.owner is not None and row.owner.is_alive
    return Cancelled(done, row.state, row.owner if runs else None, ended)


def _supersede_open(connection: sqlite3.Connection, workflow_id: str, now: float) -> int:
    ending = Ending(status=EscalationStatus.SUPERSEDED, at=now)
    return sum(end_row(connection, one, ending)[1] for one in open_ids(connection, workflow_id))
