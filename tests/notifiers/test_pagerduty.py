"""PagerDuty: what opens an incident, what ends it, and what each answer of the server means."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from omninode_bridge.agents.workflows.recovery_models import EscalationPriority, Receipt
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.notifiers import PagerDutyNotifier
from omninode_bridge.notifiers.pagerduty import event, from_environment
from omninode_bridge.testing import FakeClock

from ._reports import answered, report
from ._servers import Webhook

KEY = "0123456789abcdef0123456789abcdef"


def notifier(server: Webhook, **settings: Any) -> PagerDutyNotifier:
    """Return a notifier that sends its events to the server."""
    return PagerDutyNotifier(KEY, events_url=server.url, **settings)


async def test_an_incident_opens_with_the_escalation_and_ends_with_it(server: Webhook) -> None:
    """Both events carry the escalation's id as their key."""
    made = notifier(server, dashboard_url="https://dash.example.com/")

    sent = await made.send(report(description="café 雪 🙂"))
    ended = await made.ended(answered())

    assert sent == ended == Receipt(delivered=True, channel="pagerduty")
    trigger, resolve = server.bodies
    assert trigger | {"payload": None} == {
        "routing_key": KEY,
        "event_action": "trigger",
        "dedup_key": "esc_1",
        "client": "omninode-bridge",
        "client_url": "https://dash.example.com/errors/esc_1",
        "payload": None,
    }
    assert trigger["payload"] | {"custom_details": None} == {
        "summary": "café 雪 🙂",
        "source": "wf-1",
        "severity": "error",
        "timestamp": "2030-01-01T12:00:00+00:00",
        "component": "n",
        "class": "contract",
        "custom_details": None,
    }
    assert resolve == {"routing_key": KEY, "event_action": "resolve", "dedup_key": "esc_1"}


def test_the_details_say_how_to_answer() -> None:
    """Error, causes, attempts, answer and deadline, count and repeat are in the details."""
    details = event(
        report(
            chain=("OSError: disk",),
            attempts=("retry: no",),
            folded=2,
            repeat=True,
            timeout=60.0,
            assignee="",
        )
    )["payload"]["custom_details"]

    assert details == {
        "error": "ValueError: no name",
        "workflow": "wf-1",
        "node": "n",
        "step": 1,
        "assignee": "unassigned",
        "caused by": ["OSError: disk"],
        "tried": ["retry: no"],
        "how to answer": [
            "answer: omninode-bridge escalations answer esc_1 retry|edit|value|skip|abort",
            "answer until 2030-01-01T12:01:00+00:00, then it expires",
        ],
        "more of the same kind": 2,
        "note": "repeat: may have been sent before",
    }


def test_an_alert_and_its_end_are_one_incident() -> None:
    """A statistic back in its bounds resolves what its breach opened; nobody is asked to answer."""
    breach = event(report(escalation_id="alert_1", error_type="alert_breached"))
    over = event(report(escalation_id="alert_2", error_type="alert_recovered"))
    other = event(report(error_type="alert_recovered", priority=EscalationPriority.LOW))

    assert breach["event_action"] == "trigger"
    assert breach["payload"]["custom_details"]["how to answer"] == []
    assert over == {"event_action": "resolve", "dedup_key": breach["dedup_key"]}
    assert other["dedup_key"] != breach["dedup_key"]


@pytest.mark.parametrize(
    ("priority", "severity"),
    [("critical", "critical"), ("high", "error"), ("medium", "warning"), ("low", "info")],
)
def test_every_priority_has_its_severity(priority: str, severity: str) -> None:
    """The four words map onto PagerDuty's four."""
    made = event(report(priority=EscalationPriority(priority)))

    assert made["payload"]["severity"] == severity


async def test_an_event_keeps_to_the_limits(server: Webhook) -> None:
    """Summary and key are cut, and the whole stays below half a megabyte."""
    huge = "🙂" * 10_000

    await notifier(server).send(
        report(
            escalation_id="e" * 300,
            description=huge,
            error_message=huge,
            chain=(huge,) * 60,
            attempts=(huge,) * 60,
            workflow_id=huge,
            node_name=huge,
            assignee=huge,
            edits=(huge,) * 60,
            answers=(huge,) * 60,
        )
    )

    (body,) = server.bodies
    assert len(body["dedup_key"]) == 255
    assert len(body["payload"]["summary"]) <= 1024
    assert len(json.dumps(body)) < 400_000


