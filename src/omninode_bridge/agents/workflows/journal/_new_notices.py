"""Notices of the file as they begin, and as they are taken back before anybody was told."""

from __future__ import annotations

import json
import sqlite3
from hashlib import sha256

from omninode_bridge.agents.workflows.escalation._outbox import OutboxSettings, held_for
from omninode_bridge.agents.workflows.recovery_models import EscalationReport

from ._notice_rows import EVERYBODYS, Moment, claim_same, finish, handed, one_notice

__all__ = ["Names", "drop_notice", "put_claimed", "put_missing", "put_notice"]

#: The channels of whoever opens it, where its report names none; empty for everybody's notice.
Names = tuple[str, ...]


def put_notice(
    connection: sqlite3.Connection, n: int, report: EscalationReport, told: Names
) -> None:
    """Add the notice of a new escalation; due at once, for whoever has one of these channels."""
    connection.execute(
        "INSERT INTO notices(n, fold, told, state) VALUES(?, ?, ?, 'due')",
        (n, _fold(report, told), _text(told)),
    )


def put_claimed(
    connection: sqlite3.Connection,
    n: int,
    report: EscalationReport,
    told: Names,
    when: Moment,
    settings: OutboxSettings,
) -> EscalationReport | None:
    """Add the notice of a new escalation and take it; None where it is held back for its like."""
    fold = _fold(report, told)
    folds = fold is not None and settings.fold_window > 0
    if (
        folds
        and not connection.execute(
            "INSERT INTO notice_windows(fold, boot, at) VALUES(?1, ?2, ?3) ON CONFLICT(fold)"
            " DO UPDATE SET boot = ?2, at = ?3 WHERE boot != ?2 OR at + ?4 <= ?3",
            (fold, when.boot, when.now, held_for(settings, report.timeout)),
        ).rowcount
    ):
        put_notice(connection, n, report, told)
        return None
    connection.execute(
        "INSERT INTO notices(n, fold, told, state, leader, claimer, claimed_at)"
        " VALUES(?1, ?2, ?3, 'claimed', ?1, ?4, ?5)",
        (n, fold, _text(told), when.me, when.wall),
    )
    same = claim_same(connection, n, fold, when) if fold is not None and folds else 0
    return handed(report, repeat=False, same=same)


def drop_notice(connection: sqlite3.Connection, escalation_id: str) -> None:
    """Take back a notice that nobody needs any more, unless it is being delivered."""
    notice = one_notice(connection, "e.id = ? AND n.state = 'due'", escalation_id)
    if notice is not None:
        finish(connection, notice.n, reached=notice.progress.is_delivered, drop=True)


def put_missing(connection: sqlite3.Connection, report: EscalationReport, told: Names) -> None:
    """Add the notice of an open escalation that was recorded without one, or for new channels."""
    connection.execute(
        "INSERT OR IGNORE INTO notices(n, fold, told, state)"
        " SELECT n, ?, ?, 'due' FROM escalations WHERE id = ? AND status = 'open'",
        (_fold(report, told), _text(told), report.escalation_id),
    )
    notice = one_notice(connection, "e.id = ? AND e.status = 'open'", report.escalation_id)
    if notice is None or not told or notice.told == _text(told):
        return
    connection.execute(
        "UPDATE notices SET fold = ?, told = ? WHERE n = ?",
        (_fold(report, told), _text(told), notice.n),
    )
    if notice.state != "claimed" and notice.progress.is_news_to(told):
        connection.execute(
            "UPDATE notices SET state = 'due', boot = '', tries = 0 WHERE n = ?", (notice.n,)
        )


def _text(told: Names) -> str:
    return json.dumps(told) if told else EVERYBODYS


def _fold(report: EscalationReport, told: Names) -> str | None:
    """What two notices must share to be told as one; None where they never are."""
    if not report.fingerprint:
        return None
    # whoever waits in another workflow is told by a notice of their own
    shared = [
        report.workflow_id,
        report.fingerprint,
        report.channels or told,
        report.assignee,
        str(report.priority),
    ]
    return sha256(json.dumps(shared).encode()).hexdigest()[:32]
