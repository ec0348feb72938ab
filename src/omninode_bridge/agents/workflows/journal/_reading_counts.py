"""Escalations and their notices, counted."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from omninode_bridge.agents.workflows.recovery_models import TIMEOUT, EscalationStatus

from ._reading_due import counted, over_rows
from ._reading_values import json_object

__all__ = ["EscalationCounts", "NoticeLine", "count_escalations", "read_notices"]

#: Notices that a process has taken stand for the ones that it tells with them.
_STATES: Final = {
    "due": "waiting",
    "claimed": "being sent",
    "delivered": "delivered",
    "given_up": "given up",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """What became of a notice, on one channel or altogether.

    Attributes:
        channel: its name; empty where the whole notice is meant.
        state: ``delivered``, ``given up``, ``waiting`` or ``being sent``.
        tries: how often it was sent.
        maybe: how often nobody knows whether it arrived.
        fault: why the channel did not take it the last time.
    """

    channel: str
    state: str
    tries: int = 0
    maybe: int = 0
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationCounts:
    """Escalations since a moment, and what became of their notices.

    Attributes:
        statuses: number by status; of the open ones all, of the others those that ended since.
        decisions: number of answers by kind.
        median_answer_seconds: from question to answer; None where nobody answered.
        notices: ``delivered``, ``given_up`` and ``waiting``.
    """

    statuses: Mapping[str, int] = field(default_factory=dict)
    decisions: Mapping[str, int] = field(default_factory=dict)
    median_answer_seconds: float | None = None
    notices: Mapping[str, int] = field(default_factory=dict)


def read_notices(connection: sqlite3.Connection, escalation_id: str) -> list[NoticeLine]:
    """Return what became of the notice: altogether first, then on each channel that was tried."""
    row = connection.execute(
        "SELECT state, tries, maybe, channels FROM notices "
        "WHERE n = (SELECT n FROM escalations WHERE id = ?)",
        (escalation_id,),
    ).fetchone()
    if row is None:
        return []
    lines = [NoticeLine(channel="", state=_STATES.get(row[0], row[0]), tries=row[1], maybe=row[2])]
    for channel, told in json_object(row[3]).items():
        taken, maybe, fault = (*told, 0, 0, "")[:3] if isinstance(told, list) else (told, 0, "")
        lines.append(
            NoticeLine(
                channel=channel,
                state="delivered" if taken else "not delivered",
                maybe=maybe if isinstance(maybe, int) else 0,
                fault="" if taken or not isinstance(fault, str) else fault,
            )
        )
    return lines


def count_escalations(
    connection: sqlite3.Connection, *, since: float | None = None
) -> EscalationCounts:
    """Count escalations that are open, or that ended at `since`, in seconds since 1970, or later."""
    start = float("-inf") if since is None else since
    scope = "(status = 'open' OR at >= ?)"
    statuses = connection.execute(
        f"SELECT status, count(*) FROM escalations WHERE {scope} GROUP BY status",  # noqa: S608
        (start,),
    ).fetchall()
    decisions = connection.execute(
        "SELECT decision, count(*) FROM escalations WHERE status = 'resolved' AND at >= ? "
        "GROUP BY decision ORDER BY count(*) DESC, decision",
        (start,),
    ).fetchall()
    taken = connection.execute(
        "SELECT max(0, at - opened_at) FROM escalations WHERE status = 'resolved' "
        "AND decided_by <> ? AND at >= ?",
        (TIMEOUT, start),
    ).fetchall()
    notices = connection.execute(
        "SELECT state, count(*) FROM notices JOIN escalations USING(n) "  # noqa: S608
        f"WHERE {scope} GROUP BY state",
        (start,),
    ).fetchall()
    over = over_rows(connection)
    late = Counter(end.decision for _, end in over.values() if end.decision and end.at >= start)
    known = counted(dict(statuses), over)
    # those that are open in name only ended when their time was over
    before = Counter(end.status for _, end in over.values() if end.at < start)
    return EscalationCounts(
        statuses={str(one): known.get(str(one), 0) - before[str(one)] for one in EscalationStatus},
        decisions=dict((late + Counter({a or "nothing": n for a, n in decisions})).most_common()),
        median_answer_seconds=median(row[0] for row in taken) if taken else None,
        notices=_notices(dict(notices)),
    )


def _notices(states: Mapping[str, int]) -> dict[str, int]:
    return {
        "delivered": states.get("delivered", 0),
        "given_up": states.get("given_up", 0),
        "waiting": sum(n for name, n in states.items() if name in {"due", "claimed"}),
    }
