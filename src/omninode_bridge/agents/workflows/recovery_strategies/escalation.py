"""Ask a human, and do what the human answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, runtime_checkable

from omninode_bridge.agents.workflows._ladder import FixedMoves, Move
from omninode_bridge.agents.workflows.escalation import EscalationSettings, build_report
from omninode_bridge.agents.workflows.escalation.channels import names_of
from omninode_bridge.agents.workflows.escalation.delivery import own_addresses
from omninode_bridge.agents.workflows.escalation.settings import SETTING_KEYS
from omninode_bridge.agents.workflows.recovery_models import (
    Attempt,
    EscalationReport,
    EscalationRow,
    EscalationStatus,
    RecoveryStrategy,
    Rerun,
)

from ._answers import GuardsAnswers, answerable, apply, ask, check_answer, is_for_us
from ._lent import EscalationServices
from ._stepped import Performed, PreparedStep, SteppedStrategy, StepView, check_keys
from ._telling import Telling

__all__ = ["DEFAULT_WAIT", "EscalationStrategy"]

# seconds that a paused workflow waits where nothing says how long
DEFAULT_WAIT = 24 * 3600.0
# how often the very same trouble may be put to a human
MAX_REPEATS = 1000


class EscalationStrategy(SteppedStrategy):
    """Record what happened, tell a human, and wait where told.

    `success` stays False until a human's answer has brought a usable result.

    Args:
        escalation_config: see `EscalationSettings`: ``notification_channel``, ``priority``,
            ``assignee``, ``description``, ``pause_workflow``, ``include_context``, ``timeout`` ...
    """

    keys = frozenset(SETTING_KEYS)

    def __init__(self, escalation_config: Mapping[str, Any] | None = None) -> None:
        super().__init__(RecoveryStrategy.ESCALATION)
        self.settings = EscalationSettings.parse(escalation_config or {})

    def configured(self, metadata: Mapping[str, Any]) -> EscalationStrategy:
        """Return a strategy with these settings over its own."""
        check_keys(self, metadata)
        changed = EscalationStrategy()
        changed.settings = EscalationSettings.parse(metadata, base=self.settings)
        return changed

    def prepare(self, view: StepView) -> PreparedStep | str:
        """Offer one escalation; it is not charged to the budget, and neither is what it brings."""
        services = view.services.get("escalation")
        if not isinstance(services, EscalationServices):
            return "there is no escalation store"

        async def perform(attempt: Attempt) -> Performed:
            return await self._escalate(view, services, attempt)

        return PreparedStep(FixedMoves((Move(label="ask a human"),), free=True), perform)

    async def _escalate(
        self, view: StepView, services: EscalationServices, attempt: Attempt
    ) -> Performed:
        settings, finish = self.settings, view.environment.finish
        if not settings.description and view.call is not None and view.call.rerun is Rerun.NEVER:
            asked = f"Outcome unknown: {view.call.name}() failed and must not run twice"
            settings = replace(settings, description=asked)
        report = build_report(
            view.context,
            view.analysis,
            settings=settings,
            now=await services.engine.now(),
            attempt=attempt.n,
            attempt_lines=view.attempt_lines,
            code=_code_of(view),
            key=services.key or services.subject,
        )
        answers, edits = answerable(view.call)
        report = replace(report, answers=answers, edits=edits, timeout=_wait_of(settings))
        store, first = services.sender.store, report.escalation_id
        telling = Telling(services.sender, view.environment, blocking=services.blocking)
        with services.sender.asking(first):
            row = await finish(_ask(services, report))
            for again in range(2, MAX_REPEATS):
                if row.status is EscalationStatus.OPEN or await finish(
                    is_for_us(store, row, services.key)
                ):
                    break
                # its end was applied before: the same trouble once more is a new question
                report = replace(report, escalation_id=f"{first}.{again}")
                row = await finish(_ask(services, report))
            if isinstance(store, GuardsAnswers):
                store.guard(row.id, partial(check_answer, view))
            if services.notify and row.status is EscalationStatus.OPEN:
                addresses = own_addresses(settings.slack_webhook, settings.dashboard_url)
                await telling.take(report, addresses)
        if row.status is EscalationStatus.OPEN and settings.pause_workflow:
            row = await telling.wait(partial(services.engine.wait_decision, row.id, report.timeout))
            if row.status is not EscalationStatus.OPEN:
                await finish(is_for_us(store, row, services.key))
        else:
            await telling.alone()
        work = partial(_done, view, row, telling.told)
        if services.notify and row.status is not EscalationStatus.OPEN:
            return await telling.end(row, work)
        return await work()


async def _done(view: StepView, row: EscalationRow, told: dict[str, Any]) -> Performed:
    """Do what was answered, or say that nothing was."""
    details = {"escalated": True, "escalation_id": row.id, "metadata": told}
    if row.status is EscalationStatus.OPEN:
        asked = "a human has been asked" if told["delivered"] else "recorded, but nobody was told"
        message = f"{asked} (escalation {row.id}); there is no answer yet"
        return Performed(ok=False, message=message, details=details, pending=True, tried=False)
    if row.decision is None:
        message = f"nobody answered escalation {row.id}; it is {row.status}"
        return Performed(ok=False, message=message, details=details, final=True, tried=False)
    told["decision"], told["decided_by"] = str(row.decision.kind), row.by
    return await apply(view, row, row.decision, details)


async def _ask(services: EscalationServices, report: EscalationReport) -> EscalationRow:
    """Open the escalation; where nobody is to be told there is no notice of it, now or later."""
    store = services.sender.store
    if not services.notify and isinstance(store, OpensQuietly):
        return await store.open_quietly(report, key=services.key)
    return await ask(
        store, report, services.key, claim=services.notify, told=names_of(services.sender.notifiers)
    )


@runtime_checkable
class OpensQuietly(Protocol):
    """A store that opens a row without a notice."""

    async def open_quietly(self, report: EscalationReport, *, key: str = "") -> EscalationRow:
        """Create or join the row; nobody is ever told of it by the store."""
        ...


def _wait_of(settings: EscalationSettings) -> float | None:
    """A paused workflow does not wait for ever; whoever only records sets no limit by itself."""
    if settings.timeout is None and settings.pause_workflow:
        return DEFAULT_WAIT
    return settings.timeout


def _code_of(view: StepView) -> str | None:
    best = getattr(view.error, "code", None)
    if isinstance(best, str) and "\n" in best:
        return best
    code = view.context.state.get("code")
    return code if isinstance(code, str) else None
