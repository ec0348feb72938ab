"""Section 5, Escalation Strategy."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    Decision,
    ErrorRecoveryOrchestrator,
    EscalationStrategy,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.testing import RecordingNotifier

from ._reader import Reader
from ._steps import CONTEXT, handle, set_up
from ._webhook import Webhook

HUMAN = RecoveryStrategy.ESCALATION


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """A webhook, known by the environment; it has to be there before the reader's loop is."""
    with Webhook() as server:
        monkeypatch.setenv("OMNINODE_BRIDGE_SLACK_WEBHOOK", server.url)
        yield server


async def answer(orchestrator: ErrorRecoveryOrchestrator, decision: Decision | str) -> float:
    """Look every hour, answer the first open escalation, and return when that was."""
    rows: Any = ()
    while not rows:
        await asyncio.sleep(3600)
        rows = await orchestrator.escalations.list("open")
    await orchestrator.escalations.resolve(rows[0].id, decision, by="ana")
    return asyncio.get_running_loop().time()


def escalate(reader: Reader, config: dict[str, Any], error: str = "Contract is invalid") -> Any:
    """Escalate with this configuration; return the account and the channel's notices."""
    slack, email = RecordingNotifier("slack"), RecordingNotifier("email")
    orchestrator = ErrorRecoveryOrchestrator(notifiers={"slack": slack, "email": email})
    orchestrator.register_strategy(HUMAN, EscalationStrategy(escalation_config=config))
    reader.supply(orchestrator=orchestrator)
    return handle(reader, error), slack.sent, email.sent


def test_configuration(reader: Reader) -> None:
    """The strategy tells Slack, with priority and assignee, and the workflow waits for the answer."""
    reader.run(17)
    slack = RecordingNotifier("slack")
    orchestrator = ErrorRecoveryOrchestrator(notifiers={"slack": slack})
    orchestrator.register_strategy(HUMAN, reader["strategy"])
    reader.supply(orchestrator=orchestrator)
    reader.meanwhile(answer(orchestrator, Decision.value("by hand")))

    result = handle(reader, "Contract is invalid")

    (report,) = slack.sent
    assert (str(report.priority), report.assignee) == ("high", "code-generation-team")
    assert report.pauses
    assert (result.success, result.result) == (True, "by hand")
    assert reader.passed >= 3600


