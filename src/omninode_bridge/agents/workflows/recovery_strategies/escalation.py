"""Ask a human, and do what the human answers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, runtime_checkable

from omninode_bridge.agents.workflows._call import Call
from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows._ladder import FixedMoves, Move
from omninode_bridge.agents.workflows._ports import EscalationStore, Notifier, StepContext
from omninode_bridge.agents.workflows._redaction_errors import error_text
from omninode_bridge.agents.workflows.escalation import (
    EscalationSettings,
    build_report,
    deliver,
    deliver_due,
)
from omninode_bridge.agents.workflows.escalation.settings import SETTING_KEYS
from omninode_bridge.agents.workflows.recovery_models import (
    Attempt,
    Decision,
    DecisionKind,
    EscalationRow,
    EscalationStatus,
    Receipt,
    RecoveryStrategy,
    Rerun,
)
from omninode_bridge.errors import DecisionRefusedError

from ._stepped import (
    Performed,
    PreparedStep,
    SteppedStrategy,
    StepView,
    check_keys,
    check_result,
    says_no,
)

__all__ = ["DEFAULT_WAIT", "EscalationServices", "EscalationStrategy"]

# seconds that a paused workflow waits where nothing says how long
DEFAULT_WAIT = 24 * 3600.0
# how often the very same trouble may be put to a human
MAX_REPEATS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationServices:
    """What the orchestrator lends for asking a human.

    Attributes:
        store: where the row is kept.
        engine: tells the time and waits.
        notifiers: channels by name.
        notify: False records without telling anybody.
        key: of this recovery within its workflow, the same after a restart; an answer that was taken
            under it may be taken under it again. Empty where nothing is kept: then only once.
            A question asked under a key takes the place of an earlier one that is still open.
    """

    store: EscalationStore
    engine: StepContext
    notifiers: Mapping[str, Notifier]
    notify: bool = True
    clock: Clock = SYSTEM_CLOCK
    key: str = ""


@runtime_checkable
class GuardsAnswers(Protocol):
    """A store that has answers checked before it accepts them."""

    def guard(self, escalation_id: str, check: Callable[[Decision], None]) -> None:
        """Have `check` raise `DecisionRefusedError` for an answer that cannot be applied."""
        ...


@runtime_checkable
class AnswersOnce(Protocol):
    """A store that hands out each answer once."""

    def take_answer(self, escalation_id: str) -> bool:
        """Claim the answer; True for the first caller."""
        ...


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
            key=services.key,
        )
        first = report.escalation_id
        row = await finish(services.store.open(report))
        for again in range(2, MAX_REPEATS):
            if row.status is EscalationStatus.OPEN or _is_for_us(services.store, row):
                break
            # that answer was applied before: the same trouble once more is a new question
            report = replace(report, escalation_id=f"{first}.{again}")
            row = await finish(services.store.open(report))
        if isinstance(services.store, GuardsAnswers):
            services.store.guard(row.id, partial(_check_answer, view))
        receipts: tuple[Receipt, ...] = ()
        if services.notify and row.status is EscalationStatus.OPEN:
            receipts = await finish(
                deliver(
                    services.store,
                    services.notifiers,
                    report,
                    clock=services.clock,
                    slack_webhook=settings.slack_webhook,
                    dashboard_url=settings.dashboard_url,
                )
            )
            # whatever failed before, or was held back to be told as one, gets its chance
            await finish(deliver_due(services.store, services.notifiers, clock=services.clock))
        told: dict[str, Any] = {
            "delivered": any(receipt.delivered for receipt in receipts),
            "channels": {receipt.channel: receipt.delivered for receipt in receipts},
        }
        details = {"escalated": True, "escalation_id": row.id, "metadata": told}
        if row.status is EscalationStatus.OPEN and settings.pause_workflow:
            seconds = DEFAULT_WAIT if settings.timeout is None else settings.timeout
            row = await view.environment.wait(services.engine.wait_decision(row.id, seconds))
            _is_for_us(services.store, row)
        if row.status is EscalationStatus.OPEN:
            asked = (
                "a human has been asked" if told["delivered"] else "recorded, but nobody was told"
            )
            message = f"{asked} (escalation {row.id}); there is no answer yet"
            return Performed(ok=False, message=message, details=details, pending=True, tried=False)
        if row.decision is None:
            message = f"nobody answered escalation {row.id}; it is {row.status}"
            return Performed(ok=False, message=message, details=details, final=True, tried=False)
        told["decision"], told["decided_by"] = str(row.decision.kind), row.by
        return await _apply(view, row, row.decision, details)


def _is_for_us(store: EscalationStore, row: EscalationRow) -> bool:
    """Take the answer, where the store lets an answer be applied once only."""
    if row.decision is None:
        return False
    return not isinstance(store, AnswersOnce) or store.take_answer(row.id)


def _check_answer(view: StepView, decision: Decision) -> None:
    """Refuse an answer that could not be applied, before it is accepted.

    Raises:
        DecisionRefusedError: a call to run again is missing, an argument does not exist, or the
            value fails the caller's check.
    """
    kind, call = decision.kind, view.call
    if kind in (DecisionKind.RETRY, DecisionKind.EDIT) and call is None:
        raise DecisionRefusedError(
            f"the answer is {str(kind)!r}, but there is no call to run again; "
            "answer Decision.value(result), 'skip' or 'abort'"
        )
    if kind is DecisionKind.EDIT and call is not None:
        wrong = [name for name in decision.payload if not _takes(call, name)]
        if wrong:
            raise DecisionRefusedError(
                f"the answer edits {wrong[0]!r}, which {call.name}() does not take"
            )
    if kind is DecisionKind.VALUE and view.validate is not None:
        try:
            verdict = view.validate(decision.payload)
            refused = not inspect.isawaitable(verdict) and says_no(verdict)
        except Exception as error:
            raise DecisionRefusedError(
                f"the value failed validation: {error_text(error)}"
            ) from error
        if inspect.iscoroutine(verdict):
            verdict.close()  # an async check has its say when the value is applied
        elif refused:
            raise DecisionRefusedError("the value failed validation")


def _takes(call: Call, name: str) -> bool:
    return call.accepts(name, by_keywords=True) or name in call.state


async def _apply(
    view: StepView, row: EscalationRow, decision: Decision, details: dict[str, Any]
) -> Performed:
    """Do what the human said; a wrong answer fails like any other attempt."""
    kind = decision.kind
    if kind in (DecisionKind.SKIP, DecisionKind.ABORT):
        message = f"{row.by} answered {str(kind)!r} to escalation {row.id}"
        return Performed(ok=False, message=message, details=details, final=True, tried=False)
    try:
        if kind is DecisionKind.VALUE:
            await check_result(decision.payload, view.validate, view.environment.finish)
            return Performed(decision.payload, details=details, tried=False)
        call = view.call
        if call is None:
            message = f"{row.by} answered {str(kind)!r} to escalation {row.id}, but there is no call to run again"
            return Performed(ok=False, message=message, details=details, final=True, tried=False)
        if kind is DecisionKind.EDIT:
            edited = {
                k: v for k, v in decision.payload.items() if call.accepts(k, by_keywords=True)
            }
            call = call.replace(state={**call.state, **decision.payload}).changed(edited)
        value = await view.environment.rerun(call.replace(rerun=Rerun.IDEMPOTENT))
        if kind is DecisionKind.EDIT:
            details["error_fixed"] = True
    except Exception as error:
        if view.environment.is_foreign(error):
            raise
        text = error_text(error)
        message = f"{row.by} answered {str(kind)!r} to escalation {row.id}, which ended in {text}"
        return Performed(ok=False, message=message, details=details, error=error, final=True)
    return Performed(value, details=details)


def _code_of(view: StepView) -> str | None:
    best = getattr(view.error, "code", None)
    if isinstance(best, str) and "\n" in best:
        return best
    code = view.context.state.get("code")
    return code if isinstance(code, str) else None
