"""Escalations as JSON has them."""

from __future__ import annotations

from typing import Any

from omninode_bridge.agents.workflows._redaction import redact_value
from omninode_bridge.agents.workflows.journal.reading import (
    EscalationAccount,
    EscalationLine,
    EscalationPage,
)
from omninode_bridge.cli.journal_print import instant

__all__ = ["escalation_plain", "line_plain", "list_plain"]


def list_plain(page: EscalationPage) -> dict[str, Any]:
    """Return the list."""
    return {
        "escalations": [line_plain(one) for one in page.rows],
        "counts": dict(page.counts),
        "not_shown": max(0, page.total - len(page.rows)),
    }


def line_plain(one: EscalationLine) -> dict[str, Any]:
    """Return what a list says of one."""
    return {
        "id": one.id,
        "status": one.status,
        "priority": one.priority,
        "opened_at": instant(one.opened_at),
        "workflow_id": one.workflow_id,
        "node_name": one.node_name,
        "asked": one.asked,
        "assignee": one.assignee or None,
        "deadline": instant(one.deadline),
        "decision": one.decision,
        "by": one.by,
        "at": instant(one.at),
        "superseded_by": one.superseded_by,
        "applied": one.applied,
    }


def escalation_plain(found: EscalationAccount) -> dict[str, Any]:
    """Return everything about one."""
    report = found.report
    return line_plain(found.line) | {
        "payload": redact_value(found.line.payload),
        "joined": found.line.joined,
        "report": {
            "error_type": report.error_type,
            "error_message": report.error_message,
            "chain": list(report.chain),
            "fingerprint": report.fingerprint,
            "pattern_id": report.pattern_id,
            "correlation_id": report.correlation_id,
            "step_count": report.step_count,
            "attempts": list(report.attempts),
            "code": report.code,
            "diff": report.diff,
            "state_keys": list(report.state_keys),
            "context": dict(report.context),
            "channels": list(report.channels),
            "pauses": report.pauses,
            "answers": list(report.answers),
            "edits": list(report.edits),
            "check": report.check or None,
            "subject": dict(report.subject),
            "timeout": report.timeout,
            "on_timeout": report.on_timeout,
        },
        "notices": [
            {
                "channel": one.channel or None,
                "state": one.state,
                "tries": one.tries,
                "maybe": one.maybe,
                "fault": one.fault or None,
            }
            for one in found.notices
        ],
        "recoveries": list(found.recoveries),
        "also_open": list(found.others),
        "workflow_status": None if found.workflow is None else found.workflow.state,
    }