def test_the_address_in_the_configuration(
    webhook: Webhook, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no channel is known by name, the notice goes to the `slack_webhook` of the configuration."""
    monkeypatch.delenv("OMNINODE_BRIDGE_SLACK_WEBHOOK")
    reader.run(17)
    config = reader["escalation_config"] | {"slack_webhook": webhook.url, "pause_workflow": False}
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.register_strategy(HUMAN, EscalationStrategy(escalation_config=config))
    reader.supply(orchestrator=orchestrator)

    result = handle(reader, "Contract is invalid")

    (message,) = webhook.messages
    assert "*Priority*: HIGH" in message["blocks"][0]["text"]["text"]
    assert "*Assignee*: @code-generation-team" in str(message["blocks"][1])
    assert result.metadata["channels"] == {"slack": True}


VALIDATOR = """
    class ValidationError(Exception):
        pass

    contract, state = {"name": "user"}, {"contract": {"name": "user"}}
    validated = []

    async def validate_contract(contract):
        validated.append(contract)
        raise ValidationError("Security validation failed: the contract reads /etc/passwd")
"""


def test_usage_example(
    webhook: Webhook, reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    """A security violation is told, the workflow waits, and goes on with what a human answers."""
    set_up(reader)
    reader.write(VALIDATOR)
    answered = reader.meanwhile(answer(reader["orchestrator"], Decision.value("approved by hand")))

    reader.run(18, {"handle_error(...)": CONTEXT})

    result: RecoveryResult = reader["recovery_result"]
    assert result.pattern_matched == "security_validation_failure"
    assert result.escalated
    assert (result.success, result.result) == (True, "approved by hand")
    assert result.metadata["decided_by"] == "ana"
    assert answered.result() == reader.passed
    assert len(reader["validated"]) == 1
    (message,) = webhook.messages
    fields = [field["text"] for field in message["blocks"][1]["fields"]]
    assert message["blocks"][0]["text"]["text"] == (
        "*Error*: Security validation failed\n*Priority*: CRITICAL"
    )
    assert "*Assignee*: @security-team" in fields
    assert "pagerduty" in str(result.metadata["channels"]) + capsys.readouterr().err


def test_pause(reader: Reader) -> None:
    """The same without any channel: the console is told, and the answer is the result."""
    set_up(reader)
    reader.write(VALIDATOR)
    reader.meanwhile(answer(reader["orchestrator"], Decision.value("approved by hand")))

    reader.run(18, {"handle_error(...)": CONTEXT})

    assert reader["recovery_result"].result == "approved by hand"


def test_contract_errors_wait_for_nobody(webhook: Webhook, reader: Reader) -> None:
    """The pattern without `pause_workflow` is told and recorded, and the workflow goes on without a result."""
    set_up(reader)
    reader.write(VALIDATOR)
    answered = reader.meanwhile(answer(reader["orchestrator"], Decision.value("approved")))
    reader.run(18, {"handle_error(...)": CONTEXT})
    assert answered.done()

    result = handle(reader, "Contract user.yaml is invalid: no name")

    assert result.pattern_matched == "critical_contract_error"
    assert (result.success, result.escalated) == (False, True)
    assert result.metadata["pending"]
    (row,) = reader.wait_for(reader["orchestrator"].escalations.list("open"))
    assert row.report.assignee == "contracts-team"
    assert row.report.description == "Contract validation failed"
    assert str(row.report.priority) == "high"


def test_notification_format(
    webhook: Webhook, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Slack is sent is the block of the guide, with the values of the escalation in it."""
    monkeypatch.setenv("OMNINODE_BRIDGE_DASHBOARD_URL", "https://dashboard.example.com")
    set_up(reader)
    reader.write("""
        orchestrator.add_error_pattern(ErrorPattern(
            "contract", ErrorType.CONTRACT, "Contract.*invalid", RecoveryStrategy.ESCALATION,
            metadata={
                "description": "Contract validation failed", "priority": "high",
                "assignee": "contracts-team", "notification_channel": "slack",
            },
        ))
    """)
    handle(reader, "Contract invalid: no name")
    (row,) = reader.wait_for(reader["orchestrator"].escalations.list())
    reader.supply(
        workflow_id="session-1",
        error_type="contract",
        assignee="contracts-team",
        timestamp=row.report.timestamp.isoformat(),
        error_message="Contract invalid: no name",
        error_id=row.id,
    )

    printed = reader.run(19)

    (message,) = webhook.messages
    buttons = message["blocks"][3]["elements"]
    assert [button.pop("action_id") for button in buttons] == ["view_details", "retry_workflow"]
    assert message == printed


def test_unrecoverable_errors_are_identified(reader: Reader) -> None:
    """What is known to stay goes to a human at once; what passes is retried and never gets there."""
    reader.supply(orchestrator=ErrorRecoveryOrchestrator(base_delay=0))
    orchestrator = reader["orchestrator"]

    assert orchestrator.analyze("Contract user.yaml is corrupt").ladder == (HUMAN,)
    assert orchestrator.analyze(PermissionError("denied")).ladder[0] is HUMAN
    assert orchestrator.analyze(ConnectionResetError("reset")).ladder[0] is RecoveryStrategy.RETRY


def test_report_is_detailed(reader: Reader) -> None:
    """The report has the error, its causes, what was tried, the state's names, and no secrets."""
    slack = RecordingNotifier("slack")
    orchestrator = ErrorRecoveryOrchestrator(
        notifiers={"slack": slack}, max_retries=1, base_delay=0
    )
    reader.supply(orchestrator=orchestrator)
    error = ConnectionError("no answer; api_key=sk-abcdefghijklmnopqrstuvwx12345678")
    error.__cause__ = OSError("host is down")

    async def fail() -> None:
        raise ConnectionError("still no answer")

    result = handle(reader, error, operation=fail, state={"contract": {"name": "user"}})

    (report,) = slack.sent
    assert report.escalation_id == result.escalation_id
    assert report.workflow_id == "session-1"
    assert report.node_name == "node"
    assert report.error_type == "network"
    assert any("still no answer" in line for line in report.attempts)
    assert any("host is down" in cause for cause in report.chain) or "host is down" in str(report)
    assert "contract" in str(report)
    assert "abcdefghijklmnop" not in str(report)
    assert report.timestamp.tzinfo is not None


def test_every_named_channel_is_told(reader: Reader) -> None:
    """All channels that are named get the notice, and nobody else does."""
    config = {"notification_channels": ["slack", "email"]}

    both, slack, email = escalate(reader, config)
    one, only_slack, no_email = escalate(reader, {"notification_channel": "slack"})

    assert len(slack) == len(email) == 1
    assert both.metadata["channels"] == {"slack": True, "email": True}
    assert (len(only_slack), len(no_email)) == (1, 0)
    assert one.metadata["delivered"]


@pytest.mark.parametrize("pause", [True, False])
def test_pausing_is_optional(reader: Reader, pause: bool) -> None:
    """With `pause_workflow` the recovery waits for its time, without it it returns at once."""
    result, _, _ = escalate(reader, {"pause_workflow": pause, "timeout": 7200})

    assert reader.passed == pytest.approx(7200 if pause else 0, abs=1)
    assert not result.success
    assert result.escalated


@pytest.mark.parametrize(
    ("decision", "success", "value"),
    [
        (Decision.retry(), True, "user"),
        (Decision.edit({"name": "other"}), True, "other"),
        (Decision.value("by hand"), True, "by hand"),
        (Decision.skip(), False, None),
        (Decision.abort(), False, None),
    ],
    ids=str,
)
def test_a_human_resolves(reader: Reader, decision: Decision, success: bool, value: Any) -> None:
    """Each answer that a human can give ends the wait in what it says."""
    orchestrator = ErrorRecoveryOrchestrator(escalation={"pause_workflow": True})
    reader.supply(orchestrator=orchestrator)
    reader.meanwhile(answer(orchestrator, decision))

    async def generate(name: str) -> str:
        return name

    result = handle(reader, "Contract is invalid", operation=generate, state={"name": "user"})

    assert (result.success, result.result) == (success, value)
    assert result.metadata["decided_by"] == "ana"


def test_always_escalates(reader: Reader) -> None:
    """Whatever is wrong with the channels, the escalation is recorded; and it is no false success."""
    broken = RecordingNotifier("slack", error=RuntimeError("slack is down"))
    orchestrator = ErrorRecoveryOrchestrator(notifiers={"slack": broken})
    reader.supply(orchestrator=orchestrator)
    results = [handle(reader, f"Contract {n} is invalid") for n in range(20)]

    assert all(result.escalated and not result.success for result in results)
    assert len({result.escalation_id for result in results}) == len(
        reader.wait_for(orchestrator.escalations.list("open"))
    )


def test_a_human_may_never_answer(reader: Reader) -> None:
    """A workflow that waits for a human does not wait forever, and can be cancelled."""
    config = {"pause_workflow": True}
    result, _, _ = escalate(reader, config)
    assert reader.passed == pytest.approx(24 * 3600, abs=1)
    assert "nobody answered" in result.error_message

    async def give_up() -> None:
        async with asyncio.timeout(60):
            await reader["orchestrator"].with_options(strategy="escalation").run(fail)

    async def fail() -> None:
        raise ValueError("Contract is broken beyond repair")

    with pytest.raises(TimeoutError):
        reader.wait_for(give_up())


def test_without_infrastructure(reader: Reader, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no channel is configured the console is told, so that no notice is lost."""
    set_up(reader)
    reader["orchestrator"].register_strategy(
        HUMAN, EscalationStrategy({"notification_channels": ["slack", "email"]})
    )

    result = handle(reader, "Contract is invalid")

    assert result.escalated
    assert result.metadata["channels"] == {"slack": False, "email": False, "console": True}
    assert str(result.escalation_id) in capsys.readouterr().err


def test_how_long_a_human_takes_is_counted(reader: Reader) -> None:
    """The overhead of an escalation is ours alone: the hour that a human takes is not in it."""
    reader.supply(orchestrator=ErrorRecoveryOrchestrator(escalation={"pause_workflow": True}))
    reader.meanwhile(answer(reader["orchestrator"], Decision.value("by hand")))

    result = handle(reader, "Contract is invalid")

    assert reader.passed >= 3600
    assert result.overhead_ms < 50
