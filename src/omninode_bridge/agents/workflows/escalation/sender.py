"""Send notices when they are due, without another escalation having to happen."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from omninode_bridge.agents.workflows._clock import Clock
from omninode_bridge.agents.workflows._deadline import deadline
from omninode_bridge.agents.workflows._ports import EscalationStore, Notifier
from omninode_bridge.agents.workflows._redaction_errors import error_text
from omninode_bridge.agents.workflows.recovery_models import (
    EscalationReport,
    EscalationRow,
    Receipt,
)

from ._claims import ClaimsAtOnce, MayBeClosed, take
from ._outbox import NoticeState
from ._sending import together
from .delivery import deliver_due, next_delivery, send_claimed
from .ended import tell_ended

__all__ = ["Sender"]

logger = logging.getLogger("omninode_bridge.agents.workflows.escalation.delivery")

#: How often a round that looks for what is due may fail one after the other, and the pause then.
_MOST_FAILURES: Final = 5
_PAUSE: Final = 30.0
#: Seconds between two looks, at least.
_LEAST: Final = 1.0
#: Escalations of this process that are remembered.
_MOST_OPENED: Final = 1_000


class _RoundTask(asyncio.Task[None]):
    """Waits for hours, perhaps: a loop that ends before it has lost nothing, and nobody complains.

    `asyncio.run()` cancels it; whoever only stops or closes the loop leaves it pending.
    """

    def __del__(self) -> None:
        if self.get_loop().is_running():
            super().__del__()


@dataclass(slots=True)
class _Round:
    """What looks for due notices on one event loop."""

    task: asyncio.Task[None] | None = None
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Sender:
    """Tell the humans of one orchestrator: now, beside other work, and when it is due.

    Each event loop has a round of its own, a task that lives as long as something is due later. What
    was opened here is remembered, so that our console stands in for its missing channels alone.

    Args:
        store: where escalations are opened.
        notifiers: channels by name.
        clock: what rounds wait by.
    """

    def __init__(
        self, store: EscalationStore, notifiers: Mapping[str, Notifier], clock: Clock
    ) -> None:
        self.store = store
        self.notifiers = notifiers
        self._clock = clock
        self._begun = False
        self._asking: set[str] = set()
        self._opened: dict[str, Mapping[str, str]] = {}
        self._rounds: dict[asyncio.AbstractEventLoop, _Round] = {}
        self._beside: set[asyncio.Task[None]] = set()

    def opened(self, escalation_id: str) -> Mapping[str, str] | None:
        """Return the addresses that an escalation of ours gave; None for those of others."""
        return self._opened.get(escalation_id)

    @contextmanager
    def asking(self, escalation_id: str) -> Iterator[None]:
        """Leave the notice of what is opened just now to who opens it, and takes it then."""
        self._asking.add(escalation_id)
        try:
            yield
        finally:
            self._asking.discard(escalation_id)

    async def take(
        self, report: EscalationReport, addresses: Mapping[str, str], *, at_once: bool = False
    ) -> EscalationReport | Receipt:
        """Claim the notice of an escalation that was opened here, or say why it is not sent now.

        Args:
            report: the report that it was opened with.
            addresses: of its own channels, see `own_addresses()`.
            at_once: hold nothing back.
        """
        self._opened.pop(report.escalation_id, None)
        self._opened[report.escalation_id] = addresses
        while len(self._opened) > _MOST_OPENED:
            with suppress(KeyError, StopIteration):  # another thread may have been quicker
                del self._opened[next(iter(self._opened))]
        return await take(self.store, report, at_once=at_once)

    async def send(self, claimed: EscalationReport) -> tuple[Receipt, ...]:
        """Send what `take()` brought."""
        addresses = self._opened.get(claimed.escalation_id) or {}
        environ = {**os.environ, **addresses}
        return await send_claimed(
            self.store, claimed, self.notifiers, clock=self._clock, environ=environ
        )

    async def send_due(self) -> None:
        """Send what failed before or was held back, and is due."""
        await deliver_due(
            self.store, self.notifiers, clock=self._clock, opened=self.opened, busy=self._asking
        )

    async def tell_ended(self, row: EscalationRow) -> None:
        """Tell the channels that can take a notice back how the escalation ended."""
        await tell_ended(self.notifiers, row, clock=self._clock)

    async def flush(self, patience: float) -> None:
        """Tell at once what is held back of ours, and wait for what is still being told.

        Args:
            patience: seconds of real time for all of it; what takes longer is cut off, and told
                once more later, as what may have come before.
        """
        telling = self._telling()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._logged(self._tell_held_back())
                if telling:
                    await asyncio.wait(telling)

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do it beside what goes on; it is held until it ends, and a failure is logged."""
        task = asyncio.get_running_loop().create_task(self._logged(work))
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)
        task.add_done_callback(_look_at)
        return task

    def begin(self) -> None:
        """Send what an earlier process left, the first time that this is called."""
        if not self._begun:
            self._begun = True
            self._go_round()

    async def look(self) -> None:
        """Have the running loop send what is due later, if there is anything; wake who waits to."""
        try:
            left = await self._next()
        except Exception:  # noqa: BLE001 - the round tries again, and says so where it gives up
            left = 0.0
        if left is not None:
            self._go_round()

    # ------------------------------------------------------------------------------------------

    def _go_round(self) -> None:
        for loop in [loop for loop in tuple(self._rounds) if loop.is_closed()]:
            self._rounds.pop(loop, None)
        loop = asyncio.get_running_loop()
        known = self._rounds.get(loop)
        if known is not None:
            known.woken.set()
            return
        one = self._rounds[loop] = _Round()
        one.task = _RoundTask(self._round(loop, one.woken), loop=loop)
        one.task.add_done_callback(_look_at)

    async def _round(self, loop: asyncio.AbstractEventLoop, woken: asyncio.Event) -> None:
        failures = 0
        try:
            while failures < _MOST_FAILURES:
                woken.clear()
                try:
                    await self.send_due()
                    left, failures = await self._next(), 0
                except Exception as error:  # noqa: BLE001 - a store that is busy may be free later
                    if self._is_closed():
                        return
                    left, failures = _PAUSE, failures + 1
                    failure = error_text(error, limit=300)
                if left is None and not woken.is_set():
                    return
                with suppress(TimeoutError):
                    async with deadline(self._clock, max(left or 0.0, _LEAST)):
                        await woken.wait()
                if self._is_closed():
                    return
            logger.warning("escalation.sender_stopped", extra={"error": failure})
        finally:
            self._rounds.pop(loop, None)

    async def _next(self) -> float | None:
        return await next_delivery(
            self.store, self.notifiers, clock=self._clock, opened=self.opened, busy=self._asking
        )

    async def _tell_held_back(self) -> None:
        held_back = await self._held_back()
        await together([self._logged(self._tell_at_once(one)) for one in held_back])

    async def _held_back(self) -> list[str]:
        """Return what was opened here and is told later, however long that would be."""
        if not isinstance(self.store, ClaimsAtOnce):
            return []
        return [
            one
            for one in tuple(self._opened)
            if await self.store.notice_state(one) is NoticeState.LATER
        ]

    async def _tell_at_once(self, escalation_id: str) -> None:
        """Claim and send it; one that stands for others takes them with it."""
        if not isinstance(self.store, ClaimsAtOnce):
            return
        claimed = await self.store.claim_at_once(escalation_id)
        if claimed is not None:
            await self.send(claimed)

    def _telling(self) -> set[asyncio.Task[None]]:
        loop = asyncio.get_running_loop()
        return {task for task in tuple(self._beside) if task.get_loop() is loop}

    def _is_closed(self) -> bool:
        return isinstance(self.store, MayBeClosed) and self.store.closed

    async def _logged(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - a store that fails ends nobody's wait
            if not self._is_closed():  # else the next process settles it
                text = error_text(error, limit=300)
                logger.warning("escalation.telling_failed", extra={"error": text})


def _look_at(task: asyncio.Task[None]) -> None:
    """Look at how a task ended that nobody waits for, so that nobody complains."""
    if not task.cancelled():
        task.exception()
