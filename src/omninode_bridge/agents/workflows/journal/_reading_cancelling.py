"""End a workflow from outside, and with it what it asks."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from os import PathLike

from omninode_bridge.agents.workflows.recovery_models import EscalationRow, EscalationStatus

from . import workflows
from ._escalation_rows import Ending, end_row
from ._file import JournalFile
from ._reading_accounts import known_workflow
from ._reading_escalations import own_escalations
from ._reading_workflows import OwnerState

__all__ = ["Cancelled", "cancel_workflow", "supersede_open"]


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What came of cancelling a workflow.

    Attributes:
        cancelled: it had not ended before.
        state: how it stands now.
        owner: the living process that has yet to notice.
        superseded: its questions that were open, which nobody can answer any more.
    """

    cancelled: bool
    state: str
    owner: OwnerState | None
    superseded: tuple[EscalationRow, ...]


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
        ended: tuple[EscalationRow, ...] = ()
        if done or row.state == "cancelled":
            ended = file.write_now(
                lambda c: supersede_open(c, workflow_id, file.now()), durable=True
            )
    finally:
        file.close()
    runs = row.owner is not None and row.owner.is_alive
    return Cancelled(done, row.state, row.owner if runs else None, ended)


def supersede_open(
    connection: sqlite3.Connection, workflow_id: str, now: float
) -> tuple[EscalationRow, ...]:
    """End what is open of the workflow and its parts; return what was."""
    asked = [one for _, one in own_escalations(connection, workflow_id)]
    ending = Ending(status=EscalationStatus.SUPERSEDED, at=now)
    ended = (end_row(connection, one, ending) for one in asked)
    return tuple(row for row, is_ours in ended if is_ours)
