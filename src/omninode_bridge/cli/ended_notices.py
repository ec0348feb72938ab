"""Tell channels of what a command has ended; a channel that is dead holds nobody up for long."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from omninode_bridge.agents.workflows.recovery_models import EscalationRow

__all__ = ["MOST_TOLD", "PATIENCE", "tell_channels"]

#: Seconds for all channels together.
PATIENCE: Final = 20.0
#: Escalations that are told of at most; their incidents outlive a mass cancellation otherwise.
MOST_TOLD: Final = 200


def tell_channels(rows: Sequence[EscalationRow]) -> None:
    """Tell the channels that the environment configures how these escalations ended.

    Whoever waits for one tells the channels of its own; being told twice does them no harm.
    """
    told = [row for row in rows if row.report.channels][:MOST_TOLD]
    if told:
        from omninode_bridge.cli.screen import console, quiet_library

        with quiet_library(console(sys.stderr), 0):
            asyncio.run(_tell(told))


async def _tell(rows: Sequence[EscalationRow]) -> None:
    from omninode_bridge.agents.workflows.escalation.ended import tell_ended

    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(tell_ended({}, row, timeout=PATIENCE) for row in rows))
