"""Counts of ended recoveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .kinds import ErrorType, RecoveryStrategy

__all__ = ["RecoveryStatistics", "StrategyStatistics"]


@dataclass(frozen=True, slots=True)
class StrategyStatistics:
    """How one strategy fared.

    Attributes:
        uses: recoveries in which it was tried.
        successes: recoveries that it ended with a usable result.
        exhaustion_rate: share of its uses that ended without success, 0 to 1.
        p50: of its durations in the recent window, in milliseconds, waits included.
        p95: the same.
        p99: the same.
    """

    uses: int = 0
    successes: int = 0
    exhaustion_rate: float = 0.0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryStatistics:
    """A snapshot of everything that was counted; recoveries, not single runs.

    Attributes:
        enabled: False where nothing is counted.
        total_attempts: ended recoveries; one that waits for a human has not ended.
        success_rate: 0 to 1; 1.0 where nothing has ended yet.
        failure_rate: 0 to 1.
        avg_recovery_time_ms: mean over all ended recoveries, waits included.
        recovery_time_p95: of the recent window, in milliseconds.
        strategy_usage: recoveries in which each strategy was tried.
        strategy_success_rates: share of those that it ended well, 0 to 1.
        error_type_counts: recoveries by type of their first error.
        strategy_durations: recent durations in milliseconds, oldest first, bounded.
        strategy_details: one record for every kind, zeros included.
        escalated: recoveries in which a human was asked.
        delivered: of these, notices that a channel took.
        resolved: of these, answered within the recovery.
        pending: of these, still unanswered when the recovery returned.
        hook_failures: hooks, metrics and signals that raised.
    """

    enabled: bool = True
    total_attempts: int = 0
    success_rate: float = 1.0
    failure_rate: float = 0.0
    avg_recovery_time_ms: float = 0.0
    recovery_time_p95: float = 0.0
    strategy_usage: Mapping[RecoveryStrategy, int] = field(default_factory=dict)
    strategy_success_rates: Mapping[RecoveryStrategy, float] = field(default_factory=dict)
    error_type_counts: Mapping[ErrorType, int] = field(default_factory=dict)
    strategy_durations: Mapping[RecoveryStrategy, Sequence[float]] = field(default_factory=dict)
    strategy_details: Mapping[RecoveryStrategy, StrategyStatistics] = field(default_factory=dict)
    escalated: int = 0
    delivered: int = 0
    resolved: int = 0
    pending: int = 0
    hook_failures: int = 0
