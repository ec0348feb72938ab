"""The story of a recovery, of an escalation, or of a whole workflow."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from typing import Final

from omninode_bridge.errors import OmninodeBridgeError, UnknownWorkflowError

from ._reading_accounts import MOST_QUESTIONS, known_escalation, known_workflow
from ._reading_escalations import (
    EscalationLine,
    escalations_of_workflow,
    read_escalation,
    whole_workflow,
)
from ._reading_ids import candidates, find_escalation, find_workflow, is_text, nearest
from ._reading_recoveries import (
    RecoveryRow,
    read_recovery,
    recoveries_of_escalation,
    recoveries_of_workflow,
    recovery_number,
)
from ._reading_workflows import StepRow, WorkflowRow, read_steps, read_workflow

__all__ = ["Story", "story_of"]

#: States of a workflow that takes nothing up again.
_OVER: Final = ("done", "aborted", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Recoveries that belong together, oldest first, with their questions.

    Attributes:
        total: number of recoveries, those included that are left out.
        escalations: those of the recoveries; of a workflow also those that no recovery asked.
        workflow: where it is the story of one.
        bare_failures: its steps that ended with an error and without recovery or question.
        over: ids of the recoveries whose workflows have ended.
    """

    recoveries: tuple[RecoveryRow, ...]
    total: int
    escalations: tuple[EscalationLine, ...]
    workflow: WorkflowRow | None = None
    bare_failures: tuple[StepRow, ...] = ()
    over: frozenset[str] = frozenset()


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
    story = _story_of(connection, given, now=now, limit=limit)
    ended = {
        one: (row := read_workflow(connection, whole_workflow(connection, one), now=now))
        is not None
        and row.state in _OVER
        for one in {row.workflow_id for row in story.recoveries}
    }
    return replace(
        story, over=frozenset(row.id for row in story.recoveries if ended[row.workflow_id])
    )


def _story_of(connection: sqlite3.Connection, given: str, *, now: float, limit: int) -> Story:
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
        return _of_workflow(connection, workflow.id, workflow, limit)
    story = _of_workflow(connection, given, None, limit) if is_text(given) else None
    if story is not None and (story.recoveries or story.escalations):
        return story  # of a workflow that only they name
    if number is not None:
        last = connection.execute("SELECT max(id) FROM recoveries").fetchone()[0]
        known = "there are none in this journal" if last is None else f"the latest is 'r{last}'"
        raise _UnknownRecoveryError(f"no recovery has the id {given!r}; {known}")
    if ":" in given or len(given.split()) > 1:
        raise UnknownWorkflowError(
            f"{given[:200]!r} is no recovery, escalation or workflow of this journal; "
            "`omninode-bridge patterns explain -` says what an error or a log means"
        )
    near = nearest(connection, "workflows", "workflow", given)
    raise UnknownWorkflowError(
        f"no recovery, escalation or workflow has the id {given!r}; workflows: {near}"
    )


def _of_workflow(
    connection: sqlite3.Connection, workflow_id: str, workflow: WorkflowRow | None, limit: int
) -> Story:
    found, total = recoveries_of_workflow(connection, workflow_id, limit=limit)
    kept = connection.execute(
        "SELECT step_key, escalation_id FROM recoveries WHERE workflow_id = ?", (workflow_id,)
    ).fetchall()
    steps, asked = {row[0] for row in kept}, {row[1] for row in kept}
    shown = {row.escalation_id for row in found}
    questions = escalations_of_workflow(connection, workflow_id, limit=MOST_QUESTIONS)
    return Story(
        recoveries=tuple(found),
        total=total,
        escalations=tuple(q for q in questions if q.id in shown or q.id not in asked),
        workflow=workflow,
        bare_failures=tuple(
            one
            for one in read_steps(connection, workflow_id)
            if one.error and one.escalation_id is None and one.key not in steps
        ),
    )


class _UnknownRecoveryError(OmninodeBridgeError, LookupError):
    """No recovery has this id."""


def _asked_by(
    connection: sqlite3.Connection, rows: tuple[RecoveryRow, ...]
) -> tuple[EscalationLine, ...]:
    ids = dict.fromkeys(row.escalation_id for row in rows if row.escalation_id)
    lines = (read_escalation(connection, one) for one in ids)
    return tuple(line for line in lines if line is not None)
