"""Workflows as JSON has them: a list, and one whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from omninode_bridge.agents.workflows.journal.reading import WorkflowAccount, WorkflowRow
from omninode_bridge.cli.journal_print import instant
from omninode_bridge.cli.workflows_print import chosen

__all__ = ["list_plain", "workflow_plain"]


def list_plain(
    rows: Sequence[WorkflowRow], counts: Mapping[str, int], state: str | None
) -> dict[str, Any]:
    """Return the list as JSON has it."""
    total = counts.get(state, 0) if state else sum(counts.values())
    return {
        "workflows": [_plain(row) for row in rows],
        "counts": dict(counts),
        "not_shown": max(0, total - len(rows)),
    }


def workflow_plain(found: WorkflowAccount, *, limit: int) -> dict[str, Any]:
    """Return one workflow as JSON has it."""
    shown = chosen(found.steps, limit)
    return _plain(found.row) | {
        "spec": dict(found.row.spec),
        "summary": dict(found.row.summary),
        "step_rows": [
            {
                "stage": one.stage,
                "step": one.step,
                "status": one.status,
                "starts": one.starts,
                "stale": one.stale or None,
                "error": one.error or None,
                "escalation_id": one.escalation_id,
                "answer": None
                if one.answer is None
                else {"by": one.answer.by, "at": instant(one.answer.at)},
                "started_at": instant(one.started_at),
                "ended_at": instant(one.ended_at),
                "duration_ms": one.duration_ms,
            }
            for one in shown
        ],
        "steps_not_shown": len(found.steps) - len(shown),
        "escalations": [
            {"id": one.id, "status": one.status, "asked": one.asked} for one in found.escalations
        ],
        "unused_answers": [
            {"id": one["id"], "by": one["by"], "at": instant(one["at"])} for one in found.unused
        ],
    }


def _plain(row: WorkflowRow) -> dict[str, Any]:
    owner = row.owner
    return {
        "id": row.id,
        "status": row.state,
        "kind": row.kind or None,
        "error": row.error or None,
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
        "ended_at": instant(row.ended_at),
        "runs": row.runs,
        "cancelled": row.cancelled,
        "owner": None
        if owner is None
        else {
            "pid": owner.pid,
            "host": owner.host,
            "alive": owner.is_alive,
            "seen_at": instant(owner.seen),
        },
        "steps": dict(row.steps),
        "open_escalations": row.open_escalations,
    }
