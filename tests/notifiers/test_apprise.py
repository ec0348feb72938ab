"""apprise: what reaches a service, how yes and no are read, and what stays secret."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from omninode_bridge.agents.workflows.recovery_models import EscalationPriority
from omninode_bridge.errors import ConfigurationError, MissingExtraError
from omninode_bridge.notifiers import AppriseNotifier
from omninode_bridge.notifiers.apprise import from_environment
from omninode_bridge.testing import FakeClock

from ._reports import answered, report
from ._servers import Webhook

apprise = pytest.importorskip("apprise")

# A module of apprise's looks for one of Python's that is going away.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

TOKEN = "tokenOfTheHook42"


def address(server: Webhook, more: str = "") -> str:
    """Return the server as an address of apprise's, with a secret in it."""
    return f"{server.url.replace('http://', 'json://')}/{TOKEN}{more}"


async def test_a_notice_reaches_the_service(server: Webhook) -> None:
    """Title, how to answer and every character arrive, as plain text."""
    receipt = await AppriseNotifier(address(server)).send(
        report(description="café 雪 <b>🙂</b>", repeat=True, folded=2, timeout=60.0)
    )

    assert receipt.delivered
    assert receipt.detail == ""
    (body,) = server.bodies
    assert body["title"] == "escalation esc_1 [high] café 雪 <b>🙂</b>"
    assert body["message"].splitlines() == [
        "repeat: may have been sent before",
        "answer: omninode-bridge escalations answer esc_1 retry|edit|value|skip|abort",
        "answer until 2030-01-01T12:01:00+00:00, then it expires",
        "workflow: wf-1, node: n, step: 1",
        "error (contract): ValueError: no name",
        "assignee: contracts-team",
        "and 2 more of the same kind",
    ]


@pytest.mark.parametrize(
    ("priority", "kind"),
    [("critical", "failure"), ("high", "failure"), ("medium", "warning"), ("low", "info")],
)
async def test_every_priority_has_its_kind(server: Webhook, priority: str, kind: str) -> None:
    """Apprise knows four kinds of notices."""
    await AppriseNotifier(address(server)).send(report(priority=EscalationPriority(priority)))

    assert server.bodies[0]["type"] == kind


async def test_a_huge_report_makes_a_bounded_notice(server: Webhook) -> None:
    """Whatever is in the report, what is posted stays small, and holds no secret."""
    huge = "password=hunter2000 " + "x" * 10**6

    await AppriseNotifier(address(server)).send(
        report(error_message=huge, description=huge, chain=(huge,) * 99, attempts=(huge,) * 99)
    )

    assert len(str(server.bodies[0])) < 50_000
    assert "hunter2000" not in str(server.bodies)


