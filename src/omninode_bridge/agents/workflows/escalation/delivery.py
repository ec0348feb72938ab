"""Tell humans: every channel at once, none of them able to block or to lose the notice."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Coroutine, Mapping
from dataclasses import replace
from typing import Final

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows._ports import EscalationStore, Notifier
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt

from ._claims import ClaimsServed, KeepsProgress, KeptInJournal, MarksBoundaries, take
from ._sending import Sending, together
from ._serving import Opened, Serving, nobodys

__all__ = [
    "CHANNEL_TIMEOUT",
    "deliver",
    "deliver_due",
    "next_delivery",
    "own_addresses",
    "send_claimed",
]

logger = logging.getLogger(__name__)

CHANNEL_TIMEOUT: Final = 15.0
_SLACK_VARIABLE: Final = "OMNINODE_BRIDGE_SLACK_WEBHOOK"
_DASHBOARD_VARIABLE: Final = "OMNINODE_BRIDGE_DASHBOARD_URL"


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
    nobody knows whether a channel took it, it is told once more, marked as a repeat. One that was
    handed out before, or that is held back because its like was just told, is not sent; its one
    receipt, of the channel ``outbox``, says so.

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
    settings = _environ(environ, own_addresses(slack_webhook, dashboard_url))
    claimed = await take(store, report)
    if isinstance(claimed, Receipt):
        return (claimed,)
    return await send_claimed(
        store, claimed, notifiers, clock=clock, timeout=timeout, environ=settings
    )


async def deliver_due(
    store: EscalationStore,
    notifiers: Mapping[str, Notifier],
    *,
    clock: Clock = SYSTEM_CLOCK,
    timeout: float = CHANNEL_TIMEOUT,
    environ: Mapping[str, str] | None = None,
    limit: int = 100,
    opened: Opened = nobodys,
    busy: Collection[str] = (),
) -> dict[str, tuple[Receipt, ...]]:
    """Deliver what is due: notices that failed before, and those held back to be told as one.

    A notice that no channel of this process can bring to anybody is left to who has its channels.

    Args:
        store: where the escalations were opened.
        notifiers: channels by name, as in `deliver()`.
        clock: how channels that are made here wait.
        timeout: seconds of real time for each channel.
        environ: the environment to configure channels from; the process's where None.
        limit: how many are sent at most.
        opened: asked for each id; what it returns is laid over the environment. None says that
            others opened it, so that our console does not stand in for channels we do not have.
        busy: ids that are left to who tells them just now.

    Returns:
        The receipts by escalation id.
    """
    settings = _environ(environ)
    if isinstance(store, ClaimsServed):
        serves = Serving(notifiers, settings, clock, opened, busy)
        reports = await store.claim_served(serves, limit)
    else:
        reports = await store.claim_outbox(limit)

    def send(report: EscalationReport) -> Coroutine[object, object, tuple[Receipt, ...]]:
        given = opened(report.escalation_id)
        around = {**settings, **(given or {})}
        ours = given is not None or not isinstance(store, ClaimsServed)
        return send_claimed(
            store,
            report,
            notifiers,
            clock=clock,
            timeout=timeout,
            environ=around,
            stands_in=ours,
        )

    receipts = await together([send(report) for report in reports])
    return {report.escalation_id: got for report, got in zip(reports, receipts, strict=True)}


async def next_delivery(
    store: EscalationStore,
    notifiers: Mapping[str, Notifier],
    *,
    clock: Clock,
    opened: Opened,
    busy: Collection[str] = (),
) -> float | None:
    """Return the seconds until `deliver_due()` would find something; None where it never will."""
    if not isinstance(store, ClaimsServed):
        return None
    return await store.next_notice(Serving(notifiers, os.environ, clock, opened, busy))


def own_addresses(slack_webhook: str | None, dashboard_url: str | None) -> dict[str, str]:
    """Return what an escalation says of itself, as the environment would say it."""
    given = {_SLACK_VARIABLE: slack_webhook, _DASHBOARD_VARIABLE: dashboard_url}
    return {name: value for name, value in given.items() if value}


def _environ(
    environ: Mapping[str, str] | None, given: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    """Lay what was given for this notice over the environment."""
    return {**(os.environ if environ is None else environ), **(given or {})}


async def send_claimed(
    store: EscalationStore,
    report: EscalationReport,
    notifiers: Mapping[str, Notifier],
    *,
    clock: Clock,
    environ: Mapping[str, str],
    timeout: float = CHANNEL_TIMEOUT,
    stands_in: bool = True,
) -> tuple[Receipt, ...]:
    """Send a notice that was claimed, and settle the claim, also where this is cancelled."""
    mark = store.boundary if isinstance(store, MarksBoundaries) else None
    sending = Sending(
        # What is printed to be typed must work where the answer is kept, in a file or nowhere.
        replace(report, journal=store.journal if isinstance(store, KeptInJournal) else None),
        notifiers,
        clock=clock,
        timeout=timeout,
        environ=environ,
        stands_in=stands_in,
        mark=mark,
    )
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
