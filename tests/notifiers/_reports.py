"""Reports to send."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from omninode_bridge.agents.workflows.recovery_models import (
    Decision,
    EscalationPriority,
    EscalationReport,
    EscalationRow,
    EscalationStatus,
)

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def report(**changes: Any) -> EscalationReport:
    """Return a report with these values."""
    values: dict[str, Any] = {
        "escalation_id": "esc_1",
        "workflow_id": "wf-1",
        "node_name": "n",
        "step_count": 1,
        "error_type": "contract",
        "fingerprint": "f",
        "description": "Contract validation failed",
        "error_message": "ValueError: no name",
        "timestamp": NOON,
        "priority": EscalationPriority.HIGH,
        "assignee": "contracts-team",
    }
    return EscalationReport(**values | changes)


def answered(**changes: Any) -> EscalationRow:
    """Return the row of that report, answered by ann an hour later."""
    values: dict[str, Any] = {
        "id": "esc_1",
        "status": EscalationStatus.RESOLVED,
        "report": report(),
        "opened_at": NOON,
        "decision": Decision.retry(),
        "by": "ann",
        "at": NOON.replace(hour=13),
    }
    return EscalationRow(**values | changes)
