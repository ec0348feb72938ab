"""Open escalations whose time is over: how they stand, although nobody has written that down yet."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK
from omninode_bridge.agents.workflows.recovery_models import TIMEOUT, EscalationStatus

from ._owner import boot_id
from ._reading_values import json_list, json_object, text

__all__ = ["Over", "counted", "counts_as", "end_of_time", "over_rows", "stands"]

_ANSWERS: Final = ("retry", "skip", "abort")


@dataclass(frozen=True, slots=True)
class Over:
    """What whoever writes next makes of an open row whose time is over.

    Attributes:
        status: ``expired``, or ``resolved`` where something counts as the answer then.
        decision: what counts as the answer, or None.
        at: when its time was over.
    """

    status: str
    decision: str | None
    at: float

    @property
    def by(self) -> str | None:
        """Who answered: nobody, or the timeout."""
        return None if self.decision is None else TIMEOUT


def end_of_time(recorded: float | None, boot: str, due: float | None) -> float | None:
    """Return when an open row ends by the clock on the wall, which may have been set meanwhile.

    While the machine runs on, the time that has passed decides.

    Args:
        recorded: the row's end by the clock on the wall.
        boot: of the machine when the row was opened.
        due: the row's end by that boot's own clock.
    """
    if due is None or not boot or boot != boot_id():
        return recorded
    return SYSTEM_CLOCK.now().timestamp() + due - SYSTEM_CLOCK.monotonic()


def counts_as(deadline: float | None, report: Mapping[str, Any]) -> Over | None:
    """Return how an open row stands whose time ends then; None where it is open."""
    if deadline is None or deadline > SYSTEM_CLOCK.now().timestamp():
        return None
    answer, allowed = text(report, "on_timeout"), json_list(report.get("answers"))
    if answer not in _ANSWERS or (allowed and answer not in allowed):
        return Over(str(EscalationStatus.EXPIRED), None, deadline)
    return Over(str(EscalationStatus.RESOLVED), answer, deadline)


def over_rows(connection: sqlite3.Connection) -> dict[int, tuple[str, Over]]:
    """Return the workflow and the end of each row that is open in name only, by its number."""
    now = SYSTEM_CLOCK.now().timestamp()
    rows = connection.execute(
        "SELECT n, deadline, boot, due FROM escalations "
        "WHERE status = 'open' AND timeout IS NOT NULL"
    )
    ends = {n: end_of_time(recorded, boot, due) for n, recorded, boot, due in rows}
    found: dict[int, tuple[str, Over]] = {}
    for n, deadline in ends.items():
        if deadline is None or deadline > now:
            continue
        workflow_id, report = connection.execute(
            "SELECT workflow_id, report FROM escalations WHERE n = ?", (n,)
        ).fetchone()
        over = counts_as(deadline, json_object(report))
        if over is not None:
            found[n] = (workflow_id, over)
    return found


def stands(over: Mapping[int, tuple[str, Over]], status: str | None) -> str:
    """Return the condition under which a row has this status now; empty for any.

    Args:
        over: as `over_rows()` gave it.
        status: one of a few known words.
    """
    if status is None:
        return ""
    if status == EscalationStatus.OPEN:
        return f"status = 'open' AND n NOT IN ({_numbers(list(over))})"
    same = [n for n, (_, end) in over.items() if end.status == status]
    return f"(status = '{EscalationStatus(status)}' OR n IN ({_numbers(same)}))"


def counted(counts: Mapping[str, int], over: Mapping[int, tuple[str, Over]]) -> dict[str, int]:
    """Return the number of rows by status with those in their place that are open in name only."""
    found = Counter(counts)
    for _, end in over.values():
        found["open"] -= 1
        found[end.status] += 1
    return {status: number for status, number in found.items() if number}


def _numbers(rows: list[int]) -> str:
    return ", ".join(map(str, rows))
