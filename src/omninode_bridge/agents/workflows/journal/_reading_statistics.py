"""Count what a journal holds, in the words of `RecoveryStatistics`."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from omninode_bridge.agents.workflows.recovery_models import RecoveryStrategy
from omninode_bridge.agents.workflows.recovery_models.statistics import StrategyStatistics

from ._reading_due import over_rows, stands
from ._reading_ladder import attempt_number, took
from ._reading_parts import whole_of
from ._reading_values import json_mapping, json_object, number, text

__all__ = ["JournalStatistics", "read_statistics"]

#: Statuses of a recovery that has ended for its caller; one that left a question open has.
_ENDED: Final = ("recovered", "failed", "pending")


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalStatistics:
    """What was recorded, of all recoveries that ended since a moment.

    The fields that `RecoveryStatistics` has too mean the same; times are in milliseconds, waits
    included. A recovery within a step that came to nothing and was gone on with by one around it counts
    as one with that: once, by its end, with the strategies and the time of both.

    Attributes:
        open: recoveries that have not ended.
        recovery_time_p50: over all recoveries counted, as `recovery_time_p95` and `_p99`.
        strategy_details: of the strategies that were tried.
    """

    total_attempts: int = 0
    succeeded: int = 0
    open: int = 0
    success_rate: float = 1.0
    failure_rate: float = 0.0
    avg_recovery_time_ms: float = 0.0
    recovery_time_p50: float = 0.0
    recovery_time_p95: float = 0.0
    recovery_time_p99: float = 0.0
    strategy_usage: Mapping[str, int] = field(default_factory=dict)
    strategy_success_rates: Mapping[str, float] = field(default_factory=dict)
    error_type_counts: Mapping[str, int] = field(default_factory=dict)
    strategy_details: Mapping[str, StrategyStatistics] = field(default_factory=dict)
    escalated: int = 0
    delivered: int = 0
    resolved: int = 0
    pending: int = 0


def read_statistics(
    connection: sqlite3.Connection, *, since: float | None = None
) -> JournalStatistics:
    """Count the recoveries that ended at `since`, in seconds since 1970, or later."""
    start = -math.inf if since is None else since
    types: Counter[str] = Counter()
    successes: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    times: dict[int, float] = {}
    within: defaultdict[int, float] = defaultdict(float)
    wholes = whole_of(connection)
    escalated = delivered = 0
    is_open = stands(over_rows(connection), "open")
    rows = connection.execute(
        "SELECT id, status, error_type, strategy, coalesce(duration_ms, 0), escalation_id, "  # noqa: S608
        "CASE WHEN escalation_id IS NULL THEN '' ELSE account END, "
        # its run may have ended meanwhile without taking it up again
        "status = 'pending' AND NOT EXISTS (SELECT 1 FROM escalations WHERE "
        f"escalations.id = escalation_id AND NOT ({is_open})) "
        "FROM recoveries WHERE ended_at >= ? AND status IN (?, ?, ?)",
        (start, *_ENDED),
    )
    pending = 0
    for one, status, error_type, strategy, duration_ms, escalation_id, account, is_asking in rows:
        if one in wholes:
            within[wholes[one]] += duration_ms
            continue
        statuses[status] += 1
        pending += is_asking
        types[error_type or "unknown"] += 1
        times[one] = duration_ms
        escalated += escalation_id is not None
        delivered += json_mapping(json_object(account), "metadata").get("delivered") is True
        if status == "recovered" and strategy:
            successes[strategy] += 1
    total, succeeded = len(times), statuses["recovered"]
    rate = succeeded / total if total else 1.0
    details = _details(_durations(connection, start, times.keys(), wholes), successes)
    took_ms = sorted(spent + within[one] for one, spent in times.items())
    return JournalStatistics(
        total_attempts=total,
        succeeded=succeeded,
        open=connection.execute("SELECT count(*) FROM recoveries WHERE status = 'open'").fetchone()[
            0
        ],
        success_rate=rate,
        failure_rate=1.0 - rate,
        avg_recovery_time_ms=sum(took_ms) / total if total else 0.0,
        recovery_time_p50=_ranked(took_ms, 0.50),
        recovery_time_p95=_ranked(took_ms, 0.95),
        recovery_time_p99=_ranked(took_ms, 0.99),
        strategy_usage={kind: one.uses for kind, one in details.items()},
        strategy_success_rates={k: one.successes / one.uses for k, one in details.items()},
        error_type_counts=dict(types.most_common()),
        strategy_details=details,
        escalated=escalated,
        delivered=delivered,
        resolved=max(0, escalated - pending),
        pending=pending,
    )


def _durations(
    connection: sqlite3.Connection,
    start: float,
    counted: Container[int],
    wholes: Mapping[int, int],
) -> dict[str, list[float]]:
    """Return the milliseconds that each strategy took of each recovery in which it was tried."""
    rows = connection.execute(
        "SELECT entries.recovery, entries.kind, entries.data FROM entries JOIN recoveries "
        "ON recoveries.id = entries.recovery "
        "WHERE recoveries.ended_at >= ? AND recoveries.status IN (?, ?, ?) "
        "AND entries.kind IN ('attempt', 'outcome') ORDER BY entries.recovery, entries.n",
        (start, *_ENDED),
    )
    current, spent = None, dict[tuple[str, int], float]()
    attempts: dict[int | None, dict[str, Any]] = {}
    elapsed = 0.0
    for recovery, kind, kept in rows:
        whole = wholes.get(recovery, recovery)
        if whole not in counted:
            continue
        if recovery != current:
            current, attempts, elapsed = recovery, {}, 0.0
        data = json_object(kept)
        attempt = attempts.setdefault(attempt_number(data), data)
        strategy = text(attempt, "strategy")
        place = (strategy, whole)
        if kind == "attempt":
            spent.setdefault((strategy or "unknown", whole), 0.0)
        elif place in spent:
            seconds = (took(attempt, data, elapsed) or 0.0) + (number(attempt, "wait") or 0.0)
            spent[place] += seconds * 1000
        elapsed = max(elapsed, number(data, "elapsed") or 0.0)
    found: defaultdict[str, list[float]] = defaultdict(list)
    for (strategy, _), milliseconds in spent.items():
        found[strategy].append(milliseconds)
    return found


def _details(
    durations: Mapping[str, list[float]], successes: Mapping[str, int]
) -> dict[str, StrategyStatistics]:
    known = {str(kind): place for place, kind in enumerate(RecoveryStrategy)}
    details = {}
    for kind in sorted({*durations, *successes}, key=lambda one: known.get(one, len(known))):
        times = sorted(durations.get(kind, []))
        won = successes.get(kind, 0)
        uses = max(len(times), won)
        details[kind] = StrategyStatistics(
            uses=uses,
            successes=won,
            exhaustion_rate=(uses - won) / uses,
            p50=_ranked(times, 0.50),
            p95=_ranked(times, 0.95),
            p99=_ranked(times, 0.99),
        )
    return details


def _ranked(ordered: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile of values in ascending order, as the statistics do."""
    if not ordered:
        return 0.0
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
