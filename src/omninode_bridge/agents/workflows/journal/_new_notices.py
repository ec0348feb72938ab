"""Notices of the file as they begin, and as they are taken back before anybody was told."""

from __future__ import annotations

import json
import sqlite3
from hashlib import sha256

from omninode_bridge.agents.workflows.escalation._outbox import OutboxSettings, held_for
from omninode_bridge.agents.workflows.recovery_models import EscalationReport

from ._notice_rows import Moment, claim_same, finish, handed, one_notice

__all__ = ["drop_notice", "put_claimed", "put_missing", "put_notice"]


def put_notice(connection: sqlite3.Connection, n: int, report: EscalationReport) -> None:
    """Add the notice of a new escalation; due at once."""
    connection.execute(
        "INSERT INTO notices(n, fold, state) VALUES(?, ?, 'due')", (n, _fold(report))
    )


def put_claimed(
    connection: sqlite3.Connection,
    n: int,
    report: EscalationReport,
    when: Moment,
    settings: OutboxSettings,
) -> EscalationReport | None:
    """Add the notice of a new escalation and take it; None where it is held back for its like."""
    fold = _fold(report)
    folds = fold is not None and settings.fold_window > 0
    if (
        folds
        and not connection.execute(
            "INSERT INTO notice_windows(fold, boot, at) VALUES(?1, ?2, ?3) ON CONFLICT(fold)"
            " DO UPDATE SET boot = ?2, at = ?3 WHERE boot != ?2 OR at + ?4 <= ?3",
            (fold, when.boot, when.now, held_for(settings, report.timeout)),
        ).rowcount
    ):
        put_notice(connection, n, report)
        return None
    connection.execute(
        "INSERT INTO notices(n, fold, state, leader, claimer, claimed_at)"
        " VALUES(?1, ?2, 'claimed', ?1, ?3, ?4)",
        (n, fold, when.me, when.wall),
    )
    same = claim_same(connection, n, fold, when) if fold is not None and folds else 0
    return handed(report, repeat=False, same=same)


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
