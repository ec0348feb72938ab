"""The story of a recovery, of an escalation, or of a whole workflow."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from omninode_bridge.errors import OmninodeBridgeError, UnknownWorkflowError

from ._reading_accounts import MOST_QUESTIONS, known_escalation, known_workflow
from ._reading_escalations import EscalationLine, escalations_of_workflow, read_escalation
from ._reading_ids import candidates, find_escalation, find_workflow, nearest
from ._reading_recoveries import (
    RecoveryRow,
    read_recovery,
    recoveries_of_escalation,
    recoveries_of_workflow,
    recovery_number,
)
from ._reading_workflows import StepRow, WorkflowRow, read_steps

__all__ = ["Story", "story_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Recoveries that belong together, oldest first, with their questions.

    Attributes:
        total: number of recoveries, those included that are left out.
        workflow: where it is the story of one.
    """

    recoveries: tuple[RecoveryRow, ...]
    total: int
    escalations: tuple[EscalationLine, ...]
    workflow: WorkflowRow | None = None
    steps: tuple[StepRow, ...] = ()


def story_of(connection: sqlite3.Connection, given: str, *, now: float, limit: int) -> Story:
    """Return the story of a recovery (``r17``), an escalation or a workflow.

    Args:
        connection: to read with.
        given: the id, of the latter two the beginning of it.
        now: seconds since 1970.
        limit: how many recoveries of a workflow, the latest.

    Raises:
        UnknownWorkflowError: nothing has this id.
        ConfigurationError: several begin so.
    """
    number = recovery_number(given)
    recovery = None if number is None else read_recovery(connection, number)
    if recovery is not None:
        return Story(
            recoveries=(recovery,), total=1, escalations=_asked_by(connection, (recovery,))
        )
    names = {table: candidates(connection, table, given) for table in ("escalations", "workflows")}
    if names["escalations"] and (given in names["escalations"] or given not in names["workflows"]):
        line = known_escalation(connection, find_escalation(connection, given))
        rows = tuple(recoveries_of_escalation(connection, line.id, limit=limit))
        return Story(recoveries=rows, total=len(rows), escalations=(line,))
    if names["workflows"]:
        workflow = known_workflow(connection, find_workflow(connection, given), now)
        found, total = recoveries_of_workflow(connection, workflow.id, limit=limit)
        questions = escalations_of_workflow(connection, workflow.id, limit=MOST_QUESTIONS)
        return Story(
            recoveries=tuple(found),
            total=total,
            escalations=tuple(questions),
            workflow=workflow,
            steps=tuple(read_steps(connection, workflow.id)),
        )
    if number is not None:
        last = connection.execute("SELECT max(id) FROM recoveries").fetchone()[0]
        known = "there are none in this journal" if last is None else f"the latest is 'r{last}'"
        raise _UnknownRecoveryError(f"no recovery has the id {given!r}; {known}")
    near = nearest(connection, "workflows", "workflow", given)
    raise UnknownWorkflowError(
        f"no recovery, escalation or workflow has the id {given!r}; workflows: {near}"
    )


class _UnknownRecoveryError(OmninodeBridgeError, LookupError):
    """No recovery has this id."""


def _asked_by(
    connection: sqlite3.Connection, rows: tuple[RecoveryRow, ...]
) -> tuple[EscalationLine, ...]:
    ids = dict.fromkeys(row.escalation_id for row in rows if row.escalation_id)
    lines = (read_escalation(connection, one) for one in ids)
    return tuple(line for line in lines if line is not None)
