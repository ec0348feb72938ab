"""What monitoring takes from the orchestrator that it watches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows._machine import Machine
from omninode_bridge.agents.workflows._ports import Notifier
from omninode_bridge.agents.workflows.error_recovery import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows.recovery_models.statistics import RecoveryStatistics
from omninode_bridge.errors import ConfigurationError

__all__ = ["StatisticsSource", "check_source", "clock_of", "notifiers_of", "notifies"]


class StatisticsSource(Protocol):
    """An orchestrator, as far as it is looked at."""

    def get_statistics(self) -> RecoveryStatistics:
        """Return the counts of all recoveries so far."""
        ...


def check_source(error_recovery: object) -> None:
    """Refuse what gives no statistics.

    Raises:
        ConfigurationError: it says what would be right.
    """
    if not callable(getattr(error_recovery, "get_statistics", None)):
        raise ConfigurationError(
            f"error_recovery is {error_recovery!r}; it must be an ErrorRecoveryOrchestrator"
        )


def clock_of(error_recovery: object) -> Clock:
    """Return the orchestrator's clock; the machine's where it has none."""
    machine = _machine(error_recovery)
    return SYSTEM_CLOCK if machine is None else machine.clock


def notifiers_of(error_recovery: object) -> Mapping[str, Notifier]:
    """Return the orchestrator's channels by name."""
    machine = _machine(error_recovery)
    return {} if machine is None else machine.notifiers


def notifies(error_recovery: object) -> bool:
    """Whether the orchestrator tells humans at all."""
    machine = _machine(error_recovery)
    return machine is None or machine.notify


def _machine(error_recovery: object) -> Machine | None:
    """Return the parts of an orchestrator; None for anything else that gives statistics."""
    if isinstance(error_recovery, ErrorRecoveryOrchestrator):
        return error_recovery._machine
    return None
