"""Notices in the file: claimed before they are sent, folded, retried, each channel by itself.

A claim is committed before anything is sent and carries the process that sends. Where that process
has died nobody knows what was sent, so the notice goes out once more, marked as a repeat, and then
never again. The claim of a process that lives, however slow it is, is left alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from omninode_bridge.agents.workflows.escalation._outbox import (
    NoticeState,
    OutboxSettings,
    retry_after,
)
from omninode_bridge.agents.workflows.escalation._progress import (
    MAX_UNKNOWN,
    NoticeProgress,
)
from omninode_bridge.agents.workflows.escalation._serving import Serves, anybody
from omninode_bridge.agents.workflows.escalation.stores._settings import is_settled
from omninode_bridge.agents.workflows.recovery_models import (
    EscalationReport,
    EscalationStatus,
    Receipt,
)

from ._notice_rows import (
    NO_CHANNELS,
    Moment,
    Notice,
    channels_of,
    claim_same,
    due_at,
    final_state,
    finish,
    forget_told,
    handed,
    one_notice,
    some_notices,
)
from ._notice_times import due_notices, next_notice
from ._report_codec import decode_report

__all__ = [
    "Moment",
    "claim",
    "claim_one",
    "claimers",
    "may_claim",
    "next_notice",
    "notice_progress",
    "notice_state",
    "release",
    "settle",
]

_SET: Final = (
    "UPDATE notices SET state = ?, boot = ?, due = ?, tries = ?, channels = ?, leader = NULL,"
    " claimer = NULL"
)
_SETTLED: Final = f"{_SET} WHERE n = ?"
# The usual case in one statement: the first send of a notice that stands for itself was taken by all.
_TAKEN: Final = (
    "UPDATE notices SET state = 'delivered', tries = 1, channels = ?, leader = NULL, claimer = NULL"
    " WHERE n = (SELECT n FROM escalations WHERE id = ?) AND state = 'claimed' AND claimer = ?"
    " AND leader = n AND stands = 0 AND tries = 0 AND maybe = 0 AND channels = ? AND began IS NOT NULL"
)
_OVER: Final = f"{_SET}, live = NULL WHERE n = ?"


def may_claim(
    connection: sqlite3.Connection, when: Moment, settings: OutboxSettings, serves: Serves
) -> bool:
    """Whether a claim may find anything: a notice that is due, or another process's claim."""
    found = due_notices(connection, when, settings, serves)
    return (
        next(found, None) is not None
        or connection.execute(
            "SELECT 1 FROM notices WHERE live = 1 AND state = 'claimed' AND claimer != ? LIMIT 1",
            (when.me,),
        ).fetchone()
        is not None
    )


def claim(
    connection: sqlite3.Connection,
    when: Moment,
    settings: OutboxSettings,
    limit: int,
    serves: Serves = anybody,
) -> list[EscalationReport]:
    """Take up to `limit` due notices, of those that `serves` says yes to."""
    forget_told(connection, when, settings)
    taken: list[EscalationReport] = []
    for n in list(due_notices(connection, when, settings, serves)):
        if len(taken) >= limit:
            break
        # an earlier one of these may stand for this one by now
        report = _claim(connection, one_notice(connection, "n.n = ?", n), when, settings)
        if report is not None:
            taken.append(report)
    return taken


def claim_one(
    connection: sqlite3.Connection,
    escalation_id: str,
    when: Moment,
    settings: OutboxSettings,
    *,
    at_once: bool = False,
) -> EscalationReport | None:
    """Take one notice, with those of its kind that were held back, or None.

    `at_once` takes it also where it is held back on account of its like.
    """
    notice = one_notice(connection, "e.id = ?", escalation_id)
    return _claim(connection, notice, when, settings, at_once=at_once)


def _claim(
    connection: sqlite3.Connection,
    notice: Notice | None,
    when: Moment,
    settings: OutboxSettings,
    *,
    at_once: bool = False,
) -> EscalationReport | None:
    if notice is None or notice.state != "due":
        return None
    holding = replace(settings, fold_window=0) if at_once else settings
    if due_at(connection, notice, when, holding) > when.now:
        return None
    (text,) = connection.execute(
        "SELECT report FROM escalations WHERE n = ?", (notice.n,)
    ).fetchone()
    same, began = 0, notice.began if notice.boot == when.boot else None
    if notice.fold is not None and settings.fold_window > 0:
        if not notice.progress.is_begun:
            began = when.now
        same = claim_same(
            connection,
            notice.n,
            notice.fold,
            when,
            maybe=notice.maybe,
            channels=notice.channels,
        )
    connection.execute(
        "UPDATE notices SET state = 'claimed', boot = ?2, due = ?7, leader = ?1, claimer = ?3,"
        " claimed_at = ?4, began = ?5, stands = ?6 WHERE n = ?1",
        (notice.n, when.boot, when.me, when.wall, began, same, when.now),
    )
    return handed(decode_report(text), repeat=notice.progress.is_uncertain, same=same)


