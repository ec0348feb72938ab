"""Escalations in the memory of one process, shared by its threads and event loops."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows._deadline import deadline
from omninode_bridge.agents.workflows.escalation._outbox import NoticeState, Outbox
from omninode_bridge.agents.workflows.recovery_models import (
    AlreadyResolved,
    Decision,
    DecisionKind,
    EscalationReport,
    EscalationRow,
    EscalationStatus,
    Won,
)
from omninode_bridge.errors import (
    ConfigurationError,
    DecisionRefusedError,
    EscalationError,
    UnknownEscalationError,
)

__all__ = ["InMemoryEscalationStore"]

_Waiter = tuple[asyncio.AbstractEventLoop, "asyncio.Future[EscalationRow]"]


class InMemoryEscalationStore:
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
        retry_delay: seconds until a notice that no channel took is due again; doubles each time.
        max_deliveries: how often a notice is handed out at most.
    """

    def __init__(
        self,
        *,
        clock: Clock = SYSTEM_CLOCK,
        max_rows: int = 10_000,
        fold_window: float = 60.0,
        retry_delay: float = 30.0,
        max_deliveries: int = 5,
    ) -> None:
        if isinstance(max_rows, bool) or not isinstance(max_rows, int) or max_rows < 1:
            raise ConfigurationError(f"max_rows is {max_rows!r}; it must be a positive integer")
        self._clock = clock
        self._max_rows = max_rows
        self._lock = threading.Lock()
        self._rows: dict[str, EscalationRow] = {}
        self._ended: deque[str] = deque()
        self._waiters: dict[str, set[_Waiter]] = {}
        self._guards: dict[str, Callable[[Decision], None]] = {}
        self._taken: set[str] = set()
        self._outbox = Outbox(
            fold_window=fold_window, retry_delay=retry_delay, max_deliveries=max_deliveries
        )

    def guard(self, escalation_id: str, check: Callable[[Decision], None]) -> None:
        """Have answers to this escalation checked before they are accepted.

        Args:
            escalation_id: of an open escalation; forgotten when it ends.
            check: raises `DecisionRefusedError` for an answer that cannot be applied.
        """
        with self._lock:
            if self._row(escalation_id).status is EscalationStatus.OPEN:
                self._guards[escalation_id] = check

    def take_answer(self, escalation_id: str) -> bool:
        """Claim the answer of an ended escalation for being applied; True for the first caller."""
        with self._lock:
            self._row(escalation_id)
            if escalation_id in self._taken:
                return False
            self._taken.add(escalation_id)
            return True

    async def open(self, report: EscalationReport) -> EscalationRow:
        """Create the row and its notice, or join the row of the same id, open or ended.

        Raises:
            EscalationError: the store is full of open rows.
        """
        with self._lock:
            known = self._rows.get(report.escalation_id)
            if known is not None:
                row = replace(known, joined=known.joined + 1)
                self._rows[row.id] = row
                return row
            self._make_room()
            row = EscalationRow(
                id=report.escalation_id,
                status=EscalationStatus.OPEN,
                report=report,
                opened_at=self._clock.now(),
            )
            self._rows[row.id] = row
            self._outbox.put(report)
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
            row = self._row(escalation_id)
            check = self._guards.get(escalation_id)
        if row.status is EscalationStatus.OPEN:
            answer = _answer(decision)
            if not isinstance(by, str) or not by.strip():
                raise DecisionRefusedError(f"by is {by!r}; it must name who answers")
            if check is not None:
                check(answer)  # it may run the caller's code, so not under the lock
        with self._lock:
            row = self._row(escalation_id)
            if row.status is not EscalationStatus.OPEN:
                return AlreadyResolved(by=row.by, at=row.at, status=row.status)
            ended = self._end(row, EscalationStatus.RESOLVED, answer, by)
            self._outbox.cancel(escalation_id)
            waiters = self._waiters.pop(escalation_id, set())
        _wake(waiters, ended)
        return Won(ended)

    async def expire(self, escalation_id: str) -> EscalationRow:
        """End an open escalation without an answer; a row that has ended stays as it is."""
        return self._close(escalation_id, EscalationStatus.EXPIRED)

    async def supersede(self, escalation_id: str) -> EscalationRow:
        """End an open escalation because the work went another way; an ended row stays."""
        return self._close(escalation_id, EscalationStatus.SUPERSEDED)

    async def get(self, escalation_id: str) -> EscalationRow:
        """Return the row.

        Raises:
            UnknownEscalationError: no row has this id.
        """
        with self._lock:
            return self._row(escalation_id)

    async def list(self, status: EscalationStatus | str | None = None) -> Sequence[EscalationRow]:
        """Return rows in order of opening, all or those of one status.

        Raises:
            ConfigurationError: `status` is no status; the message lists them.
        """
        wanted = None if status is None else _status(status)
        with self._lock:
            return tuple(r for r in self._rows.values() if wanted is None or r.status is wanted)

    async def claim_outbox(self, limit: int = 100) -> Sequence[EscalationReport]:
        """Take up to `limit` notices that are due; held-back ones of a fingerprint come as one."""
        with self._lock:
            return self._outbox.claim(self._clock.monotonic(), limit)

    async def claim_notice(self, escalation_id: str) -> EscalationReport | None:
        """Take the notice of this escalation, or None where it is not due."""
        with self._lock:
            return self._outbox.claim_one(self._clock.monotonic(), escalation_id)

    async def notice_state(self, escalation_id: str) -> NoticeState:
        """Return what became of the notice so far."""
        with self._lock:
            self._row(escalation_id)
            return self._outbox.state(self._clock.monotonic(), escalation_id)

    async def settle_outbox(self, escalation_id: str, *, delivered: bool) -> None:
        """Say what became of a claimed notice; one that was not delivered is due again later."""
        with self._lock:
            self._outbox.settle(self._clock.monotonic(), escalation_id, delivered=delivered)

    async def wait(self, escalation_id: str, timeout: float | None = None) -> EscalationRow:
        """Wait until the row has ended, or `timeout` seconds; return it as it is then.

        Raises:
            UnknownEscalationError: no row has this id.
        """
        loop = asyncio.get_running_loop()
        with self._lock:
            row = self._row(escalation_id)
            if row.status is not EscalationStatus.OPEN:
                return row
            waiter: _Waiter = (loop, loop.create_future())
            self._waiters.setdefault(escalation_id, set()).add(waiter)
        try:
            async with deadline(self._clock, timeout):
                return await waiter[1]
        except TimeoutError:
            with self._lock:
                return self._rows.get(escalation_id, row)
        finally:
            self._release(escalation_id, waiter)

    def _release(self, escalation_id: str, waiter: _Waiter) -> None:
        with self._lock:
            waiting = self._waiters.get(escalation_id)
            if waiting is not None:
                waiting.discard(waiter)
                if not waiting:
                    del self._waiters[escalation_id]

    def _close(self, escalation_id: str, status: EscalationStatus) -> EscalationRow:
        with self._lock:
            row = self._row(escalation_id)
            if row.status is not EscalationStatus.OPEN:
                return row
            ended = self._end(row, status, None, None)
            waiters = self._waiters.pop(escalation_id, set())
        _wake(waiters, ended)
        return ended

    def _row(self, escalation_id: str) -> EscalationRow:
        row = self._rows.get(escalation_id)
        if row is None:
            raise UnknownEscalationError(f"no escalation has the id {escalation_id!r}")
        return row

    def _end(
        self,
        row: EscalationRow,
        status: EscalationStatus,
        decision: Decision | None,
        by: str | None,
    ) -> EscalationRow:
        ended = replace(row, status=status, decision=decision, by=by, at=self._clock.now())
        self._rows[row.id] = ended
        self._ended.append(row.id)
        self._guards.pop(row.id, None)
        return ended

    def _make_room(self) -> None:
        while len(self._rows) >= self._max_rows:
            if not self._ended:
                raise EscalationError(
                    f"{len(self._rows)} escalations are open and no more are kept; "
                    "answer or expire some, or raise max_rows"
                )
            oldest = self._ended.popleft()
            del self._rows[oldest]
            self._taken.discard(oldest)
            self._outbox.forget(oldest)


def _answer(decision: Decision | str) -> Decision:
    answer = Decision.parse(decision)
    if answer.kind is DecisionKind.EDIT:
        return Decision.edit(answer.payload)  # a decision made by hand is looked at too
    if answer.kind not in tuple(DecisionKind):
        raise DecisionRefusedError(f"the answer is {answer.kind!r}; it must be a DecisionKind")
    return answer


def _status(status: EscalationStatus | str) -> EscalationStatus:
    try:
        return EscalationStatus(status)
    except ValueError:
        known = ", ".join(repr(str(member)) for member in EscalationStatus)
        raise ConfigurationError(f"status is {status!r}; it must be one of {known}") from None


def _wake(waiters: set[_Waiter], row: EscalationRow) -> None:
    """Hand the row to every waiter, each on its own loop."""
    for loop, future in waiters:
        with suppress(RuntimeError):  # that loop has been closed, its waiter is gone
            loop.call_soon_threadsafe(_set, future, row)


def _set(future: asyncio.Future[EscalationRow], row: EscalationRow) -> None:
    if not future.done():
        future.set_result(row)
