"""From the recoveries of a step to what the report says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from omninode_bridge.agents.workflows import RecoveryResult, RecoveryStrategy
from omninode_bridge.errors import (
    ContractError,
    ContractSecurityError,
    UnsupportedFeatureError,
)
from omninode_bridge.generation.report import EscalationNote, StepReport

__all__ = ["escalation_settings", "note_of", "step_report"]

MAX_TEXT = 500


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one kind of trouble is put to a human; after the guide's escalation patterns."""

    name: str
    description: str
    priority: str
    assignee: str
    pause: bool = False


_SECURITY = _Kind(
    "security_violation", "Security validation failed", "critical", "security-team", pause=True
)
_UNSUPPORTED = _Kind(
    "unsupported_feature", "Feature not yet supported", "medium", "development-team"
)
_INVALID = _Kind("invalid_contract", "Contract validation failed", "high", "contracts-team")
_GENERATION = _Kind("generation_failed", "Code generation failed", "high", "code-generation-team")


def _kind_of(error: BaseException) -> _Kind:
    if isinstance(error, ContractSecurityError):
        return _SECURITY
    if isinstance(error, UnsupportedFeatureError):
        return _UNSUPPORTED
    return _INVALID if isinstance(error, ContractError) else _GENERATION


def escalation_settings(error: BaseException, *, wait: float | None) -> dict[str, Any]:
    """Return how this error is escalated, as settings of `EscalationStrategy`.

    Args:
        error: what went wrong.
        wait: seconds to wait for the answer; None records and goes on.
    """
    kind = _kind_of(error)
    settings: dict[str, Any] = {
        "description": kind.description,
        "priority": kind.priority,
        "assignee": kind.assignee,
        "pause_workflow": wait is not None,
    }
    if wait is not None:
        settings["timeout"] = wait
    return settings


def note_of(error: BaseException, result: RecoveryResult | None) -> EscalationNote:
    """Return what the report says of an escalation; without a result nobody was asked."""
    kind = _kind_of(error)
    place = error if isinstance(error, ContractError) else None
    return EscalationNote(
        id=result.escalation_id if result is not None else None,
        kind=kind.name,
        message=(place.message if place else str(error))[:MAX_TEXT],
        path=place.path if place else None,
        line=place.line if place else None,
        column=place.column if place else None,
        related_lines=place.related_lines if place else (),
        hint=place.hint if place else "",
        priority=kind.priority,
        pause=kind.pause,
        answer=result.metadata.get("decision") if result is not None else None,
    )


def step_report(
    step: str,
    result: RecoveryResult | None,
    *,
    duration_ms: float,
    error: BaseException | None = None,
) -> StepReport:
    """Return what the report says of a step that ended well, or was recovered.

    Args:
        step: its name.
        result: of its recovery; None where nothing went wrong.
        duration_ms: the whole step.
        error: the first error of the step.
    """
    if result is None:
        return StepReport(step=step, outcome="done", duration_ms=duration_ms)
    kind = result.strategy_used
    outcome = "recovered" if result.success else "escalated" if result.escalated else "failed"
    return StepReport(
        step=step,
        outcome=outcome,
        kind=str(kind) if kind is not None else "none",
        change=_changes(result, kind),
        error=f"{type(error).__name__}: {error}"[:MAX_TEXT] if error is not None else "",
        attempts=len(result.attempts),
        duration_ms=duration_ms,
    )


def _changes(result: RecoveryResult, kind: RecoveryStrategy | None) -> tuple[str, ...]:
    if not result.success:
        return ()
    metadata: Mapping[str, Any] = result.metadata
    if kind is RecoveryStrategy.ALTERNATIVE_PATH:
        return (f"used {result.fallback_used!r} instead",)
    if kind is RecoveryStrategy.GRACEFUL_DEGRADATION:
        return tuple(f"dropped {what}" for what in result.dropped)
    if kind is RecoveryStrategy.RETRY:
        return (f"succeeded at retry {result.retry_count}",)
    if kind is RecoveryStrategy.ESCALATION:
        return (f"{metadata.get('decided_by')} answered {metadata.get('decision')!r}",)
    return tuple(str(fix) for fix in metadata.get("fixes", ()))
