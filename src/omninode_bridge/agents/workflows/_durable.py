"""What an engine that keeps things lends to the executor and to recoveries, as protocols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Protocol, runtime_checkable

from ._ports import EscalationStore
from .recovery_models import Attempt

__all__ = [
    "Engine",
    "RecoveryLog",
    "StepRecorder",
    "TellsOfWorkflows",
    "WorkflowRecorder",
    "current_step",
]

Data = Mapping[str, Any]


class RecoveryLog(Protocol):
    """The log of one recovery, as it is kept.

    Attributes:
        key: names the recovery within its workflow, the same after a restart; empty outside of one.
        workflow_id: of that workflow; empty outside of one.
        first: the error that began it, as data, where an earlier process met it; else None.
        plan: what the ladder was decided by then; empty where there is nothing to go on from.
        entries: what was written then and is not yet taken, in order: pairs of a kind and its data.
    """

    key: str
    workflow_id: str
    first: Data | None
    plan: Data
    entries: list[tuple[str, Data]]

    @property
    def result(self) -> tuple[bool, Any]:
        """Whether an earlier process has brought the recovery to a value, and that value."""
        ...

    async def begin(self, first: Data, plan: Data, *, blocking: bool) -> None:
        """Write down the error and the plan."""
        ...

    async def append(self, attempt: Attempt, *, blocking: bool) -> None:
        """Write the attempt down before it runs; once by its number."""
        ...

    def note(self, kind: str, data: Data) -> None:
        """Write something down with the next attempt, or at the end."""
        ...

    def diverged(self, why: str) -> None:
        """Forget what was written and not taken: what runs now is not what ran then."""
        ...

    def anew(self, why: str) -> None:
        """Leave what was written to what wrote it, and begin another recovery."""
        ...

    def drop_rest(self) -> None:
        """Forget what was written and not taken; what comes now is written in its place."""
        ...

    @property
    def elapsed(self) -> float:
        """Seconds from the beginning of the recovery, in an earlier process, until now."""
        ...

    def left_of(self, attempt: Attempt) -> float:
        """Return the seconds that are left of the wait before the attempt."""
        ...

    async def waits(self, *, blocking: bool) -> None:
        """Say that something outside is waited for now."""
        ...

    async def close(self, account: Data, value: tuple[bool, Any], *, blocking: bool) -> None:
        """Write down how it ended.

        Args:
            account: what the caller is told.
            value: whether there is one to be kept, and that.
            blocking: hold up this thread.
        """
        ...


class StepRecorder(Protocol):
    """One step of a workflow while it runs; recoveries in it are kept."""

    def recovery(self, node_name: str, identity: str) -> RecoveryLog:
        """Return the log of the next recovery of this node and identity in the step."""
        ...


class WorkflowRecorder(Protocol):
    """One workflow while this process runs it; see `journal.book.WorkflowBook`."""

    def inputs_hash(self, keys: Any) -> str:
        """Return the hash of the results of finished steps."""
        ...

    def recorded(self, key: str, hashes: Any) -> tuple[bool, Any]:
        """Return whether the step's result may be reused, and that result."""
        ...

    def stale(self, key: str) -> str:
        """Return why what was recorded of the step is not reused."""
        ...

    def start(self, key: str, hashes: Any) -> None:
        """Note that the step is about to begin."""
        ...

    def done(self, key: str, result: Any, duration_ms: float = 0.0) -> Any:
        """Note the step's result, and return it as it will be read."""
        ...

    def fail(
        self,
        key: str,
        error: str,
        *,
        status: str = "failed",
        escalation_id: str | None = None,
        answer: Sequence[str] = (),
        duration_ms: float = 0.0,
    ) -> None:
        """Note that the step ended without a result; with a human's `answer`, for good."""
        ...

    def answered(self, key: str, hashes: Any) -> tuple[str, Sequence[str]] | None:
        """Return how a human's answer ended the step in an earlier run, and the answer."""
        ...

    def aborted(self) -> Sequence[str] | None:
        """Return the answer that gave the workflow up in an earlier run, or None."""
        ...

    async def end_questions(self) -> None:
        """End what is open: nobody needs an answer any more."""
        ...

    async def questions(self) -> tuple[tuple[str, ...], tuple[Data, ...]]:
        """Return the ids of what waits for an answer, and the answers that nobody took."""
        ...

    def step(self, key: str) -> StepRecorder:
        """Return what recoveries in the step are kept by."""
        ...

    def hashes(self, step: Any, inputs: str) -> Any:
        """Return what a result of the step depends on."""
        ...

    def stopped(self) -> None:
        """Note that the run was told to stop, so that no step of it counts as one that dies."""
        ...

    async def flush(self) -> None:
        """Write what was noted."""
        ...

    async def finish(self, status: str, *, error: str = "", summary: Any = None) -> bool:
        """Give the workflow up."""
        ...

    def close(self, status: str, *, error: str = "", summary: Any = None) -> bool:
        """Do the same and hold up this thread."""
        ...


@runtime_checkable
class Engine(Protocol):
    """Runs workflows and recoveries; what of them outlives the process is its own affair."""

    @property
    def escalations(self) -> EscalationStore:
        """Where escalations are kept."""
        ...

    async def open_workflow(self, workflow_id: str) -> WorkflowRecorder | None:
        """Become the one who runs the workflow; None where nothing is kept."""
        ...

    def recovery(self, workflow_id: str, node_name: str, identity: str) -> RecoveryLog | None:
        """Return where a recovery is kept; None where nothing is."""
        ...


@runtime_checkable
class PreparesResults(Protocol):
    """A recorder of a step that can do beside the event loop what its result costs."""

    async def prepare(self, result: Any) -> None:
        """Take the result, in the step's own task, before its end is noted."""
        ...


@runtime_checkable
class TellsOfWorkflows(Protocol):
    """An engine that knows whether this process runs a workflow on it."""

    def is_missed_by(self, thread: object) -> bool:
        """Whether a recovery in this thread, outside of any step, may belong to a step; said once."""
        ...


#: The step whose operation runs in this context, where an engine keeps what it does.
current_step: ContextVar[StepRecorder | None] = ContextVar(
    "omninode_bridge_current_step", default=None
)
