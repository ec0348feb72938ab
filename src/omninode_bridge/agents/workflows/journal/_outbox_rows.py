"""Notices in the file: claimed before they are sent, folded, retried, each channel by itself.

A claim is committed before anything is sent and carries the process that sends. Where that process
has died nobody knows what was sent, so the notice goes out once more, marked as a repeat, and then
never again. The claim of a process that lives, however slow it is, is left alone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
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

from ._notice_rows import Moment, Notice, due_at, finish, one_notice, some_notices
from ._notice_times import due_notices, next_notice
from ._report_codec import decode_report

__all__ = [
    "Moment",
    "claim",
    "claim_one",
    "claimers",
    "drop_notice",
    "may_claim",
    "next_notice",
    "notice_progress",
    "notice_state",
    "put_missing",
    "put_notice",
    "release",
    "settle",
]

_CLAIM: Final = (
    "UPDATE notices SET state = 'claimed', leader = ?, claimer = ?, claimed_at = ? WHERE "
)


def put_notice(connection: sqlite3.Connection, n: int, report: EscalationReport) -> None:
    """Add the notice of a new escalation; due at once."""
    connection.execute(
        "INSERT INTO notices(n, fold, state) VALUES(?, ?, 'due')", (n, _fold(report))
    )


def drop_notice(connection: sqlite3.Connection, escalation_id: str) -> None:
    """Take back a notice that nobody needs any more, unless it is being delivered."""
    notice = one_notice(connection, "e.id = ? AND n.state = 'due'", escalation_id)
    if notice is not None:
        finish(connection, notice.n, reached=notice.progress.is_delivered, drop=True)


def put_missing(connection: sqlite3.Connection, report: EscalationReport) -> None:
    """Add the notice of an open escalation that was recorded without one."""
    connection.execute(
        "INSERT OR IGNORE INTO notices(n, fold, state)"
        " SELECT n, ?, 'due' FROM escalations WHERE id = ? AND status = 'open'",
        (_fold(report), report.escalation_id),
    )


def may_claim(
    connection: sqlite3.Connection, when: Moment, settings: OutboxSettings, serves: Serves
) -> bool:
    """Whether a claim may find anything: a notice that is due, or another process's claim."""
    found = due_notices(connection, when, settings, serves)
    return (
        next(found, None) is not None
        or connection.execute(
            "SELECT 1 FROM notices WHERE state = 'claimed' AND claimer != ? LIMIT 1", (when.me,)
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
    connection.execute(
        "DELETE FROM notice_windows WHERE boot != ? OR at + ? <= ?",
        (when.boot, settings.fold_window, when.now),
    )
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
    claimed = (notice.n, when.me, when.wall)
    connection.execute(f"{_CLAIM} n = ?", (*claimed, notice.n))
    (text,) = connection.execute(
        "SELECT report FROM escalations WHERE n = ?", (notice.n,)
    ).fetchone()
    report = replace(decode_report(text), repeat=notice.progress.is_uncertain)
    if notice.fold is None or settings.fold_window <= 0:
        return report
    if not notice.progress.is_begun:
        connection.execute(
            "INSERT OR REPLACE INTO notice_windows(fold, boot, at) VALUES(?, ?, ?)",
            (notice.fold, when.boot, when.now),
        )
    same = connection.execute(
        f"{_CLAIM} state = 'due' AND fold = ? AND (boot != ? OR due <= ?)"
        " AND maybe = ? AND channels = ?",
        (*claimed, notice.fold, when.boot, when.now, notice.maybe, notice.channels),
    )
    return replace(report, folded=report.folded + same.rowcount)


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
        for notice in some_notices(connection, "n.state = 'claimed' AND n.claimer = ?", claimer):
            connection.execute(
                "UPDATE notices SET state = 'due', boot = '', tries = tries + 1,"
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
    first = one_notice(connection, "e.id = ?", escalation_id)
    if first is None or first.state != "claimed" or first.claimer != when.me:
        return
    if first.leader != first.n:
        return  # another one stands for it
    for notice in some_notices(connection, "n.state = 'claimed' AND n.leader = ?", first.n):
        progress, tries = notice.progress.after(receipts), notice.tries + 1
        told = {name: [one.delivered, one.maybe] for name, one in progress.channels.items()}
        connection.execute(
            "UPDATE notices SET state = 'due', boot = ?, due = ?, tries = ?, channels = ?,"
            " leader = NULL, claimer = NULL WHERE n = ?",
            (
                when.boot,
                when.now + retry_after(settings, tries),
                tries,
                json.dumps(told, sort_keys=True),
                notice.n,
            ),
        )
        over = progress.is_over(receipts, delivered=delivered) or tries >= settings.max_deliveries
        if over or is_settled(EscalationStatus(notice.status), notice.by):
            finish(connection, notice.n, reached=delivered or progress.is_delivered, drop=not over)
    if not delivered:
        # Nobody was told, so nothing is held back on its account.
        connection.execute("DELETE FROM notice_windows WHERE fold = ?", (first.fold,))


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


def claimers(connection: sqlite3.Connection) -> list[tuple[str, float]]:
    """Return who holds claims, and when each last made one, in seconds since 1970."""
    return connection.execute(
        "SELECT claimer, max(claimed_at) FROM notices WHERE state = 'claimed' GROUP BY claimer"
    ).fetchall()


def _fold(report: EscalationReport) -> str | None:
    """What two notices must share to be told as one; None where they never are."""
    if not report.fingerprint:
        return None
    # whoever waits in another workflow is told by a notice of their own
    shared = [
        report.workflow_id,
        report.fingerprint,
        report.channels,
        report.assignee,
        str(report.priority),
    ]
    return sha256(json.dumps(shared).encode()).hexdigest()[:32]
