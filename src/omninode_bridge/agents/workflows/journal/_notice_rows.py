"""One notice as the file has it, and how it is looked up and brought to its end."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace
from typing import Any, Final

from omninode_bridge.agents.workflows.escalation._outbox import (
    NoticeState,
    OutboxSettings,
    held_for,
)
from omninode_bridge.agents.workflows.escalation._progress import ChannelProgress, NoticeProgress
from omninode_bridge.agents.workflows.recovery_models import EscalationReport

__all__ = [
    "EVERYBODYS",
    "NO_CHANNELS",
    "Moment",
    "Notice",
    "channels_of",
    "claim_same",
    "due_at",
    "final_state",
    "finish",
    "forget_told",
    "handed",
    "one_notice",
    "progress_of",
    "some_notices",
    "told_at",
]

#: What a notice says of its channels before any was tried.
NO_CHANNELS: Final = "{}"
#: What it says of whose it is where that is not known.
EVERYBODYS: Final = "[]"

_NOTICE: Final = (
    "SELECT n.n, n.fold, n.state, n.boot, n.due, n.tries, n.maybe, n.channels, n.told,"
    " n.leader, n.claimer, n.began, n.stands, e.status, e.decided_by, e.timeout"
    " FROM notices n JOIN escalations e ON e.n = n.n WHERE "
)

# When the like of a fold was told, by the clock of this boot.
_TOLD: Final = (
    "SELECT began FROM notices WHERE live = 1 AND fold = ?1 AND began IS NOT NULL AND boot = ?2"
    " ORDER BY began DESC LIMIT 1"
)
_LIKE: Final = f"SELECT ({_TOLD}), EXISTS(SELECT 1 FROM notices WHERE live = 1 AND fold = ?1)"  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something is asked, and by whom.

    Attributes:
        boot: of the machine.
        now: by its monotonic clock; what another boot wrote is due at once.
        wall: seconds since 1970.
        me: the process that asks, as it is written into claims.
    """

    boot: str
    now: float
    wall: float
    me: str


@dataclass(frozen=True, slots=True)
class Notice:
    n: int
    fold: str | None
    state: str
    boot: str
    due: float
    tries: int
    maybe: int
    channels: str
    told: str
    leader: int | None
    claimer: str | None
    began: float | None
    stands: int
    status: str
    by: str | None
    timeout: float | None

    @property
    def progress(self) -> NoticeProgress:
        return progress_of(self.maybe, self.channels, self.told)


def progress_of(maybe: int, channels: str, told: str) -> NoticeProgress:
    tried = {} if channels == NO_CHANNELS else json.loads(channels)
    return NoticeProgress(
        maybe,
        {name: ChannelProgress(bool(one[0]), *one[1:]) for name, one in tried.items()},
        () if told == EVERYBODYS else tuple(json.loads(told)),
    )


def channels_of(progress: NoticeProgress) -> str:
    if not progress.channels:
        return NO_CHANNELS
    told = {
        name: [one.delivered, one.maybe, *filter(None, [one.fault])]
        for name, one in progress.channels.items()
    }
    return json.dumps(told, sort_keys=True)


def final_state(*, reached: bool) -> NoticeState:
    return NoticeState.DELIVERED if reached else NoticeState.GIVEN_UP


def one_notice(connection: sqlite3.Connection, where: str, value: Any) -> Notice | None:
    return next(iter(some_notices(connection, where, value)), None)


def some_notices(connection: sqlite3.Connection, where: str, *values: Any) -> list[Notice]:
    return [Notice(*row) for row in connection.execute(_NOTICE + where, values).fetchall()]


def due_at(
    connection: sqlite3.Connection, notice: Notice, when: Moment, settings: OutboxSettings
) -> float:
    due = notice.due if notice.boot == when.boot else float("-inf")
    if notice.fold is None or notice.progress.is_begun:
        return due  # what was told in part is not told anew, so there is nothing to hold back
    told = told_at(connection, notice.fold, when)[0]
    return due if told is None else max(due, told + held_for(settings, notice.timeout))


def told_at(connection: sqlite3.Connection, fold: str, when: Moment) -> tuple[float | None, bool]:
    """Return when the like of a notice was told last, and whether there is any."""
    told, is_any = connection.execute(_LIKE, (fold, when.boot)).fetchone()
    return told, bool(is_any)


def forget_told(connection: sqlite3.Connection, when: Moment, settings: OutboxSettings) -> None:
    """Forget what was told too long ago to hold back its like."""
    connection.execute(
        "UPDATE notices SET began = NULL, live = NULL WHERE live = 1 AND began IS NOT NULL"
        " AND state NOT IN ('due', 'claimed') AND (boot != ? OR began + ? <= ?)",
        (when.boot, settings.fold_window, when.now),
    )


def finish(connection: sqlite3.Connection, n: int, *, reached: bool, drop: bool) -> None:
    if drop and not reached:
        connection.execute("DELETE FROM notices WHERE n = ?", (n,))
        return
    connection.execute(
        "UPDATE notices SET state = ?, leader = NULL, claimer = NULL,"
        " live = CASE WHEN began IS NOT NULL THEN 1 END WHERE n = ?",
        (str(final_state(reached=reached)), n),
    )


def claim_same(
    connection: sqlite3.Connection,
    leader: int,
    fold: str,
    when: Moment,
    *,
    maybe: int = 0,
    channels: str = NO_CHANNELS,
) -> int:
    """Take the notices that this one stands for, which have come as far; return their number."""
    return connection.execute(
        "UPDATE notices SET state = 'claimed', leader = ?1, claimer = ?2, claimed_at = ?3,"
        " boot = ?5, due = ?6, began = CASE WHEN boot = ?5 THEN began END"
        " WHERE live = 1 AND state = 'due' AND n != ?1 AND fold = ?4 AND (boot != ?5 OR due <= ?6)"
        " AND maybe = ?7 AND channels = ?8",
        (leader, when.me, when.wall, fold, when.boot, when.now, maybe, channels),
    ).rowcount


def handed(report: EscalationReport, *, repeat: bool, same: int) -> EscalationReport:
    if report.repeat == repeat and not same:
        return report
    return replace(report, repeat=repeat, folded=report.folded + same)
