"""What the jobs of one run share about asking a human."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

from omninode_bridge.agents.workflows._ports import EscalationStore
from omninode_bridge.agents.workflows.recovery_models import (
    DecisionKind,
    EscalationRow,
    EscalationStatus,
)

__all__ = ["Attended", "Questions"]

#: Reports that are read before others have their turn; each takes some 20 microseconds.
_AT_ONCE: Final = 200


@runtime_checkable
class _Supersedes(Protocol):
    """A store that can end a question without an answer."""

    async def supersede(self, escalation_id: str, by_id: str | None = None) -> EscalationRow: ...


@runtime_checkable
class _ExpiresDue(Protocol):
    """A store that knows whose time was over while nobody waited."""

    async def expire_due(self) -> Sequence[EscalationRow]: ...


@runtime_checkable
class _ListsOf(Protocol):
    """A store that finds the questions of one workflow without reading all others."""

    async def list_of(
        self, workflow_id: str, status: EscalationStatus
    ) -> Sequence[EscalationRow]: ...


@runtime_checkable
class _TakesAnswers(Protocol):
    """A store that knows which answers somebody has gone on with."""

    async def take_answer(self, escalation_id: str) -> bool: ...


@runtime_checkable
class Attended(Protocol):
    """A store whose questions are put to a person who may leave."""

    @property
    def is_left(self) -> bool:
        """Whether the person has gone."""
        ...

    def leave(self) -> None:
        """End every wait, now and from now on."""
        ...

    def glance(self, escalation_id: str) -> tuple[str, float | None]:
        """Return the id, as short as it is unique, and the seconds left; None without a limit."""
        ...


@dataclass(slots=True)
class Questions:
    """The questions of one run; the answer ``abort`` to one of them ends all.

    Attributes:
        run: id of the workflow; empty where nothing of the run is kept.
        store: where its escalations are.
        ended_by: who answered that nothing more be asked; None as long as nobody did.
        expired: ids of those whose time was over before this process.
        ended: how many questions had been answered or expired before this process, by node.
    """

    run: str = ""
    store: EscalationStore | None = None
    ended_by: str | None = None
    expired: frozenset[str] = frozenset()
    ended: Counter[str] = field(default_factory=Counter)

    def may_ask(self, node_name: str, asked: int) -> bool:
        """Whether a question may be put, or has its answer already.

        Args:
            node_name: of the step that has it.
            asked: how many questions the step has put so far in this process.
        """
        return self.ended_by is None or asked < self.ended[node_name]

    def wait_of(self, wait: float | None) -> float | None:
        """Return how long to wait for an answer now; not at all where the person has gone."""
        return None if isinstance(self.store, Attended) and self.store.is_left else wait

    async def rows(self, status: EscalationStatus) -> list[EscalationRow]:
        """Return the questions of the run that stand so, also those of earlier processes."""
        if self.store is None or not self.run:
            return []
        if isinstance(self.store, _ListsOf):
            return list(await self.store.list_of(self.run, status))
        rows = await self.store.list(status)
        return [row for row in rows if row.report.workflow_id == self.run]

    async def take_up(self) -> None:
        """See what has been answered since the run was last at work, and whose time was over."""
        if isinstance(self.store, _ExpiresDue):
            await self.store.expire_due()
        answered = await self.rows(EscalationStatus.RESOLVED)
        expired = await self.rows(EscalationStatus.EXPIRED)
        self.expired = frozenset(row.id for row in expired)
        self.ended = Counter()
        for n, row in enumerate((*answered, *expired), start=1):
            self.ended[row.report.node_name] += 1
            if not n % _AT_ONCE:
                await asyncio.sleep(0)  # reports are read as they are looked at
        for row in answered:
            if row.decision is not None and row.decision.kind is DecisionKind.ABORT:
                await self.end(row.by or "somebody")
                return

    async def end(self, by: str) -> None:
        """Ask nothing more, and answer what is open in the same way.

        Args:
            by: who wants it so.
        """
        if self.ended_by is not None:
            return
        self.ended_by = by
        for row in await self.rows(EscalationStatus.OPEN):
            if self.store is not None:
                await self.store.resolve(row.id, "abort", by)

    async def answer_abort(self, escalation_id: str | None) -> None:
        """Answer a question that came up although nothing more was to be asked."""
        if self.store is not None and escalation_id is not None and self.ended_by is not None:
            await self.store.resolve(escalation_id, "abort", self.ended_by)

    async def settle(self, asked: Collection[str]) -> tuple[tuple[str, ...], bool]:
        """End the questions that no contract of the run asks any more, since it was changed.

        Args:
            asked: ids of those that are.

        Returns:
            The ids of those that are open, in order; and whether an answer may be applied when the
            run goes on: one is open, or was answered a moment ago.
        """
        left = await self.rows(EscalationStatus.OPEN)
        newer = {_contract_of(row): row.id for row in left if row.id in asked}
        for row in left:
            if row.id not in asked and isinstance(self.store, _Supersedes):
                await self.store.supersede(row.id, newer.get(_contract_of(row)))
        open_ids = tuple(row.id for row in left if row.id in asked)
        resolved = await self.rows(EscalationStatus.RESOLVED)
        if self.ended_by is not None and isinstance(self.store, _TakesAnswers):
            for row in resolved:  # their contracts were left out without being asked again
                if row.decision is not None and row.decision.kind is DecisionKind.ABORT:
                    await self.store.take_answer(row.id)
        return open_ids, bool(open_ids or any(row.id in asked for row in resolved))


def _contract_of(row: EscalationRow) -> str:
    """Return the contract that a question is about, whichever step has asked."""
    return row.report.node_name.partition(": ")[2]
