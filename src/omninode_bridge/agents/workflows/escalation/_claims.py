"""What a store of escalations may be able to do with notices, beyond what every store does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, runtime_checkable

from omninode_bridge.agents.workflows._ports import EscalationStore
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt

from ._outbox import NoticeState
from ._progress import NoticeProgress
from ._serving import Serves

__all__ = [
    "ClaimsAtOnce",
    "ClaimsOne",
    "ClaimsServed",
    "KeepsProgress",
    "KeptInJournal",
    "MarksBoundaries",
    "MayBeClosed",
    "take",
]

OUTBOX: Final = "outbox"


@runtime_checkable
class ClaimsOne(Protocol):
    """A store that hands out the notice of one escalation, and says what became of it."""

    async def claim_notice(self, escalation_id: str) -> EscalationReport | None:
        """Take the notice of this escalation, or None where it is not due."""
        ...

    async def notice_state(self, escalation_id: str) -> NoticeState:
        """Return what became of the notice so far."""
        ...


@runtime_checkable
class ClaimsAtOnce(ClaimsOne, Protocol):
    """A store that can be told not to hold a notice back."""

    async def claim_at_once(self, escalation_id: str) -> EscalationReport | None:
        """Take the notice of this escalation, also where its like was just told."""
        ...


@runtime_checkable
class ClaimsServed(Protocol):
    """A store whose notices are not everybody's."""

    async def claim_served(self, serves: Serves, limit: int = 100) -> Sequence[EscalationReport]:
        """Take notices that are due and that `serves` says yes to."""
        ...

    async def next_notice(self, serves: Serves) -> float | None:
        """Return the seconds until one is due that `serves` says yes to; None without any."""
        ...


@runtime_checkable
class KeepsProgress(Protocol):
    """A store that knows of each channel whether it took a notice."""

    async def notice_progress(self, escalation_id: str) -> NoticeProgress:
        """Return which channels took the notice, and which may have."""
        ...

    async def settle_outbox(
        self, escalation_id: str, *, delivered: bool, receipts: Sequence[Receipt] = ()
    ) -> None:
        """Say what became of a claimed notice; due again for the channels that did not take it."""
        ...


@runtime_checkable
class MarksBoundaries(Protocol):
    """A store that is told when something is about to leave the process, and when it has."""

    def boundary(self, name: str) -> None:
        """Note a moment; tests count and kill there."""
        ...


@runtime_checkable
class KeptInJournal(Protocol):
    """A store whose escalations other processes can answer, by the commands for journals."""

    @property
    def journal(self) -> str:
        """Return the absolute path of the file."""
        ...


@runtime_checkable
class MayBeClosed(Protocol):
    """A store that comes to an end before its process does."""

    @property
    def closed(self) -> bool:
        """Whether nothing can be read or written any more."""
        ...


async def take(
    store: EscalationStore, report: EscalationReport, *, at_once: bool = False
) -> EscalationReport | Receipt:
    """Claim the notice of an open escalation, or say why it is not to be sent now.

    Args:
        store: where the escalation was opened.
        report: the report that it was opened with.
        at_once: hold nothing back; for who cannot wait until it may be told.
    """
    if not isinstance(store, ClaimsOne):
        return report
    if at_once and isinstance(store, ClaimsAtOnce):
        claimed = await store.claim_at_once(report.escalation_id)
    else:
        claimed = await store.claim_notice(report.escalation_id)
    return _not_due(await store.notice_state(report.escalation_id)) if claimed is None else claimed


def _not_due(state: NoticeState) -> Receipt:
    why = {
        NoticeState.DELIVERED: "it was delivered before",
        NoticeState.CLAIMED: "it is being delivered",
        NoticeState.GIVEN_UP: "no channel took it, and it is not tried again",
        NoticeState.LATER: "it is held back and will be told later, with its like",
    }.get(state, "there is no notice to deliver")
    return Receipt(delivered=state is NoticeState.DELIVERED, channel=OUTBOX, detail=why)
