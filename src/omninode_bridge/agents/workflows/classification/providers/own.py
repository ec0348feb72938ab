"""Facts of this package's own errors."""

from __future__ import annotations

from omninode_bridge import errors
from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

from ._known import Known

__all__ = ["KNOWN", "own_facts"]

_TYPES: tuple[tuple[type[BaseException], Facts], ...] = (
    (errors.ContractSecurityError, stays(ErrorType.SECURITY)),
    (errors.ContractSyntaxError, stays(ErrorType.CONTRACT)),
    (errors.ContractError, stays(ErrorType.CONTRACT)),
    (errors.UnusableResultError, Facts(ErrorType.VALIDATION)),
    (errors.AttemptTimeoutError, passes(ErrorType.TIMEOUT)),
    (errors.StepTimeoutError, passes(ErrorType.TIMEOUT)),
    (errors.OutcomeUnknownError, stays(ErrorType.UNKNOWN, prefer=RecoveryStrategy.ESCALATION)),
    (errors.CorrectionError, stays(ErrorType.SYNTAX)),
    (
        errors.MissingExtraError,
        stays(ErrorType.VALIDATION, prefer=RecoveryStrategy.ESCALATION),
    ),
    (errors.ConfigurationError, stays(ErrorType.VALIDATION)),
    (errors.WorkflowDefinitionError, stays(ErrorType.VALIDATION)),
)


def own_facts(exception: BaseException) -> Facts | None:
    """Tell by our own class, and by what the error says of itself."""
    if not isinstance(exception, errors.OmninodeBridgeError):
        return None
    for cls, facts in _TYPES:
        if isinstance(exception, cls):
            return facts.completed(Facts(reasons=(f"the class {type(exception).__name__}",)))
    return None


KNOWN = Known(
    reads="the class of an error of this package",
    asks=lambda cls: issubclass(cls, errors.OmninodeBridgeError),
    source="`omninode_bridge.errors`",
    rows=lambda: [(f"`{cls.__name__}`", facts) for cls, facts in _TYPES],
)