def release(
    connection: sqlite3.Connection, dead: Sequence[str], settings: OutboxSettings
) -> list[tuple[str, str]]:
    """Make the claims of processes that have died due again; nobody knows what they sent.

    Returns:
        The escalations, with their workflows, whose notices are given up: nobody is known to have
        been told, and two sends may have arrived.
    """
    lost: list[tuple[str, str]] = []
    for claimer in dead:
        led = "n.live = 1 AND n.state = 'claimed' AND n.claimer = ?"
        for notice in some_notices(connection, led, claimer):
            connection.execute(
                "UPDATE notices SET state = 'due', due = 0, tries = tries + 1,"
                " maybe = maybe + 1, leader = NULL, claimer = NULL WHERE n = ?",
                (notice.n,),
            )
            if notice.maybe + 1 >= MAX_UNKNOWN or notice.tries + 1 >= settings.max_deliveries:
                reached = notice.progress.is_delivered
                finish(connection, notice.n, reached=reached, drop=False)
                if not reached:
                    lost += connection.execute(
                        "SELECT id, workflow_id FROM escalations WHERE n = ?", (notice.n,)
                    ).fetchall()
    return lost


def settle(
    connection: sqlite3.Connection,
    escalation_id: str,
    when: Moment,
    settings: OutboxSettings,
    *,
    delivered: bool,
    receipts: Sequence[Receipt],
) -> None:
    """End a claim of ours, for the notice and those that it stood for."""
    if delivered and all(receipt.delivered for receipt in receipts):
        taken = channels_of(NoticeProgress().after(receipts))
        values = (taken, escalation_id, when.me, NO_CHANNELS)
        if connection.execute(_TAKEN, values).rowcount == 1:
            return
    leader = one_notice(connection, "e.id = ?", escalation_id)
    if leader is None or (leader.state, leader.claimer, leader.leader) != _claim_of(leader, when):
        return
    for notice in (leader, *(_followers(connection, leader) if leader.stands else ())):
        progress, tries = notice.progress.after(receipts), notice.tries + 1
        reached = delivered or progress.is_delivered
        over = progress.is_over(receipts, delivered=delivered) or tries >= settings.max_deliveries
        dropped = is_settled(EscalationStatus(notice.status), notice.by) and not over
        if dropped and not reached:
            connection.execute("DELETE FROM notices WHERE n = ?", (notice.n,))
            continue
        state = final_state(reached=reached) if over or dropped else NoticeState.DUE
        # what holds back its like stays alive, and its entry in the index as it is
        stays = state is NoticeState.DUE or notice.began is not None
        connection.execute(
            _SETTLED if stays else _OVER,
            (
                str(state),
                when.boot,
                when.now + retry_after(settings, tries),
                tries,
                channels_of(progress),
                notice.n,
            ),
        )
    if leader.began is not None and not delivered:
        # Nobody was told, so nothing is held back on its account.
        connection.execute(
            "UPDATE notices SET began = NULL,"
            " live = CASE WHEN state IN ('due', 'claimed') THEN 1 END"
            " WHERE live = 1 AND fold = ? AND began IS NOT NULL",
            (leader.fold,),
        )


def _claim_of(notice: Notice, when: Moment) -> tuple[str, str, int]:
    return "claimed", when.me, notice.n


def _followers(connection: sqlite3.Connection, leader: Notice) -> list[Notice]:
    """Return the notices that this one stands for."""
    return some_notices(
        connection,
        "n.live = 1 AND n.leader = ? AND n.n != ? AND n.state = 'claimed'",
        leader.n,
        leader.n,
    )


def notice_state(
    connection: sqlite3.Connection, escalation_id: str, when: Moment, settings: OutboxSettings
) -> NoticeState:
    """Return what became of a notice so far."""
    notice = one_notice(connection, "e.id = ?", escalation_id)
    if notice is None:
        return NoticeState.DROPPED
    if notice.state != "due":
        return NoticeState(notice.state)
    due = due_at(connection, notice, when, settings) <= when.now
    return NoticeState.DUE if due else NoticeState.LATER


def notice_progress(connection: sqlite3.Connection, escalation_id: str) -> NoticeProgress:
    """Return what is known of a notice."""
    notice = one_notice(connection, "e.id = ?", escalation_id)
    return NoticeProgress() if notice is None else notice.progress


def claimers(connection: sqlite3.Connection) -> list[tuple[str, float, float | None]]:
    """Return who holds claims, and when each last made one: since 1970, and by its boot's clock.

    An older version wrote no such clock.
    """
    return connection.execute(
        "SELECT claimer, max(claimed_at), max(CASE WHEN boot != '' THEN due END) FROM notices WHERE live = 1 AND state = 'claimed'"
        " GROUP BY claimer"
    ).fetchall()
