"""Settings: the guide's words are right, others are refused with the right ones."""

from __future__ import annotations

from typing import Any

import pytest

from omninode_bridge.agents.workflows.escalation import EscalationSettings
from omninode_bridge.errors import ConfigurationError

PRINTED: list[dict[str, Any]] = [
    {
        "notification_channel": "slack",
        "slack_webhook": "https://hooks.slack.com/...",
        "priority": "high",
        "assignee": "code-generation-team",
        "pause_workflow": True,
    },
    {
        "description": "Contract validation failed",
        "priority": "high",
        "assignee": "contracts-team",
        "notification_channels": ["slack", "email"],
    },
    {
        "description": "Security validation failed",
        "priority": "critical",
        "assignee": "security-team",
        "notification_channels": ["slack", "pagerduty"],
        "pause_workflow": True,
    },
    {
        "notification_channel": "slack",
        "priority": "high",
        "assignee": "team-name",
        "pause_workflow": True,
        "include_context": True,
    },
]


@pytest.mark.parametrize("settings", PRINTED)
def test_printed_settings_are_read(settings: dict[str, Any]) -> None:
    """Everything that the guide prints is understood."""
    read = EscalationSettings.parse(settings)

    assert read.priority == settings["priority"]
    assert read.assignee == settings["assignee"]
    assert read.pause_workflow is settings.get("pause_workflow", False)
    assert read.channels[0] == "slack"


def test_channels_are_joined_in_order() -> None:
    """One channel and several may both be named; each is told once."""
    read = EscalationSettings.parse(
        {"notification_channel": "console", "notification_channels": ["slack", "console"]}
    )

    assert read.channels == ("console", "slack")


