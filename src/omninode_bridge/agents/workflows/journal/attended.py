"""Escalations that a person is waited for who may leave before there is an answer."""

from __future__ import annotations

import asyncio
from typing import Any

from omninode_bridge.agents.workflows.recovery_models import EscalationRow, EscalationStatus

from ._escalation_rows import lift_limit, rest_of
from ._reading_ids import short_id
from ._writing import write
from .escalations import JournalEscalationStore

__all__ = ["AttendedEscalationStore"]


class AttendedEscalationStore(JournalEscalationStore):
    """Waits for answers until the person leaves; what is open then stays so, without a limit.

    Everyone waits on one event loop.

    Args:
        *arguments: as of `JournalEscalationStore`.
        **named: the same.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._leaving = asyncio.Event()

    @property
    def is_left(self) -> bool:
        """Whether the person has gone."""
        return self._leaving.is_set()

    def leave(self) -> None:
        """End every wait, now and from now on."""
        self._leaving.set()

    def glance(self, escalation_id: str) -> tuple[str, float | None]:
        """Return the id, as short as it is unique, and the seconds left; None without a limit."""
        return self._file.read(
            lambda c: (
                short_id(c, "escalations", escalation_id),
                rest_of(self._file, c, escalation_id),
            )
        )

    async def wait(self, escalation_id: str, timeout: float | None = None) -> EscalationRow:
        """Wait as long as somebody is there; the row is returned as it is then."""
        waiting = asyncio.ensure_future(super().wait(escalation_id, timeout))
        leaving = asyncio.ensure_future(self._leaving.wait())
        try:
            await asyncio.wait({waiting, leaving}, return_when=asyncio.FIRST_COMPLETED)
            row = waiting.result() if waiting.done() else await self.get(escalation_id)
        finally:
            waiting.cancel()
            leaving.cancel()
        if self.is_left and row.status is EscalationStatus.OPEN:
            # the limit was for the person who would sit there; whoever answers later has none
            await write(self._file, lambda c: lift_limit(c, escalation_id))
        return row

    async def expire(self, escalation_id: str) -> EscalationRow:
        """End it where its time is over; one that was left has no such time."""
        if self.is_left:
            return await self.get(escalation_id)
        return await super().expire(escalation_id)
