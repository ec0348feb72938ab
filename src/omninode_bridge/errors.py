"""Every error that this package raises on its own behalf.

::

    OmninodeBridgeError
    ├── ConfigurationError              a wrong argument, option or registration (also a ValueError)
    │   └── PatternError                an error pattern that cannot be used; names the pattern
    ├── MissingExtraError               an optional dependency is not installed (also an ImportError)
    ├── RecoveryError
    │   ├── NoCallError                 nothing to run again; the message names the ways to give one
    │   ├── UnusableResultError         a call returned, but its result failed validation
    │   ├── AttemptTimeoutError         one attempt took longer than it may (also a TimeoutError)
    │   └── OutcomeUnknownError         a call that must not run twice failed; nobody knows how far it came
    ├── EscalationError
    │   ├── UnknownEscalationError      no escalation has this id (also a LookupError)
    │   ├── DecisionRefusedError        a human's answer that cannot be applied; nothing changed
    │   └── NotDeliveredError           no channel took the notice
    ├── EngineError                     what an engine says of itself; never recovered from
    │   ├── JournalError                the journal's file cannot be used
    │   │   ├── JournalLockedError      another process keeps writing to it
    │   │   ├── JournalFullError        no room: the disk, or the size that it may have
    │   │   ├── JournalReadOnlyError    it may be read only
    │   │   └── JournalVersionError     a newer version of this package has written it
    │   ├── NotDurableError             a result, argument or function that a journal cannot keep
    │   ├── DivergenceError             what runs is not what was recorded
    │   ├── UnknownWorkflowError        no workflow has this id (also a LookupError)
    │   ├── WorkflowOwnedError          another live process runs the workflow
    │   └── WorkflowCancelledError      somebody cancelled the workflow
    ├── CorrectionError                 code that could not be corrected; carries the best attempt
    ├── WorkflowError
    │   ├── WorkflowDefinitionError     a cycle, an unknown dependency, a double name
    │   ├── StepTimeoutError            a step or stage took longer than it may (also a TimeoutError)
    │   ├── StepEscalatedError          a step that waits for a human (agents.workflows)
    │   └── WorkflowFailedError         a workflow in which a stage failed (agents.workflows)
    └── ContractError                   a node contract that cannot be used; carries path, line, column, hint
        ├── ContractReadError           missing, too large, binary, wrong encoding, outside its folder
        ├── ContractSyntaxError         not YAML, duplicate keys, cut off
        ├── ContractInvalidError        YAML, but not a contract that can be built
        │   └── NotAContractError       a file of another kind, or a fragment of a contract
        ├── UnsupportedFeatureError     a contract that asks for something we do not have
        └── ContractSecurityError       a contract that would run or write what it must not
"""

from __future__ import annotations

__all__ = [
    "AttemptTimeoutError",
    "ConfigurationError",
    "ContractError",
    "ContractInvalidError",
    "ContractReadError",
    "ContractSecurityError",
    "ContractSyntaxError",
    "CorrectionError",
    "DecisionRefusedError",
    "DivergenceError",
    "EngineError",
    "EscalationError",
    "JournalError",
    "JournalFullError",
    "JournalLockedError",
    "JournalReadOnlyError",
    "JournalVersionError",
    "MissingExtraError",
    "NoCallError",
    "NotAContractError",
    "NotDeliveredError",
    "NotDurableError",
    "OmninodeBridgeError",
    "OutcomeUnknownError",
    "PatternError",
    "RecoveryError",
    "StepTimeoutError",
    "UnknownEscalationError",
    "UnknownWorkflowError",
    "UnsupportedFeatureError",
    "UnusableResultError",
    "WorkflowCancelledError",
    "WorkflowDefinitionError",
    "WorkflowError",
    "WorkflowOwnedError",
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


class EngineError(OmninodeBridgeError):
    """What an engine says of itself, not of the work; nothing recovers from it."""


class JournalError(EngineError):
    """The journal's file cannot be used.

    Attributes:
        path: the file.
    """

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class JournalLockedError(JournalError):
    """Another process keeps writing to the journal for longer than may be waited."""


class JournalFullError(JournalError):
    """There is no room: on the disk, or within the size that the journal may have."""


class JournalReadOnlyError(JournalError):
    """The journal may be read only."""


class JournalVersionError(JournalError):
    """A newer version of this package has written the journal."""


class NotDurableError(EngineError, TypeError):
    """A result, an argument or a function that a journal cannot keep."""


class DivergenceError(EngineError):
    """What runs is not what was recorded."""


class UnknownWorkflowError(EngineError, LookupError):
    """No workflow has this id."""


class WorkflowOwnedError(EngineError):
    """Another live process runs the workflow.

    Attributes:
        pid: of that process, or None where it is another machine's.
    """

    def __init__(self, message: str, *, pid: int | None = None) -> None:
        super().__init__(message)
        self.pid = pid


class WorkflowCancelledError(EngineError):
    """Somebody cancelled the workflow."""


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


class ContractError(OmninodeBridgeError):
    """A node contract that cannot be used.

    Attributes:
        path: the file, as the user named it; None for text without a file.
        line: 1-based line of the fault, or None.
        column: 1-based column of the fault, or None.
        hint: what would be right, in one clause; empty where nothing better is known.
        related_lines: further 1-based lines that belong to the fault (the first of two equal keys).
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str = "",
        related_lines: tuple[int, ...] = (),
    ) -> None:
        super().__init__(message)
        self.path = path
        self.line = line
        self.column = column
        self.hint = hint
        self.related_lines = related_lines

    @property
    def message(self) -> str:
        """The sentence without its place."""
        return str(self.args[0]) if self.args else ""

    @property
    def place(self) -> str:
        """``path:line:column``, as far as it is known; empty for text without a file."""
        parts = [self.path or "", str(self.line or ""), str(self.column or "")]
        while parts and not parts[-1]:
            parts.pop()
        return ":".join(parts)

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text} ({self.hint})" if self.hint else text


class ContractReadError(ContractError):
    """A contract file that is missing, too large, binary, wrongly encoded or outside its folder."""


class ContractSyntaxError(ContractError):
    """A contract that is not YAML: a syntax error, duplicate keys, a cut-off file."""


class ContractInvalidError(ContractError):
    """YAML that is no contract that can be built."""


class NotAContractError(ContractInvalidError):
    """A file of another kind, or a fragment of a contract."""


class UnsupportedFeatureError(ContractError):
    """A contract that asks for something that does not exist here."""


class ContractSecurityError(ContractError):
    """A contract that would run or write what it must not."""
