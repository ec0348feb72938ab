"""Error recovery for workflows: the public names, each loaded on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._call import Call
    from ._clock import Clock, SystemClock
    from ._ports import EscalationStore, Event, Notifier
    from ._spending import report_spending
    from ._workflow_models import (
        StepInputs,
        WorkflowFailedError,
        WorkflowResult,
        WorkflowStage,
        WorkflowStep,
    )
    from .engines import InlineEngine, JournalEngine
    from .error_recovery import ErrorRecoveryOrchestrator
    from .integrations import execute_with_recovery, render_with_recovery, validate_with_recovery
    from .journal.retention import Retention
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
        CircuitBreakerStrategy,
        DegradationStep,
        ErrorCorrectionStrategy,
        EscalationStrategy,
        GracefulDegradationStrategy,
        InputCorrection,
        RetryBucket,
        RetryStrategy,
    )
    from .staged_execution import StagedParallelExecutor
    from .template_manager import (
        TemplateManager,
        TemplateRenderError,
        TemplateStatistics,
        TemplateType,
    )
    from .validation_pipeline import (
        ValidationContext,
        ValidationError,
        ValidationPipeline,
        ValidationResult,
    )

__all__ = [
    "AlternativePathStrategy",
    "Attempt",
    "AttemptRecord",
    "BaseRecoveryStrategy",
    "Call",
    "CircuitBreakerStrategy",
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
    "InlineEngine",
    "InputCorrection",
    "JournalEngine",
    "Notifier",
    "RecoveryBudget",
    "RecoveryContext",
    "RecoveryResult",
    "RecoveryStatistics",
    "RecoveryStrategy",
    "Rerun",
    "Retention",
    "RetryBucket",
    "RetryStrategy",
    "StagedParallelExecutor",
    "StepInputs",
    "SystemClock",
    "TemplateManager",
    "TemplateRenderError",
    "TemplateStatistics",
    "TemplateType",
    "ValidationContext",
    "ValidationError",
    "ValidationPipeline",
    "ValidationResult",
    "WorkflowFailedError",
    "WorkflowResult",
    "WorkflowStage",
    "WorkflowStep",
    "execute_with_recovery",
    "render_with_recovery",
    "report_spending",
    "validate_with_recovery",
]

_HOMES = {
    "_call": ("Call",),
    "_clock": ("Clock", "SystemClock"),
    "_ports": ("EscalationStore", "Event", "Notifier"),
    "_spending": ("report_spending",),
    "_workflow_models": (
        "StepInputs",
        "WorkflowFailedError",
        "WorkflowResult",
        "WorkflowStage",
        "WorkflowStep",
    ),
    "engines": ("InlineEngine", "JournalEngine"),
    "error_recovery": ("ErrorRecoveryOrchestrator",),
    "integrations": ("execute_with_recovery", "render_with_recovery", "validate_with_recovery"),
    "journal.retention": ("Retention",),
    "recovery_models": (
        "Attempt",
        "AttemptRecord",
        "Decision",
        "ErrorAnalysis",
        "ErrorPattern",
        "ErrorType",
        "RecoveryBudget",
        "RecoveryContext",
        "RecoveryResult",
        "RecoveryStrategy",
        "Rerun",
    ),
    "recovery_models.statistics": ("RecoveryStatistics",),
    "recovery_strategies": (
        "AlternativePathStrategy",
        "BaseRecoveryStrategy",
        "CircuitBreakerStrategy",
        "DegradationStep",
        "ErrorCorrectionStrategy",
        "EscalationStrategy",
        "GracefulDegradationStrategy",
        "InputCorrection",
        "RetryBucket",
        "RetryStrategy",
    ),
    "staged_execution": ("StagedParallelExecutor",),
    "template_manager": (
        "TemplateManager",
        "TemplateRenderError",
        "TemplateStatistics",
        "TemplateType",
    ),
    "validation_pipeline": (
        "ValidationContext",
        "ValidationError",
        "ValidationPipeline",
        "ValidationResult",
    ),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    module = _HOME_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
