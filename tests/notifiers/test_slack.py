"""Slack: the message's layout and limits, and what each answer of the server means."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Any

import pytest

from omninode_bridge.agents.workflows.recovery_models import Receipt
from omninode_bridge.errors import ConfigurationError, MissingExtraError
from omninode_bridge.notifiers import SlackNotifier
from omninode_bridge.notifiers._slack_message import MAX_FIELD, MAX_SECTION, message
from omninode_bridge.notifiers.slack import from_environment
from omninode_bridge.testing import FakeClock

from ._reports import report
from ._servers import Webhook

pytest.importorskip("slack_sdk")


def test_the_layout_is_the_printed_one() -> None:
    """Text, section, fields, code block and buttons, word for word."""
    assert message(report()) == {
        "text": "🚨 Code Generation Error - Escalation Required",
        "blocks": [
            {
                "type": "section",
                "text": {
                    "type": "mrkdwn",
                    "text": "*Error*: Contract validation failed\n*Priority*: HIGH",
                },
            },
            {
                "type": "section",
                "fields": [
                    {"type": "mrkdwn", "text": "*Workflow ID*: wf-1"},
                    {"type": "mrkdwn", "text": "*Error Type*: contract"},
                    {"type": "mrkdwn", "text": "*Assignee*: @contracts-team"},
                    {"type": "mrkdwn", "text": "*Timestamp*: 2030-01-01T12:00:00+00:00"},
                ],
            },
            {"type": "section", "text": {"type": "mrkdwn", "text": "```ValueError: no name```"}},
            {
                "type": "actions",
                "elements": [
                    {"type": "button", "text": {"type": "plain_text", "text": "View Details"}},
                    {
                        "type": "button",
                        "text": {"type": "plain_text", "text": "Retry Workflow"},
                        "value": "retry",
                    },
                ],
            },
        ],
    }


def test_buttons_lead_somewhere_only_with_a_dashboard() -> None:
    """The address gives the details button a URL, and both their action ids."""
    details, retry = message(report(), "https://dash.example.com/")["blocks"][3]["elements"]

    assert details["url"] == "https://dash.example.com/errors/esc_1"
    assert details["action_id"] == "view_details"
    assert (retry["action_id"], retry["value"]) == ("retry_workflow", "retry")
    assert "url" not in retry


def test_without_a_description_the_first_line_stands_in() -> None:
    """The title is the description, else the first line of the error; a count is told."""
    blocks = message(report(description="", error_message="A: b\nmore", folded=3, assignee=""))[
        "blocks"
    ]

    assert blocks[0]["text"]["text"] == (
        "*Error*: A: b (and 3 more of the same kind)\n*Priority*: HIGH"
    )
    assert blocks[1]["fields"][2]["text"] == "*Assignee*: unassigned"
    assert blocks[2]["text"]["text"] == "```A: b\nmore```"


def test_a_repeat_is_marked_and_nothing_else_changes() -> None:
    """The mark stands behind the title and in the pop-up; all else is the layout as printed."""
    first, second = message(report(folded=3)), message(report(folded=3, repeat=True))

    mark = " (repeat: may have been sent before)"
    assert second["text"] == first["text"] + mark
    assert second["blocks"][0]["text"]["text"] == (
        f"*Error*: Contract validation failed (and 3 more of the same kind){mark}\n*Priority*: HIGH"
    )
    assert second["blocks"][1:] == first["blocks"][1:]


def test_the_layout_is_the_same_whatever_may_be_answered() -> None:
    """Answers, deadline and checks of a report change no byte of the message."""
    more = report(
        answers=("retry",), edits=("text",), timeout=60.0, check="c", subject={"a": 1}, pauses=True
    )

    assert message(more) == message(report())


def test_text_cannot_mention_link_or_leave_its_block() -> None:
    """Markup of Slack's own is escaped, and backticks do not end the code block."""
    hostile = "<!channel> & <https://evil.example|x> ``` `a` ```"
    blocks = message(report(description=hostile, error_message=hostile, workflow_id=hostile))[
        "blocks"
    ]

    for text in (
        blocks[0]["text"]["text"],
        blocks[1]["fields"][0]["text"],
        blocks[2]["text"]["text"],
    ):
        assert "<" not in text
        assert "&lt;!channel&gt; &amp; " in text
    assert "```" not in blocks[2]["text"]["text"][3:-3]
    assert "`" not in blocks[0]["text"]["text"]


