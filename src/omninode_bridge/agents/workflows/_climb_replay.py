"""What an earlier process has tried of a recovery, taken over instead of tried again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ._durable import RecoveryLog
from ._errors_data import data_of, error_of
from .recovery_models import Attempt, AttemptRecord, ErrorAnalysis, ErrorType, Outcome
from .recovery_strategies._stepped import Performed

__all__ = ["Taken", "note_outcome", "take"]


@dataclass(frozen=True, slots=True)
class Taken:
    """An attempt that need not run: what came of it then."""

    outcome: Outcome
    record: AttemptRecord
    performed: Performed


def take(log: RecoveryLog, attempt: Attempt) -> Taken | None:
    """Return what came of this very attempt in an earlier process, or None where it is to run.

    It runs where it had not ended, where it had succeeded (the value was not kept), and where a
    human had not answered. Where another attempt was written, what is written counts no more.
    """
    _pass_over(log.entries)
    if not log.entries:
        return None
    kind, data = log.entries[0]
    same = (
        ("n", attempt.n),
        ("strategy", str(attempt.strategy)),
        ("change_hash", attempt.change_hash),
    )
    if kind != "attempt" or any(data.get(name) != value for name, value in same):
        log.diverged(f"attempt {attempt.n} was another one")
        return None
    del log.entries[0]
    _pass_over(log.entries)
    if not log.entries or log.entries[0][0] != "outcome" or log.entries[0][1].get("n") != attempt.n:
        return None
    known = log.entries[0][1]
    if known.get("ok") or known.get("pending"):
        log.drop_rest()
        return None
    del log.entries[0]
    return _taken(attempt, known)


def _pass_over(entries: list[tuple[str, Mapping[str, Any]]]) -> None:
    """Drop what tells people something but decides nothing."""
    while entries and entries[0][0] not in ("attempt", "outcome"):
        del entries[0]


def _taken(attempt: Attempt, data: Mapping[str, Any]) -> Taken:
    told = data.get("record") or {}
    error = error_of(data["error"]) if data.get("error") else None
    outcome = Outcome(
        n=attempt.n,
        ok=False,
        elapsed=float(data["elapsed"]),
        fingerprint=str(data.get("fingerprint", "")),
        error_type=ErrorType(data["error_type"]),
        transient=data.get("transient"),
        retry_after=data.get("retry_after"),
        final=bool(data.get("final")),
        tried=bool(data.get("tried")),
        tokens=float(data.get("tokens") or 0.0),
        money=float(data.get("money") or 0.0),
    )
    details = dict(told.get("details") or {})
    record = AttemptRecord(
        attempt=attempt,
        ok=False,
        error=str(told.get("error", "")),
        fingerprint=outcome.fingerprint,
        duration_ms=float(told.get("duration_ms") or 0.0),
        details=details,
    )
    performed = Performed(
        ok=False,
        error=error,
        message=str(told.get("message", "")),
        details=details | {"metadata": told.get("metadata") or {}},
        final=outcome.final,
        tried=outcome.tried,
    )
    return Taken(outcome, record, performed)


def note_outcome(
    log: RecoveryLog,
    outcome: Outcome,
    record: AttemptRecord,
    performed: Performed,
    analysis: ErrorAnalysis | None,
) -> None:
    """Have it written down what came of an attempt."""
    kept: dict[str, Any] = asdict(outcome) | {"error_type": str(outcome.error_type)}
    kept["record"] = {
        "error": record.error,
        "duration_ms": record.duration_ms,
        "details": dict(record.details),
        "message": performed.message,
        "metadata": dict(performed.details.get("metadata", {})),
    }
    if performed.error is not None and analysis is not None:
        kept["error"] = data_of(performed.error, analysis)
    log.note("outcome", kept)
