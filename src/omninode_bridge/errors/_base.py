"""What is wrong with arguments, recoveries, escalations, corrections and workflows."""

from __future__ import annotations

__all__ = [
    "AttemptTimeoutError",
    "ConfigurationError",
    "CorrectionError",
    "DecisionRefusedError",
    "EscalationError",
    "MissingExtraError",
    "NoCallError",
    "NotDeliveredError",
    "OmninodeBridgeError",
    "OutcomeUnknownError",
    "PatternError",
    "RecoveryError",
    "StepTimeoutError",
    "UnknownEscalationError",
    "UnusableResultError",
    "WorkflowDefinitionError",
    "WorkflowError",
]


class OmninodeBridgeError(Exception):
    """Base of every error of this package."""


class ConfigurationError(OmninodeBridgeError, ValueError):
    """A wrong argument, option or registration."""


class PatternError(ConfigurationError):
    """An error pattern that cannot be used.

    Attributes:
        pattern_id: the pattern that was refused.
    """

    def __init__(self, message: str, *, pattern_id: str = "") -> None:
        super().__init__(message)
        self.pattern_id = pattern_id


class MissingExtraError(OmninodeBridgeError, ImportError):
    """An optional dependency is not installed.

    Attributes:
        extra: the extra that brings it, as in ``pip install 'omninode-bridge[extra]'``.
    """

    def __init__(self, what: str, *, extra: str) -> None:
        super().__init__(
            f"{what} needs the {extra!r} extra: pip install 'omninode-bridge[{extra}]'"
        )
        self.extra = extra


class RecoveryError(OmninodeBridgeError):
    """A recovery that cannot be carried out."""


class NoCallError(RecoveryError):
    """There is no call that could be run again."""


class UnusableResultError(RecoveryError):
    """A call returned, but its result failed validation.

    Attributes:
        result: what the call returned.
    """

    def __init__(self, message: str, *, result: object = None) -> None:
        super().__init__(message)
        self.result = result


class AttemptTimeoutError(RecoveryError, TimeoutError):
    """One attempt took longer than it may."""


class OutcomeUnknownError(RecoveryError):
    """A call that must not run twice failed, and nobody knows how far it came."""


class EscalationError(OmninodeBridgeError):
    """An escalation that cannot be opened, found or answered."""


class UnknownEscalationError(EscalationError, LookupError):
    """No escalation has this id."""


class DecisionRefusedError(EscalationError):
    """A human's answer that cannot be applied; nothing changed."""


class NotDeliveredError(EscalationError):
    """No channel took the notice."""


class CorrectionError(OmninodeBridgeError):
    """Code that could not be corrected.

    Attributes:
        code: the best attempt, for a report; it is not usable.
    """

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class WorkflowError(OmninodeBridgeError):
    """A workflow that cannot be run."""


class WorkflowDefinitionError(WorkflowError, ValueError):
    """A workflow with a cycle, an unknown dependency or a double name."""


class StepTimeoutError(WorkflowError, TimeoutError):
    """A step or a stage took longer than it may."""
