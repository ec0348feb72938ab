"""The notices of the store in a journal: handed out to one process at a time."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import TypeVar

from omninode_bridge.agents.workflows.escalation._outbox import NoticeState, OutboxSettings
from omninode_bridge.agents.workflows.escalation._progress import NoticeProgress
from omninode_bridge.agents.workflows.escalation._serving import Serves, anybody
from omninode_bridge.agents.workflows.recovery_models import (
    EscalationReport,
    EscalationRow,
    EscalationStatus,
    Receipt,
)
from omninode_bridge.errors import JournalError

from . import _escalation_rows as rows
from . import _outbox_rows as outbox
from ._file import JournalFile, Work
from ._new_notices import Names, put_claimed, put_missing, put_notice
from ._owner import Owner, is_alive, this_process
from ._writing import write, write_to_the_end

__all__ = ["JournalNotices", "Opened"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

# The row, those that have ended in its favour, and its notice where that was claimed.
Opened = tuple[EscalationRow, list[EscalationRow], EscalationReport | None]


class JournalNotices:
    """Hand out notices, durably before anything is sent."""

    def __init__(self, file: JournalFile, settings: OutboxSettings, owner: Owner | None) -> None:
        self._file = file
        self._settings = settings
        self._owner = owner
        # Claimed when they were opened, and not yet asked for: by id.
        self._handed: dict[str, EscalationReport] = {}
        # What became of claims of ours and could not be written, since the file was locked or full.
        self._unsettled: dict[str, tuple[bool, Sequence[Receipt]]] = {}

    @property
    def closed(self) -> bool:
        """Whether the journal was closed."""
        return self._file.closed

    @property
    def journal(self) -> str:
        """The absolute path of the file."""
        return str(self._file.path)

    def boundary(self, name: str) -> None:
        """Note that a notice is about to leave the process, or has."""
        self._file.boundary(name)

    async def claim_outbox(self, limit: int = 100) -> Sequence[EscalationReport]:
        """Take up to `limit` notices that are due; held-back ones of a fingerprint come as one."""
        return await self.claim_served(anybody, limit)

    async def claim_served(self, serves: Serves, limit: int = 100) -> Sequence[EscalationReport]:
        """Do the same with those that `serves` says yes to."""
        when, settings = self._when(), self._settings
        if not self._unsettled and not self._file.read(
            lambda c: outbox.may_claim(c, when, settings, serves)
        ):
            return ()
        return tuple(
            await self._claim(lambda c: outbox.claim(c, self._when(), settings, limit, serves))
        )

    async def next_notice(self, serves: Serves) -> float | None:
        """Return the seconds until a notice is due that `serves` says yes to; None without any."""
        due = self._file.read(lambda c: outbox.next_notice(c, self._when(), self._settings, serves))
        if not self._unsettled:
            return due
        return self._settings.retry_delay if due is None else min(due, self._settings.retry_delay)

    async def claim_notice(self, escalation_id: str) -> EscalationReport | None:
        """Take the notice of this escalation, or None where it is not due."""
        return await self._claim_one(escalation_id)

    async def claim_at_once(self, escalation_id: str) -> EscalationReport | None:
        """Take it also where it is held back on account of its like."""
        return await self._claim_one(escalation_id, at_once=True)

    async def _claim_one(
        self, escalation_id: str, *, at_once: bool = False
    ) -> EscalationReport | None:
        handed = self._handed.pop(escalation_id, None)
        if handed is not None:
            return handed

        def work(connection: rows.Connection) -> list[EscalationReport]:
            when, settings = self._when(), self._settings
            one = outbox.claim_one(connection, escalation_id, when, settings, at_once=at_once)
            return [] if one is None else [one]

        return next(iter(await self._claim(work)), None)

    async def notice_state(self, escalation_id: str) -> NoticeState:
        """Return what became of the notice so far."""

        def work(connection: rows.Connection) -> NoticeState:
            rows.known_row(connection, escalation_id)
            return outbox.notice_state(connection, escalation_id, self._when(), self._settings)

        return self._file.read(work)

    async def notice_progress(self, escalation_id: str) -> NoticeProgress:
        """Return which channels took the notice, and which may have."""
        return self._file.read(lambda c: outbox.notice_progress(c, escalation_id))

    async def settle_outbox(
        self, escalation_id: str, *, delivered: bool, receipts: Sequence[Receipt] = ()
    ) -> None:
        """Say what became of a claimed notice; what cannot be written now is with the next claim.

        Args:
            escalation_id: of the notice.
            delivered: whether it reached anybody; without receipts it is over then, or due again.
            receipts: of the channels that were tried; due again for those that did not take it.
        """
        cancelled = await self._settle([escalation_id], delivered=delivered, receipts=receipts)
        if cancelled is not None:
            raise cancelled

    async def _open_claimed(self, work: Work[Opened]) -> Opened:
        """Open a row and claim its notice, where that is due, all at once."""
        opened = await self._claiming(work, lambda done: [done[2]] if done[2] else [])
        if opened[2] is not None:
            self._handed[opened[0].id] = opened[2]
        return opened

    def _put(
        self,
        connection: rows.Connection,
        row: EscalationRow,
        number: int | None,
        report: EscalationReport,
        told: Names,
        *,
        claim: bool,
    ) -> EscalationReport | None:
        """See to it that an open row has a notice, and take that where it is due and asked for.

        Args:
            connection: to the file.
            row: that was opened.
            number: of the row, where it is a new one.
            report: of the row.
            told: whose notice it is.
            claim: whether to take the notice.
        """
        if number is None:
            put_missing(connection, report, told)
            if not claim or row.status is not EscalationStatus.OPEN:
                return None
            self._release(connection)
            return outbox.claim_one(connection, row.id, self._when(), self._settings)
        if claim:
            return put_claimed(connection, number, report, told, self._when(), self._settings)
        put_notice(connection, number, report, told)
        return None

    async def _claim(self, work: Work[list[EscalationReport]]) -> list[EscalationReport]:
        late: dict[str, tuple[bool, Sequence[Receipt]]] = {}

        def claim(connection: rows.Connection) -> list[EscalationReport]:
            late.update(self._unsettled)  # of two claims at once only one does it
            self._unsettled.clear()
            for one, (delivered, receipts) in late.items():
                self._settle_one(connection, one, delivered=delivered, receipts=receipts)
            self._release(connection)
            return work(connection)

        try:
            return await self._claiming(claim, lambda claimed: claimed)
        except JournalError:
            self._unsettled = late | self._unsettled
            raise

    async def _claiming(
        self, work: Work[T], claimed: Callable[[T], Sequence[EscalationReport]]
    ) -> T:
        """Write a claim; where the caller is cancelled meanwhile, give it back."""
        ours: list[str] = []

        def noted(connection: rows.Connection) -> T:
            done = work(connection)
            ours[:] = [one.escalation_id for one in claimed(done)]
            return done

        try:
            return await write(self._file, noted)
        except asyncio.CancelledError:
            # Durable writes take turns in one thread, so this one sees what came of that one.
            await self._settle(ours, receipts=(), durable=True)
            raise

    async def _settle(
        self,
        ids: Sequence[str],
        *,
        delivered: bool = False,
        receipts: Sequence[Receipt],
        durable: bool = False,
    ) -> BaseException | None:
        # What a power failure takes of this is sent once more, marked as a repeat.
        def work(connection: rows.Connection) -> None:
            for one in ids:
                self._settle_one(connection, one, delivered=delivered, receipts=receipts)

        try:
            return (await write_to_the_end(self._file, work, durable=durable))[1]
        except (JournalError, asyncio.CancelledError) as error:
            if self.closed:
                raise
            # the claims stay ours until then, and are released where we have died
            self._unsettled |= dict.fromkeys(ids, (delivered, receipts))
            for one in ids:
                logger.warning("escalation.not_settled", extra={"escalation_id": one})
            return error if isinstance(error, asyncio.CancelledError) else None

    def _settle_one(
        self,
        connection: rows.Connection,
        escalation_id: str,
        *,
        delivered: bool,
        receipts: Sequence[Receipt],
    ) -> None:
        outbox.settle(
            connection,
            escalation_id,
            self._when(),
            self._settings,
            delivered=delivered,
            receipts=receipts,
        )

    def _release(self, connection: rows.Connection) -> None:
        dead = self._dead(connection)
        for escalation_id, workflow_id in outbox.release(connection, dead, self._settings):
            logger.warning(
                "escalation.not_delivered",
                extra={"escalation_id": escalation_id, "workflow_id": workflow_id},
            )

    def _dead(self, connection: rows.Connection) -> list[str]:
        """Return those who hold claims and have died."""
        when = self._when()
        return [
            claimer
            for claimer, seen, ticks in outbox.claimers(connection)
            if claimer != when.me and not _lives(claimer, seen, ticks, when)
        ]

    def _me(self) -> str:
        return _written(this_process() if self._owner is None else self._owner)

    def _when(self) -> outbox.Moment:
        file = self._file
        return outbox.Moment(
            boot=file.boot_id, now=file.clock.monotonic(), wall=file.now(), me=self._me()
        )


@lru_cache(maxsize=8)
def _written(owner: Owner) -> str:
    return json.dumps(asdict(owner), sort_keys=True)


def _lives(claimer: str, seen: float, ticks: float | None, when: outbox.Moment) -> bool:
    try:
        owner = Owner(**json.loads(claimer))
    except (TypeError, ValueError):
        return False
    return is_alive(owner, seen=seen, now=when.wall, seen_ticks=ticks, ticks=when.now)
