"""Escalations in a journal, shared by the processes that open it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from omninode_bridge.agents.workflows.escalation._outbox import OutboxSettings
from omninode_bridge.agents.workflows.escalation.answers import (
    AnswerCheck,
    check_answer,
    checked_checks,
    parse_answer,
    parse_by,
    timeout_answer,
)
from omninode_bridge.agents.workflows.escalation.stores._settings import (
    checked_poll,
    checked_rows,
)
from omninode_bridge.agents.workflows.escalation.stores._waiting import Guards, Waiters
from omninode_bridge.agents.workflows.recovery_models import (
    TIMEOUT,
    AlreadyResolved,
    Decision,
    EscalationReport,
    EscalationRow,
    EscalationStatus,
    Won,
)

from . import _escalation_rows as rows
from ._escalation_notices import JournalNotices, Opened
from ._file import JournalFile
from ._listing import JournalLists, Lists
from ._opening import Opening, open_row
from ._owner import Owner
from ._report_codec import encode_payload
from ._waiting import adopt, wait_for_end
from ._writing import write

__all__ = ["JournalEscalationStore"]

_OPEN: Final = EscalationStatus.OPEN


class JournalEscalationStore(JournalNotices, JournalLists):
    """Keep escalations in a journal; any process that opens the file may answer.

    It behaves as `InMemoryEscalationStore` does. What is opened, answered and claimed is on the disk
    before the method returns, and one compare-and-set in the file decides who answered.

    Args:
        file: the journal.
        max_rows: rows that are kept; the ones that ended first go first, those that wait for being
            applied after the others, open ones never.
        fold_window: seconds in which further notices of one fingerprint are held back, to be told
            as one with a count; 0 tells each.
        retry_delay: seconds until a notice that a channel did not take is due again; doubles each
            time.
        max_deliveries: how often a notice is handed out at most.
        checks: what edited inputs and values are held against, by the names that reports give.
        poll: seconds between two looks for an answer from another process, at most; a wait begins
            with short ones.
        owner: the process, as claims of notices name it; this one by default.
    """

    def __init__(
        self,
        file: JournalFile,
        *,
        max_rows: int = 100_000,
        fold_window: float = 60.0,
        retry_delay: float = 30.0,
        max_deliveries: int = 5,
        checks: Mapping[str, AnswerCheck] | None = None,
        poll: float = 2.0,
        owner: Owner | None = None,
    ) -> None:
        self._max_rows = checked_rows(max_rows)
        super().__init__(file, OutboxSettings(fold_window, retry_delay, max_deliveries), owner)
        self._checks = checked_checks(checks)
        self._clock = file.clock
        self._poll = checked_poll(poll)
        self._lock = threading.Lock()
        self._waiters = Waiters()
        self._guards = Guards()
        self._lists = Lists()

    def guard(self, escalation_id: str, check: Callable[[Decision], None]) -> None:
        """Have answers that are given in this process checked before they are accepted.

        What other processes hold an answer against is in the report: `answers`, `edits`, `check`.

        Args:
            escalation_id: of an open escalation; forgotten when it ends.
            check: raises `DecisionRefusedError` for an answer that cannot be applied.
        """
        row = self._known(escalation_id)
        with self._lock:
            if row.status is _OPEN:
                self._guards.put(escalation_id, check)

    async def take_answer(self, escalation_id: str, key: str = "") -> bool:
        """Claim the end of an escalation for being applied; durable when it returns.

        Args:
            escalation_id: of a row that has ended.
            key: who applies it, the same after a restart; empty for nobody in particular.

        True for the first caller, and for every further one with the same key.
        """
        self._known(escalation_id)
        if self._file.read(lambda c: rows.is_taken(c, escalation_id, key)):
            return True
        return await write(self._file, lambda c: rows.take(c, escalation_id, key))

    async def open(
        self, report: EscalationReport, *, key: str = "", claim: bool = False
    ) -> EscalationRow:
        """Create the row and its notice, or join the row of the same id, open or ended.

        Args:
            report: what a human is shown.
            key: who asks, the same after a restart; an open row that was asked under the same key
                is superseded by this one.
            claim: the caller goes on to `claim_notice()`, which then costs no write of its own.

        Raises:
            EscalationError: the store is full of open rows.
            JournalError: it could not be written; nothing of it was.
        """
        return await self._open(report, key, (), claim=claim)

    async def open_for(
        self, report: EscalationReport, told: Sequence[str], *, key: str = "", claim: bool = False
    ) -> EscalationRow:
        """Do the same with a notice for these channels, where its report names none."""
        return await self._open(report, key, told, claim=claim)

    async def open_quietly(self, report: EscalationReport, *, key: str = "") -> EscalationRow:
        """Do the same without a notice: nobody is to be told, now or later."""
        return await self._open(report, key, None)

    async def _open(
        self, report: EscalationReport, key: str, told: Sequence[str] | None, *, claim: bool = False
    ) -> EscalationRow:
        opening = Opening.of(self._file, report, key)

        def work(connection: rows.Connection) -> Opened:
            row, number, ended = open_row(connection, opening, max_rows=self._max_rows)
            if told is None:
                return row, ended, None
            names = () if report.channels else tuple(told)
            handed = self._put(connection, row, number, opening.told, names, claim=claim)
            return row, ended, handed

        row, ended, _ = await (self._open_claimed(work) if claim else write(self._file, work))
        self._ended(ended)
        return row

    async def resolve(
        self, escalation_id: str, decision: Decision | str, by: str
    ) -> Won | AlreadyResolved:
        """Answer an open escalation; the first answer wins.

        Raises:
            UnknownEscalationError: no row has this id.
            DecisionRefusedError: the answer is none, cannot be applied or is no JSON, or `by` names
                nobody; the row stays open.
            JournalError: it could not be written; the row stays open.
        """
        row = self._known(escalation_id)
        if row.status is not _OPEN:
            return AlreadyResolved.of(row)
        answer, by = parse_answer(decision), parse_by(by)
        payload = encode_payload(answer)
        self._check(row.report, answer)
        row, won = await self._end(
            escalation_id, EscalationStatus.RESOLVED, kind=str(answer.kind), payload=payload, by=by
        )
        return Won(row) if won else AlreadyResolved.of(row)

    async def expire(self, escalation_id: str) -> EscalationRow:
        """End an open escalation whose time is over; a row that has ended stays as it is.

        Where its report says what counts as the answer then, and that can be applied, it is
        resolved by ``timeout``.
        """
        row = self._known(escalation_id)
        if row.status is not _OPEN:
            return row
        answer = timeout_answer(row.report, partial(self._check, row.report))
        if answer is None:
            return (await self._end(escalation_id, EscalationStatus.EXPIRED))[0]
        how = {"kind": str(answer.kind), "by": TIMEOUT}
        return (await self._end(escalation_id, EscalationStatus.RESOLVED, **how))[0]

    async def expire_due(self) -> Sequence[EscalationRow]:
        """End every open escalation whose time is over, also where nobody waits; return those."""
        await adopt(self._file)
        due = self._file.read(partial(rows.due_rows, self._file))
        return [await self.expire(one) for one in due]

    async def supersede(self, escalation_id: str, by_id: str | None = None) -> EscalationRow:
        """End an open escalation because the work went another way; an ended row stays.

        Args:
            escalation_id: of the row.
            by_id: the escalation that takes its place, if one does.
        """
        return (await self._end(escalation_id, EscalationStatus.SUPERSEDED, by_id=by_id))[0]

    async def supersede_workflow(self, workflow_id: str) -> Sequence[EscalationRow]:
        """End what is still asked for a workflow that has ended, or its parts (``workflow/part``)."""
        found = self._file.read(lambda c: rows.open_ids(c, workflow_id))
        return [await self.supersede(one) for one in found]

    async def get(self, escalation_id: str) -> EscalationRow:
        """Return the row.

        Raises:
            UnknownEscalationError: no row has this id.
        """
        return self._known(escalation_id)

    async def wait(self, escalation_id: str, timeout: float | None = None) -> EscalationRow:
        """Wait until the row has ended, or its time or `timeout` seconds are over.

        An answer that is given through this store ends the wait at once, one of another process at
        the next look. The row is returned as it is then.

        Raises:
            UnknownEscalationError: no row has this id.
        """
        row = self._known(escalation_id)
        if row.status is not _OPEN:
            return row
        await adopt(self._file)
        with self._lock:
            waiter = self._waiters.add(escalation_id)
        try:
            return await wait_for_end(
                self._file, escalation_id, timeout, woken=waiter[1], poll=self._poll
            )
        finally:
            with self._lock:
                self._waiters.release(escalation_id, waiter)

    def _known(self, escalation_id: str) -> EscalationRow:
        return self._file.read(lambda c: rows.known_row(c, escalation_id))

    def _check(self, report: EscalationReport, answer: Decision) -> None:
        check_answer(report, answer, self._checks)
        with self._lock:
            guard = self._guards.get(report.escalation_id)
        if guard is not None:
            guard(answer)

    async def _end(
        self, escalation_id: str, status: EscalationStatus, **how: Any
    ) -> tuple[EscalationRow, bool]:
        """End an open row; return it as it is now, and whether it was we who ended it."""
        ending = rows.Ending(status=status, at=self._file.now(), **how)
        row, won = await write(self._file, lambda c: rows.end_row(c, escalation_id, ending))
        self._ended([row])
        return row, won

    def _ended(self, ended: Sequence[EscalationRow]) -> None:
        """Wake those of this process who wait for these rows."""
        for row in ended:
            with self._lock:
                self._guards.forget(row.id)
                waiters = self._waiters.pop(row.id)
            self._waiters.wake(waiters, row)
