"""One recovery from beginning to end: plan, climb, account, record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from omninode_bridge.errors import OutcomeUnknownError

from ._call import Call
from ._climb import Climb, ClimbSettings
from ._config import Config
from ._durable import RecoveryLog
from ._hooks import Teller, log_end
from ._options import RunOptions
from ._planning import PlannedRecovery, plan_recovery
from ._ports import Event, StepContext
from ._quick import FirstRetry
from ._recovery_kept import account_of, begin_kept
from .recovery_models import (
    ErrorAnalysis,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
    Rerun,
)

__all__ = ["NO_CALL_HELP", "Recovery", "recover"]

NO_CALL_HELP = (
    "there is no call to run again; give one with handle_error(context, operation=...), "
    "RecoveryContext(operation=...), the pattern's metadata['operation'] or "
    "@orchestrator.operation(node_name), or use orchestrator.run() or @orchestrator.recoverable"
)
_SENTENCE_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Everything that one recovery works with."""

    config: Config
    context: RecoveryContext
    options: RunOptions
    analysis: ErrorAnalysis
    call: Call | None
    engine: StepContext
    classify: Callable[[BaseException], ErrorAnalysis]
    text: Callable[[], str]
    services: Mapping[str, Any]
    human_configured: bool
    wants_code: bool
    blocking: bool
    teller: Teller
    first: FirstRetry | None = None
    seed: float | None = None
    log: RecoveryLog | None = None
    keeps_value: bool = False


async def recover(recovery: Recovery) -> RecoveryResult:
    """Climb the ladder and return the true account; raises only what is never ours to catch."""
    began_at = await recovery.engine.now()
    first, teller, log = recovery.first, recovery.teller, recovery.log
    seed = recovery.seed if log is None else log.plan.get("seed", recovery.seed)
    planned = plan_recovery(
        recovery.config,
        recovery.context,
        recovery.analysis,
        recovery.options,
        call=recovery.call,
        text=recovery.text,
        seed=await recovery.engine.random() if seed is None else seed,
        human_configured=recovery.human_configured,
    )
    context = recovery.context
    if log is not None:
        began_at -= timedelta(seconds=await begin_kept(recovery, log, planned))
    settings = ClimbSettings(
        plan=planned.plan,
        context=context,
        call=recovery.call,
        analysis=recovery.analysis,
        engine=recovery.engine,
        strategies=planned.strategies,
        skips=planned.skips,
        classify=recovery.classify,
        patterns=planned.patterns,
        services={**recovery.services, "pattern_strategies": planned.pattern_strategies},
        validate=recovery.options.validate,
        attempt_timeout=recovery.options.attempt_timeout,
        never=recovery.options.never,
        wants_code=recovery.wants_code,
        blocking=recovery.blocking,
        before_step=lambda kind: teller.attempt(context, kind),
        log=log,
    )
    climb = Climb(settings, context.exception, began_at)
    if first is not None:
        await climb.adopt(first)
    await climb.run()
    result = _account(recovery, planned, climb)
    if log is not None:
        await log.close(
            account_of(result),
            (_keeps_value(recovery, result), result.result),
            blocking=recovery.blocking,
        )
    log_end(
        context.workflow_id,
        context.node_name,
        success=result.success,
        strategy=result.strategy_used,
        pattern_id=result.pattern_matched,
        attempts=len(result.attempts),
        dropped=result.dropped,
        duration_ms=result.duration_ms,
        error=None if result.success else recovery.text,
    )
    pending = bool(result.metadata.get("pending"))
    ended = "succeeded" if result.success else "escalated" if pending else "failed"
    data = {"node_name": context.node_name, "strategy": str(result.strategy_used or "")}
    event = Event(f"recovery_{ended}", context.workflow_id, data)
    await teller.emit(recovery.engine.emit, event)
    await teller.ended(result)
    return result


def _keeps_value(recovery: Recovery, result: RecoveryResult) -> bool:
    """Whether a later process may be given the value instead of what made it.

    None is what functions return that do something, and what they did to the memory of this process
    is gone with it; and who handles an error after the fact wants the whole account.
    """
    return result.success and result.result is not None and recovery.keeps_value


def _account(recovery: Recovery, planned: PlannedRecovery, climb: Climb) -> RecoveryResult:
    """Make the result of what was logged."""
    performed = climb.performed
    success = performed is not None and performed.ok
    last = climb.records[-1].strategy if climb.records else None
    elapsed = recovery.engine.monotonic() - climb.started
    details = dict(performed.details) if performed is not None else {}
    metadata = dict(details.pop("metadata", {}))
    metadata.pop("pending", None)  # ours alone to say
    if performed is not None and performed.pending:
        metadata["pending"] = True
    escalation = _escalation_of(climb)
    pattern = recovery.analysis.pattern_for(last)
    fields: dict[str, Any] = {
        "duration_ms": elapsed * 1000,
        "overhead_ms": max(0.0, elapsed - climb.environment.outside) * 1000,
        "retry_count": sum(
            1 for record in climb.records if record.strategy is RecoveryStrategy.RETRY
        ),
        "pattern_matched": pattern.pattern_id if pattern is not None else None,
        "attempts": tuple(climb.records),
        "skipped": tuple(climb.skipped),
        "analysis": recovery.analysis,
        "metadata": metadata,
        **escalation,
    }
    if success and performed is not None and last is not None:
        error = recovery.context.exception
        return RecoveryResult.recovered(last, performed.value, error=error, **(fields | details))
    details.pop("dropped", None)
    details.pop("error_fixed", None)
    details.pop("fallback_used", None)
    message = _why_not(recovery, climb)
    error = climb.error if climb.error is not None else recovery.context.exception
    if recovery.call is not None and recovery.call.rerun is Rerun.NEVER:
        error = _unknown_outcome(recovery.call, error)
    return RecoveryResult.failed(last, message, error=error, **(fields | details))


def _unknown_outcome(call: Call, error: BaseException | None) -> OutcomeUnknownError:
    """Return what remains of a call that must not run twice; `error` is its cause."""
    unknown = OutcomeUnknownError(
        f"{call.name}() must not run twice, and nobody knows how far it came before it failed"
    )
    unknown.__cause__ = error
    return unknown


def _escalation_of(climb: Climb) -> dict[str, Any]:
    for record in reversed(climb.records):
        if record.details.get("escalated"):
            return {"escalated": True, "escalation_id": record.details.get("escalation_id")}
    return {}


def _why_not(recovery: Recovery, climb: Climb) -> str:
    """Say in one sentence why there is no usable result."""
    performed = climb.performed
    if performed is not None and performed.message:
        return performed.message[:_SENTENCE_LIMIT]
    parts: list[str] = []
    if climb.records:
        parts.append(climb.records[-1].error or "the last attempt brought no result")
    else:
        parts.append("nothing was tried")
        if recovery.call is None:
            parts.append(NO_CALL_HELP)
    parts.extend(f"{kind}: {why}" for kind, why in climb.ends.items())
    if not climb.records:
        parts.extend(f"{skip.strategy}: {skip.reason}" for skip in climb.skipped)
    return "; ".join(parts)[:_SENTENCE_LIMIT]
