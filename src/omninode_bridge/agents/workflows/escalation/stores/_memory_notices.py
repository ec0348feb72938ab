"""The notices of the store in memory: each handed out once."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from omninode_bridge.agents.workflows._clock import Clock
from omninode_bridge.agents.workflows.escalation._outbox import NoticeState
from omninode_bridge.agents.workflows.escalation._progress import NoticeProgress
from omninode_bridge.agents.workflows.escalation._serving import Serves, anybody
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt

from ._memory_rows import MemoryRows

__all__ = ["MemoryNotices"]


class MemoryNotices:
    """Hand out notices, and take back what became of them."""

    _clock: Clock
    _lock: threading.Lock
    _rows: MemoryRows

    async def claim_outbox(self, limit: int = 100) -> Sequence[EscalationReport]:
        """Take up to `limit` notices that are due; held-back ones of a fingerprint come as one."""
        return await self.claim_served(anybody, limit)

    async def claim_served(self, serves: Serves, limit: int = 100) -> Sequence[EscalationReport]:
        """Do the same with those that `serves` says yes to."""
        with self._lock:
            return self._rows.outbox.claim(self._clock.monotonic(), limit, serves)

    async def next_notice(self, serves: Serves) -> float | None:
        """Return the seconds until a notice is due that `serves` says yes to; None without any."""
        with self._lock:
            at = self._rows.outbox.next_due(serves)
        return None if at is None else max(0.0, at - self._clock.monotonic())

    async def claim_notice(self, escalation_id: str) -> EscalationReport | None:
        """Take the notice of this escalation, or None where it is not due."""
        with self._lock:
            return self._rows.outbox.claim_one(self._clock.monotonic(), escalation_id)

    async def claim_at_once(self, escalation_id: str) -> EscalationReport | None:
        """Take it also where it is held back on account of its like."""
        with self._lock:
            now = self._clock.monotonic()
            return self._rows.outbox.claim_one(now, escalation_id, at_once=True)

    async def notice_state(self, escalation_id: str) -> NoticeState:
        """Return what became of the notice so far."""
        with self._lock:
            self._rows.get(escalation_id)
            return self._rows.outbox.state(self._clock.monotonic(), escalation_id)

    async def notice_progress(self, escalation_id: str) -> NoticeProgress:
        """Return which channels took the notice, and which may have."""
        with self._lock:
            return self._rows.outbox.progress(escalation_id)

    async def settle_outbox(
        self, escalation_id: str, *, delivered: bool, receipts: Sequence[Receipt] = ()
    ) -> None:
        """Say what became of a claimed notice.

        Args:
            escalation_id: of the notice.
            delivered: whether it reached anybody; without receipts it is over then, or due again.
            receipts: of the channels that were tried; due again for those that did not take it.
        """
        with self._lock:
            self._rows.settle(escalation_id, delivered=delivered, receipts=receipts)
