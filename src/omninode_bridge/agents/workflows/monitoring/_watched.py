"""What monitoring takes from the orchestrator that it watches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows._ports import Notifier
from omninode_bridge.agents.workflows.recovery_models.statistics import RecoveryStatistics

__all__ = ["StatisticsSource", "clock_of", "notifiers_of", "notifies"]


class StatisticsSource(Protocol):
    """An orchestrator, as far as it is looked at."""

    def get_statistics(self) -> RecoveryStatistics:
        """Return the counts of all recoveries so far."""
        ...


def clock_of(error_recovery: StatisticsSource | None) -> Clock:
    """Return the orchestrator's clock; the machine's where it has none."""
    clock = getattr(_machine(error_recovery), "clock", None)
    return clock if isinstance(clock, Clock) else SYSTEM_CLOCK


def notifiers_of(error_recovery: StatisticsSource) -> Mapping[str, Notifier]:
    """Return the orchestrator's channels by name."""
    notifiers = getattr(_machine(error_recovery), "notifiers", None)
    return notifiers if isinstance(notifiers, Mapping) else {}


def notifies(error_recovery: StatisticsSource) -> bool:
    """Whether the orchestrator tells humans at all."""
    return getattr(_machine(error_recovery), "notify", True) is not False


def _machine(error_recovery: StatisticsSource | None) -> Any:
    return getattr(error_recovery, "_machine", None)