@pytest.mark.parametrize("text", ["x" * 3_001, "&" * 3_001, "`" * 3_001, "雪" * 3_001, "x" * 10**6])
def test_blocks_keep_to_the_limits(text: str) -> None:
    """No block is longer than Slack takes, and no entity is cut in two."""
    blocks = message(report(description=text, error_message=text, workflow_id=text))["blocks"]

    sections = [blocks[0]["text"]["text"], blocks[2]["text"]["text"]]
    assert all(len(section) <= MAX_SECTION for section in sections)
    assert all(len(field["text"]) <= MAX_FIELD for field in blocks[1]["fields"])
    assert "[...]" in sections[1]
    for section in sections:
        assert section.count("&") == section.count("&amp;")
    assert sections[0].endswith("\n*Priority*: HIGH")
    assert sections[1].endswith("```")


def test_a_message_at_the_limit_is_whole() -> None:
    """What just fits is not cut."""
    text = "x" * (MAX_SECTION - 6)

    assert message(report(error_message=text))["blocks"][2]["text"]["text"] == f"```{text}```"


async def test_a_notice_is_posted(server: Webhook) -> None:
    """The server gets the blocks, with every character, and the receipt says delivered."""
    receipt = await SlackNotifier(server.url).send(report(description="café 雪 🙂"))

    assert receipt == Receipt(delivered=True, channel="slack")
    assert server.bodies[0]["blocks"][0]["text"]["text"].startswith("*Error*: café 雪 🙂")


async def test_too_many_requests_are_waited_for(server: Webhook) -> None:
    """Slack says when to come back, and the clock waits as long."""
    clock = FakeClock()
    server.answers = [(429, {"Retry-After": "3"}, b""), (200, {}, b"ok")]

    receipt = await SlackNotifier(server.url, clock=clock).send(report())

    assert receipt.delivered
    assert clock.sleeps == [3.0]
    assert len(server.bodies) == 2


@pytest.mark.parametrize(
    ("header", "sleeps"),
    [
        ("Tue, 01 Jan 2030 00:00:03 GMT", [3.0]),
        ("Mon, 31 Dec 2029 23:00:00 GMT", [0.0]),
        ("0", [0.0]),
        ("", [1.0]),
    ],
)
async def test_a_date_to_come_back_at_is_understood(
    server: Webhook, header: str, sleeps: list[float]
) -> None:
    """HTTP allows a date; one that is past by our clock means now."""
    clock = FakeClock()
    server.answers = [(429, {"Retry-After": header}, b""), (200, {}, b"ok")]

    receipt = await SlackNotifier(server.url, clock=clock).send(report())

    assert receipt.delivered
    assert clock.sleeps == sleeps


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirection_is_no_delivery(server: Webhook, status: int) -> None:
    """Following it would fetch a page instead of posting the notice."""
    server.answers = [(status, {"Location": "/login"}, b"")]

    receipt = await SlackNotifier(server.url).send(report())

    assert not receipt.delivered
    assert len(server.bodies) == 1


async def test_a_page_is_no_delivery(server: Webhook) -> None:
    """What answers with a page is a proxy, not Slack."""
    server.answers = [(200, {}, b"\n<!doctype html><p>please log in")]

    receipt = await SlackNotifier(server.url).send(report())

    assert receipt == Receipt(
        delivered=False, channel="slack", detail="HTTP 200 with a page instead of an answer"
    )


async def test_what_nobody_redacted_is_redacted_at_the_edge(server: Webhook) -> None:
    """A report from elsewhere loses its secrets and its length before it leaves."""
    secret = "password=hunter2000"

    await SlackNotifier(server.url).send(
        report(description=secret, error_message=f"{secret} " + "x" * 3_001, workflow_id=secret)
    )

    assert "hunter2000" not in str(server.bodies)
    assert all(
        len(text) <= MAX_SECTION
        for block in server.bodies[0]["blocks"]
        for text in [block.get("text", {}).get("text", "")]
    )


@pytest.mark.parametrize(
    ("header", "sleeps", "seconds"),
    [("60", [], "60"), ("3", [3.0], "3"), ("soon", [1.0, 1.0], "1"), ("-5", [1.0, 1.0], "1")],
)
async def test_the_wait_is_bounded(
    server: Webhook, header: str, sleeps: list[float], seconds: str
) -> None:
    """Asked for more than it may wait, or again and again, it says so."""
    clock = FakeClock()
    server.answers = [(429, {"Retry-After": header}, b"")] * 5

    receipt = await SlackNotifier(server.url, max_wait=5, clock=clock).send(report())

    assert receipt.detail == f"HTTP 429, asked to come back in {seconds} s"
    assert not receipt.delivered
    assert not receipt.uncertain
    assert clock.sleeps == sleeps


