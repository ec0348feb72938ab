"""Signals of what happens in workflows: who listens, and what was said."""

from .signals import SignalCoordinator
from .state import SharedState
from .stream import SignalStream
from .types import EventLike, Signal, Subscription

__all__ = [
    "EventLike",
    "SharedState",
    "Signal",
    "SignalCoordinator",
    "SignalStream",
    "Subscription",
]