async def test_secrets_in_a_report_are_not_sent(server: Webhook) -> None:
    """What nobody redacted before is redacted at the edge."""
    await notifier(server).send(
        report(error_message="password=hunter2000", chain=("token=hunter2000",))
    )

    assert "hunter2000" not in str(server.bodies)


async def test_too_many_requests_are_waited_for(server: Webhook) -> None:
    """The server says when to come back, in seconds or as a date, and the clock waits as long."""
    clock = FakeClock()
    server.answers = [
        (429, {"Retry-After": "2"}, b""),
        (429, {"Retry-After": "Tue, 01 Jan 2030 00:00:03 GMT"}, b""),
        (202, {}, b'{"status":"success"}'),
    ]

    receipt = await notifier(server, clock=clock).send(report())

    assert receipt.delivered
    assert clock.sleeps == [2.0, 1.0]


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        ((400, {}, b'{"status":"invalid event"}'), 'HTTP 400 {"status":"invalid event"}'),
        ((403, {}, f"bad key {KEY}".encode()), "HTTP 403 bad key [redacted]"),
        ((500, {}, b""), "HTTP 500"),
        ((302, {"Location": "/login"}, b""), "HTTP 302"),
        ((429, {"Retry-After": "3600"}, b""), "HTTP 429, asked to come back in 3600 s"),
    ],
)
async def test_a_refusal_is_certain(server: Webhook, answer: Any, detail: str) -> None:
    """Another answer is not delivered, with what the server said and without the key."""
    server.answers = [answer]

    receipt = await notifier(server).send(report())

    assert receipt == Receipt(delivered=False, channel="pagerduty", detail=detail)
    assert len(server.paths) == 1


@pytest.mark.parametrize("answer", ["hang", "drop"])
async def test_silence_after_sending_is_uncertain(server: Webhook, answer: str) -> None:
    """Where the event was sent and no answer came it may have arrived; it is not sent twice."""
    server.answers = [answer]

    receipt = await notifier(server, timeout=0.1).send(report())

    assert not receipt.delivered
    assert receipt.uncertain
    assert len(server.bodies) == 1


async def test_nobody_listening_is_certain(server: Webhook) -> None:
    """Where no server is nothing can have arrived."""
    server.close()

    receipt = await notifier(server).send(report())

    assert not receipt.delivered
    assert not receipt.uncertain
    assert "ConnectionRefusedError" in receipt.detail


async def test_cancelling_does_not_wait_for_the_server(server: Webhook) -> None:
    """A send that hangs is left at once."""
    server.answers = ["hang"]
    task = asyncio.create_task(notifier(server, timeout=10).send(report()))
    await asyncio.to_thread(server.asked.wait, 10)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_key_is_written_nowhere(
    server: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither logs nor receipts hold it."""
    caplog.set_level(0)
    server.answers = [(500, {}, b""), "drop", (200, {}, b"ok")]
    made = notifier(server)

    receipts = [await made.send(report()) for _ in range(3)]

    assert KEY not in caplog.text + str(receipts) + repr(made)


@pytest.mark.parametrize("key", ["", "secret key", "secret\r\nkey", "secret/key", None, 7])
def test_a_key_that_is_none_is_refused_unseen(key: object) -> None:
    """The sentence does not repeat the secret."""
    with pytest.raises(ConfigurationError, match=r"^routing_key is not letters and digits alone$"):
        PagerDutyNotifier(key)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"events_url": "http://events.example.com"}, "events_url is not an https address"),
        ({"dashboard_url": "dash"}, "dashboard_url is not an https address"),
        ({"timeout": 0}, "timeout is 0; it must be seconds, more than 0"),
        ({"max_wait": "5"}, "max_wait is '5'; it must be seconds, more than 0"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], why: str) -> None:
    """Each names itself."""
    with pytest.raises(ConfigurationError, match=why):
        PagerDutyNotifier(KEY, **settings)


async def test_the_environment_configures_it(server: Webhook) -> None:
    """Without the key there is no such channel; the address of another region is taken."""
    clock = FakeClock()

    assert from_environment({"OMNINODE_BRIDGE_PAGERDUTY_KEY": " "}, clock) is None
    made = from_environment(
        {
            "OMNINODE_BRIDGE_PAGERDUTY_KEY": f" {KEY}\n",
            "OMNINODE_BRIDGE_PAGERDUTY_URL": server.url,
            "OMNINODE_BRIDGE_DASHBOARD_URL": "http://dash.local",
        },
        clock,
    )
    assert made is not None
    await made.send(report())
    assert server.bodies[0]["routing_key"] == KEY
    assert server.bodies[0]["client_url"] == "http://dash.local/errors/esc_1"
