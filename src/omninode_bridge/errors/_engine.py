"""What engines say of themselves and of what they keep."""

from __future__ import annotations

from ._base import OmninodeBridgeError

__all__ = [
    "DivergenceError",
    "EngineError",
    "JournalError",
    "JournalFullError",
    "JournalLockedError",
    "JournalReadOnlyError",
    "JournalVersionError",
    "NotDurableError",
    "UnknownWorkflowError",
    "WorkflowCancelledError",
    "WorkflowOwnedError",
]


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
