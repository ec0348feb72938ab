"""From an error in a program to every channel that its pattern names, found by the environment alone."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows import (
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryStrategy,
)
from omninode_bridge.agents.workflows.escalation.ended import tell_ended

from ._servers import SmtpServer, Webhook

KEY = "0123456789abcdef0123456789abcdef"


def orchestrator_for(channels: list[str]) -> ErrorRecoveryOrchestrator:
    """Return an orchestrator whose security errors are told through these channels."""
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.add_error_pattern(
        ErrorPattern(
            pattern_id="security_validation_failure",
            error_type=ErrorType.SECURITY,
            regex_pattern=r"Security.*failed",
            recovery_strategy=RecoveryStrategy.ESCALATION,
            metadata={
                "description": "Security validation failed",
                "priority": "critical",
                "assignee": "security-team",
                "notification_channels": channels,
            },
        )
    )
    return orchestrator


async def test_every_channel_of_the_list_is_told(
    server: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack, e-mail and PagerDuty get the same escalation, and PagerDuty hears of its end."""
    pytest.importorskip("slack_sdk")
    pytest.importorskip("aiosmtplib")
    orchestrator = orchestrator_for(["slack", "email", "pagerduty"])
    error = RuntimeError("Security check failed: 雪")

    async with SmtpServer() as mail:
        for name, value in {
            "SLACK_WEBHOOK": server.url,
            "PAGERDUTY_KEY": KEY,
            "PAGERDUTY_URL": server.url,
            "SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
            "EMAIL_TO": "security@example.com",
            "EMAIL_FROM": "bridge@example.org",
        }.items():
            monkeypatch.setenv(f"OMNINODE_BRIDGE_{name}", value)
        result = await orchestrator.handle_error(RecoveryContext("wf-1", "gate", exception=error))
        store = orchestrator.escalations
        await store.resolve(str(result.escalation_id), "skip", by="ann")
        await tell_ended({}, await store.get(str(result.escalation_id)))

    assert result.metadata["channels"] == {"slack": True, "email": True, "pagerduty": True}
    slack = next(body for body in server.bodies if "blocks" in body)
    trigger, resolve = (body for body in server.bodies if "dedup_key" in body)
    assert slack["blocks"][0]["text"]["text"] == (
        "*Error*: Security validation failed\n*Priority*: CRITICAL"
    )
    assert trigger["payload"]["severity"] == "critical"
    assert trigger["dedup_key"] == resolve["dedup_key"] == result.escalation_id
    assert resolve["event_action"] == "resolve"
    assert f"<{result.escalation_id}@example.org>".encode() in mail.letters[0]


async def test_a_dead_channel_holds_up_no_other(
    server: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One channel is lost after sending, another is set wrong; the third delivers."""
    monkeypatch.setenv("OMNINODE_BRIDGE_PAGERDUTY_KEY", KEY)
    monkeypatch.setenv("OMNINODE_BRIDGE_PAGERDUTY_URL", server.url)
    monkeypatch.setenv("OMNINODE_BRIDGE_SMTP_URL", "smtp://localhost")
    server.answers = ["drop"]
    orchestrator = orchestrator_for(["pagerduty", "email", "console"])

    result = await orchestrator.handle_error(
        RecoveryContext("wf-1", "gate", exception=RuntimeError("Security check failed"))
    )

    assert result.metadata["delivered"]
    assert result.metadata["channels"] == {"pagerduty": False, "email": False, "console": True}
