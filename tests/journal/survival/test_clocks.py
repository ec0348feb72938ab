"""A clock on the wall that is hours off decides nothing, neither in one process nor over several."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import Decision
from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal.escalations import JournalEscalationStore
from omninode_bridge.agents.workflows.journal.recoveries import JournalRecoveryLog
from omninode_bridge.agents.workflows.recovery_models import (
    Attempt,
    BudgetLeft,
    EscalationStatus,
    RecoveryStrategy,
    Won,
)
from omninode_bridge.testing import FakeClock, sample_report

HOURS = [-2.0, 2.0, -24.0 * 400, 24.0 * 400]


class SetClock(FakeClock):
    """A clock whose hour may be set; what it counts goes on."""

    hours = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(hours=self.hours)


class Machine:
    """One machine whose processes open the journal one after another."""

    def __init__(self, path: Path) -> None:
        self.path, self.clock, self.boot = path, SetClock(), "first"
        self.files: list[JournalFile] = []

    def file(self) -> JournalFile:
        self.files.append(JournalFile(self.path, clock=self.clock, boot=self.boot))
        return self.files[-1]

    def store(self) -> JournalEscalationStore:
        return JournalEscalationStore(self.file())

    def reboot(self, seconds: float) -> None:
        """Be away for so long; the machine counts from zero again."""
        self.boot, passed = self.boot + "+", self.clock.monotonic()
        self.clock = SetClock(self.clock.now() + timedelta(seconds=seconds))
        assert self.clock.monotonic() < passed


@pytest.fixture
def machine(tmp_path: Path) -> Any:
    made = Machine(tmp_path / "j.db")
    made.clock.advance(5_000)
    yield made
    for file in made.files:
        file.close()


@pytest.mark.parametrize("hours", HOURS)
@pytest.mark.parametrize("restart", [False, True])
async def test_a_timeout_ends_when_its_time_has_passed(
    machine: Machine, *, hours: float, restart: bool
) -> None:
    """Neither earlier nor later where the hour was set meanwhile."""
    store = machine.store()
    row = await store.open(sample_report(timeout=60.0))
    machine.clock.advance(30)
    machine.clock.hours = hours
    store = machine.store() if restart else store

    assert list(await store.expire_due()) == []
    machine.clock.advance(29)
    assert list(await store.expire_due()) == []
    assert (await store.wait(row.id, 0.0)).status is EscalationStatus.OPEN
    machine.clock.advance(2)
    ended = await store.expire_due()

    assert [one.id for one in ended] == [row.id]
    assert ended[0].status is EscalationStatus.EXPIRED


@pytest.mark.parametrize("hours", HOURS)
async def test_an_answer_in_time_wins_whatever_the_hour(machine: Machine, hours: float) -> None:
    """Setting the clock takes nobody's answer away."""
    row = await machine.store().open(sample_report(timeout=60.0))
    machine.clock.hours = hours

    told = await machine.store().resolve(row.id, Decision.skip(), by="ann")

    assert isinstance(told, Won)


async def test_a_wait_ends_after_its_time_whatever_the_hour(machine: Machine) -> None:
    """The one who waits is a process that began after the hour was set back."""
    row = await machine.store().open(sample_report(timeout=60.0))
    machine.clock.advance(20)
    machine.clock.hours = -2.0
    begun = machine.clock.monotonic()

    ended = await machine.store().wait(row.id, None)

    assert ended.status is EscalationStatus.OPEN  # ending it is the caller's decision
    assert 39.0 <= machine.clock.monotonic() - begun <= 45.0


