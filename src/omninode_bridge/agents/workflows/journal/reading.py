"""What the commands ask a journal: lists, one thing whole, counts, the story of a recovery."""

from __future__ import annotations

from ._reading_accounts import (
    EscalationAccount,
    JournalAccount,
    WorkflowAccount,
    escalation_account,
    journal_account,
    workflow_account,
)
from ._reading_cancelling import Cancelled, cancel_workflow
from ._reading_counts import EscalationCounts, NoticeLine
from ._reading_escalations import (
    EscalationLine,
    EscalationPage,
    list_escalations,
)
from ._reading_file import JournalReader
from ._reading_ids import find_escalation, find_workflow
from ._reading_ladder import Climbed, climbed, ladder_of
from ._reading_recoveries import RecoveryRow
from ._reading_statistics import JournalStatistics
from ._reading_stories import Story, story_of
from ._reading_workflows import (
    WORKFLOW_STATES,
    OwnerState,
    StepRow,
    WorkflowRow,
    count_workflows,
    list_workflows,
    read_workflow,
)
from ._removing import Removed, StillNeededError, delete_workflow, restart_workflow

__all__ = [
    "WORKFLOW_STATES",
    "Cancelled",
    "Climbed",
    "EscalationAccount",
    "EscalationCounts",
    "EscalationLine",
    "EscalationPage",
    "JournalAccount",
    "JournalReader",
    "JournalStatistics",
    "NoticeLine",
    "OwnerState",
    "RecoveryRow",
    "Removed",
    "StepRow",
    "StillNeededError",
    "Story",
    "WorkflowAccount",
    "WorkflowRow",
    "cancel_workflow",
    "climbed",
    "count_workflows",
    "delete_workflow",
    "escalation_account",
    "find_escalation",
    "find_workflow",
    "journal_account",
    "ladder_of",
    "list_escalations",
    "list_workflows",
    "read_workflow",
    "restart_workflow",
    "story_of",
    "workflow_account",
]
