"""Tell humans of one escalation, beside what the recovery does meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from omninode_bridge.agents.workflows.escalation.sender import Sender
from omninode_bridge.agents.workflows.recovery_models import (
    EscalationReport,
    EscalationRow,
    Receipt,
)

from ._stepped import Environment, Performed

__all__ = ["Telling"]

# Seconds of real time, since channels are outside of this process. A channel that is quick has been
# told before the wait begins; one that is not is told beside it.
HEAD_START: Final = 0.1
# What is cut off has so long to say what it knows.
CUT_OFF: Final = 1.0
# What has ended is taken back so long before the recovery goes on.
ENDED: Final = 1.0


class Telling:
    """The notice of one escalation, as one recovery tells it.

    Where the recovery is blocking no event loop goes on after it: nothing is held back then, and what
    is not told when it returns is cut off with the loop that it was told on.

    Args:
        sender: the orchestrator's.
        environment: of the recovery.
        blocking: whether it has no event loop.
    """

    def __init__(self, sender: Sender, environment: Environment, *, blocking: bool) -> None:
        self._sender = sender
        self._environment = environment
        self._blocking = blocking
        self._claimed: EscalationReport | None = None
        self._receipts: tuple[Receipt, ...] = ()
        self._tells = False

    @property
    def told(self) -> dict[str, Any]:
        """What is known by now: whether a channel took it, and which."""
        return {
            "delivered": any(receipt.delivered for receipt in self._receipts),
            "channels": {receipt.channel: receipt.delivered for receipt in self._receipts},
        }

    async def take(self, report: EscalationReport, addresses: Mapping[str, str]) -> None:
        """Claim the notice, which `alone()` or `beside()` sends."""
        taking = self._sender.take(report, addresses, at_once=self._blocking)
        claimed = await self._environment.finish(taking)
        self._tells = True
        if isinstance(claimed, Receipt):
            self._receipts = (claimed,)
        else:
            self._claimed = claimed

    async def alone(self) -> None:
        """Tell it, and whatever failed before or was held back."""
        if not self._tells:
            return
        await self._environment.finish(self._send())
        await self._environment.finish(self._sender.send_due())
        if not self._blocking:
            await self._sender.look()

    async def wait(self, waiting: Callable[[], Awaitable[EscalationRow]]) -> EscalationRow:
        """Wait for an answer and tell the notice meanwhile."""
        return await self._environment.wait(self._beside(waiting) if self._tells else waiting())

    async def end(self, row: EscalationRow, work: Callable[[], Awaitable[Performed]]) -> Performed:
        """Do what was answered, and tell the channels that it has ended."""
        if self._blocking:
            try:
                performed = await work()
            except Exception:
                await self._environment.finish(self._sender.tell_ended(row))
                raise
            await self._environment.finish(self._sender.tell_ended(row))
            return performed
        ended = self._sender.start(self._sender.tell_ended(row))
        performed = await work()
        await asyncio.wait({ended}, timeout=ENDED)
        return performed

    async def _beside(self, waiting: Callable[[], Awaitable[EscalationRow]]) -> EscalationRow:
        telling = self._sender.start(self._tell())
        try:
            await asyncio.wait({telling}, timeout=HEAD_START)
            _pass_on(telling)
            row = await waiting()
            await asyncio.wait({telling}, timeout=HEAD_START)
            _pass_on(telling)
        except GeneratorExit:  # nothing can be waited for any more
            telling.cancel()
            raise
        except BaseException:
            telling.cancel()
            await asyncio.wait({telling}, timeout=CUT_OFF)
            raise
        return row

    async def _tell(self) -> None:
        await self._send()
        await self._sender.look()

    async def _send(self) -> None:
        if self._claimed is not None:
            self._receipts = await self._sender.send(self._claimed)


def _pass_on(task: asyncio.Task[None]) -> None:
    """Raise what is never ours to catch, unless the loop itself has raised it."""
    error = task.exception() if task.done() and not task.cancelled() else None
    if error is not None and not isinstance(error, (KeyboardInterrupt, SystemExit)):
        raise error
