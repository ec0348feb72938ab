"""Notices in a file that an older version of the package has made."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal._escalation_notices import _written
from omninode_bridge.agents.workflows.journal._new_notices import _fold
from omninode_bridge.agents.workflows.journal._owner import this_process
from omninode_bridge.agents.workflows.journal._report_codec import encode_report
from omninode_bridge.agents.workflows.journal.escalations import JournalEscalationStore
from omninode_bridge.testing import FakeClock

from .._reports import report
from ._older import first_form

SAME, OTHER, THIRD, TOLD = (f"{n}" * 8 for n in range(4))
# fingerprint, state, leader
NOTICES = (
    (SAME, "claimed", 1),
    (SAME, "claimed", 1),
    (SAME, "due", None),
    (OTHER, "due", None),
    (THIRD, "claimed", 5),
    (TOLD, "delivered", None),
)


def fill(old: sqlite3.Connection, now: float) -> None:
    """Fill a journal in which two fingerprints were told a second ago."""
    windows = set()
    for n, (fingerprint, state, leader) in enumerate(NOTICES, start=1):
        one = report(f"e{n}", fingerprint=fingerprint)
        old.execute(
            "INSERT INTO escalations(n, id, workflow_id, key, status, priority, report, opened_at,"
            " boot) VALUES(?, ?, 'w', '', 'open', 'high', ?, 0, 'boot')",
            (n, one.escalation_id, encode_report(one)),
        )
        claimer = None if leader is None else _written(this_process())
        old.execute(
            "INSERT INTO notices(n, fold, state, leader, claimer, claimed_at)"
            " VALUES(?, ?, ?, ?, ?, 0)",
            (n, _fold(one, ()), state, leader, claimer),
        )
        if fingerprint in (SAME, TOLD):
            windows.add(_fold(one, ()))
    old.executemany(
        "INSERT INTO notice_windows VALUES(?, 'boot', ?)", [(one, now - 1) for one in windows]
    )


async def test_an_older_journal_keeps_its_notices(tmp_path: Path) -> None:
    """What was due, claimed for others too, or told just now is so in the newer file."""
    clock = FakeClock()
    with first_form(tmp_path / "j.db") as old:
        fill(old, clock.monotonic())

    file = JournalFile(tmp_path / "j.db", clock=clock, boot="boot")
    try:
        store = JournalEscalationStore(file, fold_window=60)
        await store.open(report("e7", fingerprint=TOLD))
        held = [await store.notice_state(one) for one in ("e3", "e7")]
        handed = [one.escalation_id for one in await store.claim_outbox()]
        await store.settle_outbox("e1", delivered=True)
        ended = [await store.notice_state(one) for one in ("e1", "e2", "e5", "e6")]
        clock.advance(60)
        later = [one.escalation_id for one in await store.claim_outbox()]
    finally:
        file.close()

    assert held == ["later", "later"]
    assert handed == ["e4"]
    assert ended == ["delivered", "delivered", "claimed", "delivered"]
    assert later == ["e3", "e7"]


async def test_what_was_told_long_ago_is_forgotten(tmp_path: Path) -> None:
    """However notices are claimed, those that hold back nothing any more are looked at no longer."""
    clock = FakeClock()
    file = JournalFile(tmp_path / "j.db", clock=clock, boot="boot")
    try:
        store = JournalEscalationStore(file, fold_window=60)
        for n in range(200):
            await store.open(report(f"e{n}", fingerprint=f"f{n}"), claim=True)
            await store.claim_notice(f"e{n}")
            await store.settle_outbox(f"e{n}", delivered=True)
            clock.advance(10)
        alive = file.read(
            lambda c: c.execute("SELECT count(*) FROM notices WHERE live = 1").fetchone()[0]
        )
    finally:
        file.close()

    assert alive < 6 + 64
