"""What is due later is sent when it is due, by a round that lives as long as there is anything."""

from __future__ import annotations

import asyncio
import gc
import logging
import subprocess
import sys
from typing import Any

import pytest

from omninode_bridge.agents.workflows.escalation import InMemoryEscalationStore
from omninode_bridge.agents.workflows.escalation.sender import Sender
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt
from omninode_bridge.errors import JournalLockedError
from omninode_bridge.testing import AutojumpClock, FakeClock, RecordingNotifier

from .._reports import report

#: What is logged of the dead channel where nobody has set up logging.
_WARNED = {"recovery.finished", "escalation.channel_failed", "escalation.not_delivered"}


class Timed(RecordingNotifier):
    """A channel that notes when it was told, and is dead until then."""

    def __init__(self, clock: FakeClock, dead_until: float = 0) -> None:
        super().__init__("c")
        self._clock, self._until = clock, dead_until
        self.told: list[tuple[float, str, int]] = []

    async def send(self, report: EscalationReport) -> Receipt:
        now = self._clock.monotonic()
        self.told.append((now, report.escalation_id, report.folded))
        return Receipt(delivered=now >= self._until, channel="c")


def sender(clock: FakeClock, channel: Any, **settings: Any) -> Sender:
    """Make one with a store of its own."""
    return Sender(InMemoryEscalationStore(clock=clock, **settings), {"c": channel}, clock)


async def ask(one: Sender, *reports: EscalationReport) -> None:
    """Open these and tell what may be told now."""
    for made in reports:
        await one.store.open(made)
        claimed = await one.take(made, {})
        if not isinstance(claimed, Receipt):
            await one.send(claimed)
        await one.look()


async def quiet() -> None:
    """Wait until no other task is left."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait_for(asyncio.wait(others), 5)


async def test_what_was_held_back_is_told_when_the_window_ends() -> None:
    """It needs no further escalation, comes once with its count, and nothing runs on after it."""
    clock = AutojumpClock()
    channel = Timed(clock)
    one = sender(clock, channel, fold_window=60)

    await ask(one, *(report(f"esc_{n}", "f") for n in range(4)))
    await quiet()

    assert channel.told == [(0, "esc_0", 0), (60, "esc_1", 2)]


async def test_a_dead_channel_is_told_when_it_lives_again() -> None:
    """Each try waits for its own delay by the clock that was passed in."""
    clock = AutojumpClock()
    channel = Timed(clock, dead_until=80)
    one = sender(clock, channel, retry_delay=30)

    await ask(one, report())
    await quiet()

    assert [at for at, _, _ in channel.told] == [0, 30, 90]
    assert await one.store.notice_state("esc_1") == "delivered"  # type: ignore[attr-defined]


async def test_a_round_is_woken_by_what_is_due_earlier() -> None:
    """What is held back for five seconds is not told only when another one's hour is over."""
    clock = AutojumpClock()
    channel = Timed(clock, dead_until=1)
    one = sender(clock, channel, retry_delay=3600, fold_window=5)
    await ask(one, report("late"))
    await asyncio.sleep(0)  # the round begins to wait for an hour

    clock.advance(1)
    await ask(one, report("a", "f"), report("b", "f"))
    await quiet()

    assert channel.told == [(0, "late", 0), (1, "a", 0), (6, "b", 0), (3600, "late", 0)]


async def test_one_loop_has_one_round() -> None:
    """However often something is held back, one task waits; it goes when nothing is left."""
    clock = AutojumpClock()
    one = sender(clock, Timed(clock), fold_window=60)

    await ask(one, *(report(f"esc_{n}", "f") for n in range(50)))

    assert len(asyncio.all_tasks()) == 2
    await quiet()
    assert len(asyncio.all_tasks()) == 1


async def test_nothing_runs_where_nothing_is_due() -> None:
    """A notice that was taken leaves no task."""
    one = sender(FakeClock(), RecordingNotifier("c"))

    await ask(one, report())

    assert asyncio.all_tasks() == {asyncio.current_task()}


class Failing(InMemoryEscalationStore):
    """A store that cannot be read any more."""

    closed = False

    async def claim_served(self, *args: Any) -> Any:
        raise OSError("no such device")


async def test_it_gives_up_with_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    """A store that goes on failing is left alone after a few tries."""
    clock = AutojumpClock()
    one = Sender(Failing(clock=clock), {}, clock)

    one.begin()
    await quiet()

    warned = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.message for record in warned] == ["escalation.sender_stopped"]
    assert clock.sleeps == [30.0] * 5