def test_what_is_left_out_comes_from_the_base() -> None:
    """A pattern's settings win over the strategy's, key by key."""
    base = EscalationSettings.parse({"priority": "low", "assignee": "ann", "timeout": 5})

    read = EscalationSettings.parse({"assignee": "bob"}, base=base)

    assert (read.priority, read.assignee, read.timeout) == ("low", "bob", 5.0)
    assert EscalationSettings.parse({"timeout": None}, base=base).timeout is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"chanel": "slack"}, r"no setting 'chanel'; it has 'notification_channel',"),
        ({"priority": "urgent"}, "priority is 'urgent'; it must be one of 'low', 'medium'"),
        ({"priority": 3}, "priority is 3"),
        ({"pause_workflow": "yes"}, "pause_workflow is 'yes'; it must be True or False"),
        ({"include_context": 1}, "include_context is 1"),
        ({"assignee": 7}, "assignee is 7; it must be a text"),
        ({"notification_channel": ""}, "name must be a non-empty text"),
        ({"notification_channels": 5}, "must be a list of channel names"),
        ({"notification_channels": ["a", None]}, "name must be a non-empty text"),
        ({"notification_channels": [str(n) for n in range(11)]}, "11 channels are named"),
        ({"timeout": -1}, "timeout is -1; it must be seconds"),
        ({"timeout": float("nan")}, "timeout is nan"),
        ({"timeout": True}, "timeout is True"),
        ({"escalation_timeout": "1h"}, "escalation_timeout is '1h'"),
        ({"timeout": 1, "escalation_timeout": 2}, "they mean the same"),
        ({"slack_webhook": 5}, "slack_webhook is a int"),
        ({"slack_webhook": "hooks.slack.com/x"}, "^slack_webhook is not an https address$"),
        ({"slack_webhook": "http://hooks.slack.com/x"}, "^slack_webhook is not an https address$"),
        ({"slack_webhook": "https://"}, "^slack_webhook is not an https address$"),
        ({"slack_webhook": "https://[x"}, "^slack_webhook is not an https address$"),
        ({"dashboard_url": "javascript:alert(1)"}, "^dashboard_url is not an https address$"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    """The sentence names the value and what would be right."""
    with pytest.raises(ConfigurationError, match=message):
        EscalationSettings.parse(settings)


def test_the_webhook_is_not_shown() -> None:
    """The address is a secret and stays out of the text of the settings."""
    read = EscalationSettings.parse({"slack_webhook": "https://hooks.slack.com/services/T/B/X"})

    assert "hooks" not in repr(read)
    assert read.slack_webhook is not None


@pytest.mark.parametrize(
    ("key", "address"),
    [
        ("slack_webhook", "http://127.0.0.1:8080/x"),
        ("slack_webhook", "http://localhost/x"),
        ("dashboard_url", "http://dashboard.example/errors"),
        ("dashboard_url", "https://dashboard.example"),
    ],
)
def test_addresses_that_are_taken(key: str, address: str) -> None:
    """A webhook, which is a secret, goes in the clear to this machine alone."""
    assert getattr(EscalationSettings.parse({key: address}), key) == address


def test_metadata_that_others_read_is_let_through() -> None:
    """Keys of every pattern are no mistake here."""
    EscalationSettings.parse({"operation": print, "fallback_strategies": [], "force": True})


@pytest.mark.parametrize(
    ("base", "nearer", "told"),
    [
        ({}, {}, ()),
        ({"notification_channel": "a"}, {"channels_by_priority": {"default": "b"}}, ("b",)),
        ({"channels_by_priority": {"default": "b"}}, {"notification_channel": "a"}, ("a",)),
        ({"channels_by_priority": {"high": ["b", "c", "b"]}}, {"priority": "high"}, ("b", "c")),
        ({"channels_by_priority": {"high": ["b"]}}, {}, ()),
        ({"channels_by_priority": {"high": ["b"]}}, {"channels_by_priority": {}}, ()),
        ({"channels_by_priority": {"medium": [], "default": ["x"]}}, {}, ()),
    ],
)
def test_the_nearer_settings_choose_the_channels(
    base: dict[str, Any], nearer: dict[str, Any], told: tuple[str, ...]
) -> None:
    """A list wins over a routing, and what is said nearer over what is said farther away."""
    assert EscalationSettings.parse(nearer, base=EscalationSettings.parse(base)).told == told


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"channels_by_priority": ["slack"]}, "must be a mapping from 'low', 'medium', 'high'"),
        ({"channels_by_priority": {"urgent": ["a"]}}, "must be a mapping from 'low'"),
        ({"channels_by_priority": {"high": [""]}}, "must be a non-empty text"),
        ({"channels_by_priority": {"high": 5}}, "must be a list of channel names"),
        ({"channels_by_priority": {"high": list("abcdefghijk")}}, "11 channels are named"),
        ({"on_timeout": "edit"}, "must be one of 'expire', 'retry', 'skip', 'abort'"),
        ({"on_timeout": None}, "must be one of 'expire'"),
        ({"on_timeout": []}, "must be one of 'expire'"),
        ({"answer_check": 5}, "must be a text"),
        ({"answer_subject": {"a": (1,)}}, "must be a mapping of texts to JSON values"),
        ({"answer_subject": {1: 2}}, "must be a mapping of texts to JSON values"),
        ({"answer_subject": [1]}, "must be a mapping of texts to JSON values"),
        ({"answer_subject": {"a": float("nan")}}, "must be a mapping of texts to JSON values"),
        ({"answer_subject": {"a": "x" * 20_000}}, "up to 16384 characters"),
    ],
)
def test_what_cannot_be_answered_or_routed_is_refused(settings: dict[str, Any], words: str) -> None:
    """Each is refused where it is given, in one sentence."""
    with pytest.raises(ConfigurationError, match=words):
        EscalationSettings.parse(settings)


def test_a_check_and_its_subject_are_kept() -> None:
    """They are handed on as they are, also over a base."""
    base = EscalationSettings.parse({"answer_check": "c", "answer_subject": {"path": "p"}})

    read = EscalationSettings.parse({"priority": "low"}, base=base)

    assert (read.answer_check, read.answer_subject) == ("c", {"path": "p"})
