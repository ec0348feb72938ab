"""A person who is waited for may leave before there is an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal.attended import AttendedEscalationStore
from omninode_bridge.agents.workflows.recovery_models import EscalationStatus, Won
from omninode_bridge.testing import FakeClock

from .._reports import report


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AttendedEscalationStore]:
    file = JournalFile(tmp_path / "journal.db", clock=FakeClock())
    yield AttendedEscalationStore(file)
    file.close()


async def test_who_leaves_ends_the_wait_and_the_limit(store: AttendedEscalationStore) -> None:
    """The question stays open until somebody answers, however late."""
    row = await store.open(report(timeout=60.0))
    waiting = asyncio.ensure_future(store.wait(row.id, 60.0))
    await asyncio.sleep(0)

    store.leave()
    left = await waiting
    after = await store.expire(row.id)

    assert left.status is EscalationStatus.OPEN
    assert after.status is EscalationStatus.OPEN
    assert after.deadline is None
    assert not await store.expire_due()
    assert isinstance(await store.resolve(row.id, "skip", "ann"), Won)


async def test_nobody_waits_for_who_has_left(store: AttendedEscalationStore) -> None:
    """A question that comes up later is recorded only."""
    store.leave()
    row = await store.open(report(timeout=60.0))

    assert (await store.wait(row.id, 60.0)).status is EscalationStatus.OPEN
    assert (await store.get(row.id)).deadline is None


async def test_an_answer_and_a_deadline_count_while_somebody_is_there(
    store: AttendedEscalationStore,
) -> None:
    """As in any other journal."""
    row = await store.open(report(timeout=60.0))
    waiting = asyncio.ensure_future(store.wait(row.id, 60.0))
    await asyncio.sleep(0)

    await store.resolve(row.id, "skip", "ann")

    assert (await waiting).by == "ann"
    other = await store.open(report("esc_other", timeout=60.0))
    assert (await store.expire(other.id)).status is EscalationStatus.EXPIRED
