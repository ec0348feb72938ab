"""Send alerts on the way that escalations go."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

from omninode_bridge.agents.workflows._clock import Clock
from omninode_bridge.agents.workflows._ports import Notifier
from omninode_bridge.agents.workflows.escalation import InMemoryEscalationStore, deliver_due

from .alert import Alert, report_of

__all__ = ["Notices"]

MAX_WAITING: Final = 1_000


class Notices:
    """Alerts on their way to humans.

    A store of its own keeps them, since nobody answers an alert: `orchestrator.escalations` holds
    what waits for an answer.
    """

    def __init__(
        self,
        notifiers: Mapping[str, Notifier],
        channels: tuple[str, ...],
        *,
        clock: Clock,
        tells: bool,
    ) -> None:
        self._notifiers = notifiers
        self._channels = channels
        self._clock = clock
        self._tells = tells
        # each breach and each end is told, so nothing is folded
        self._store = InMemoryEscalationStore(clock=clock, max_rows=MAX_WAITING, fold_window=0.0)
        self._lock = threading.Lock()
        self._waiting: deque[Alert] = deque(maxlen=MAX_WAITING)

    def put(self, alerts: Iterable[Alert]) -> None:
        """Take alerts that are to be told."""
        if self._tells:
            with self._lock:
                self._waiting.extend(alerts)

    async def send(self) -> None:
        """Tell what waits and what no channel took before; what a cancellation cuts off waits on."""
        while True:
            with self._lock:
                alert = self._waiting[0] if self._waiting else None
            if alert is None:
                break
            report = report_of(alert, self._channels)
            await self._store.open(report)
            await self._store.expire(report.escalation_id)  # nobody answers it
            with self._lock:
                if self._waiting and self._waiting[0] is alert:
                    self._waiting.popleft()
        await deliver_due(self._store, self._notifiers, clock=self._clock, opened=lambda one_id: {})