async def test_a_closed_store_ends_it_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever closes a journal does not want to hear of it."""
    clock = AutojumpClock()
    store = Failing(clock=clock)
    one = Sender(store, {}, clock)
    one.begin()
    store.closed = True

    await quiet()

    assert caplog.records == []
    assert clock.sleeps == []


def test_a_loop_that_cancels_it_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """No complaint of a pending task, and another loop has a round of its own."""

    class Never(FakeClock):
        async def sleep(self, seconds: float) -> None:
            await asyncio.Event().wait()

    clock = Never()
    one = sender(clock, Timed(clock), fold_window=60)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(ask(one, report("a", "f"), report("b", "f")))
    loop.run_until_complete(asyncio.sleep(0))
    for task in asyncio.all_tasks(loop):  # as asyncio.run() does
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    gc.collect()

    async def again() -> int:
        await ask(one, report("d", "f"))
        return len(asyncio.all_tasks())

    assert asyncio.run(again()) >= 2
    gc.collect()
    assert [record.message for record in caplog.records] == []


@pytest.mark.parametrize("closes", [True, False])
def test_a_program_that_ends_under_it_says_nothing(closes: bool) -> None:
    """Neither one that closes its loop nor one that leaves it, nor one that has `asyncio.run()`."""
    script = f"""
import asyncio
from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, RecoveryContext

class Dead:
    async def send(self, report):
        raise OSError("no")

async def main():
    orchestrator = ErrorRecoveryOrchestrator(notifiers={{"c": Dead()}}, escalation={{}})
    await orchestrator.handle_error(RecoveryContext("w", "n", exception=PermissionError("no")))
    await asyncio.sleep(0)
    print(len(asyncio.all_tasks()))
    return orchestrator

kept = asyncio.run(main())
loop = asyncio.new_event_loop()
left = loop.run_until_complete(main())
if {closes}:
    loop.close()
    del left
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout.split()) == (0, ["2", "2"])
    complaints = [line for line in ended.stderr.splitlines() if line not in _WARNED]
    assert complaints == []


async def test_our_console_stands_in_for_our_own_questions_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What others asked is left to who has their channels."""
    clock = FakeClock()
    one = sender(clock, RecordingNotifier("c"))
    foreign, own = report("foreign", channels=("pager",)), report("own", channels=("pager",))
    await one.store.open(foreign)

    await ask(one, own)
    await one.send_due()

    said = capsys.readouterr().err
    assert ("own" in said, "foreign" in said) == (True, False)
    assert await one.store.notice_state("foreign") == "due"  # type: ignore[attr-defined]


async def test_what_is_remembered_is_bounded() -> None:
    """The latest thousand questions are ours, earlier ones are anybody's."""
    one = sender(FakeClock(), RecordingNotifier("c"))

    await ask(one, *(report(f"esc_{n}") for n in range(1001)))

    assert one.opened("esc_0") is None
    assert one.opened("esc_1") == {}


async def test_flush_tells_at_once_what_is_held_back() -> None:
    """At the end of a program: one notice with its count, and none of it is told again."""
    clock = FakeClock()
    channel = Timed(clock)
    one = sender(clock, channel, fold_window=60)
    for n in range(4):
        await one.store.open(report(f"esc_{n}", "f"))
        if not isinstance(claimed := await one.take(report(f"esc_{n}", "f"), {}), Receipt):
            await one.send(claimed)

    await one.flush(5)
    clock.advance(100)
    await one.send_due()

    assert channel.told == [(0, "esc_0", 0), (0, "esc_1", 2)]


async def test_flush_does_not_wait_for_ever() -> None:
    """A channel that hangs is cut off; its notice stays due, for it may not have come."""

    class Hanging:
        async def send(self, report: EscalationReport) -> Receipt:
            if report.escalation_id == "a":
                return Receipt(delivered=True, channel="c")
            await asyncio.Event().wait()
            raise AssertionError

    one = sender(FakeClock(), Hanging(), fold_window=60)
    for made in (report("a", "f"), report("b", "f")):
        await one.store.open(made)
        if not isinstance(claimed := await one.take(made, {}), Receipt):
            await one.send(claimed)

    await one.flush(0.01)

    assert await one.store.notice_state("b") == "later"  # type: ignore[attr-defined]


class Locked(InMemoryEscalationStore):
    """A store that hands out nothing at once."""

    async def claim_at_once(self, escalation_id: str) -> Any:
        raise JournalLockedError("the file is locked", path="j.db")


async def test_flush_survives_a_store_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    """The account of what ran counts more than a notice that is told later."""
    clock = FakeClock()
    channel = Timed(clock)
    one = Sender(Locked(clock=clock, fold_window=60), {"c": channel}, clock)
    await ask(one, *(report(f"esc_{n}", "f") for n in range(3)))

    await one.flush(5)
    clock.advance(100)
    await one.send_due()

    assert "escalation.telling_failed" in caplog.text
    assert [told[1:] for told in channel.told] == [("esc_0", 0), ("esc_1", 1)]
