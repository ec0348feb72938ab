"""Reports to test with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from omninode_bridge.agents.workflows.recovery_models import EscalationReport

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def report(escalation_id: str = "esc_1", fingerprint: str = "", **changes: Any) -> EscalationReport:
    """Return a report; without a fingerprint nothing is folded."""
    values: dict[str, Any] = {
        "escalation_id": escalation_id,
        "workflow_id": "w",
        "node_name": "n",
        "step_count": 1,
        "error_type": "contract",
        "fingerprint": fingerprint,
        "description": "Contract validation failed",
        "error_message": "ValueError: no name",
        "timestamp": NOON,
    }
    return EscalationReport(**values | changes)
