"""Tell humans: every channel at once, none of them able to block or to lose the notice."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from typing import Final, Protocol, runtime_checkable

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows._ports import EscalationStore, Notifier
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt

from ._outbox import NoticeState
from ._progress import NoticeProgress
from ._sending import Sending, together

__all__ = [
    "CHANNEL_TIMEOUT",
    "ClaimsOne",
    "KeepsProgress",
    "MarksBoundaries",
    "deliver",
    "deliver_due",
]

logger = logging.getLogger(__name__)

CHANNEL_TIMEOUT: Final = 15.0
OUTBOX: Final = "outbox"
_SLACK_VARIABLE: Final = "OMNINODE_BRIDGE_SLACK_WEBHOOK"
_DASHBOARD_VARIABLE: Final = "OMNINODE_BRIDGE_DASHBOARD_URL"


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


async def deliver(
    store: EscalationStore,
    notifiers: Mapping[str, Notifier],
    report: EscalationReport,
    *,
    clock: Clock = SYSTEM_CLOCK,
    timeout: float = CHANNEL_TIMEOUT,
    environ: Mapping[str, str] | None = None,
    slack_webhook: str | None = None,
    dashboard_url: str | None = None,
) -> tuple[Receipt, ...]:
    """Deliver the notice of an open escalation once, and settle it in the store's outbox.

    A channel that raises, hangs or does not exist costs a receipt, nothing else; a channel that did
    not take the notice is told again later, see `deliver_due()`, and the others are not. Where
    nobody knows whether a channel took it, it is told once more, marked as a repeat. One that was handed out before, or that is
    held back because its like was just told, is not sent; its one receipt, of the channel
    ``outbox``, says so.

    Args:
        store: where the escalation was opened.
        report: the report that it was opened with.
        clock: how channels that are made here wait, where the other side asks them to.
        notifiers: channels by name; what is missing is looked for in the entry points
            ``omninode_bridge.notifiers``, then in the environment, else the console is told.
        timeout: seconds of real time for each channel.
        environ: the environment to configure channels from; the process's where None.
        slack_webhook: address for the channel ``slack`` where the mapping has none.
        dashboard_url: where its buttons lead, instead of what the environment says.
    """
    settings = _environ(environ, slack_webhook, dashboard_url)
    if isinstance(store, ClaimsOne):
        claimed = await store.claim_notice(report.escalation_id)
        if claimed is None:
            return (_not_due(await store.notice_state(report.escalation_id)),)
        report = claimed
    return await _send_claimed(store, report, notifiers, clock, timeout, settings)


async def deliver_due(
    store: EscalationStore,
    notifiers: Mapping[str, Notifier],
    *,
    clock: Clock = SYSTEM_CLOCK,
    timeout: float = CHANNEL_TIMEOUT,
    environ: Mapping[str, str] | None = None,
    limit: int = 100,
) -> dict[str, tuple[Receipt, ...]]:
    """Deliver what is due: notices that failed before, and those held back to be told as one.

    Returns:
        The receipts by escalation id.
    """
    settings = _environ(environ, None, None)
    reports = await store.claim_outbox(limit)
    receipts = await together(
        [_send_claimed(store, report, notifiers, clock, timeout, settings) for report in reports]
    )
    return {report.escalation_id: got for report, got in zip(reports, receipts, strict=True)}


def _environ(
    environ: Mapping[str, str] | None, slack_webhook: str | None, dashboard_url: str | None
) -> Mapping[str, str]:
    """Lay what was given for this notice over the environment."""
    given = {_SLACK_VARIABLE: slack_webhook, _DASHBOARD_VARIABLE: dashboard_url}
    base = os.environ if environ is None else environ
    return {**base, **{name: value for name, value in given.items() if value}}


def _not_due(state: NoticeState) -> Receipt:
    why = {
        NoticeState.DELIVERED: "it was delivered before",
        NoticeState.CLAIMED: "it is being delivered",
        NoticeState.GIVEN_UP: "no channel took it, and it is not tried again",
        NoticeState.LATER: "it is held back and will be told later, with its like",
    }.get(state, "there is no notice to deliver")
    return Receipt(delivered=state is NoticeState.DELIVERED, channel=OUTBOX, detail=why)


async def _send_claimed(
    store: EscalationStore,
    report: EscalationReport,
    notifiers: Mapping[str, Notifier],
    clock: Clock,
    timeout: float,
    environ: Mapping[str, str],
) -> tuple[Receipt, ...]:
    mark = store.boundary if isinstance(store, MarksBoundaries) else None
    sending = Sending(report, notifiers, clock=clock, timeout=timeout, environ=environ, mark=mark)
    try:
        if isinstance(store, KeepsProgress):
            sending.progress = await store.notice_progress(report.escalation_id)
        receipts = await sending.send()
    finally:
        # Also when cancelled: a claim that is never settled would lose the notice.
        if isinstance(store, KeepsProgress):
            await store.settle_outbox(
                report.escalation_id, delivered=sending.reached, receipts=sending.tried
            )
        else:
            await store.settle_outbox(report.escalation_id, delivered=sending.reached)
    if not sending.reached:
        logger.warning(
            "escalation.not_delivered",
            extra={"escalation_id": report.escalation_id, "workflow_id": report.workflow_id},
        )
    return receipts