@pytest.mark.parametrize(
    ("status", "body", "detail"),
    [
        (500, b"", "HTTP 500"),
        (404, b"no_service", "HTTP 404 no_service"),
        (400, b"invalid_blocks token=abc123456", "HTTP 400 invalid_blocks token=[redacted]"),
    ],
)
async def test_a_refusal_is_told(server: Webhook, status: int, body: bytes, detail: str) -> None:
    """Another status is not delivered, once, with what the server said."""
    server.answers = [(status, {}, body)] * 3

    receipt = await SlackNotifier(server.url).send(report())

    assert receipt == Receipt(delivered=False, channel="slack", detail=detail)
    assert len(server.bodies) == 1


@pytest.mark.parametrize("answer", ["hang", "drop"])
async def test_silence_after_sending_is_uncertain(server: Webhook, answer: str) -> None:
    """Where the notice was sent and no answer came it may have arrived; it is not sent twice."""
    server.answers = [answer]

    receipt = await SlackNotifier(server.url, timeout=0.1).send(report())

    assert not receipt.delivered
    assert receipt.uncertain
    assert len(server.bodies) == 1


async def test_a_refused_connection_is_certain(server: Webhook) -> None:
    """Where nobody listens nothing can have arrived."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    receipt = await SlackNotifier(f"http://127.0.0.1:{port}/x").send(report())

    assert not receipt.delivered
    assert not receipt.uncertain
    assert "ConnectionRefusedError" in receipt.detail


async def test_cancelling_does_not_wait_for_the_server(server: Webhook) -> None:
    """A send that hangs is left at once."""
    server.answers = ["hang"]
    task = asyncio.create_task(SlackNotifier(server.url, timeout=10).send(report()))
    await asyncio.to_thread(server.asked.wait, 10)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_address_is_written_nowhere(
    server: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither logs nor receipts hold the address, not even at the lowest level."""
    caplog.set_level(0)
    server.answers = [(500, {}, b""), "drop"]
    notifier = SlackNotifier(server.url)

    receipts = [await notifier.send(report()) for _ in range(3)]

    assert "/services/" not in caplog.text + str(receipts) + repr(notifier)


async def test_the_address_is_told_back_by_nobody(server: Webhook) -> None:
    """A server that repeats the path, or a part of it, in its answer does not publish it."""
    token = "tokenOfTheHook42"
    server.answers = [
        (404, {}, f"no {part}".encode())
        for part in (server.url + token, f"/services/T/B/X{token}", f"X{token}")
    ]

    notifier = SlackNotifier(server.url + token)
    receipts = [await notifier.send(report()) for _ in range(3)]

    assert token not in str(receipts)
    assert all("HTTP 404 no [redacted]" in receipt.detail for receipt in receipts)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hooks.slack.com/services/x",
        "http://hooks.slack.com/services/x",
        "ftp://h/x",
        "https://",
        "file:///etc/passwd",
        "https://hooks.slack.com/services/T B",
        "https://hooks.slack.com/services/T\r\nHost: x",
        "https://hooks.slack.com:port/services",
        None,
    ],
)
def test_an_address_that_is_none_is_refused_unseen(address: object) -> None:
    """Only https, or http to this machine; the sentence does not repeat the secret."""
    with pytest.raises(ConfigurationError, match=r"^webhook_url is not an https address$"):
        SlackNotifier(address)  # type: ignore[arg-type]


def test_the_environment_configures_it() -> None:
    """Without the variable there is no such channel."""
    clock = FakeClock()

    assert from_environment({}, clock) is None
    assert from_environment({"OMNINODE_BRIDGE_SLACK_WEBHOOK": " "}, clock) is None
    made = from_environment(
        {
            "OMNINODE_BRIDGE_SLACK_WEBHOOK": "https://hooks.slack.com/services/T/B/X",
            "OMNINODE_BRIDGE_DASHBOARD_URL": "http://dash.local",
        },
        clock,
    )
    assert isinstance(made, SlackNotifier)


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without slack_sdk the error says what to install."""
    monkeypatch.setitem(sys.modules, "slack_sdk.webhook", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'omninode-bridge\[slack\]'"):
        SlackNotifier("https://hooks.slack.com/services/T/B/X")


@pytest.mark.parametrize("settings", [{"timeout": 0}, {"max_wait": -1}, {"timeout": "5"}])
def test_wrong_times_are_refused(settings: dict[str, Any]) -> None:
    """Times are positive numbers."""
    with pytest.raises(ConfigurationError, match="it must be seconds, more than 0"):
        SlackNotifier("https://hooks.slack.com/services/T/B/X", **settings)
