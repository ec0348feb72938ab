"""Channels that tell a human about an escalation."""

from .callback import CallbackNotifier
from .console import ConsoleNotifier
from .slack import SlackNotifier

__all__ = ["CallbackNotifier", "ConsoleNotifier", "SlackNotifier"]
