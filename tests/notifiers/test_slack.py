"""Slack: the message's layout and limits, and what each answer of the server means."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from omninode_bridge.agents.workflows.recovery_models import (
    EscalationPriority,
    EscalationReport,
    Receipt,
)
from omninode_bridge.errors import ConfigurationError, MissingExtraError
from omninode_bridge.notifiers import SlackNotifier
from omninode_bridge.notifiers._slack_message import MAX_FIELD, MAX_SECTION, message
from omninode_bridge.notifiers.slack import from_environment
from omninode_bridge.testing import FakeClock

pytest.importorskip("slack_sdk")


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
        "timestamp": datetime(2030, 1, 1, 12, tzinfo=UTC),
        "priority": EscalationPriority.HIGH,
        "assignee": "contracts-team",
    }
    return EscalationReport(**values | changes)


class Server:
    """A webhook on this machine that answers from a script."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.bodies: list[dict[str, Any]] = []
        self.asked = threading.Event()
        self.release = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                outer.bodies.append(json.loads(self.rfile.read(size)))
                outer.asked.set()
                answer = outer.answers.pop(0) if outer.answers else (200, {}, b"ok")
                if answer == "hang":
                    outer.release.wait(10)
                    return
                if answer == "drop":
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/services/T/B/X"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in (
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    running = Server()
    yield running
    running.close()


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


async def test_a_notice_is_posted(server: Server) -> None:
    """The server gets the blocks, with every character, and the receipt says delivered."""
    receipt = await SlackNotifier(server.url).send(report(description="café 雪 🙂"))

    assert receipt == Receipt(delivered=True, channel="slack")
    assert server.bodies[0]["blocks"][0]["text"]["text"].startswith("*Error*: café 雪 🙂")


async def test_too_many_requests_are_waited_for(server: Server) -> None:
    """Slack says when to come back, and the clock waits as long."""
    clock = FakeClock()
    server.answers = [(429, {"Retry-After": "3"}, b""), (200, {}, b"ok")]

    receipt = await SlackNotifier(server.url, clock=clock).send(report())

    assert receipt.delivered
    assert clock.sleeps == [3.0]
    assert len(server.bodies) == 2


@pytest.mark.parametrize(
    ("header", "sleeps", "seconds"),
    [("60", [], "60"), ("3", [3.0], "3"), ("soon", [1.0, 1.0], "1"), ("-5", [1.0, 1.0], "1")],
)
async def test_the_wait_is_bounded(
    server: Server, header: str, sleeps: list[float], seconds: str
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
async def test_a_refusal_is_told(server: Server, status: int, body: bytes, detail: str) -> None:
    """Another status is not delivered, once, with what the server said."""
    server.answers = [(status, {}, body)] * 3

    receipt = await SlackNotifier(server.url).send(report())

    assert receipt == Receipt(delivered=False, channel="slack", detail=detail)
    assert len(server.bodies) == 1


@pytest.mark.parametrize("answer", ["hang", "drop"])
async def test_silence_after_sending_is_uncertain(server: Server, answer: str) -> None:
    """Where the notice was sent and no answer came it may have arrived; it is not sent twice."""
    server.answers = [answer]

    receipt = await SlackNotifier(server.url, timeout=0.1).send(report())

    assert not receipt.delivered
    assert receipt.uncertain
    assert len(server.bodies) == 1


async def test_a_refused_connection_is_certain(server: Server) -> None:
    """Where nobody listens nothing can have arrived."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    receipt = await SlackNotifier(f"http://127.0.0.1:{port}/x").send(report())

    assert not receipt.delivered
    assert not receipt.uncertain
    assert "ConnectionRefusedError" in receipt.detail


async def test_cancelling_does_not_wait_for_the_server(server: Server) -> None:
    """A send that hangs is left at once."""
    server.answers = ["hang"]
    task = asyncio.create_task(SlackNotifier(server.url, timeout=10).send(report()))
    await asyncio.to_thread(server.asked.wait, 10)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_address_is_written_nowhere(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither logs nor receipts hold the address, not even at the lowest level."""
    caplog.set_level(0)
    server.answers = [(500, {}, b""), "drop"]
    notifier = SlackNotifier(server.url)

    receipts = [await notifier.send(report()) for _ in range(3)]

    assert "/services/" not in caplog.text + str(receipts) + repr(notifier)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hooks.slack.com/services/x",
        "http://hooks.slack.com/services/x",
        "ftp://h/x",
        "https://",
        "file:///etc/passwd",
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
