"""Notices of the file as they begin, and as they are taken back before anybody was told."""

from __future__ import annotations

import json
import sqlite3
from hashlib import sha256
from typing import Final

from omninode_bridge.agents.workflows.escalation._outbox import OutboxSettings, held_for
from omninode_bridge.agents.workflows.recovery_models import EscalationReport

from ._notice_rows import (
    EVERYBODYS,
    Moment,
    channels_of,
    claim_same,
    finish,
    forget_told,
    handed,
    one_notice,
    told_at,
)

__all__ = ["Names", "drop_notice", "put_claimed", "put_missing", "put_notice"]

#: The channels of whoever opens it, where its report names none; empty for everybody's notice.
Names = tuple[str, ...]

#: After how many escalations it is forgotten what was told too long ago to hold back its like.
_FORGETS: Final = 64


def put_notice(
    connection: sqlite3.Connection, n: int, report: EscalationReport, told: Names
) -> None:
    """Add the notice of a new escalation; due at once, for whoever has one of these channels."""
    connection.execute(
        "INSERT INTO notices(n, fold, told, state, live) VALUES(?, ?, ?, 'due', 1)",
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
    same, began = 0, None
    if fold is not None and settings.fold_window > 0:
        if n % _FORGETS == 0:
            forget_told(connection, when, settings)
        earlier, is_any = told_at(connection, fold, when)
        if earlier is not None and when.now < earlier + held_for(settings, report.timeout):
            put_notice(connection, n, report, told)
            return None
        same, began = claim_same(connection, n, fold, when) if is_any else 0, when.now
    connection.execute(
        "INSERT INTO notices(n, fold, told, state, boot, due, leader, claimer, claimed_at, began,"
        " stands, live) VALUES(?1, ?2, ?3, 'claimed', ?4, ?5, ?1, ?6, ?7, ?8, ?9, 1)",
        (n, fold, _text(told), when.boot, when.now, when.me, when.wall, began, same),
    )
    return handed(report, repeat=False, same=same)


def drop_notice(connection: sqlite3.Connection, escalation_id: str) -> None:
    """Take back a notice that nobody needs any more, unless it is being delivered."""
    notice = one_notice(connection, "e.id = ? AND n.state = 'due'", escalation_id)
    if notice is not None:
        finish(connection, notice.n, reached=notice.progress.is_delivered, drop=True)


def put_missing(connection: sqlite3.Connection, report: EscalationReport, told: Names) -> None:
    """Add the notice of an open escalation that was recorded without one, or for new channels."""
    connection.execute(
        "INSERT OR IGNORE INTO notices(n, fold, told, state, live)"
        " SELECT n, ?, ?, 'due', 1 FROM escalations WHERE id = ? AND status = 'open'",
        (_fold(report, told), _text(told), report.escalation_id),
    )
    notice = one_notice(connection, "e.id = ? AND e.status = 'open'", report.escalation_id)
    if notice is None or not told or notice.told == _text(told):
        return
    connection.execute(
        "UPDATE notices SET fold = ?, told = ? WHERE n = ?",
        (_fold(report, told), _text(told), notice.n),
    )
    if not notice.progress.is_news_to(told):
        return
    if notice.state == "claimed":
        connection.execute(
            "UPDATE notices SET channels = ? WHERE n = ?",
            (channels_of(notice.progress.joined_by(told)), notice.n),
        )
    else:
        connection.execute(
            "UPDATE notices SET state = 'due', due = 0, tries = 0, began = NULL, live = 1"
            " WHERE n = ?",
            (notice.n,),
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
