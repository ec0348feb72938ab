"""From a channel's name to a notice that arrives, and to the word that the escalation has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from omninode_bridge.agents.workflows._ports import Notifier, ResolvesNotices
from omninode_bridge.agents.workflows.escalation.channels import find_notifier
from omninode_bridge.agents.workflows.escalation.ended import tell_ended
from omninode_bridge.agents.workflows.recovery_models import EscalationStatus, Receipt
from omninode_bridge.notifiers import (
    AppriseNotifier,
    ConsoleNotifier,
    EmailNotifier,
    PagerDutyNotifier,
    SlackNotifier,
)
from omninode_bridge.testing import FakeClock, RecordingNotifier

from ._reports import answered, report
from ._servers import Webhook

KEY = "0123456789abcdef0123456789abcdef"


def find(name: str, environ: Mapping[str, str]) -> Notifier | str:
    """Return who answers for the name in this environment."""
    return find_notifier(name, {}, environ, FakeClock())


@pytest.mark.parametrize("name", ["slack", "email", "pagerduty", "apprise", "team-chat"])
def test_a_channel_without_settings_says_so(name: str) -> None:
    """Nothing in the environment, no channel."""
    assert find(name, {}) == "it is not configured"


def test_each_channel_is_found_by_its_variables() -> None:
    """The environment alone makes the notifiers of the list in a pattern."""
    pytest.importorskip("slack_sdk")
    pytest.importorskip("aiosmtplib")
    environ = {
        "OMNINODE_BRIDGE_SLACK_WEBHOOK": "https://hooks.slack.com/services/T/B/X",
        "OMNINODE_BRIDGE_SMTP_URL": "smtp://localhost",
        "OMNINODE_BRIDGE_EMAIL_TO": "ann@example.com",
        "OMNINODE_BRIDGE_EMAIL_FROM": "bot@example.org",
        "OMNINODE_BRIDGE_PAGERDUTY_KEY": KEY,
    }

    found = {name: type(find(name, environ)) for name in ("console", "slack", "email", "pagerduty")}

    assert found == {
        "console": ConsoleNotifier,
        "slack": SlackNotifier,
        "email": EmailNotifier,
        "pagerduty": PagerDutyNotifier,
    }


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("apprise", "OMNINODE_BRIDGE_APPRISE"),
        ("team-chat", "OMNINODE_BRIDGE_APPRISE_TEAM_CHAT"),
        ("Téam 2", "OMNINODE_BRIDGE_APPRISE_T_AM_2"),
        ("pagerduty", "OMNINODE_BRIDGE_APPRISE_PAGERDUTY"),
        ("slack", "OMNINODE_BRIDGE_APPRISE_SLACK"),
    ],
)
def test_a_channel_of_any_name_may_be_one_of_apprise(name: str, variable: str) -> None:
    """Its variable is the name in capitals; our own channel of that name comes first where it is set."""
    pytest.importorskip("apprise")

    assert isinstance(find(name, {variable: "json://localhost"}), AppriseNotifier)


def test_our_own_channel_comes_before_one_of_apprise() -> None:
    """Where both are configured the one that tells more is taken."""
    both = {
        "OMNINODE_BRIDGE_PAGERDUTY_KEY": KEY,
        "OMNINODE_BRIDGE_APPRISE_PAGERDUTY": "json://localhost",
    }

    assert isinstance(find("pagerduty", both), PagerDutyNotifier)


@pytest.mark.parametrize(
    ("name", "environ", "why"),
    [
        (
            "pagerduty",
            {"OMNINODE_BRIDGE_PAGERDUTY_KEY": "secret key"},
            "routing_key is not letters and digits alone",
        ),
        (
            "email",
            {"OMNINODE_BRIDGE_SMTP_URL": "smtp://bot:secret@mail.example.com"},
            "OMNINODE_BRIDGE_SMTP_URL is set, but OMNINODE_BRIDGE_EMAIL_TO is not",
        ),
        ("team", {"OMNINODE_BRIDGE_APPRISE_TEAM": "secret"}, "address 1 of 1 is none of apprise's"),
    ],
)
def test_a_wrong_setting_is_told_without_its_secret(
    name: str, environ: dict[str, str], why: str
) -> None:
    """One sentence, which goes into the receipt."""
    found = find(name, environ)

    assert isinstance(found, str)
    assert why in found
    assert "secret" not in found


async def test_the_end_is_told_where_the_escalation_was_told(server: Webhook) -> None:
    """PagerDuty's incident is resolved; a channel that cannot take back is left in peace."""
    console, other = RecordingNotifier("console"), RecordingNotifier("other")
    row = answered(report=report(channels=("pagerduty", "console")))
    environ = {
        "OMNINODE_BRIDGE_PAGERDUTY_KEY": KEY,
        "OMNINODE_BRIDGE_PAGERDUTY_URL": server.url,
    }

    receipts = await tell_ended({"console": console, "other": other}, row, environ=environ)

    assert [body["event_action"] for body in server.bodies] == ["resolve"]
    assert Receipt(delivered=True, channel="pagerduty") in receipts
    assert other.ended_rows == []
    assert console.ended_rows == [row]
    assert console.sent == []