async def test_after_a_reboot_the_hour_counts_and_never_adds_time(machine: Machine) -> None:
    """What was counted is gone with the boot; the rest is never longer than the timeout was."""
    row = await machine.store().open(sample_report(timeout=600.0))
    machine.clock.advance(100)
    machine.reboot(200)
    store = machine.store()

    assert list(await store.expire_due()) == []
    machine.clock.advance(299)
    assert list(await store.expire_due()) == []
    machine.clock.advance(2)
    assert [one.id for one in await store.expire_due()] == [row.id]

    other = await store.open(sample_report(escalation_id="esc_other", timeout=600.0))
    machine.clock.advance(100)
    machine.reboot(0)
    machine.clock.hours = -2.0
    store = machine.store()
    await store.expire_due()
    machine.clock.advance(601)
    assert [one.id for one in await store.expire_due()] == [other.id]


# -- waits of a ladder -------------------------------------------------------------------------


def log_of(file: JournalFile, *, goes_on: bool) -> JournalRecoveryLog:
    return JournalRecoveryLog(
        file, "w", "s/step", "node#1", "node", check=lambda c: None, goes_on=goes_on
    )


ATTEMPT = Attempt(
    n=1,
    strategy=RecoveryStrategy.RETRY,
    change_hash="",
    policy_version="1",
    budget_left=BudgetLeft(attempts=3, seconds=600.0),
    step=0,
    move=0,
    wait=10.0,
)


@pytest.mark.parametrize("hours", HOURS)
async def test_what_is_left_of_a_wait_and_of_a_budget(machine: Machine, hours: float) -> None:
    """A later process waits for the rest, no more and no less, whatever the hour."""
    log = log_of(machine.file(), goes_on=False)
    await log.begin({"error_type": "network"}, {}, blocking=False)
    machine.clock.advance(2)
    await log.append(ATTEMPT, blocking=False)
    machine.clock.advance(4)
    machine.clock.hours = hours

    later = log_of(machine.file(), goes_on=True)

    assert later.left_of(ATTEMPT) == pytest.approx(6.0)
    assert later.elapsed == pytest.approx(6.0)


async def test_what_is_left_of_a_wait_after_a_reboot(machine: Machine) -> None:
    """The hour is all that there is then; one that was set back makes the wait begin anew, no more."""
    log = log_of(machine.file(), goes_on=False)
    await log.begin({"error_type": "network"}, {}, blocking=False)
    await log.append(ATTEMPT, blocking=False)
    machine.reboot(4)
    assert log_of(machine.file(), goes_on=True).left_of(ATTEMPT) == pytest.approx(6.0)

    machine.clock.hours = -2.0
    assert log_of(machine.file(), goes_on=True).left_of(ATTEMPT) == pytest.approx(10.0)
    assert log_of(machine.file(), goes_on=True).elapsed == 0.0


# -- recoveries of an earlier start ------------------------------------------------------------


async def test_nothing_goes_on_from_a_recovery_of_an_earlier_start(machine: Machine) -> None:
    """The step had failed and began anew; what it tried then is not what it tries now.

    Its first call succeeds this time, so no recovery is begun; the process dies after that.
    """
    from omninode_bridge.agents.workflows import WorkflowStep
    from omninode_bridge.agents.workflows.journal.book import WorkflowBook

    step = WorkflowStep("step", lambda: 1, version="1")

    async def life(*, recovers: bool, ends: bool) -> Any:
        book = await WorkflowBook.open(machine.file(), "w", f"life {len(machine.files)}")
        book.start("s/step", book.hashes(step, ""))
        await book.flush()
        log = book.step("s/step").recovery("node", "")
        found = log.first, list(log.entries)
        if recovers:
            await log.begin({"error_type": "network"}, {}, blocking=False)
            log.note("outcome", {"n": 0})
            await log.append(ATTEMPT, blocking=False)
        if ends:
            book.fail("s/step", "it failed")
        await book.flush()
        book.close("running")
        return found

    assert await life(recovers=True, ends=True) == (None, [])
    assert await life(recovers=False, ends=False) == (None, [])  # cut off in its body
    assert await life(recovers=True, ends=False) == (None, [])
    first, entries = await life(recovers=False, ends=False)
    assert first is not None
    assert [kind for kind, _ in entries] == ["outcome", "attempt"]
