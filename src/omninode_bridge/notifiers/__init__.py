"""Channels that tell a human about an escalation, each loaded on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .apprise import AppriseNotifier
    from .callback import CallbackNotifier
    from .console import ConsoleNotifier
    from .email import EmailNotifier
    from .pagerduty import PagerDutyNotifier
    from .slack import SlackNotifier

__all__ = [
    "AppriseNotifier",
    "CallbackNotifier",
    "ConsoleNotifier",
    "EmailNotifier",
    "PagerDutyNotifier",
    "SlackNotifier",
]


def __getattr__(name: str) -> Any:
    # Whoever is told on the console need not load what writes letters.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f"{__name__}.{name.removesuffix('Notifier').lower()}")
    value = getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
