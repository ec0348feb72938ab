"""What the jobs of one run share about asking a human."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from omninode_bridge.agents.workflows._ports import EscalationStore
from omninode_bridge.agents.workflows.recovery_models import (
    DecisionKind,
    EscalationRow,
    EscalationStatus,
)

__all__ = ["Questions"]


@dataclass(slots=True)
class Questions:
    """The questions of one run; the answer ``abort`` to one of them ends all.

    Attributes:
        run: id of the workflow; empty where nothing of the run is kept.
        store: where its escalations are.
        ended_by: who answered that nothing more be asked; None as long as nobody did.
        answered: how many questions had been answered before this process, by node.
    """

    run: str = ""
    store: EscalationStore | None = None
    ended_by: str | None = None
    answered: Counter[str] = field(default_factory=Counter)

    def may_ask(self, node_name: str, asked: int) -> bool:
        """Whether a question may be put, or has its answer already.

        Args:
            node_name: of the step that has it.
            asked: how many questions the step has put so far in this process.
        """
        return self.ended_by is None or asked < self.answered[node_name]

    async def rows(self) -> list[EscalationRow]:
        """Return all questions that the run has asked, also in earlier processes."""
        if self.store is None or not self.run:
            return []
        return [row for row in await self.store.list() if row.report.workflow_id == self.run]

    async def take_up(self) -> None:
        """See what has been answered since the run was last at work."""
        ended = [row for row in await self.rows() if row.decision is not None]
        self.answered = Counter(row.report.node_name for row in ended)
        for row in ended:
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
        for row in await self.rows():
            if row.status is EscalationStatus.OPEN and self.store is not None:
                await self.store.resolve(row.id, "abort", by)

    async def answer_abort(self, escalation_id: str | None) -> None:
        """Answer a question that came up although nothing more was to be asked."""
        if self.store is not None and escalation_id is not None and self.ended_by is not None:
            await self.store.resolve(escalation_id, "abort", self.ended_by)

    async def drop(self, still_asked: Collection[str | None]) -> None:
        """End the questions that no contract of the run asks any more, since it was changed.

        Args:
            still_asked: ids of those that are.
        """
        for row in await self.rows():
            if (
                row.status is EscalationStatus.OPEN
                and row.id not in still_asked
                and self.store is not None
            ):
                await self.store.supersede(row.id)
