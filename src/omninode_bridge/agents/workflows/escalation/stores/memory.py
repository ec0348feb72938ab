"""Escalations in the memory of one process, shared by its threads and event loops."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows._deadline import deadline
from omninode_bridge.agents.workflows.escalation._outbox import (
    Outbox,
    OutboxSettings,
)
from omninode_bridge.agents.workflows.escalation.answers import (
    AnswerCheck,
    check_answer,
    checked_checks,
    parse_answer,
    parse_by,
    timeout_answer,
)
from omninode_bridge.agents.workflows.recovery_models import (
    TIMEOUT,
    AlreadyResolved,
    Decision,
    EscalationReport,
    EscalationRow,
    EscalationStatus,
    Won,
)
from omninode_bridge.errors import UnknownEscalationError

from ._memory_notices import MemoryNotices
from ._memory_rows import MemoryRows
from ._settings import (
    checked_limit,
    checked_rows,
    checked_status,
)

__all__ = ["InMemoryEscalationStore"]

_OPEN = EscalationStatus.OPEN


class InMemoryEscalationStore(MemoryNotices):
    """Keep escalations as long as the process lives.

    Any number of threads and event loops may share one store. Nothing suspends except `wait()`,
    so a thread without a loop may drive the other methods to their end by one `send(None)`.

    An id that has ended stays ended: opening it again returns the ended row with its decision,
    which makes a replay find the answer it got before.

    Args:
        clock: what the hour is and how waits pass.
        max_rows: rows that are kept; the ones that ended first go first, open ones never go.
        fold_window: seconds in which further notices of one fingerprint are held back, to be told
            as one with a count; 0 tells each.
        retry_delay: seconds until a notice that a channel did not take is due again; doubles each
            time.
        max_deliveries: how often a notice is handed out at most.
        checks: what edited inputs and values are held against, by the names that reports give.
    """

    def __init__(
        self,
        *,
        clock: Clock = SYSTEM_CLOCK,
        max_rows: int = 10_000,
        fold_window: float = 60.0,
        retry_delay: float = 30.0,
        max_deliveries: int = 5,
        checks: Mapping[str, AnswerCheck] | None = None,
    ) -> None:
        outbox = Outbox(OutboxSettings(fold_window, retry_delay, max_deliveries))
        self._checks = checked_checks(checks)
        self._clock = clock
        self._lock = threading.Lock()
        self._rows = MemoryRows(clock, outbox, checked_rows(max_rows))
        self._waiters = self._rows.waiters

    def guard(self, escalation_id: str, check: Callable[[Decision], None]) -> None:
        """Have answers to this escalation checked before they are accepted.

        Args:
            escalation_id: of an open escalation; forgotten when it ends.
            check: raises `DecisionRefusedError` for an answer that cannot be applied.
        """
        with self._lock:
            if self._rows.get(escalation_id).status is _OPEN:
                self._rows.guards.put(escalation_id, check)

    async def take_answer(self, escalation_id: str, key: str = "") -> bool:
        """Claim the end of an escalation for being applied.

        Args:
            escalation_id: of a row that has ended.
            key: who applies it, the same after a restart; empty for nobody in particular.

        Returns:
            True for the first caller, and for every further one with the same key.
        """
        with self._lock:
            return self._rows.take(escalation_id, key)

    async def open(
        self, report: EscalationReport, *, key: str = "", claim: bool = False
    ) -> EscalationRow:
        """Create the row and its notice, or join the row of the same id, open or ended.

        Args:
            report: what a human is shown.
            key: who asks, the same after a restart; an open row that was asked under the same key
                is superseded by this one.
            claim: the caller goes on to `claim_notice()`; of use to stores that write it down.

        Raises:
            EscalationError: the store is full of open rows.
        """
        del claim
        return self._open(report, key, ())

    async def open_for(
        self, report: EscalationReport, told: Sequence[str], *, key: str = "", claim: bool = False
    ) -> EscalationRow:
        """Do the same with a notice for these channels, where its report names none.

        Who has none of them is not handed it, and a channel that an earlier call did not name is
        told anew.
        """
        del claim
        # also where a subclass has an `open()` of its own, which may know of no key
        row = await (self.open(report, key=key) if key else self.open(report))
        if row.status is _OPEN and not report.channels:
            with self._lock:
                self._rows.outbox.put(report, tuple(told))
        return row

    async def open_quietly(self, report: EscalationReport, *, key: str = "") -> EscalationRow:
        """Do the same without a notice: nobody is to be told, now or later."""
        return self._open(report, key, None)

    def _open(
        self, report: EscalationReport, key: str, told: tuple[str, ...] | None
    ) -> EscalationRow:
        with self._lock:
            row, earlier = self._rows.open(report, key, told)
        for one in earlier:
            self._close(one, EscalationStatus.SUPERSEDED, by_id=row.id)
        return row

    async def resolve(
        self, escalation_id: str, decision: Decision | str, by: str
    ) -> Won | AlreadyResolved:
        """Answer an open escalation; the first answer wins.

        Raises:
            UnknownEscalationError: no row has this id.
            DecisionRefusedError: the answer is none or cannot be applied, or `by` names nobody; the
                row stays open.
        """
        with self._lock:
            row = self._rows.get(escalation_id)
            guard = self._rows.guards.get(escalation_id)
        if row.status is not _OPEN:
            return AlreadyResolved.of(row)
        answer, by = parse_answer(decision), parse_by(by)
        self._check(row.report, guard, answer)  # may run the caller's code: not under the lock
        ended, won = self._close(escalation_id, EscalationStatus.RESOLVED, answer, by)
        return Won(ended) if won else AlreadyResolved.of(ended)

    async def expire(self, escalation_id: str) -> EscalationRow:
        """End an open escalation whose time is over; a row that has ended stays as it is.

        Where its report says what counts as the answer then, and that can be applied, it is
        resolved by ``timeout``.
        """
        with self._lock:
            row = self._rows.get(escalation_id)
            guard = self._rows.guards.get(escalation_id)
        answer = timeout_answer(row.report, partial(self._check, row.report, guard))
        if answer is None:
            return self._close(escalation_id, EscalationStatus.EXPIRED)[0]
        return self._close(escalation_id, EscalationStatus.RESOLVED, answer, TIMEOUT)[0]

    async def expire_due(self) -> Sequence[EscalationRow]:
        """End every open escalation whose time is over, also where nobody waits; return those."""
        with self._lock:
            due = self._rows.due()
        return [await self.expire(one) for one in due]

    async def supersede(self, escalation_id: str, by_id: str | None = None) -> EscalationRow:
        """End an open escalation because the work went another way; an ended row stays.

        Args:
            escalation_id: of the row.
            by_id: the escalation that takes its place, if one does.
        """
        return self._close(escalation_id, EscalationStatus.SUPERSEDED, by_id=by_id)[0]

    async def get(self, escalation_id: str) -> EscalationRow:
        """Return the row.

        Raises:
            UnknownEscalationError: no row has this id.
        """
        with self._lock:
            return self._rows.get(escalation_id)

    async def list(
        self,
        status: EscalationStatus | str | None = None,
        *,
        limit: int | None = None,
        after: str | None = None,
    ) -> Sequence[EscalationRow]:
        """Return rows in order of opening, all or those of one status.

        Args:
            status: of the rows that are wanted.
            limit: how many at most; None for all.
            after: id of the last row that is already known.

        Raises:
            ConfigurationError: `status` is no status, or `limit` no number.
            UnknownEscalationError: no row has the id `after`.
        """
        wanted, most = checked_status(status), checked_limit(limit)
        with self._lock:
            return self._rows.listed(wanted, most, after)

    async def wait(self, escalation_id: str, timeout: float | None = None) -> EscalationRow:
        """Wait until the row has ended, or its time or `timeout` seconds are over.

        Returns:
            The row as it is then.

        Raises:
            UnknownEscalationError: no row has this id.
        """
        with self._lock:
            row = self._rows.get(escalation_id)
            if row.status is not _OPEN:
                return row
            rest = self._rows.rest(escalation_id)
            if rest is not None:
                timeout = rest if timeout is None else min(rest, timeout)
            waiter = self._waiters.add(escalation_id)
        try:
            async with deadline(self._clock, timeout):
                return await waiter[1]
        except TimeoutError:
            with self._lock, suppress(UnknownEscalationError):
                return self._rows.get(escalation_id)
            return row
        finally:
            with self._lock:
                self._waiters.release(escalation_id, waiter)

    def _check(
        self, report: EscalationReport, guard: Callable[[Decision], None] | None, answer: Decision
    ) -> None:
        check_answer(report, answer, self._checks)
        if guard is not None:
            guard(answer)

    def _close(
        self,
        escalation_id: str,
        status: EscalationStatus,
        decision: Decision | None = None,
        by: str | None = None,
        *,
        by_id: str | None = None,
    ) -> tuple[EscalationRow, bool]:
        """End an open row; return it as it is now, and whether it was we who ended it."""
        with self._lock:
            row, waiters = self._rows.close(escalation_id, status, decision, by, by_id)
        if waiters:
            self._waiters.wake(waiters, row)
        return row, waiters is not None
