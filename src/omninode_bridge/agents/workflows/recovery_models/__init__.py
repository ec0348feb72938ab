"""Data of a recovery; nothing here does any work."""

from .analysis import ErrorAnalysis, EvidenceRank
from .attempt import Attempt, AttemptRecord, Outcome, SkippedStep
from .budget import DEFAULT_BUDGET, BudgetLeft, RecoveryBudget
from .context import RecoveryContext
from .escalation import (
    TIMEOUT,
    AlreadyResolved,
    Decision,
    DecisionKind,
    EscalationPriority,
    EscalationReport,
    EscalationRow,
    EscalationStatus,
    Receipt,
    Won,
)
from .kinds import ErrorType, RecoveryStrategy, Rerun, parse_kind
from .pattern import DEFAULT_PRIORITY, ErrorPattern
from .result import RecoveryResult

__all__ = [
    "DEFAULT_BUDGET",
    "DEFAULT_PRIORITY",
    "TIMEOUT",
    "AlreadyResolved",
    "Attempt",
    "AttemptRecord",
    "BudgetLeft",
    "Decision",
    "DecisionKind",
    "ErrorAnalysis",
    "ErrorPattern",
    "ErrorType",
    "EscalationPriority",
    "EscalationReport",
    "EscalationRow",
    "EscalationStatus",
    "EvidenceRank",
    "Outcome",
    "Receipt",
    "RecoveryBudget",
    "RecoveryContext",
    "RecoveryResult",
    "RecoveryStrategy",
    "Rerun",
    "SkippedStep",
    "Won",
    "parse_kind",
]
