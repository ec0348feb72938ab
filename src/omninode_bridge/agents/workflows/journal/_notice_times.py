"""When notices of the file are due, of those that a process can bring to anybody."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, Final

from omninode_bridge.agents.workflows.escalation._outbox import OutboxSettings
from omninode_bridge.agents.workflows.escalation._serving import Serves

from ._notice_rows import Moment, progress_of

__all__ = ["due_notices", "next_notice"]

# At which moment of this boot each is due; what was told in part is held back by no window.
_WAITING: Final = (
    "SELECT n.n, e.id, json_extract(e.report, '$.channels'), n.maybe, n.channels, n.told, max("
    " CASE WHEN n.boot = :boot THEN n.due ELSE :now END,"
    " CASE WHEN n.maybe > 0 OR n.channels != '{}' THEN :now"
    " ELSE coalesce((SELECT w.began FROM notices w WHERE w.live = 1 AND w.fold = n.fold"
    " AND w.began IS NOT NULL AND w.boot = :boot ORDER BY w.began DESC LIMIT 1)"
    " + min(:window, coalesce(e.timeout / 2, :window)), :now) END) AS at"
    " FROM notices n JOIN escalations e ON e.n = n.n WHERE n.live = 1 AND n.state = 'due'"
)


def due_notices(
    connection: sqlite3.Connection, when: Moment, settings: OutboxSettings, serves: Serves
) -> Iterator[int]:
    """Yield the numbers of the notices that are due, in order of their opening."""
    query = f"SELECT * FROM ({_WAITING}) WHERE at <= :now ORDER BY n"  # noqa: S608
    for n, *told, _ in connection.execute(query, _asked(when, settings)):
        if _is_served(told, serves):
            yield n


def next_notice(
    connection: sqlite3.Connection, when: Moment, settings: OutboxSettings, serves: Serves
) -> float | None:
    """Return the seconds until a notice is due; None without any."""
    for _, *told, at in connection.execute(f"{_WAITING} ORDER BY at", _asked(when, settings)):
        if _is_served(told, serves):
            return max(0.0, float(at) - when.now)
    return None


def _asked(when: Moment, settings: OutboxSettings) -> dict[str, Any]:
    return {"boot": when.boot, "now": when.now, "window": settings.fold_window}


def _is_served(told: list[Any], serves: Serves) -> bool:
    escalation_id, channels, *progress = told
    names = tuple(json.loads(channels)) if channels else ()
    return serves(escalation_id, names, progress_of(*progress))
