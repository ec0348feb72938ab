"""The steps of one workflow while this process runs it: what is recorded, what is to be written."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from omninode_bridge.agents.workflows._redaction import redact
from omninode_bridge.agents.workflows._staged_definition import WorkflowStep
from omninode_bridge.errors import OutcomeUnknownError

from . import workflows
from ._codec import decode
from ._file import JournalFile
from ._hashes import StepHashes, code_hash, hash_of, hash_of_inputs
from ._large import Encoded, encoded_now
from ._pulse import Pulse
from ._step_rows import BEGIN, CUT, END, FORGET, StepRow, next_number, read_steps
from ._writing import write_to_the_end
from .book_answers import BookAnswers, kept_answer
from .book_end import Ending
from .book_step import StepBook

__all__ = ["MAX_STARTS", "WorkflowBook"]

logger = logging.getLogger(__name__)

#: How often a step may begin without ever coming to an end, before somebody has to look at it.
MAX_STARTS: Final = 3
MAX_ERROR: Final = 2_000

Write = Callable[[sqlite3.Connection], object]


@dataclass(slots=True)
class WorkflowBook(BookAnswers):
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
    why_stale: Callable[[str], str] = lambda _: ""  # of a step's key, where its owner knows better
    _rows: dict[str, StepRow] = field(default_factory=dict)
    _codes: dict[tuple[int, str | None], str] = field(default_factory=dict)
    _begins: list[Write] = field(default_factory=list)
    _ends: list[Write] = field(default_factory=list)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _stop: Callable[[], object] = lambda: None
    _begun: set[int] = field(default_factory=set)
    _encoded: dict[str, Encoded] = field(default_factory=dict)
    _next: int = 0

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
        said: dict[str, Any] = {"kind": kind, "spec": spec, "is_abandoned": is_abandoned}
        now = file.now()

        def take(connection: sqlite3.Connection) -> int:
            workflows.claim(connection, workflow_id, token, now=now, **said)
            return next_number(connection, workflow_id)

        number, cancelled = await write_to_the_end(file, take, durable=True)
        book = cls(file, workflow_id, token, on_close, _next=number)
        if cancelled is not None:
            book.close("running")  # nobody will: our caller never learns that it is ours
            raise cancelled
        book._stop = Pulse(book._sign_of_life).stop
        try:
            book._rows = file.read(lambda connection: read_steps(connection, workflow_id))
        except BaseException:
            book.close("running")
            raise
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
            row.stale = self.why_stale(key) or row.stale
            logger.warning(
                "workflow.step_stale",
                extra={"workflow_id": self.workflow_id, "step": key, "reason": row.stale},
            )
            return False, None
        return True, decode(row.result)

    def stale(self, key: str) -> str:
        """Return why what was recorded of the step is not reused; empty where nothing was."""
        return row.stale if (row := self._rows.get(key)) is not None else ""

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
        if before is None:
            n, self._next = self._next, self._next + 1
        else:
            n = before.n
        self._begun.add(n)
        self._rows[key] = StepRow(n, "started", starts + 1, hashes, stale=stale, goes_on=goes_on)
        values = (n, key, starts + 1, *hashes, stale, self.file.now())
        self._begins.append(lambda connection: connection.execute(BEGIN, values))
        if before is not None and not goes_on:
            place = (self.workflow_id, key)
            self._begins.append(lambda connection: connection.execute(FORGET, place))

    def done(self, key: str, result: Any, duration_ms: float = 0.0) -> Any:
        """Note the step's result, and return it as it will be read.

        Raises:
            NotDurableError: it is not plain JSON.
        """
        known = encoded_now(self._encoded.pop(key, None), result, f"the result of step {key!r}")
        row = self._rows[key]
        row.status, row.starts, row.result, row.result_hash = "done", 0, known.text, known.hash
        self._end(row, known.text, known.hash, None, None, duration_ms)
        return known.copy

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
        """Note that the step ended without a result; it will run again, unless `answer` ended it."""
        row = self._rows.get(key)
        self._encoded.pop(key, None)
        if row is None:
            return
        text = redact(error, limit=MAX_ERROR)
        row.status, row.starts, row.result = status, 0, kept_answer(answer, text)
        self._end(row, row.result, None, text, escalation_id, duration_ms)

    def step(self, key: str) -> StepBook:
        """Return what recoveries in the step are kept by."""
        row = self._rows[key]
        place = (self.workflow_id, self.token, key, row.n)
        return StepBook(self.file, *place, self._encoded, goes_on=row.goes_on)

    def _end(
        self,
        row: StepRow,
        result: str | None,
        result_hash: str | None,
        error: str | None,
        escalation_id: str | None,
        duration_ms: float,
    ) -> None:
        ended = (result, result_hash, error, escalation_id, self.file.now(), duration_ms)
        values = (row.status, *ended, row.n)
        self._ends.append(lambda connection: connection.execute(END, values))

    def stopped(self) -> None:
        """Note that the run was told to stop: no step of it counts as one that dies."""
        cut = [(n,) for n in self._begun]
        self._ends.append(lambda connection: connection.executemany(CUT, cut))

    # -- writing -------------------------------------------------------------------------------

    async def flush(self) -> None:
        """Write what was noted, all or nothing.

        Raises:
            WorkflowOwnedError: another process has taken the workflow over.
            WorkflowCancelledError: somebody cancelled it.
            JournalError: the file cannot be written; what ended gets a last chance with `close()`.
        """
        async with self._lock:
            ends, begins = self._ends, self._begins
            self._ends, self._begins = [], []
            if not (begins or ends):
                return
            try:
                await self.file.write(lambda c: self._write(c, [*ends, *begins]), durable=False)
            except BaseException:
                self._ends[:0] = ends
                raise

    def _write(self, connection: sqlite3.Connection, writes: list[Write]) -> None:
        workflows.check_owner(connection, self.workflow_id, self.token)
        for write in writes:
            write(connection)

    async def _sign_of_life(self) -> None:
        place = (self.workflow_id, self.token, self.file.now())
        await self.file.write(lambda c: workflows.seen(c, *place), durable=False)

    async def finish(self, status: str, *, error: str = "", summary: Any = None) -> bool:
        """Give the workflow up as it stands, with what is still to be written.

        Returns:
            False where it was not ours any more; nothing was written then.

        Raises:
            JournalError: the file cannot be written.
        """
        work = self._release(status, error, summary)
        try:
            given_up, cancelled = await write_to_the_end(self.file, work, durable=True)
        finally:
            self._over()
        if cancelled is not None:
            raise cancelled
        return given_up

    def close(self, status: str, *, error: str = "", summary: Any = None) -> bool:
        """Do the same and hold up this thread, for what is cut off and may not wait."""
        try:
            return self.file.write_now(self._release(status, error, summary), durable=True)
        finally:
            self._over()

    def _over(self) -> None:
        self._stop()
        self.on_close(self.token)

    def _release(self, status: str, error: str, summary: Any) -> Callable[..., bool]:
        ending = Ending(status, error=error, summary=summary, now=self.file.now)
        return ending.of(self.workflow_id, self.token, self._ends)
