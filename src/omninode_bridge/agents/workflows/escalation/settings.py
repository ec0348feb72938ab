"""How an escalation is to be made: the guide's words, parsed once."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from omninode_bridge.agents.workflows.recovery_models import EscalationPriority
from omninode_bridge.errors import ConfigurationError

__all__ = ["COMMON_KEYS", "SETTING_KEYS", "EscalationSettings"]

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
)
# Metadata of any pattern, which the recovery reads itself.
COMMON_KEYS: Final = frozenset({"operation", "fallback_strategies", "force", "rerun"})
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
MAX_CHANNELS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationSettings:
    """What a pattern or an `escalation_config` says about an escalation.

    Attributes:
        channels: names of the channels to tell, in order; empty for all that are known.
        slack_webhook: address of the channel ``slack``, for this escalation alone.
        dashboard_url: where ``/errors/<id>`` shows the escalation, for that message's buttons.
        priority: how soon a human should look.
        assignee: a person or team; empty where nobody is named.
        description: what is asked, one line.
        pause_workflow: wait for the answer.
        include_context: show the state's values, redacted, not only their names.
        timeout: seconds to wait for the answer; None for no limit.
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
        return cls(
            channels=_channels(settings, start.channels),
            slack_webhook=_address(settings, "slack_webhook", start.slack_webhook),
            dashboard_url=_address(settings, "dashboard_url", start.dashboard_url),
            priority=_priority(settings.get("priority", start.priority)),
            assignee=_text(settings, "assignee", start.assignee),
            description=_text(settings, "description", start.description),
            pause_workflow=_flag(settings, "pause_workflow", start.pause_workflow),
            include_context=_flag(settings, "include_context", start.include_context),
            timeout=_timeout(settings, start.timeout),
        )


def _channels(settings: Mapping[str, Any], default: tuple[str, ...]) -> tuple[str, ...]:
    names: list[str] = []
    for key in ("notification_channel", "notification_channels"):
        value = settings.get(key)
        if value is None:
            continue
        several = key == "notification_channels" and not isinstance(value, str)
        if several and not isinstance(value, Sequence):
            raise ConfigurationError(f"{key} is {value!r}; it must be a list of channel names")
        for name in value if several else (value,):
            if not isinstance(name, str) or not name.strip():
                raise ConfigurationError(
                    f"{key} is {value!r}; a channel's name must be a non-empty text"
                )
            names.append(name.strip())
    if len(names) > MAX_CHANNELS:
        raise ConfigurationError(
            f"{len(names)} channels are named; at most {MAX_CHANNELS} are told"
        )
    return tuple(dict.fromkeys(names)) or default


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
