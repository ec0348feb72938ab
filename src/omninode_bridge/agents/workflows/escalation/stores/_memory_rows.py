"""What the store in memory keeps; not locked, the store does that."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from omninode_bridge.agents.workflows._clock import Clock
from omninode_bridge.agents.workflows.escalation._outbox import Outbox
from omninode_bridge.agents.workflows.recovery_models import (
    Decision,
    EscalationReport,
    EscalationRow,
    EscalationStatus,
    Receipt,
)
from omninode_bridge.errors import EscalationError, UnknownEscalationError

from ._settings import is_settled, wall_deadline
from ._waiting import Guards, Waiters, WaiterSet

__all__ = ["MemoryRows"]

_OPEN = EscalationStatus.OPEN


class MemoryRows:
    """Rows by id in order of opening, with what belongs to them."""

    def __init__(self, clock: Clock, outbox: Outbox, max_rows: int) -> None:
        self.guards = Guards()
        self.waiters = Waiters()
        self.outbox = outbox
        self._clock = clock
        self._max_rows = max_rows
        self._rows: dict[str, EscalationRow] = {}
        self._ended: deque[str] = deque()
        self._deadlines: dict[str, float] = {}  # of open rows
        self._keys: dict[str, str] = {}  # of open rows: under which each was asked
        self._taken: dict[str, str] = {}

    def get(self, escalation_id: str) -> EscalationRow:
        """Return the row, or raise `UnknownEscalationError`."""
        row = self._rows.get(escalation_id) if isinstance(escalation_id, str) else None
        if row is None:
            raise UnknownEscalationError(f"no escalation has the id {escalation_id!r}")
        return row

    def take(self, escalation_id: str, key: str) -> bool:
        """Give the end of a row to one key."""
        if self.get(escalation_id).status is _OPEN:
            return False
        if escalation_id not in self._taken:
            self._taken[escalation_id] = key
            return True
        return bool(key) and self._taken[escalation_id] == key

    def open(
        self, report: EscalationReport, key: str, told: tuple[str, ...] | None
    ) -> tuple[EscalationRow, list[str]]:
        """Make or join a row; return it, and the ids of those whose place it takes.

        Args:
            report: what a human is shown.
            key: who asks, or empty.
            told: whose notice it is, as `Outbox.put()` has it; None for no notice.
        """
        known = self._rows.get(report.escalation_id)
        row = self._new(report) if known is None else replace(known, joined=known.joined + 1)
        self._rows[row.id] = row
        if row.status is _OPEN and told is not None:
            self.outbox.put(report, told)
        if not key or row.status is not _OPEN:
            return row, []
        self._keys[row.id] = key
        return row, [one for one, of in self._keys.items() if of == key and one != row.id]

    def close(
        self,
        escalation_id: str,
        status: EscalationStatus,
        decision: Decision | None,
        by: str | None,
        by_id: str | None,
    ) -> tuple[EscalationRow, WaiterSet | None]:
        """End an open row; return it as it is now, with its waiters where it was we who ended it."""
        row = self.get(escalation_id)
        if row.status is not _OPEN:
            return row, None
        now = self._clock.now()
        ended = replace(row, status=status, decision=decision, by=by, at=now, superseded_by=by_id)
        self._rows[row.id] = ended
        self._ended.append(row.id)
        self.guards.forget(row.id)
        self._deadlines.pop(row.id, None)
        self._keys.pop(row.id, None)
        if is_settled(status, by):
            self.outbox.cancel(row.id)
        return ended, self.waiters.pop(row.id)

    def listed(
        self, status: EscalationStatus | None, limit: int | None, after: str | None
    ) -> tuple[EscalationRow, ...]:
        """Return rows in order of opening."""
        rows = iter(self._rows.values())
        if after is not None:
            self.get(after)
            next(row for row in rows if row.id == after)
        return tuple(islice((row for row in rows if status in (None, row.status)), limit))

    def rest(self, escalation_id: str) -> float | None:
        """Return the seconds that an open row has left, down to 0; None without a limit."""
        at = self._deadlines.get(escalation_id)
        return None if at is None else max(0.0, at - self._clock.monotonic())

    def due(self) -> list[str]:
        """Return the ids of the open rows whose time is over."""
        now = self._clock.monotonic()
        return [one for one, at in self._deadlines.items() if at <= now]

    def settle(self, escalation_id: str, *, delivered: bool, receipts: Sequence[Receipt]) -> None:
        """End the claim of a notice; what nobody needs any more is not sent again."""
        now = self._clock.monotonic()
        for one in self.outbox.settle(now, escalation_id, delivered=delivered, receipts=receipts):
            row = self._rows.get(one)
            if row is not None and is_settled(row.status, row.by):
                self.outbox.cancel(one)

    def _new(self, report: EscalationReport) -> EscalationRow:
        self._make_room()
        now = self._clock.now()
        if report.timeout is not None:
            self._deadlines[report.escalation_id] = self._clock.monotonic() + report.timeout
        return EscalationRow(
            id=report.escalation_id,
            status=_OPEN,
            report=report,
            opened_at=now,
            deadline=wall_deadline(now, report.timeout),
        )

    def _make_room(self) -> None:
        while len(self._rows) >= self._max_rows:
            if not self._ended:
                raise EscalationError(
                    f"{len(self._rows)} escalations are open and no more are kept; "
                    "answer or expire some, or raise max_rows"
                )
            # what somebody may still apply goes last
            oldest = next((one for one in self._ended if one in self._taken), self._ended[0])
            self._ended.remove(oldest)
            del self._rows[oldest]
            self._taken.pop(oldest, None)
            self.outbox.forget(oldest)
