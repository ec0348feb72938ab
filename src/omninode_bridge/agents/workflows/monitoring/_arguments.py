"""What is given to monitoring, checked once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from omninode_bridge.agents.workflows.recovery_models import EscalationPriority
from omninode_bridge.errors import ConfigurationError

__all__ = ["channel_names", "count", "number", "positive", "severity_word", "text"]

MAX_CHANNELS: Final = 10


def channel_names(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of the channels, each once; none where all are meant."""
    if given is None:
        return ()
    names = (given,) if isinstance(given, str) or not isinstance(given, Iterable) else tuple(given)
    for name in names:
        if not isinstance(name, str) or not name.strip():
            raise ConfigurationError(
                f"notification_channel is {given!r}; it must be the name of a channel, or several"
            )
    if len(names) > MAX_CHANNELS:
        raise ConfigurationError(
            f"{len(names)} channels are named; at most {MAX_CHANNELS} are told"
        )
    return tuple(dict.fromkeys(name.strip() for name in names))


def severity_word(value: EscalationPriority | str) -> EscalationPriority:
    """Return the member that the word names, in whatever case."""
    try:
        return EscalationPriority(value.lower() if isinstance(value, str) else value)
    except ValueError:
        known = ", ".join(repr(str(member)) for member in EscalationPriority)
        raise ConfigurationError(f"severity is {value!r}; it must be one of {known}") from None


def number(what: str, value: object) -> float:
    """Return a finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ConfigurationError(f"{what} is {value!r}; it must be a finite number")
    return float(value)


def positive(what: str, value: object) -> float:
    """Return seconds, more than 0."""
    seconds = number(what, value)
    if seconds <= 0:
        raise ConfigurationError(f"{what} is {value!r}; it must be seconds, more than 0")
    return seconds


def count(what: str, value: object) -> int:
    """Return an integer, 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigurationError(f"{what} is {value!r}; it must be an integer, 0 or more")
    return value


def text(what: str, value: object) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"{what} is {value!r}; it must be a text")
    return value
