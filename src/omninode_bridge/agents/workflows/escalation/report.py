"""Write down what a human is shown: complete, redacted, bounded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from omninode_bridge.agents.workflows._redaction import redact, redact_value
from omninode_bridge.agents.workflows._redaction_errors import error_text
from omninode_bridge.agents.workflows.recovery_models import (
    ErrorAnalysis,
    EscalationReport,
    RecoveryContext,
    RecoveryStrategy,
)

from .settings import EscalationSettings

__all__ = ["build_report", "escalation_id"]

MAX_NAME: Final = 200
MAX_LINE: Final = 500
MAX_MESSAGE: Final = 4_000
MAX_CODE: Final = 16_384
MAX_CHAIN: Final = 10
MAX_ATTEMPTS: Final = 50
MAX_KEYS: Final = 100


def escalation_id(
    workflow_id: str,
    node_name: str,
    step_count: int,
    attempt: int,
    fingerprint: str,
    key: str = "",
) -> str:
    """Return the id of an escalation: equal for a replay, different for anything else.

    Args:
        workflow_id: of the workflow.
        node_name: where the error was.
        step_count: of the context.
        attempt: number of the attempt that escalates.
        fingerprint: of the error.
        key: names the recovery within its workflow, where that is kept.
    """
    parts = [workflow_id, node_name, step_count, attempt, fingerprint, *([key] if key else [])]
    named = json.dumps(parts, default=str)
    return f"esc_{hashlib.sha256(named.encode()).hexdigest()[:20]}"


def build_report(
    context: RecoveryContext,
    analysis: ErrorAnalysis,
    *,
    settings: EscalationSettings,
    now: datetime,
    attempt: int = 0,
    attempt_lines: Sequence[str] = (),
    code: str | None = None,
    diff: str | None = None,
    key: str = "",
) -> EscalationReport:
    """Return the report of an error that needs a human.

    Args:
        context: where it happened.
        analysis: what it was found to be.
        settings: what the pattern or the configuration says.
        now: the time that the report carries.
        attempt: number of the attempt that escalates; part of the id.
        attempt_lines: what was tried before, one line each; the last fifty are kept.
        code: the code at fault; `state["code"]` where it is None.
        diff: what a correction tried to change.
        key: names the recovery within its workflow, where that is kept; part of the id.
    """
    if code is None:
        code = _code_of(context)
    pattern = analysis.pattern_for(RecoveryStrategy.ESCALATION)
    return EscalationReport(
        escalation_id=escalation_id(
            context.workflow_id,
            context.node_name,
            context.step_count,
            attempt,
            analysis.fingerprint,
            key,
        ),
        workflow_id=_line(context.workflow_id, MAX_NAME),
        node_name=_line(context.node_name, MAX_NAME),
        step_count=context.step_count,
        error_type=str(analysis.error_type),
        fingerprint=analysis.fingerprint,
        description=_line(settings.description, MAX_LINE),
        error_message=_message(context),
        timestamp=now,
        priority=settings.priority,
        assignee=_line(settings.assignee, MAX_NAME),
        channels=settings.told,
        chain=tuple(error_text(error, limit=MAX_MESSAGE) for error in _causes(context.exception)),
        code=None if code is None else redact(code, limit=MAX_CODE),
        diff=None if diff is None else redact(diff, limit=MAX_CODE),
        attempts=tuple(_line(line, MAX_LINE) for line in attempt_lines[-MAX_ATTEMPTS:]),
        state_keys=tuple(_line(key, MAX_NAME) for key in list(context.state)[:MAX_KEYS]),
        context=redact_value(context.state) if settings.include_context else {},
        correlation_id=(
            None if context.correlation_id is None else _line(context.correlation_id, MAX_NAME)
        ),
        pattern_id=None if pattern is None else _line(pattern.pattern_id, MAX_NAME),
        pauses=settings.pause_workflow,
        check=settings.answer_check,
        subject=settings.answer_subject,
        timeout=settings.timeout,
        on_timeout=settings.on_timeout,
    )


def _line(text: str, limit: int) -> str:
    return " ".join(redact(text, limit=limit).split())


def _message(context: RecoveryContext) -> str:
    if context.exception is not None:
        return error_text(context.exception, limit=MAX_MESSAGE)
    return redact(context.error_message or "no error was given", limit=MAX_MESSAGE)


def _code_of(context: RecoveryContext) -> str | None:
    code = context.state.get("code")
    return code if isinstance(code, str) else None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield causes, then the leaves of groups, each once, at most ten."""
    if error is None:
        return
    seen = {id(error)}
    queue = [error]
    while queue and len(seen) <= MAX_CHAIN:
        current = queue.pop(0)
        following = [_cause(current)]
        if isinstance(current, BaseExceptionGroup):
            following += current.exceptions[:MAX_CHAIN]
        for cause in following:
            if cause is not None and id(cause) not in seen and len(seen) <= MAX_CHAIN:
                seen.add(id(cause))
                queue.append(cause)
                yield cause


def _cause(error: BaseException) -> BaseException | None:
    if error.__cause__ is not None or error.__suppress_context__:
        return error.__cause__
    return error.__context__
