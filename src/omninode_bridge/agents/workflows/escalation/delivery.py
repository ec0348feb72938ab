"""Tell humans: every channel at once, none of them able to block or to lose the notice."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import Final, Protocol, TypeVar, runtime_checkable

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows._ports import EscalationStore, Notifier
from omninode_bridge.agents.workflows._redaction import redact
from omninode_bridge.agents.workflows._redaction_errors import error_text
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt

from ._outbox import NoticeState
from .channels import CONSOLE, find_notifier

__all__ = ["CHANNEL_TIMEOUT", "ClaimsOne", "deliver", "deliver_due"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

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

    A channel that raises, hangs or does not exist costs a receipt, nothing else; a notice that no
    channel took is due again later, see `deliver_due()`. One that was handed out before, or that is
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
    receipts = await _together(
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
    delivered = False
    try:
        receipts = await _send(report, notifiers, clock, timeout, environ)
        delivered = any(receipt.delivered for receipt in receipts)
    finally:
        # Also when cancelled: a claim that is never settled would lose the notice.
        await store.settle_outbox(report.escalation_id, delivered=delivered)
    if not delivered:
        logger.warning(
            "escalation.not_delivered",
            extra={"escalation_id": report.escalation_id, "workflow_id": report.workflow_id},
        )
    return receipts


async def _send(
    report: EscalationReport,
    notifiers: Mapping[str, Notifier],
    clock: Clock,
    timeout: float,
    environ: Mapping[str, str],
) -> tuple[Receipt, ...]:
    """Tell every channel; those that do not exist are answered for by the console, once."""
    names = tuple(dict.fromkeys(report.channels or tuple(notifiers) or (CONSOLE,)))
    found = {name: find_notifier(name, notifiers, environ, clock) for name in names}
    missing = {name: why for name, why in found.items() if isinstance(why, str)}
    present = {name: who for name, who in found.items() if not isinstance(who, str)}
    receipts = [
        Receipt(delivered=False, channel=name, detail=f"{why}; the console is told instead")
        for name, why in missing.items()
    ]
    stand_in = ""
    if missing and CONSOLE not in found:
        console = find_notifier(CONSOLE, notifiers, environ, clock)
        if not isinstance(console, str):
            present[CONSOLE] = console
            stand_in = "in place of " + ", ".join(repr(name) for name in missing)
    sent = await _together([_one(name, who, report, timeout) for name, who in present.items()])
    for receipt in sent:
        if receipt.channel == CONSOLE and stand_in:
            receipts.append(replace(receipt, detail=f"{receipt.detail} {stand_in}".strip()))
        else:
            receipts.append(receipt)
    return tuple(receipts)


async def _one(name: str, notifier: Notifier, report: EscalationReport, timeout: float) -> Receipt:
    # Channels are outside of this process, so their time is the machine's, whatever the clock is.
    try:
        async with asyncio.timeout(timeout) as scope:
            receipt = await notifier.send(report)
    except TimeoutError as error:
        if scope.expired():
            return Receipt(
                delivered=False,
                channel=name,
                detail=f"no answer within {timeout:g} s",
                uncertain=True,
            )
        return _failed(name, error)
    except Exception as error:  # noqa: BLE001 - whatever a channel does, the others are told
        return _failed(name, error)
    if isinstance(receipt, Receipt):
        return replace(receipt, channel=name, detail=redact(receipt.detail, limit=300))
    if receipt is None:
        return Receipt(delivered=True, channel=name)
    return Receipt(
        delivered=False, channel=name, detail=f"it returned {type(receipt).__name__}, not a receipt"
    )


def _failed(name: str, error: Exception) -> Receipt:
    text = error_text(error, limit=300)
    logger.warning("escalation.channel_failed", extra={"channel": name, "error": text})
    return Receipt(delivered=False, channel=name, detail=text)


async def _together(work: list[Coroutine[object, object, T]]) -> list[T]:
    """Run all at once, in the caller's own task where there is only one."""
    if len(work) < 2:
        return [await one for one in work]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in work]
    return [task.result() for task in tasks]
