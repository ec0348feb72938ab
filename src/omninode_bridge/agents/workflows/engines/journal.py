"""The engine that survives its process: workflows, recoveries and escalations in one file."""

from __future__ import annotations

import itertools
import os
import threading
import uuid
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal._codec import encode
from omninode_bridge.agents.workflows.journal._file import DEFAULT_MAX_BYTES
from omninode_bridge.agents.workflows.journal._tidying import Tidying
from omninode_bridge.agents.workflows.journal.book import WorkflowBook
from omninode_bridge.agents.workflows.journal.escalations import JournalEscalationStore
from omninode_bridge.agents.workflows.journal.recoveries import JournalRecoveryLog
from omninode_bridge.agents.workflows.journal.retention import Retention
from omninode_bridge.agents.workflows.recovery_models import Decision, EscalationReport
from omninode_bridge.errors import ConfigurationError

__all__ = ["JournalEngine"]

# Runs that this process is in the middle of, whichever engine began them: what the file says of a
# process that still lives may be of a run that ended without being able to write so.
_running: set[str] = set()

AnswerCheck = Callable[[EscalationReport, Decision], None]


class JournalEngine:
    """Keeps workflows, recoveries and escalations in one SQLite file.

    Any number of processes may work on one file, each with an engine of its own; one of them runs a
    workflow at a time. Where a process dies, the next one that runs the same workflow goes on from
    what was written: finished steps are not run again, recoveries go on where they were, and an
    escalation that was answered meanwhile goes on with the answer.

    Args:
        path: of the file, on a local disk; made, for its owner alone, where it does not exist.
        clock: tells the time and waits.
        busy_timeout: seconds of real time to wait for another process that writes.
        max_bytes: how large the file may grow.
        retention: what is deleted, and when.
        checks: by name, what an edited input or a value of a human is held against before it is
            accepted; reports name the one that is meant.
        new_id: makes what tells runs and engines apart.
        boundary: called with a name before and after everything that is made durable or sent; for
            tests that let the process die there.

    Raises:
        ConfigurationError: an argument that cannot be used.
        JournalError: the file cannot be opened, or is none of ours.

    Example:
        >>> import asyncio, tempfile
        >>> from omninode_bridge.agents.workflows import (
        ...     JournalEngine, StagedParallelExecutor, WorkflowStage, WorkflowStep)
        >>> def build():
        ...     return "package"
        >>> stages = [WorkflowStage("build", [WorkflowStep("build", build)])]
        >>> with tempfile.TemporaryDirectory() as folder, JournalEngine(f"{folder}/j.db") as engine:
        ...     executor = StagedParallelExecutor(engine=engine)
        ...     first = asyncio.run(executor.execute_workflow("w1", stages))
        ...     again = asyncio.run(executor.execute_workflow("w1", stages))
        >>> first.steps["build"].reused, again.steps["build"].reused, again.results["build"]
        (False, True, 'package')
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        clock: Clock = SYSTEM_CLOCK,
        busy_timeout: float = 10.0,
        max_bytes: int = DEFAULT_MAX_BYTES,
        retention: Retention | None = None,
        checks: Mapping[str, AnswerCheck] | None = None,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        boundary: Callable[[str], None] | None = None,
    ) -> None:
        if retention is not None and not isinstance(retention, Retention):
            raise ConfigurationError(f"retention is {retention!r}; it must be a Retention or None")
        self.file = JournalFile(
            path, clock=clock, busy_timeout=busy_timeout, max_bytes=max_bytes, boundary=boundary
        )
        self._escalations = JournalEscalationStore(self.file, checks=checks or {})
        self._prefix, self._numbers = new_id(), itertools.count(1)
        self._has_missed = False
        self._tidying = Tidying(Retention() if retention is None else retention)
        self.file.keeper = self._tidying
        self._tidying.written(self.file)

    @property
    def escalations(self) -> JournalEscalationStore:
        """Where escalations are kept and answered."""
        return self._escalations

    async def open_workflow(
        self, workflow_id: str, *, kind: str = "", spec: Mapping[str, Any] | None = None
    ) -> WorkflowBook:
        """Become the one who runs the workflow.

        Args:
            workflow_id: of the workflow; any text that stays the same after a restart.
            kind: what knows how to begin it again, for callers that can.
            spec: what that needs, JSON values.

        Raises:
            NotDurableError: the id is no text that can be written.
            WorkflowOwnedError: another process runs it, and lives.
            WorkflowCancelledError: it was cancelled.
            JournalError: the file cannot be written.
        """
        encode(workflow_id, "the workflow's id")
        token = f"{self._prefix}.{next(self._numbers)}"
        _running.add(token)
        try:
            return await WorkflowBook.open(
                self.file,
                workflow_id,
                token,
                kind=kind,
                spec=spec,
                is_abandoned=lambda earlier: earlier not in _running,
                on_close=_running.discard,
            )
        except BaseException:
            _running.discard(token)
            raise

    def described(self, kind: str, spec: Mapping[str, Any]) -> _Described:
        """Return this engine for workflows that somebody else can begin again.

        Args:
            kind: what knows how to.
            spec: what that needs, JSON values; kept with each workflow that is run.
        """
        return _Described(self, kind, dict(spec))

    def recovery(self, workflow_id: str, node_name: str, identity: str) -> JournalRecoveryLog:
        """Return where a recovery outside of a workflow's step is kept; it begins anew each time."""
        name = f"{node_name}{identity}#{uuid.uuid4().hex[:12]}"
        return JournalRecoveryLog(self.file, workflow_id, "", name, node_name)

    def is_missed_by(self, thread: object) -> bool:
        """Whether a recovery in this thread, outside of any step, may belong to a step; said once."""
        ours = f"{self._prefix}."
        if (
            self._has_missed
            or thread is threading.main_thread()
            or not any(token.startswith(ours) for token in tuple(_running))
        ):
            return False
        self._has_missed = True
        return True

    def close(self) -> None:
        """Close the file; workflows that still run cannot write any more."""
        self._tidying.stop()
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Described:
    """An engine whose workflows say how they are begun again."""

    def __init__(self, engine: JournalEngine, kind: str, spec: dict[str, Any]) -> None:
        self._engine = engine
        self._kind = kind
        self._spec = spec

    @property
    def escalations(self) -> JournalEscalationStore:
        """Where escalations are kept and answered."""
        return self._engine.escalations

    async def open_workflow(self, workflow_id: str) -> WorkflowBook:
        """Become the one who runs the workflow."""
        return await self._engine.open_workflow(workflow_id, kind=self._kind, spec=self._spec)

    def recovery(self, workflow_id: str, node_name: str, identity: str) -> JournalRecoveryLog:
        """Return where a recovery outside of a workflow's step is kept."""
        return self._engine.recovery(workflow_id, node_name, identity)
