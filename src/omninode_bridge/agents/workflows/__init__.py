"""Error recovery for workflows: the public names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._call import Call
from ._clock import Clock, SystemClock
from ._ports import EscalationStore, Event, Notifier
from .error_recovery import ErrorRecoveryOrchestrator
from .recovery_models import (
    Attempt,
    AttemptRecord,
    Decision,
    ErrorAnalysis,
    ErrorPattern,
    ErrorType,
    RecoveryBudget,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
    Rerun,
)
from .recovery_models.statistics import RecoveryStatistics
from .recovery_strategies import (
    AlternativePathStrategy,
    BaseRecoveryStrategy,
    DegradationStep,
    ErrorCorrectionStrategy,
    EscalationStrategy,
    GracefulDegradationStrategy,
    InputCorrection,
    RetryStrategy,
)

if TYPE_CHECKING:
    from .staged_execution import (
        StagedParallelExecutor,
        WorkflowResult,
        WorkflowStage,
        WorkflowStep,
    )

__all__ = [
    "AlternativePathStrategy",
    "Attempt",
    "AttemptRecord",
    "BaseRecoveryStrategy",
    "Call",
    "Clock",
    "Decision",
    "DegradationStep",
    "ErrorAnalysis",
    "ErrorCorrectionStrategy",
    "ErrorPattern",
    "ErrorRecoveryOrchestrator",
    "ErrorType",
    "EscalationStore",
    "EscalationStrategy",
    "Event",
    "GracefulDegradationStrategy",
    "InputCorrection",
    "Notifier",
    "RecoveryBudget",
    "RecoveryContext",
    "RecoveryResult",
    "RecoveryStatistics",
    "RecoveryStrategy",
    "Rerun",
    "RetryStrategy",
    "StagedParallelExecutor",
    "SystemClock",
    "WorkflowResult",
    "WorkflowStage",
    "WorkflowStep",
]

# Loaded on first use: a program that only retries does not pay for them.
_LAZY = {
    "StagedParallelExecutor": "staged_execution",
    "WorkflowResult": "staged_execution",
    "WorkflowStage": "staged_execution",
    "WorkflowStep": "staged_execution",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
