"""What is kept of a recovery besides its attempts: how it began, by what plan, how it ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ._durable import RecoveryLog
from ._errors_data import data_of
from .recovery_models import RecoveryResult

if TYPE_CHECKING:
    from ._planning import PlannedRecovery
    from ._recovery import Recovery

__all__ = ["account_of", "begin_kept"]


async def begin_kept(recovery: Recovery, log: RecoveryLog, planned: PlannedRecovery) -> float:
    """Write down how the recovery begins, or take up one that an earlier process began.

    Returns:
        Seconds that it has been going on for.
    """
    first = data_of(recovery.context.exception, recovery.analysis, recovery.text())
    if log.first is not None:
        why = _why_another(log, first, planned)
        if not why:
            return log.elapsed
        log.diverged(why)
    plan = planned.plan
    await log.begin(
        first,
        {
            "steps": [str(kind) for kind in plan.steps],
            "policy_version": plan.policy_version,
            "seed": plan.seed,
            "budget": asdict(plan.budget),
            "skips": {str(index): why for index, why in planned.skips.items()},
        },
        blocking=recovery.blocking,
    )
    return 0.0


def _why_another(log: RecoveryLog, first: Mapping[str, Any], planned: PlannedRecovery) -> str:
    if log.first is not None and log.first.get("fingerprint") != first["fingerprint"]:
        return "the error was another one"
    if log.plan.get("policy_version") != planned.plan.policy_version:
        return "the strategies were others"
    return ""


def account_of(result: RecoveryResult) -> dict[str, Any]:
    """Return what the caller is told, without the value and what is alive."""
    pending = bool(result.metadata.get("pending"))
    return {
        "status": "recovered" if result.success else "pending" if pending else "failed",
        "success": result.success,
        "strategy_used": str(result.strategy_used) if result.strategy_used is not None else None,
        "error_message": result.error_message,
        "duration_ms": result.duration_ms,
        "overhead_ms": result.overhead_ms,
        "retry_count": result.retry_count,
        "error_fixed": result.error_fixed,
        "fallback_used": result.fallback_used,
        "escalated": result.escalated,
        "escalation_id": result.escalation_id,
        "pattern_matched": result.pattern_matched,
        "dropped": list(result.dropped),
        "skipped": [{"strategy": str(s.strategy), "reason": s.reason} for s in result.skipped],
        "attempts": len(result.attempts),
        "metadata": _plain(dict(result.metadata)),
    }


def _plain(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return what of it is JSON; a corrected code's output may be anything."""
    kept = {}
    for name, value in metadata.items():
        try:
            kept[name] = json.loads(json.dumps(value, allow_nan=False))
        except (TypeError, ValueError, RecursionError):
            kept[name] = f"<{type(value).__name__}>"
    return kept