async def test_without_channels_of_its_own_all_that_are_known_are_told() -> None:
    """As the notice went to every notifier, so does its end; those that cannot be told are not asked."""

    class Deaf:
        async def send(self, report: Any) -> Receipt:
            raise AssertionError("the end is no notice")

    team = RecordingNotifier("team")
    await tell_ended({"team": team, "deaf": Deaf()}, answered(), environ={})

    assert team.ended_rows == [answered()]


@pytest.mark.parametrize("status", [EscalationStatus.EXPIRED, EscalationStatus.SUPERSEDED])
async def test_an_end_without_an_answer_is_told_too(status: EscalationStatus) -> None:
    """Nobody needs to work on what expired or was superseded."""
    team = RecordingNotifier("team")

    await tell_ended({"team": team}, answered(status=status, decision=None), environ={})

    assert len(team.ended_rows) == 1


async def test_an_open_escalation_has_no_end_to_tell() -> None:
    """Nothing happens before it has ended."""
    team = RecordingNotifier("team")

    assert await tell_ended({"team": team}, answered(status=EscalationStatus.OPEN)) == ()
    assert team.ended_rows == []


async def test_a_channel_that_fails_or_hangs_costs_a_receipt() -> None:
    """The others are told, and nobody is raised at."""

    class Hangs(RecordingNotifier):
        async def ended(self, row: Any) -> Receipt:
            await asyncio.Event().wait()
            raise AssertionError

    broken = RecordingNotifier("broken", error=RuntimeError("password=hunter2000"))
    team = RecordingNotifier("team")

    receipts = await tell_ended(
        {"broken": broken, "hangs": Hangs("hangs"), "team": team},
        answered(),
        environ={},
        timeout=0.05,
    )

    told = {receipt.channel: receipt for receipt in receipts}
    assert {name: one.delivered for name, one in told.items()} == {
        "broken": False,
        "hangs": False,
        "team": True,
    }
    assert "hunter2000" not in told["broken"].detail


async def test_cancelling_the_word_passes() -> None:
    """Whoever waits for it may stop waiting."""

    class Hangs(RecordingNotifier):
        async def ended(self, row: Any) -> Receipt:
            await asyncio.Event().wait()
            raise AssertionError

    task = asyncio.create_task(tell_ended({"hangs": Hangs("hangs")}, answered(), environ={}))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


def test_who_can_be_told_of_the_end() -> None:
    """The protocol is met by those that have something to take back."""
    assert isinstance(PagerDutyNotifier(KEY), ResolvesNotices)
    assert isinstance(RecordingNotifier(), ResolvesNotices)
    assert not isinstance(ConsoleNotifier(), ResolvesNotices)