async def test_what_is_cut_is_the_end(server: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service for short texts still says how to answer."""
    monkeypatch.setattr(apprise.plugins.N_MGR["json"], "body_maxlen", 300)

    await AppriseNotifier(address(server)).send(report(chain=("x" * 1_000,) * 9, repeat=True))

    (body,) = server.bodies
    assert len(body["message"]) <= 300
    assert body["message"].startswith(
        "repeat: may have been sent before\n"
        "answer: omninode-bridge escalations answer esc_1 retry|edit|value|skip|abort\n"
    )


@pytest.mark.parametrize("status", [400, 404, 429, 500])
async def test_a_refusal_is_certain(server: Webhook, status: int) -> None:
    """A status is an answer, so nothing was taken; the receipt says which."""
    server.answers = [(status, {}, b"no")]

    receipt = await AppriseNotifier(address(server)).send(report())

    assert not receipt.delivered
    assert not receipt.uncertain
    assert str(status) in receipt.detail
    assert len(server.bodies) == 1


async def test_an_error_in_the_notice_is_no_answer(server: Webhook) -> None:
    """What the notice itself says of errors is not taken for what the service says."""
    server.answers = ["drop"]

    receipt = await AppriseNotifier(address(server)).send(
        report(error_message="HTTP 500, error=500, Connection refused")
    )

    assert receipt.uncertain


async def test_one_of_several_targets_may_have_taken_it(
    server: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an address has more targets than one, a refusal by one of them is no certain no."""
    monkeypatch.setattr(apprise.plugins.N_MGR["ntfy"], "request_rate_per_sec", 0)
    server.answers = [(200, {}, b"{}"), (500, {}, b"{}")]
    two_topics = server.url.replace("http://", "ntfy://").replace("/services/T/B/X", "/one/two")

    receipt = await AppriseNotifier(two_topics).send(report())

    assert len(server.bodies) == 2
    assert not receipt.delivered
    assert receipt.uncertain


async def test_a_chatty_service_still_says_why(server: Webhook) -> None:
    """However much is logged before, the reason is found, and nothing of the notice is in it."""
    server.answers = [(500, {}, b"x\n" * 1_000)]

    receipt = await AppriseNotifier(address(server)).send(report(description="the notice itself"))

    assert "500" in receipt.detail
    assert "the notice itself" not in receipt.detail


@pytest.mark.parametrize("answer", ["hang", "drop"])
async def test_silence_after_sending_is_uncertain(server: Webhook, answer: str) -> None:
    """Where the notice was sent and no answer came it may have arrived; it is not sent twice."""
    server.answers = [answer]

    receipt = await AppriseNotifier(address(server, "?rto=0.1")).send(report())

    assert not receipt.delivered
    assert receipt.uncertain
    assert len(server.bodies) == 1


async def test_a_service_that_takes_too_long_is_left(server: Webhook) -> None:
    """The notifier's own limit ends the wait, and nobody knows whether it arrived."""
    server.answers = ["hang"]

    receipt = await AppriseNotifier(address(server), timeout=0.2).send(report())

    assert receipt.detail == "json: no answer within 0.2 s"
    assert receipt.uncertain


async def test_nobody_listening_is_certain(server: Webhook) -> None:
    """Where no server is nothing can have arrived."""
    server.close()

    receipt = await AppriseNotifier(address(server)).send(report())

    assert not receipt.delivered
    assert not receipt.uncertain
    assert "Connection refused" in receipt.detail


async def test_cancelling_does_not_wait_for_the_service(server: Webhook) -> None:
    """A send that hangs is left at once."""
    server.answers = ["hang"]
    task = asyncio.create_task(AppriseNotifier(address(server)).send(report()))
    await asyncio.to_thread(server.asked.wait, 10)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_one_of_two_addresses_is_enough(server: Webhook) -> None:
    """The notice is taken when one took it, and the receipt says what the other said."""
    server.answers = [(500, {}, b""), (200, {}, b"")]

    receipt = await AppriseNotifier([address(server), address(server)]).send(report())

    assert receipt.delivered
    assert not receipt.uncertain
    assert receipt.detail.startswith("json: ")


@pytest.mark.parametrize("fault", [(500, {}, b""), "drop", None])
async def test_the_address_is_written_nowhere(
    server: Webhook, fault: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither logs at any level nor receipts hold it, though apprise and urllib3 log it."""
    caplog.set_level(0)
    caplog.set_level(0, logger="apprise")
    caplog.set_level(0, logger="urllib3")
    if fault is None:
        server.close()
    server.answers = [fault]
    made = AppriseNotifier([address(server), f"slack://{TOKEN}", f"nope://{TOKEN}"])

    receipt = await made.send(report())

    assert TOKEN not in caplog.text + str(receipt) + repr(made)
    assert not receipt.delivered


async def test_what_others_log_is_left_alone(
    server: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    """The program's own use of apprise logs as before."""
    await AppriseNotifier(address(server)).send(report())

    with caplog.at_level(logging.WARNING, logger="apprise"):
        logging.getLogger("apprise").warning("a word of the program's")

    assert "a word of the program's" in caplog.text


@pytest.mark.parametrize("url", [f"slack://{TOKEN}", f"nope://{TOKEN}", f"json://{TOKEN}:port"])
async def test_an_address_that_apprise_refuses_is_told_unseen(url: str) -> None:
    """The receipt names the scheme and nothing else of it."""
    receipt = await AppriseNotifier(url).send(report())

    scheme = url.partition(":")[0]
    assert receipt.detail == f"{scheme}: apprise knows no such address, or a part of it is missing"
    assert not receipt.uncertain


@pytest.mark.parametrize(
    ("urls", "why"),
    [
        ([], "0 addresses are given; there must be 1 to 10"),
        (["json://localhost"] * 11, "11 addresses are given; there must be 1 to 10"),
        (
            ["json://localhost", TOKEN],
            "address 2 of 2 is none of apprise's, such as 'ntfy://topic'",
        ),
        (f"json://{TOKEN}\r\n", "address 1 of 1 is none of apprise's"),
        ([None], "address 1 of 1 is none of apprise's"),
    ],
)
def test_wrong_addresses_are_refused_unseen(urls: Any, why: str) -> None:
    """By their place, without the secret."""
    with pytest.raises(ConfigurationError, match=why) as caught:
        AppriseNotifier(urls)

    assert TOKEN not in str(caught.value)


async def test_an_incident_of_pagerduty_has_a_key_and_is_resolved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Apprise's own PagerDuty gets the escalation's id, and resolves when the escalation ends."""
    posted: list[dict[str, Any]] = []

    def post(url: str, data: str, **kwargs: Any) -> Any:
        posted.append(json.loads(data))
        return SimpleNamespace(status_code=202, content=b"")

    monkeypatch.setattr("requests.post", post)
    made = AppriseNotifier(f"pagerduty://{TOKEN}@{TOKEN}")

    sent = await made.send(report())
    ended = await made.ended(answered())

    assert sent.delivered
    assert ended is not None
    assert ended.delivered
    assert [(one["event_action"], one["dedup_key"]) for one in posted] == [
        ("trigger", "esc_1"),
        ("resolve", "esc_1"),
    ]


async def test_most_services_take_nothing_back(server: Webhook) -> None:
    """Where an address cannot resolve, nothing is sent at the end."""
    assert await AppriseNotifier(address(server)).ended(answered()) is None
    assert server.bodies == []


def test_the_environment_configures_it() -> None:
    """Addresses stand in one variable, with spaces between them."""
    clock = FakeClock()

    assert from_environment({"OMNINODE_BRIDGE_APPRISE": " "}, clock) is None
    made = from_environment({"OMNINODE_BRIDGE_APPRISE": "json://localhost\n ntfy://topic"}, clock)
    assert isinstance(made, AppriseNotifier)


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without apprise the error says what to install."""
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'omninode-bridge\[apprise\]'"):
        AppriseNotifier("json://localhost")
