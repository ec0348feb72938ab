"""Call a channel: whatever it does costs a receipt, and the others are told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from omninode_bridge.agents.workflows._redaction_errors import error_text
from omninode_bridge.agents.workflows.recovery_models import Receipt

__all__ = ["MOST_DETAIL", "called"]

logger = logging.getLogger("omninode_bridge.agents.workflows.escalation.delivery")

T = TypeVar("T")

#: Characters of what a receipt says.
MOST_DETAIL: Final = 300


async def called(name: str, call: Callable[[], Awaitable[T]], timeout: float) -> T | Receipt:
    """Return what a channel returns, or the receipt of its failure.

    Args:
        name: of the channel.
        call: of one of its methods, which may raise at once.
        timeout: seconds of the machine's time, since the other side knows no other clock.
    """
    try:
        async with asyncio.timeout(timeout) as scope:
            return await call()
    except TimeoutError as error:
        if scope.expired():
            return Receipt(
                delivered=False,
                channel=name,
                detail=f"no answer within {timeout:g} s",
                uncertain=True,
            )
        return _failed(name, error)
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return _failed(name, error)  # nobody cancelled us: it is the channel's own
    except Exception as error:  # noqa: BLE001 - whatever a channel does, the others are told
        return _failed(name, error)


def _failed(name: str, error: BaseException) -> Receipt:
    text = error_text(error, limit=MOST_DETAIL)
    logger.warning("escalation.channel_failed", extra={"channel": name, "error": text})
    return Receipt(delivered=False, channel=name, detail=text)
