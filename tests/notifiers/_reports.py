"""Reports to send."""

from __future__ import annotations

from typing import Any

from omninode_bridge.agents.workflows.recovery_models import (
    Decision,
    EscalationPriority,
    EscalationReport,
    EscalationRow,
    EscalationStatus,
)

from .._reports import NOON
from .._reports import report as plain_report


def report(**changes: Any) -> EscalationReport:
    """Return a report of some weight, for somebody."""
    weight = {"priority": EscalationPriority.HIGH, "assignee": "contracts-team"}
    return plain_report(**{"workflow_id": "wf-1", "fingerprint": "f"} | weight | changes)


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
