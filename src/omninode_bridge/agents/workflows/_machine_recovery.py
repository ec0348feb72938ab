"""One recovery with the parts of an orchestrator, and what its caller is told of it."""

from __future__ import annotations

import inspect
import logging
import threading
from collections.abc import Callable
from typing import Any

from ._blocking import finisher, run_to_end
from ._call import Call
from ._durable import Engine, RecoveryLog, TellsOfWorkflows, current_step
from ._errors_data import MAX_MESSAGE
from ._hooks import Teller
from ._identity import is_exact, subject_of
from ._machine_parts import MachineParts
from ._options import RunOptions
from ._quick import FirstRetry
from ._recovery import Recovery, recover
from ._redaction_errors import error_text, failure_fields
from .classification import describe
from .engines.inline import InlineEngine
from .recovery_models import ErrorAnalysis, RecoveryContext, RecoveryResult
from .recovery_strategies._lent import EscalationServices

__all__ = ["run_recovery"]

logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")


async def run_recovery(
    parts: MachineParts,
    context: RecoveryContext,
    call: Call | None,
    options: RunOptions,
    *,
    analysis: ErrorAnalysis,
    wants_code: bool = False,
    blocking: bool = False,
    first: FirstRetry | None = None,
    seed: float | None = None,
    log: RecoveryLog | None = None,
) -> RecoveryResult:
    """Run one recovery of an error that may be caught."""
    config = parts.config
    error = context.exception
    if call is not None and not analysis.call_source:
        analysis = analysis.replace(call_source=call.source)
    if parts.engine is not None and parts.human_configured and parts.notify and not blocking:
        parts.sender.begin()  # what an earlier process left is told at the first chance
    keeps_value = log is not None
    if log is None and parts.engine is not None:
        log = _log_of(parts.engine, context, call)
    if log is not None and log.workflow_id and log.workflow_id != context.workflow_id:
        # what resumes the workflow must find it by what humans are shown
        own = context.correlation_id or context.workflow_id
        context = context.replace(workflow_id=log.workflow_id, correlation_id=own)
    if log is not None and not is_exact(call, context.state):
        _refuse_another(log, context)
    engine = InlineEngine(
        parts.clock,
        draw=parts.draw,
        store=parts.store,
        signals=parts.signals,
        blocking=blocking,
        log=log,
    )
    result = await recover(
        Recovery(
            config=config,
            context=context,
            options=options,
            analysis=analysis,
            call=call,
            engine=engine,
            classify=lambda other: parts.analyze(other, config),
            text=lambda: describe(error) if error is not None else context.error_message or "",
            services={
                "escalation": EscalationServices(
                    sender=parts.sender,
                    engine=engine,
                    notify=parts.notify,
                    blocking=blocking,
                    clock=parts.clock,
                    key="" if log is None else log.key,
                    subject=subject_of(call, context.state),
                )
            },
            human_configured=parts.human_configured,
            wants_code=wants_code,
            blocking=blocking,
            teller=Teller(config.hooks, parts.metrics, parts.recorder, finisher(blocking=blocking)),
            first=first,
            seed=seed,
            log=log,
            keeps_value=keeps_value,
        )
    )
    if options.on_result is not None:
        await _tell_caller(parts, options.on_result, result, blocking=blocking)
    return result


def _log_of(engine: Engine, context: RecoveryContext, call: Call | None) -> RecoveryLog | None:
    """Return where a recovery is kept that was not begun by a call of ours."""
    step = current_step.get()
    if step is not None:
        about = context.metadata.get("answer_subject")
        subject = subject_of(call, {**context.state, "": about} if about else context.state)
        return step.recovery(context.node_name, f"{context.step_count} {subject}".rstrip())
    if isinstance(engine, TellsOfWorkflows) and engine.is_missed_by(threading.current_thread()):
        logger.warning(
            "recovery.not_kept",
            extra={
                "workflow_id": context.workflow_id,
                "node_name": context.node_name,
                "reason": "it runs in a thread that knows of no step, while steps run that it may "
                "belong to; if it does, begin the thread's work with asyncio.to_thread() or "
                "contextvars.copy_context().run()",
            },
        )
    return engine.recovery(context.workflow_id, context.node_name, "")


def _refuse_another(log: RecoveryLog, context: RecoveryContext) -> None:
    """Begin anew where the error is not the one that was met in this place before.

    Arguments that are not JSON do not tell one call from another; at least their errors may.
    """
    error = context.exception
    if log.first is None or error is None:
        return
    if error_text(error, limit=MAX_MESSAGE) != log.first.get("message"):
        log.anew("another call stands in its place")


async def _tell_caller(
    parts: MachineParts,
    on_result: Callable[[RecoveryResult], Any],
    result: RecoveryResult,
    *,
    blocking: bool,
) -> None:
    try:
        told = on_result(result)
        if inspect.isawaitable(told):
            _ = run_to_end(told) if blocking else await told
    except Exception as error:  # noqa: BLE001 -- the caller's own callback must not undo a recovery
        parts.recorder.count_hook_failure()
        logger.warning("recovery.on_result_failed", extra=failure_fields(error))
