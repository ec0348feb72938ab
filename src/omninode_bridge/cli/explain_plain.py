"""The story of a recovery as JSON has it."""

from __future__ import annotations

from typing import Any

from omninode_bridge.agents.workflows.journal.reading import (
    Climbed,
    RecoveryRow,
    Story,
    climbed,
)
from omninode_bridge.cli.escalations_plain import line_plain
from omninode_bridge.cli.journal_print import instant

__all__ = ["story_plain"]


def story_plain(story: Story) -> dict[str, Any]:
    """Return the recoveries, and the escalations of them."""
    return {
        "workflow_id": None if story.workflow is None else story.workflow.id,
        "recoveries": [_recovery(row) for row in story.recoveries],
        "recoveries_not_shown": max(0, story.total - len(story.recoveries)),
        "escalations": [
            line_plain(one)
            | {"error": one.report.get("error_message"), "attempts": one.report.get("attempts")}
            for one in story.escalations
        ],
    }


def _recovery(row: RecoveryRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "workflow_id": row.workflow_id,
        "step": row.step_key or None,
        "node_name": row.node_name,
        "status": row.status,
        "error_type": row.error_type or None,
        "strategy_used": row.strategy,
        "escalation_id": row.escalation_id,
        "began_at": instant(row.began_at),
        "ended_at": instant(row.ended_at),
        "duration_ms": row.duration_ms,
        "error": dict(row.first),
        "plan": dict(row.plan),
        "ladder": [_step(one) for one in climbed(row)],
        "account": dict(row.account),
    }


def _step(one: Climbed) -> dict[str, Any]:
    return {
        "what": one.what,
        "strategy": one.strategy or None,
        "n": one.n,
        "label": one.label or None,
        "changes": list(one.changes),
        "wait": one.wait,
        "seconds": one.seconds,
        "error": one.error or None,
        "error_type": one.error_type or None,
        "transient": one.transient,
        "fingerprint": one.fingerprint or None,
        "reasons": list(one.reasons),
        "why": one.why or None,
        "budget_left": dict(one.budget_left),
    }
