"""How an escalation is to be made: the guide's words, parsed once."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from omninode_bridge.agents.workflows.recovery_models import EscalationPriority
from omninode_bridge.errors import ConfigurationError

__all__ = ["COMMON_KEYS", "ON_TIMEOUT", "SETTING_KEYS", "EscalationSettings"]

SETTING_KEYS: Final = (
    "notification_channel",
    "notification_channels",
    "slack_webhook",
    "dashboard_url",
    "priority",
    "assignee",
    "description",
    "pause_workflow",
    "include_context",
    "timeout",
    "escalation_timeout",
    "on_timeout",
    "channels_by_priority",
    "answer_check",
    "answer_subject",
)
# Metadata of any pattern, which the recovery reads itself.
COMMON_KEYS: Final = frozenset({"operation", "fallback_strategies", "force", "rerun"})
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
MAX_CHANNELS: Final = 10
MAX_SUBJECT: Final = 16_384
#: What may happen when the time for an answer is over.
ON_TIMEOUT: Final = ("expire", "retry", "skip", "abort")
#: The key of `channels_by_priority` for every priority that has none of its own.
DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationSettings:
    """What a pattern or an `escalation_config` says about an escalation.

    Attributes:
        channels: names of the channels to tell, in order; empty where `channels_by_priority`
            decides, or for all that are known.
        slack_webhook: address of the channel ``slack``, for this escalation alone.
        dashboard_url: where ``/errors/<id>`` shows the escalation, for that message's buttons.
        priority: how soon a human should look.
        assignee: a person or team; empty where nobody is named.
        description: what is asked, one line.
        pause_workflow: wait for the answer.
        include_context: show the state's values, redacted, not only their names.
        timeout: seconds to wait for the answer; None for no limit.
        on_timeout: what happens then: ``expire``, or the answer that is given for the human:
            ``retry``, ``skip`` or ``abort``.
        channels_by_priority: names of channels by priority, and for ``default``, where `channels`
            names none.
        answer_check: name of the store's check of edited inputs and values; empty for none.
        answer_subject: what that check needs to know; JSON values, shown to nobody.
    """

    channels: tuple[str, ...] = ()
    slack_webhook: str | None = field(default=None, repr=False)
    dashboard_url: str | None = None
    priority: EscalationPriority = EscalationPriority.MEDIUM
    assignee: str = ""
    description: str = ""
    pause_workflow: bool = False
    include_context: bool = False
    timeout: float | None = None
    on_timeout: str = "expire"
    channels_by_priority: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    answer_check: str = ""
    answer_subject: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def told(self) -> tuple[str, ...]:
        """Names of the channels to tell; empty for all that are known."""
        by_priority = self.channels_by_priority
        return self.channels or by_priority.get(str(self.priority), by_priority.get(DEFAULT, ()))

    @classmethod
    def parse(
        cls,
        settings: Mapping[str, Any],
        *,
        allow: Collection[str] = COMMON_KEYS,
        base: EscalationSettings | None = None,
    ) -> EscalationSettings:
        """Read the guide's keys; `base` gives what they leave out.

        Raises:
            ConfigurationError: a key that does not exist (the message names the right ones), or a
                value that its key cannot have.
        """
        if not isinstance(settings, Mapping):
            raise ConfigurationError(
                f"escalation is {settings!r}; it must be a mapping of settings"
            )
        wrong = [key for key in settings if key not in SETTING_KEYS and key not in allow]
        if wrong:
            names = ", ".join(repr(key) for key in wrong[:5])
            right = ", ".join(repr(key) for key in SETTING_KEYS)
            raise ConfigurationError(f"escalation has no setting {names}; it has {right}")
        start = base if base is not None else cls()
        routed = settings.get("channels_by_priority") is not None
        return cls(
            # the nearer settings decide, also where they name channels in another way
            channels=_channels(settings, () if routed else start.channels),
            slack_webhook=_address(settings, "slack_webhook", start.slack_webhook),
            dashboard_url=_address(settings, "dashboard_url", start.dashboard_url),
            priority=_priority(settings.get("priority", start.priority)),
            assignee=_text(settings, "assignee", start.assignee),
            description=_text(settings, "description", start.description),
            pause_workflow=_flag(settings, "pause_workflow", start.pause_workflow),
            include_context=_flag(settings, "include_context", start.include_context),
            timeout=_timeout(settings, start.timeout),
            on_timeout=_on_timeout(settings.get("on_timeout", start.on_timeout)),
            channels_by_priority=_routes(settings) if routed else start.channels_by_priority,
            answer_check=_text(settings, "answer_check", start.answer_check),
            answer_subject=_subject(settings, start.answer_subject),
        )


def _channels(settings: Mapping[str, Any], default: tuple[str, ...]) -> tuple[str, ...]:
    names: list[str] = []
    for key in ("notification_channel", "notification_channels"):
        if settings.get(key) is not None:
            names += _names(key, settings[key], several=key == "notification_channels")
    if len(names) > MAX_CHANNELS:
        raise ConfigurationError(
            f"{len(names)} channels are named; at most {MAX_CHANNELS} are told"
        )
    return tuple(dict.fromkeys(names)) or default


def _names(key: str, value: Any, *, several: bool) -> list[str]:
    several = several and not isinstance(value, str)
    if several and not isinstance(value, Sequence):
        raise ConfigurationError(f"{key} is {value!r}; it must be a list of channel names")
    names = list(value) if several else [value]
    if not all(isinstance(name, str) and name.strip() for name in names):
        raise ConfigurationError(f"{key} is {value!r}; a channel's name must be a non-empty text")
    return [name.strip() for name in names]


def _routes(settings: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    value = settings["channels_by_priority"]
    known = (*(str(one) for one in EscalationPriority), DEFAULT)
    if not isinstance(value, Mapping) or not all(key in known for key in value):
        right = ", ".join(repr(one) for one in known)
        raise ConfigurationError(
            f"channels_by_priority is {value!r}; it must be a mapping from {right} to channel names"
        )
    routes = {
        str(key): tuple(dict.fromkeys(_names("channels_by_priority", one, several=True)))
        for key, one in value.items()
    }
    for key, names in routes.items():
        if len(names) > MAX_CHANNELS:
            raise ConfigurationError(
                f"{len(names)} channels are named for {key!r}; at most {MAX_CHANNELS} are told"
            )
    return routes


def _on_timeout(value: Any) -> str:
    if value not in ON_TIMEOUT:
        right = ", ".join(repr(one) for one in ON_TIMEOUT)
        raise ConfigurationError(f"on_timeout is {value!r}; it must be one of {right}")
    return str(value)


def _subject(settings: Mapping[str, Any], default: Mapping[str, Any]) -> Mapping[str, Any]:
    value = settings.get("answer_subject", default)
    if value is None:
        return default
    try:
        text = json.dumps(value, allow_nan=False)
        plain = isinstance(value, Mapping) and json.loads(text) == value
    except (TypeError, ValueError, RecursionError):
        plain, text = False, ""
    if not plain or len(text) > MAX_SUBJECT:
        raise ConfigurationError(
            "answer_subject must be a mapping of texts to JSON values, with up to "
            f"{MAX_SUBJECT} characters"
        )
    return dict(value)


def _address(settings: Mapping[str, Any], key: str, default: str | None) -> str | None:
    value = settings.get(key, default)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        # The address is a secret: its kind is named, not its text.
        raise ConfigurationError(
            f"{key} is a {type(value).__name__}; it must be a non-empty text or None"
        )
    if value is not None and not _is_address(value, any_host=key == "dashboard_url"):
        raise ConfigurationError(f"{key} is not an https address")
    return value


def _is_address(value: str, *, any_host: bool) -> bool:
    """Whether it is https, or http of this machine, or of any where no secret goes there."""
    from urllib.parse import urlsplit  # only who sets an address pays for it

    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        return False
    plain = parts.scheme == "http" and (any_host or host in _LOOPBACK)
    return bool(host) and (parts.scheme == "https" or plain)


def _priority(value: Any) -> EscalationPriority:
    try:
        return EscalationPriority(value.lower() if isinstance(value, str) else value)
    except ValueError:
        known = ", ".join(repr(str(member)) for member in EscalationPriority)
        raise ConfigurationError(f"priority is {value!r}; it must be one of {known}") from None


def _text(settings: Mapping[str, Any], key: str, default: str) -> str:
    value = settings.get(key, default)
    if value is None:
        return default
    if not isinstance(value, str):
        raise ConfigurationError(f"{key} is {value!r}; it must be a text")
    return value


def _flag(settings: Mapping[str, Any], key: str, default: bool) -> bool:  # noqa: FBT001
    value = settings.get(key, default)
    if not isinstance(value, bool):
        raise ConfigurationError(f"{key} is {value!r}; it must be True or False")
    return value


def _timeout(settings: Mapping[str, Any], default: float | None) -> float | None:
    given = [key for key in ("timeout", "escalation_timeout") if key in settings]
    if len(given) == 2 and settings[given[0]] != settings[given[1]]:
        raise ConfigurationError(
            f"timeout is {settings['timeout']!r} and escalation_timeout is "
            f"{settings['escalation_timeout']!r}; they mean the same, give one"
        )
    value = settings[given[0]] if given else default
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise ConfigurationError(f"{given[0]} is {value!r}; it must be seconds, 0 or more, or None")
    return float(value)
