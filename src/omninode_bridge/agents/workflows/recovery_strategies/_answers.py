"""What may be answered to a question about a call, and doing what was answered."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, runtime_checkable

from omninode_bridge.agents.workflows._call import Call
from omninode_bridge.agents.workflows._ports import EscalationStore
from omninode_bridge.agents.workflows._redaction import redact
from omninode_bridge.agents.workflows._redaction_errors import error_text
from omninode_bridge.agents.workflows.recovery_models import (
    Decision,
    DecisionKind,
    EscalationReport,
    EscalationRow,
    EscalationStatus,
    Rerun,
)
from omninode_bridge.errors import DecisionRefusedError

from ._stepped import Performed, StepView, check_result, says_no

__all__ = [
    "AnswersOnce",
    "GuardsAnswers",
    "KeepsKeys",
    "answerable",
    "apply",
    "ask",
    "check_answer",
    "is_for_us",
]

MAX_EDITS: Final = 100
MAX_NAME: Final = 200
_WITHOUT_CALL: Final = (DecisionKind.VALUE, DecisionKind.SKIP, DecisionKind.ABORT)


@runtime_checkable
class GuardsAnswers(Protocol):
    """A store that has answers checked before it accepts them."""

    def guard(self, escalation_id: str, check: Callable[[Decision], None]) -> None:
        """Have `check` raise `DecisionRefusedError` for an answer that cannot be applied."""
        ...


@runtime_checkable
class AnswersOnce(Protocol):
    """A store that hands out the end of each escalation once."""

    async def take_answer(self, escalation_id: str, key: str = "") -> bool:
        """Claim it; True for the first caller, and for every further one with the same key."""
        ...


@runtime_checkable
class KeepsKeys(AnswersOnce, Protocol):
    """A store that keeps one open question of each key."""

    async def open(
        self, report: EscalationReport, *, key: str = "", claim: bool = False
    ) -> EscalationRow:
        """Open or join; an open row of the same key is superseded."""
        ...


@runtime_checkable
class OpensFor(Protocol):
    """A store that keeps with a notice who is to be told where the report names nobody."""

    async def open_for(
        self, report: EscalationReport, told: Sequence[str], *, key: str = "", claim: bool = False
    ) -> EscalationRow:
        """Open or join, as `KeepsKeys.open()`; the notice is handed to who has such a channel."""
        ...


async def ask(
    store: EscalationStore, report: EscalationReport, key: str, *, claim: bool, told: Sequence[str]
) -> EscalationRow:
    """Open the escalation, in the place of what was asked under the same key before.

    Args:
        store: where it is kept.
        report: what a human is shown.
        key: of the recovery; empty where nothing is kept.
        claim: whether its notice is delivered next.
        told: names of the channels of who asks.
    """
    if isinstance(store, OpensFor):
        return await store.open_for(report, told, key=key, claim=claim)
    if key and isinstance(store, KeepsKeys):
        return await store.open(report, key=key, claim=claim)
    return await store.open(report)


async def is_for_us(store: EscalationStore, row: EscalationRow, key: str) -> bool:
    """Take the end of a row, where the store lets it be applied once only.

    That nobody answered is an end like an answer for who comes again under the same key; without
    one it is asked anew.
    """
    if row.status is EscalationStatus.SUPERSEDED or (row.decision is None and not key):
        return False
    return not isinstance(store, AnswersOnce) or await store.take_answer(row.id, key)


def answerable(call: Call | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which kinds of answers can be applied, and the arguments that may be edited.

    The second is empty where any name will do, or where they cannot be told.
    """
    if call is None:
        return tuple(str(kind) for kind in _WITHOUT_CALL), ()
    kinds = tuple(str(kind) for kind in DecisionKind)
    signature = call.signature()
    if signature is None or any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values()):
        return kinds, ()
    names = [name for name in signature.parameters if call.accepts(name)]
    names += [name for name in call.state if isinstance(name, str) and name not in names]
    if not names:
        return tuple(kind for kind in kinds if kind != DecisionKind.EDIT), ()
    told = [" ".join(redact(name, limit=MAX_NAME).split()) for name in names]
    if len(names) > MAX_EDITS or told != names:
        return kinds, ()
    return kinds, tuple(names)


def check_answer(view: StepView, decision: Decision) -> None:
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


async def apply(
    view: StepView, row: EscalationRow, decision: Decision, details: dict[str, Any]
) -> Performed:
    """Do what the human said; a wrong answer fails like any other attempt."""
    kind = decision.kind
    if row.at is not None:
        details["metadata"]["decided_at"] = row.at.isoformat()
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
