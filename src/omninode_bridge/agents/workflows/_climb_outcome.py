"""What is written down of an attempt: for the ladder its outcome, for people a record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ._attached import attached_answer
from ._attempt_text import ERROR_TEXT_LIMIT, text_of
from ._redaction import redact
from ._spending import Spending
from .recovery_models import Attempt, AttemptRecord, ErrorAnalysis, Outcome
from .recovery_strategies._stepped import Performed

__all__ = ["failed_attempt", "first_outcome", "outcome_of", "record_of"]


def first_outcome(analysis: ErrorAnalysis) -> Outcome:
    """Return the outcome of the call that failed, with which a log opens."""
    return Outcome(
        n=0,
        ok=False,
        elapsed=0.0,
        error_type=analysis.error_type,
        transient=analysis.transient,
        retry_after=analysis.retry_after,
    )


def failed_attempt(error: Exception, *, tried: bool) -> Performed:
    """Return what an attempt brought that raised.

    Where a call within it has asked a human, who wants the work left out or given up, that holds for
    what is around it too: nothing further is tried.
    """
    answer = attached_answer(error)
    if answer is None:
        return Performed(ok=False, error=error, tried=tried)
    kind, by, at, escalation_id = answer
    said = {"decision": kind, "decided_by": by, "decided_at": at}
    details: dict[str, Any] = {"escalation_id": escalation_id, "metadata": said}
    return Performed(ok=False, error=error, details=details, final=True, tried=tried)


def outcome_of(
    attempt: Attempt,
    performed: Performed,
    elapsed: float,
    analysis: ErrorAnalysis | None,
    spent: Spending | None = None,
) -> Outcome:
    """Return what the ladder needs to know; `analysis` is of the error that remains, if any."""
    outcome = Outcome(
        n=attempt.n,
        ok=performed.ok,
        elapsed=elapsed,
        final=performed.final,
        pending=performed.pending,
        tried=performed.tried,
        tokens=0.0 if spent is None else spent.tokens,
        money=0.0 if spent is None else spent.money,
    )
    if analysis is None:
        return outcome
    return replace(
        outcome,
        fingerprint=analysis.fingerprint,
        error_type=analysis.error_type,
        transient=analysis.transient,
        retry_after=analysis.retry_after,
    )


def record_of(
    attempt: Attempt,
    performed: Performed,
    duration_ms: float,
    analysis: ErrorAnalysis | None,
    spent: Spending | None = None,
) -> AttemptRecord:
    """Return the account of an attempt: texts and fingerprints, no live exceptions."""
    text = ""
    if performed.error is not None:
        text = text_of(performed.error)
    elif not performed.ok:
        text = redact(performed.message, limit=ERROR_TEXT_LIMIT)
    return AttemptRecord(
        attempt=attempt,
        ok=performed.ok,
        error=text,
        fingerprint=analysis.fingerprint if analysis is not None else "",
        duration_ms=duration_ms,
        details={k: v for k, v in performed.details.items() if k != "metadata"}
        | ({} if spent is None else spent.details()),
    )
