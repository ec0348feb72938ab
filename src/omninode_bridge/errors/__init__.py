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

from ._base import (
    AttemptTimeoutError,
    ConfigurationError,
    CorrectionError,
    DecisionRefusedError,
    EscalationError,
    MissingExtraError,
    NoCallError,
    NotDeliveredError,
    OmninodeBridgeError,
    OutcomeUnknownError,
    PatternError,
    RecoveryError,
    StepTimeoutError,
    UnknownEscalationError,
    UnusableResultError,
    WorkflowDefinitionError,
    WorkflowError,
)
from ._contract import (
    ContractError,
    ContractInvalidError,
    ContractReadError,
    ContractSecurityError,
    ContractSyntaxError,
    NotAContractError,
    UnsupportedFeatureError,
)
from ._engine import (
    DivergenceError,
    EngineError,
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalReadOnlyError,
    JournalVersionError,
    NotDurableError,
    UnknownWorkflowError,
    WorkflowCancelledError,
    WorkflowOwnedError,
)

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

for _name in __all__:
    globals()[
        _name
    ].__module__ = __name__  # where they are imported from, in tracebacks and pickles
del _name
