"""The steps of one workflow while this process runs it: what is recorded, what is to be written."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from omninode_bridge.agents.workflows._redaction import redact
from omninode_bridge.agents.workflows._staged_definition import WorkflowStep
from omninode_bridge.errors import EngineError, OutcomeUnknownError, WorkflowCancelledError

from . import workflows
from ._codec import SCALARS, decode, encode
from ._file import JournalFile
from ._hashes import StepHashes, code_hash, hash_of, hash_of_inputs, text_hash
from ._questions import settle_questions
from ._step_rows import BEGIN, END, FORGET, StepRow, read_steps
from .book_step import StepBook

__all__ = ["MAX_STARTS", "WorkflowBook"]

logger = logging.getLogger(__name__)

#: How often a step may begin without ever coming to an end, before somebody has to look at it.
MAX_STARTS: Final = 3
MAX_ERROR: Final = 2_000
_SIGN_OF_LIFE: Final = 30.0

Write = Callable[[sqlite3.Connection], object]


@dataclass(slots=True)
class WorkflowBook:
    """What the journal knows of one workflow, and what it is about to be told.

    Belongs to one run on one event loop. Writes are collected and made together by `flush()`, so
    that the end of a step and the beginning of the next cost one transaction; nothing that follows
    from a write begins before it is made.
    """

    file: JournalFile
    workflow_id: str
    token: str
    on_close: Callable[[str], object] = lambda _: None
    max_starts: int = MAX_STARTS
    _rows: dict[str, StepRow] = field(default_factory=dict)
    _codes: dict[tuple[int, str | None], str] = field(default_factory=dict)
    _pending: list[Write] = field(default_factory=list)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _seen_at: float = 0.0

    @classmethod
    async def open(
        cls,
        file: JournalFile,
        workflow_id: str,
        token: str,
        *,
        kind: str = "",
        spec: Any = None,
        is_abandoned: Callable[[str], bool] = lambda _: False,
        on_close: Callable[[str], object] = lambda _: None,
    ) -> WorkflowBook:
        """Become the one who runs the workflow, and read what is recorded of it.

        Raises:
            WorkflowOwnedError: another process runs it, and lives.
            WorkflowCancelledError: it was cancelled.
            JournalError: the file cannot be written.
        """
        now = file.now()

        def take(connection: sqlite3.Connection) -> None:
            workflows.claim(
                connection,
                workflow_id,
                token,
                now=now,
                kind=kind,
                spec=spec,
                is_abandoned=is_abandoned,
            )

        await file.write(take, durable=True)
        book = cls(file, workflow_id, token, on_close)
        book._seen_at = file.clock.monotonic()
        book._rows = file.read(lambda connection: read_steps(connection, workflow_id))
        return book

    # -- what is known -------------------------------------------------------------------------

    def hashes(self, step: WorkflowStep, inputs: str) -> StepHashes:
        """Return what a result of the step depends on.

        Raises:
            NotDurableError: an operation or arguments that cannot be kept track of.
        """
        who = f"step {step.step_id!r}"
        known = (id(step.operation), step.version)  # a workflow often runs one function many times
        if (code := self._codes.get(known)) is None:
            code = self._codes[known] = code_hash(step.operation, step.version, who)
        return StepHashes(code, hash_of(step.arguments, f"arguments of {who}"), inputs)

    def inputs_hash(self, keys: Iterable[tuple[str, str]]) -> str:
        """Return the hash of the results of finished steps.

        Args:
            keys: pairs of a step's id and its key.
        """
        return hash_of_inputs(
            (step_id, self._rows[key].result_hash) for step_id, key in keys if key in self._rows
        )

    def recorded(self, key: str, hashes: StepHashes) -> tuple[bool, Any]:
        """Return whether the step's result may be reused, and that result."""
        row = self._rows.get(key)
        if row is None or row.status != "done" or row.result is None:
            return False, None
        row.stale = hashes.difference(row.hashes)
        if row.stale:
            logger.warning(
                "workflow.step_stale",
                extra={"workflow_id": self.workflow_id, "step": key, "reason": row.stale},
            )
            return False, None
        return True, decode(row.result)

    def stale(self, key: str) -> str:
        """Return why what was recorded of the step is not reused; empty where nothing was."""
        row = self._rows.get(key)
        return row.stale if row is not None else ""

    # -- what happens --------------------------------------------------------------------------

    def start(self, key: str, hashes: StepHashes, *, most: int | None = None) -> None:
        """Note that the step is about to begin; it may once the next `flush()` has ended.

        Raises:
            OutcomeUnknownError: it has begun so often and never ended; that is noted as its end, so
                that the next run of the workflow begins it again.
        """
        before = self._rows.get(key)
        most = self.max_starts if most is None else most
        starts = before.starts if before is not None and before.status == "started" else 0
        stale = before.stale if before is not None else ""
        if starts >= most:
            times = "once" if starts == 1 else f"{starts} times"
            message = (
                f"step {key!r} was begun {times} and never came to an end, so nobody knows how far it "
                "came; run the workflow again to begin it once more"
            )
            self.fail(key, message)
            raise OutcomeUnknownError(message)
        goes_on = (
            before is not None
            and before.status in ("started", "escalated")
            and not hashes.difference(before.hashes)
        )
        self._rows[key] = StepRow("started", starts + 1, hashes, stale=stale, goes_on=goes_on)
        now = self.file.now()
        values = (
            self.workflow_id,
            key,
            starts + 1,
            hashes.code,
            hashes.arguments,
            hashes.inputs,
            stale,
            now,
        )
        self._pending.append(lambda connection: connection.execute(BEGIN, values))
        if before is not None and not goes_on:
            self._pending.append(lambda connection: connection.execute(FORGET, values[:2]))

    def done(self, key: str, result: Any, duration_ms: float = 0.0) -> Any:
        """Note the step's result, and return it as it will be read.

        Raises:
            NotDurableError: it is not plain JSON.
        """
        text = encode(result, f"the result of step {key!r}")
        row = self._rows[key]
        row.status, row.starts, row.result, row.result_hash = "done", 0, text, text_hash(text)
        self._end(key, "done", text, row.result_hash, None, None, duration_ms)
        return result if type(result) in SCALARS else decode(text)

    def fail(
        self,
        key: str,
        error: str,
        *,
        escalation_id: str | None = None,
        escalated: bool = False,
        duration_ms: float = 0.0,
    ) -> None:
        """Note that the step ended without a result; it will run again."""
        row = self._rows.get(key)
        if row is None:
            return
        row.status, row.starts = "escalated" if escalated else "failed", 0
        text = redact(error, limit=MAX_ERROR)
        self._end(key, row.status, None, None, text, escalation_id, duration_ms)

    def step(self, key: str) -> StepBook:
        """Return what recoveries in the step are kept by."""
        return StepBook(
            self.file, self.workflow_id, self.token, key, goes_on=self._rows[key].goes_on
        )

    def _end(
        self,
        key: str,
        status: str,
        result: str | None,
        result_hash: str | None,
        error: str | None,
        escalation_id: str | None,
        duration_ms: float,
    ) -> None:
        now = self.file.now()
        values = (
            status,
            result,
            result_hash,
            error,
            escalation_id,
            now,
            duration_ms,
            self.workflow_id,
            key,
        )
        self._pending.append(lambda connection: connection.execute(END, values))

    # -- writing -------------------------------------------------------------------------------

    async def flush(self) -> None:
        """Write what was noted, all or nothing.

        Raises:
            WorkflowOwnedError: another process has taken the workflow over.
            WorkflowCancelledError: somebody cancelled it.
            JournalError: the file cannot be written; what was noted is lost with this run, and what
                it was about runs again.
        """
        if not self._pending:
            return
        async with self._lock:
            writes, self._pending = self._pending, []
            if writes:
                await self.file.write(lambda c: self._write(c, writes), durable=False)

    def _write(self, connection: sqlite3.Connection, writes: list[Write]) -> None:
        workflows.check_owner(connection, self.workflow_id, self.token)
        for write in writes:
            write(connection)
        moment = self.file.clock.monotonic()
        if moment - self._seen_at >= _SIGN_OF_LIFE:
            self._seen_at = moment
            workflows.seen(connection, self.workflow_id, self.token, self.file.now())

    def close(self, status: str, *, error: str = "", summary: Any = None) -> bool:
        """Give the workflow up, with what is still to be written; holds up this thread.

        Returns:
            False where it was not ours any more; nothing was written then.

        Raises:
            JournalError: the file cannot be written.
        """
        writes, self._pending = self._pending, []

        def work(connection: sqlite3.Connection) -> bool:
            try:
                workflows.check_owner(connection, self.workflow_id, self.token)
            except WorkflowCancelledError:
                pass  # what was done is kept all the same
            except EngineError:
                return False
            for write in writes:
                write(connection)
            now = self.file.now()
            return workflows.release(
                connection,
                self.workflow_id,
                self.token,
                status=settle_questions(connection, self.workflow_id, status, now),
                now=now,
                error=error,
                summary=summary,
            )

        try:
            return self.file.write_now(work, durable=True)
        finally:
            self.on_close(self.token)
