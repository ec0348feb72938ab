"""Send one notice to every channel that is still to be told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import TypeVar

from omninode_bridge.agents.workflows._clock import Clock
from omninode_bridge.agents.workflows._ports import Notifier
from omninode_bridge.agents.workflows._redaction import redact
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt

from ._channel_calls import MOST_DETAIL, called
from ._progress import NoticeProgress
from .channels import CONSOLE, find_notifier, names_of

__all__ = ["Sending", "together"]

T = TypeVar("T")


class Sending:
    """One claimed notice on its way.

    Attributes:
        progress: what is known of earlier sends; channels that took the notice are not told again.

    The console stands in for channels that do not exist where `stands_in` is set; else they are
    left to who has them, and where the report names none, those of whoever opened it are told.
    """

    def __init__(
        self,
        report: EscalationReport,
        notifiers: Mapping[str, Notifier],
        *,
        clock: Clock,
        timeout: float,
        environ: Mapping[str, str],
        stands_in: bool = True,
        mark: Callable[[str], None] | None = None,
    ) -> None:
        self.progress = NoticeProgress()
        self._report = report
        self._notifiers = notifiers
        self._clock = clock
        self._timeout = timeout
        self._environ = environ
        self._stands_in = stands_in
        self._mark = mark
        self._tried: dict[str, Receipt] = {}

    @property
    def tried(self) -> tuple[Receipt, ...]:
        """Receipts of the channels that a send to began; uncertain while it has no end."""
        return tuple(self._tried.values())

    @property
    def reached(self) -> bool:
        """Whether any channel took the notice, now or before."""
        return self.progress.is_delivered or any(one.delivered for one in self.tried)

    async def send(self) -> tuple[Receipt, ...]:
        """Tell every channel; those that do not exist are answered for by the console or left."""
        theirs = () if self._stands_in else self.progress.told
        names = tuple(dict.fromkeys(self._report.channels or theirs or names_of(self._notifiers)))
        receipts = [self._over(name) for name in names if self.progress.of(name).is_over]
        found = {name: self._find(name) for name in names if not self.progress.of(name).is_over}
        missing = {name: why for name, why in found.items() if isinstance(why, str)}
        present = {name: who for name, who in found.items() if not isinstance(who, str)}
        stood_in = CONSOLE not in names and self.progress.of(CONSOLE).is_over
        if not self._stands_in and not stood_in:
            for name, why in missing.items():
                self._tried[name] = Receipt(delivered=False, channel=name, detail=f"here {why}")
            receipts += [self._tried[name] for name in missing]
            missing = {}
        receipts += [
            Receipt(delivered=False, channel=name, detail=f"{why}; the console is told instead")
            for name, why in missing.items()
        ]
        stand_in = ""
        if missing and CONSOLE not in names and not stood_in:
            console = self._find(CONSOLE)
            if not isinstance(console, str):
                present[CONSOLE] = console
                stand_in = "in place of " + ", ".join(repr(name) for name in missing)
        for receipt in await together([self._one(name, who) for name, who in present.items()]):
            if receipt.channel == CONSOLE and stand_in:
                receipts.append(replace(receipt, detail=f"{receipt.detail} {stand_in}".strip()))
            else:
                receipts.append(receipt)
        return tuple(receipts)

    def _find(self, name: str) -> Notifier | str:
        return find_notifier(name, self._notifiers, self._environ, self._clock)

    def _over(self, name: str) -> Receipt:
        if self.progress.of(name).delivered:
            return Receipt(delivered=True, channel=name, detail="it was delivered before")
        return Receipt(
            delivered=False,
            channel=name,
            detail="it may have been delivered twice, so it is not sent again",
            uncertain=True,
        )

    async def _one(self, name: str, notifier: Notifier) -> Receipt:
        report = replace(self._report, repeat=self.progress.of(name).maybe > 0)
        unknown = Receipt(
            delivered=False, channel=name, detail="nobody knows what came of it", uncertain=True
        )
        if self._mark is not None:
            self._mark("notice")
        self._tried[name] = unknown
        self._tried[name] = receipt = await _send_to(name, notifier, report, self._timeout)
        if self._mark is not None:
            self._mark("noticed")
        return receipt


async def _send_to(
    name: str, notifier: Notifier, report: EscalationReport, timeout: float
) -> Receipt:
    receipt = await called(name, lambda: notifier.send(report), timeout)
    if isinstance(receipt, Receipt):
        return replace(receipt, channel=name, detail=redact(receipt.detail, limit=MOST_DETAIL))
    if receipt is None:
        return Receipt(delivered=True, channel=name)
    return Receipt(
        delivered=False, channel=name, detail=f"it returned {type(receipt).__name__}, not a receipt"
    )


async def together(work: list[Coroutine[object, object, T]]) -> list[T]:
    """Run all at once, in the caller's own task where there is only one.

    What one raises passes as itself, once the others have been cancelled.
    """
    if len(work) < 2:
        return [await one for one in work]
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    except asyncio.CancelledError:
        # Also where one of them has exited: a loop raises that itself and cancels us then, and
        # would be left with what still runs if we raised it once more.
        await _cut_off(tasks)
        raise
    await _cut_off(tasks)
    errors = [one.exception() for one in tasks if not one.cancelled()]
    several = sorted(filter(None, errors), key=lambda error: isinstance(error, Exception))
    if several:
        raise several[0]  # what is no `Exception` comes first
    return [one.result() for one in tasks]


async def _cut_off(tasks: list[asyncio.Task[T]]) -> None:
    """Cancel those that still run and wait for their end, whoever cancels meanwhile."""
    cancelled: BaseException | None = None
    for one in tasks:
        one.cancel()
        one.add_done_callback(_look_at)
    while running := [one for one in tasks if not one.done()]:
        try:
            await asyncio.wait(running)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


def _look_at(task: asyncio.Task[T]) -> None:
    """Look at how one ended, so that nobody complains that nobody did."""
    if not task.cancelled():
        task.exception()
