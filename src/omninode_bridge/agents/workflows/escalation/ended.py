"""Tell channels that an escalation has ended, so that nobody works on what is answered."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows._ports import Notifier, ResolvesNotices
from omninode_bridge.agents.workflows._redaction import redact
from omninode_bridge.agents.workflows.recovery_models import (
    EscalationRow,
    EscalationStatus,
    Receipt,
)

from ._channel_calls import MOST_DETAIL, called
from .channels import find_notifier

__all__ = ["ENDED_TIMEOUT", "tell_ended"]

ENDED_TIMEOUT: Final = 15.0


async def tell_ended(
    notifiers: Mapping[str, Notifier],
    row: EscalationRow,
    *,
    clock: Clock = SYSTEM_CLOCK,
    timeout: float = ENDED_TIMEOUT,
    environ: Mapping[str, str] | None = None,
) -> tuple[Receipt, ...]:
    """Tell every channel that was told of the escalation, and can take it back, how it ended.

    Call it once the row has ended, whoever ended it: answered, expired or superseded. It is tried
    once for each channel and never raises; telling twice does no harm.

    Args:
        notifiers: channels by name, as in `deliver()`.
        row: the row as it is now; nothing happens while it is open.
        clock: how channels that are made here wait.
        timeout: seconds of real time for each channel.
        environ: the environment to configure channels from; the process's where None.

    Returns:
        A receipt for each channel that had something to do.
    """
    if row.status is EscalationStatus.OPEN:
        return ()
    settings = os.environ if environ is None else environ
    names = dict.fromkeys(row.report.channels or tuple(notifiers))
    found = {name: find_notifier(name, notifiers, settings, clock) for name in names}
    told = await asyncio.gather(
        *(
            _one(name, who, row, timeout)
            for name, who in found.items()
            if isinstance(who, ResolvesNotices)
        )
    )
    return tuple(receipt for receipt in told if receipt is not None)


async def _one(
    name: str, notifier: ResolvesNotices, row: EscalationRow, timeout: float
) -> Receipt | None:
    receipt = await called(name, lambda: notifier.ended(row), timeout)
    if receipt is None:
        return None
    return replace(receipt, channel=name, detail=redact(receipt.detail, limit=MOST_DETAIL))
