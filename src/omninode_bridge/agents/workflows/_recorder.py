"""Turn results into statistics."""

from __future__ import annotations

import logging
import math
import threading
from collections import Counter, deque
from collections.abc import Sequence

from .recovery_models import ErrorType, RecoveryResult, RecoveryStrategy
from .recovery_models.statistics import RecoveryStatistics, StrategyStatistics

__all__ = ["Recorder", "percentile"]

logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")

WINDOW = 1000


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile: the smallest value with at least `share` at or below it."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


class Recorder:
    """Count recoveries; the lock guards counters only and no user code runs under it.

    Args:
        enabled: False counts nothing and says so once in the log.
    """

    def __init__(self, *, enabled: bool = True) -> None:
        self.enabled = enabled
        self._said = False
        self._lock = threading.Lock()
        self._ended = self._succeeded = self._hook_failures = 0
        self._total_ms = 0.0
        self._escalations: Counter[str] = Counter()
        self._usage: Counter[RecoveryStrategy] = Counter()
        self._successes: Counter[RecoveryStrategy] = Counter()
        self._types: Counter[str] = Counter()
        self._recent: deque[float] = deque(maxlen=WINDOW)
        self._durations = {kind: deque[float](maxlen=WINDOW) for kind in RecoveryStrategy}

    def record(self, result: RecoveryResult) -> None:
        """Count one recovery."""
        if not self.enabled:
            return
        times: dict[RecoveryStrategy, float] = {}
        for attempt in result.attempts:
            spent = attempt.duration_ms + attempt.attempt.wait * 1000
            times[attempt.strategy] = times.get(attempt.strategy, 0.0) + spent
        pending = bool(result.metadata.get("pending"))
        with self._lock:
            if result.escalated:
                self._escalations["escalated"] += 1
                self._escalations["delivered"] += bool(result.metadata.get("delivered"))
                self._escalations["pending" if pending else "resolved"] += 1
            self._ended += 1
            self._succeeded += result.success
            self._total_ms += result.duration_ms
            self._recent.append(result.duration_ms)
            if result.analysis is not None:
                self._types[result.analysis.error_type] += 1
            for kind, spent in times.items():
                self._usage[kind] += 1
                self._durations[kind].append(spent)
            if result.success and result.strategy_used is not None:
                self._successes[result.strategy_used] += 1

    def record_retry(self, error_type: ErrorType, duration_ms: float) -> None:
        """Count a recovery that was one retry and succeeded."""
        if not self.enabled:
            return
        kind = RecoveryStrategy.RETRY
        with self._lock:
            self._ended += 1
            self._succeeded += 1
            self._total_ms += duration_ms
            self._recent.append(duration_ms)
            self._types[error_type] += 1
            self._usage[kind] += 1
            self._durations[kind].append(duration_ms)
            self._successes[kind] += 1

    def count_hook_failure(self) -> None:
        """Count a hook, metric or signal that raised."""
        with self._lock:
            self._hook_failures += 1

    def snapshot(self) -> RecoveryStatistics:
        """Return what was counted so far."""
        if not self.enabled:
            if not self._said:
                self._said = True
                logger.info("recovery.statistics_disabled")
            return RecoveryStatistics(
                enabled=False,
                strategy_details={kind: StrategyStatistics() for kind in RecoveryStrategy},
            )
        with self._lock:
            ended, succeeded = self._ended, self._succeeded
            usage, successes = dict(self._usage), dict(self._successes)
            durations = {kind: tuple(window) for kind, window in self._durations.items()}
            recent = tuple(self._recent)
            total_ms, hook_failures = self._total_ms, self._hook_failures
            types, escalations = dict(self._types), dict(self._escalations)
        rate = succeeded / ended if ended else 1.0
        return RecoveryStatistics(
            total_attempts=ended,
            success_rate=rate,
            failure_rate=1.0 - rate,
            avg_recovery_time_ms=total_ms / ended if ended else 0.0,
            recovery_time_p95=percentile(recent, 0.95),
            strategy_usage=usage,
            strategy_success_rates={k: successes.get(k, 0) / n for k, n in usage.items()},
            error_type_counts=types,  # type: ignore[arg-type]
            strategy_durations={k: window for k, window in durations.items() if window},
            strategy_details={
                kind: _details(usage.get(kind, 0), successes.get(kind, 0), durations[kind])
                for kind in RecoveryStrategy
            },
            hook_failures=hook_failures,
            escalated=escalations.get("escalated", 0),
            delivered=escalations.get("delivered", 0),
            resolved=escalations.get("resolved", 0),
            pending=escalations.get("pending", 0),
        )


def _details(uses: int, successes: int, durations: Sequence[float]) -> StrategyStatistics:
    return StrategyStatistics(
        uses=uses,
        successes=successes,
        exhaustion_rate=(uses - successes) / uses if uses else 0.0,
        p50=percentile(durations, 0.50),
        p95=percentile(durations, 0.95),
        p99=percentile(durations, 0.99),
    )
