"""One thing whole: a workflow, an escalation, the journal in numbers."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from omninode_bridge.agents.workflows.recovery_models import EscalationReport
from omninode_bridge.errors import JournalError, UnknownEscalationError, UnknownWorkflowError

from ._reading_counts import EscalationCounts, NoticeLine, count_escalations, read_notices
from ._reading_escalations import (
    EscalationLine,
    escalations_of_workflow,
    read_escalation,
    whole_workflow,
)
from ._reading_ids import find_escalation, find_workflow
from ._reading_recoveries import recoveries_of_escalation
from ._reading_statistics import JournalStatistics, read_statistics
from ._reading_workflows import StepRow, WorkflowRow, count_workflows, read_steps, read_workflow
from ._report_codec import decode_report
from .book_answers import unused_answers

__all__ = [
    "MOST_QUESTIONS",
    "EscalationAccount",
    "JournalAccount",
    "WorkflowAccount",
    "escalation_account",
    "journal_account",
    "known_escalation",
    "known_workflow",
    "workflow_account",
]

#: Escalations of one workflow that are read.
MOST_QUESTIONS: Final = 1_000


@dataclass(frozen=True, slots=True)
class WorkflowAccount:
    """One workflow with its steps and its questions.

    Attributes:
        unused: answers to questions of steps that did not ask again: ``id``, ``by``, ``at``.
    """

    row: WorkflowRow
    steps: tuple[StepRow, ...]
    escalations: tuple[EscalationLine, ...]
    unused: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationAccount:
    """One escalation whole.

    Attributes:
        notices: what became of telling people, by channel where that is known.
        recoveries: ids of the recoveries that asked.
        workflow: that waits for it, where the journal has it.
        others: beginnings of the ids of what else is open in that workflow.
    """

    line: EscalationLine
    report: EscalationReport
    notices: tuple[NoticeLine, ...]
    recoveries: tuple[str, ...]
    workflow: WorkflowRow | None
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JournalAccount:
    """What a journal holds, counted."""

    recoveries: JournalStatistics
    escalations: EscalationCounts
    workflows: Mapping[str, int]


def workflow_account(connection: sqlite3.Connection, given: str, *, now: float) -> WorkflowAccount:
    """Return the workflow with this id, or the beginning of it.

    Raises:
        UnknownWorkflowError: there is none.
        ConfigurationError: several begin so.
    """
    row = known_workflow(connection, find_workflow(connection, given), now)
    return WorkflowAccount(
        row,
        tuple(read_steps(connection, row.id)),
        tuple(escalations_of_workflow(connection, row.id, limit=MOST_QUESTIONS)),
        tuple(unused_answers(connection, row.id)),
    )


def escalation_account(
    connection: sqlite3.Connection, given: str, *, now: float
) -> EscalationAccount:
    """Return the escalation with this id, or the beginning of it.

    Raises:
        UnknownEscalationError: there is none.
        ConfigurationError: several begin so.
    """
    line = known_escalation(connection, find_escalation(connection, given))
    asked = recoveries_of_escalation(connection, line.id, limit=20)
    workflow_id = whole_workflow(connection, line.workflow_id)
    others = escalations_of_workflow(connection, workflow_id, limit=MOST_QUESTIONS)
    return EscalationAccount(
        line=line,
        report=_report(connection, line.id),
        notices=tuple(read_notices(connection, line.id)),
        recoveries=tuple(row.id for row in asked),
        workflow=read_workflow(connection, workflow_id, now=now),
        others=tuple(o.short for o in others if o.status == "open" and o.id != line.id),
    )


def journal_account(
    connection: sqlite3.Connection, *, now: float, since: float | None = None
) -> JournalAccount:
    """Count everything, or what ended since a moment in seconds since 1970."""
    return JournalAccount(
        read_statistics(connection, since=since),
        count_escalations(connection, since=since),
        count_workflows(connection, now=now),
    )


def known_workflow(connection: sqlite3.Connection, workflow_id: str, now: float) -> WorkflowRow:
    """Return the workflow of exactly this id, or raise `UnknownWorkflowError`."""
    row = read_workflow(connection, workflow_id, now=now)
    if row is None:
        raise UnknownWorkflowError(f"no workflow has the id {workflow_id!r}")
    return row


def known_escalation(connection: sqlite3.Connection, escalation_id: str) -> EscalationLine:
    """Return the escalation of exactly this id, or raise `UnknownEscalationError`."""
    line = read_escalation(connection, escalation_id)
    if line is None:
        raise UnknownEscalationError(f"no escalation has the id {escalation_id!r}")
    return line


def _report(connection: sqlite3.Connection, escalation_id: str) -> EscalationReport:
    kept = connection.execute(
        "SELECT report FROM escalations WHERE id = ?", (escalation_id,)
    ).fetchone()[0]
    try:
        return decode_report(kept)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise JournalError(f"the report of escalation {escalation_id!r} cannot be read") from error
