"""Channels that tell a human about an escalation."""

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
