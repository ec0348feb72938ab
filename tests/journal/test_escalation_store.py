"""Escalations in a journal: what other processes, restarts and clocks may do to them."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows.escalation import deliver, deliver_due
from omninode_bridge.agents.workflows.escalation._serving import anybody
from omninode_bridge.agents.workflows.journal import JournalFile, _stored_row
from omninode_bridge.agents.workflows.journal._owner import STALE_AFTER, this_process
from omninode_bridge.agents.workflows.journal.escalations import JournalEscalationStore
from omninode_bridge.agents.workflows.recovery_models import (
    Decision,
    EscalationReport,
    EscalationStatus,
    Receipt,
    Won,
)
from omninode_bridge.errors import (
    ConfigurationError,
    DecisionRefusedError,
    JournalLockedError,
)
from omninode_bridge.testing import FakeClock, RecordingNotifier

from .._reports import report

Open = Callable[..., JournalEscalationStore]
ANSWERING = Path(__file__).with_name("_answering.py")


class SetClock(FakeClock):
    """A clock whose hour somebody sets, while the time passes as ever."""

    ahead = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.ahead)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def again(tmp_path: Path, clock: SetClock) -> Iterator[Open]:
    """Open the one journal again, as another process does; arguments go to file and store."""
    files: list[JournalFile] = []

    def build(**settings: Any) -> JournalEscalationStore:
        of_file = {name: settings.pop(name) for name in ("boot", "boundary") if name in settings}
        files.append(JournalFile(tmp_path / "journal.db", clock=clock, **of_file))
        return JournalEscalationStore(files[-1], **settings)

    yield build
    for file in files:
        file.close()


@pytest.fixture
def store(again: Open) -> JournalEscalationStore:
    return again()


@pytest.fixture(scope="module")
def dead() -> Any:
    """A process that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return replace(this_process(), pid=done.pid, started="1")


# -- what outlives the process ---------------------------------------------------------------------


async def test_everything_is_there_after_a_restart(again: Open) -> None:
    """Rows, reports, answers, who applied them and what became of notices are read back."""
    first = again()
    whole = report(
        "a",
        "f",
        priority="critical",
        channels=("slack",),
        chain=("A: b",),
        code="é = '\ud800'",
        diff="",
        attempts=("retry",),
        state_keys=("x",),
        context={"n": [1, 2.5, None], "when": datetime(2030, 1, 1), "nan": float("nan")},
        correlation_id="",
        folded=3,
        answers=("edit",),
        edits=("x",),
        subject={"path": "p"},
        timeout=5.5,
        on_timeout="skip",
    )
    await first.open(whole)
    await first.resolve("a", Decision.edit({"x": [1, {"y": "ü"}]}), by="ann")
    await first.take_answer("a", "mine")
    await first.open(report("b"))
    await first.claim_notice("b")
    await first.settle_outbox("b", delivered=True)

    second = again()

    row = await second.get("a")
    expected = {"n": [1, 2.5, None], "when": "<datetime>", "nan": "nan"}
    assert row.report == replace(whole, context=expected)
    assert (row.by, row.decision) == ("ann", Decision.edit({"x": [1, {"y": "ü"}]}))
    assert await second.take_answer("a", "mine")
    assert not await second.take_answer("a", "other")
    assert await second.notice_state("b") == "delivered"


async def test_a_report_of_another_version_is_read(again: Open, store: Any) -> None:
    """Fields that came later are left out, those that are missing are empty."""
    await store.open(report())
    change = (
        "UPDATE escalations SET report = json_set(json_remove(report, '$.node_name'), '$.new', 1)"
    )
    store._file.write_now(lambda c: c.execute(change), durable=True)

    assert (await again().get("esc_1")).report == report(node_name="")


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        (Decision.value({"a": [1, {2, 3}]}), r"the value\['a'\]\[1\] is a set"),
        (Decision.value(float("inf")), "the value is inf"),
        (Decision.value((1, 2)), "the value is a tuple"),
        (Decision.value({1: 2}), "the value has the key 1; keys must be texts"),
        (Decision.value("\ud800"), "the value has half a character"),
        (Decision.edit({"x": {"y": object()}}), r"the edited input\['x'\]\['y'\] is a object"),
    ],
)
async def test_an_answer_that_is_no_json_is_refused(
    store: JournalEscalationStore, answer: Decision, path: str
) -> None:
    """The message names where it is, and the question stays open."""
    await store.open(report())

    with pytest.raises(DecisionRefusedError, match=path):
        await store.resolve("esc_1", answer, by="ann")

    assert (await store.get("esc_1")).status is EscalationStatus.OPEN


async def test_an_answer_of_ten_megabytes(again: Open, store: JournalEscalationStore) -> None:
    """A large value is kept whole."""
    text = "é" * 5_000_000
    await store.open(report())

    await store.resolve("esc_1", Decision.value({"text": text}), by="ann")

    assert (await again().get("esc_1")).decision == Decision.value({"text": text})


async def test_questions_of_a_workflow_end_with_it(store: JournalEscalationStore) -> None:
    """Those of its parts too, and no others, whatever their names are."""
    names = {"a": "w", "b": "w/1", "c": "w2", "d": "W", "e": "w_"}
    for one, workflow in names.items():
        await store.open(report(one, workflow_id=workflow))

    ended = await store.supersede_workflow("w")

    assert [row.id for row in ended] == ["a", "b"]
    assert [row.id for row in await store.list("open")] == ["c", "d", "e"]


# -- several processes -----------------------------------------------------------------------------


async def test_a_wait_ends_with_an_answer_through_another_store(
    again: Open, store: JournalEscalationStore, clock: SetClock
) -> None:
    """The file is looked at again and again, seldom and more seldom."""
    other = again()
    await store.open(report())
    waiter = asyncio.create_task(store.wait("esc_1"))
    while clock.monotonic() < 3600:  # noqa: ASYNC110 - a clock tells nobody
        await asyncio.sleep(0)

    await other.resolve("esc_1", "skip", by="ann")

    assert (await waiter).decision == Decision.skip()
    assert max(clock.sleeps) == 2.0
    assert clock.sleeps[0] == 0.05


@pytest.mark.slow
async def test_a_wait_ends_with_an_answer_of_another_process(tmp_path: Path) -> None:
    """A real one, on the machine's own clock."""
    with_clock = JournalFile(tmp_path / "journal.db")
    store = JournalEscalationStore(with_clock, poll=0.05)
    await store.open(report())
    start = tmp_path / "start"
    start.touch()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ANSWERING),
        *(str(one) for one in (tmp_path / "journal.db", "ann", tmp_path / "ready", start)),
        stdout=asyncio.subprocess.DEVNULL,
    )

    row = await asyncio.wait_for(store.wait("esc_1"), 30)

    assert (row.by, row.decision) == ("ann", Decision.retry())
    await process.wait()
    with_clock.close()


async def test_folding_is_known_to_every_process(again: Open, clock: SetClock) -> None:
    """What one process told holds the like back in the others, and is counted there."""
    first, second = again(), again()
    await first.open(report("a", "f"))
    assert await first.claim_notice("a")
    await first.settle_outbox("a", delivered=True)

    for one in ("b", "c"):
        await second.open(report(one, "f"))

    assert await second.claim_outbox() == ()
    clock.advance(60)
    (told,) = await first.claim_outbox()
    assert (told.escalation_id, told.folded) == ("b", 1)


def test_stores_of_one_file_share_the_notices(again: Open) -> None:
    """However many ask at once, each notice is handed to one of them."""
    stores = [again() for _ in range(4)]
    for n in range(100):
        asyncio.run(stores[0].open(report(f"e{n}")))
    taken: list[str] = []
    start = threading.Barrier(4)

    def work(store: JournalEscalationStore) -> None:
        start.wait()
        for _ in range(20):
            taken.extend(one.escalation_id for one in asyncio.run(store.claim_outbox(7)))

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(taken) == sorted(f"e{n}" for n in range(100))


# -- notices whose process died --------------------------------------------------------------------


async def test_the_claim_of_a_dead_process_is_due_at_once_as_a_repeat(
    again: Open, dead: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody knows whether the first was sent; after the second nobody tries again, which is said."""
    gone, third = again(owner=dead), again()
    await gone.open(report())
    assert not (await gone.claim_notice("esc_1")).repeat  # type: ignore[union-attr]

    second = again(owner=replace(dead, started="2"))
    repeat = await second.claim_notice("esc_1")

    assert repeat is not None
    assert repeat.repeat
    assert (await second.notice_progress("esc_1")).of("any").maybe == 1
    assert await third.claim_outbox() == ()
    assert await third.claim_notice("esc_1") is None
    assert await third.notice_state("esc_1") == "given_up"
    assert [(one.message, one.escalation_id) for one in caplog.records] == [  # type: ignore[attr-defined]
        ("escalation.not_delivered", "esc_1")
    ]


async def test_why_a_channel_did_not_take_a_notice_is_kept(again: Open, clock: SetClock) -> None:
    """Whoever looks later learns what the server said, until it takes the notice."""
    first = again()
    await first.open(report())
    for delivered, detail in ((False, "503"), (True, "")):
        assert await first.claim_notice("esc_1") is not None
        receipt = Receipt(delivered=delivered, channel="slack", detail=detail)
        await first.settle_outbox("esc_1", delivered=delivered, receipts=[receipt])
        assert (await again().notice_progress("esc_1")).of("slack").fault == detail
        clock.advance(60.0)


async def test_the_claim_of_a_live_process_is_left_alone(again: Open, clock: SetClock) -> None:
    """However long it takes: a stopped process may go on."""
    slow, other = again(), again()
    await slow.open(report())
    await slow.claim_notice("esc_1")
    clock.advance(1e6)

    assert await other.claim_outbox() == ()
    assert await other.notice_state("esc_1") == "claimed"


async def test_those_a_dead_claim_stood_for_are_told_with_it(again: Open, dead: Any) -> None:
    """The repeat carries the same number."""
    gone = again(owner=dead)
    for one in ("a", "b", "c"):
        await gone.open(report(one, "f"))
    assert (await gone.claim_notice("a")).folded == 2  # type: ignore[union-attr]

    (told,) = await again().claim_outbox()

    assert (told.escalation_id, told.folded, told.repeat) == ("a", 2, True)


async def test_what_a_channel_took_before_the_crash_is_not_sent_again(
    again: Open, dead: Any, clock: SetClock
) -> None:
    """The progress of each channel is in the file; a crash makes only the others uncertain."""
    first = again(retry_delay=1)
    await first.open(report())
    await first.claim_notice("esc_1")
    receipts = [Receipt(delivered=True, channel="a"), Receipt(delivered=False, channel="b")]
    await first.settle_outbox("esc_1", delivered=True, receipts=receipts)
    clock.advance(1)
    await again(owner=dead).claim_notice("esc_1")
    a, b = RecordingNotifier("a"), RecordingNotifier("b")

    told = await deliver(again(), {"a": a, "b": b}, report(), environ={})

    assert (len(a.sent), [one.repeat for one in b.sent]) == (0, [True])
    assert all(one.delivered for one in told)


async def test_after_a_crash_between_two_repeats_nothing_is_lost(again: Open, dead: Any) -> None:
    """The escalation itself is open all the while, and can be answered."""
    for n in range(3):
        gone = again(owner=replace(dead, started=f"{n}x"))
        await gone.open(report(), claim=True)

    row = await again().get("esc_1")
    won = await again().resolve("esc_1", "retry", by="ann")

    assert (row.status, row.joined) == (EscalationStatus.OPEN, 2)
    assert isinstance(won, Won)


@pytest.mark.parametrize("opening", [False, True])
async def test_a_cancelled_claim_is_given_back(
    again: Open, opening: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is cancelled while the claim is written will not send, so others may."""
    reached, go = threading.Event(), threading.Event()

    def hold(name: str) -> None:
        if name == "commit" and threading.current_thread() is not threading.main_thread():
            reached.set()
            go.wait(10)

    held, other = again(boundary=hold, retry_delay=0), again()
    await other.open(report())
    claiming = held.open(report(), claim=True) if opening else held.claim_notice("esc_1")
    task = asyncio.create_task(claiming)
    await asyncio.to_thread(reached.wait, 10)
    task.cancel()
    await asyncio.sleep(0)
    go.set()

    with pytest.raises(asyncio.CancelledError):
        await task

    assert await other.claim_notice("esc_1") is not None


async def test_a_notice_is_between_two_boundaries(again: Open) -> None:
    """What is told when stands between its claim and its end, so that tests can kill there."""
    seen: list[str] = []
    store = again(boundary=seen.append)
    await store.open(report())
    seen.clear()

    await deliver(store, {"c": RecordingNotifier("c")}, report(), environ={})

    assert seen == ["commit", "committed", "notice", "noticed", "commit", "committed"]


# -- clocks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", [7200, -7200])
async def test_a_clock_that_was_set_decides_nothing(
    again: Open, clock: SetClock, ahead: float
) -> None:
    """While the machine runs on, the time that has passed counts, also for another process."""
    await again(boot="one").open(report(timeout=600.0))
    clock.ahead = ahead
    other = again(boot="one")

    assert list(await other.expire_due()) == []
    clock.advance(599)
    assert list(await other.expire_due()) == []
    clock.advance(1)
    assert [row.id for row in await other.expire_due()] == ["esc_1"]


async def test_after_a_restart_of_the_machine_the_hour_counts(again: Open, clock: SetClock) -> None:
    """What was left by the clock is left, since nothing else is known."""
    await again(boot="one").open(report(timeout=600.0))
    clock.advance(100)
    other = again(boot="two")
    clock.ahead = 400

    assert list(await other.expire_due()) == []
    clock.advance(100)
    assert len(await other.expire_due()) == 1


@pytest.mark.parametrize("boot", ["two", ""])
async def test_a_clock_behind_after_a_restart_adds_no_time(
    again: Open, clock: SetClock, boot: str
) -> None:
    """A wait after the restart is never longer than the whole timeout was."""
    await again(boot="one").open(report(timeout=600.0))
    clock.ahead = -7200
    before = clock.monotonic()

    row = await again(boot=boot).wait("esc_1")

    assert row.status is EscalationStatus.OPEN
    assert clock.monotonic() - before == pytest.approx(600)


async def test_a_clock_behind_is_looked_at_once(again: Open, clock: SetClock) -> None:
    """Where nobody waits, the time runs from the first look after the restart."""
    await again(boot="one").open(report(timeout=600.0))
    clock.ahead = -7200
    other = again(boot="two")
    assert list(await other.expire_due()) == []
    clock.advance(600)

    assert len(await again(boot="two").expire_due()) == 1


async def test_notices_of_an_earlier_boot_are_due(again: Open, clock: SetClock) -> None:
    """Retries and windows of a clock that is gone hold nothing back."""
    first = again(boot="one")
    await first.open(report("a", "f"))
    await first.claim_notice("a")
    await first.settle_outbox("a", delivered=False)
    await first.open(report("b", "g"))
    await first.claim_notice("b")
    await first.settle_outbox("b", delivered=True)
    await first.open(report("c", "g"))

    told = await again(boot="two").claim_outbox()

    assert [one.escalation_id for one in told] == ["a", "c"]


@pytest.mark.parametrize("poll", [0, -1, 3601, True, "1", float("nan")])
def test_looks_that_cannot_be(again: Open, poll: Any) -> None:
    """A pause between two looks is some time, and no more than an hour."""
    with pytest.raises(ConfigurationError, match="poll is"):
        again(poll=poll)


async def test_rows_that_wait_to_be_applied_go_last(again: Open, clock: SetClock) -> None:
    """A full store deletes what was applied before what was only answered."""
    store = again(max_rows=3)
    for one in ("a", "b", "c"):
        await store.open(report(one))
        await store.resolve(one, "skip", by="ann")
        clock.advance(1)
    await store.take_answer("b", "k")

    await store.open(report("d"))

    assert [row.id for row in await store.list()] == ["a", "c", "d"]


def test_a_fork_is_told_to_open_the_file_again(store: JournalEscalationStore) -> None:
    """A copy of a connection in another process would damage the file."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:  # pragma: no cover - another process
        try:
            asyncio.run(store.get("x"))
        except BaseException as error:
            os.write(writing, type(error).__name__.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(pid, 0)

    assert os.read(reading, 100) == b"JournalError"
    os.close(reading)


async def test_a_locked_file_decides_nothing(tmp_path: Path) -> None:
    """Another writer that does not end is said in one sentence, and the question stays open."""
    file = JournalFile(tmp_path / "journal.db", busy_timeout=0.02)
    store, told = JournalEscalationStore(file), RecordingNotifier("c")
    await store.open(report())
    other = sqlite3.connect(file.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    for work in (
        store.resolve("esc_1", "retry", by="ann"),
        store.open(report("esc_2")),
        store.expire("esc_1"),
        deliver(store, {"c": told}, report(), environ={}),
    ):
        with pytest.raises(JournalLockedError, match="is locked"):
            await work

    other.execute("ROLLBACK")
    other.close()
    assert [(row.id, str(row.status)) for row in await store.list()] == [("esc_1", "open")]
    assert told.sent == []
    assert isinstance(await store.resolve("esc_1", "retry", by="ann"), Won)
    file.close()


async def test_the_rows_of_one_workflow_are_found_without_the_others(
    store: JournalEscalationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In order and by status; no report is read for it, of none."""
    for one, workflow in (("a", "w"), ("b", "w"), ("c", "v"), ("d", "w/part"), ("e", "w")):
        await store.open(report(one, workflow_id=workflow))
    await store.resolve("b", Decision.skip(), by="ann")
    monkeypatch.setattr(_stored_row, "decode_report", None)

    assert [row.id for row in await store.list_of("w", EscalationStatus.OPEN)] == ["a", "e"]
    assert [row.id for row in await store.list_of("w", EscalationStatus.RESOLVED)] == ["b"]
    assert await store.list_of("v", "expired") == ()


@pytest.mark.parametrize("ahead", [-7200.0, 0.0, 7200.0])
async def test_a_claim_in_another_container_ages_by_the_machine_s_own_clock(
    again: Open, clock: SetClock, ahead: float
) -> None:
    """Whoever cannot be looked at holds a claim for five minutes, whatever the hour is set to."""
    away = again(owner=replace(this_process(), space="pid:[1]"))
    await away.open(report(), claim=True)
    here = again()
    clock.ahead = ahead

    clock.advance(STALE_AFTER - 1)
    before = await here.claim_outbox()
    clock.advance(1)
    after = await here.claim_outbox()

    assert not before
    assert [one.repeat for one in after] == [True]


@pytest.mark.parametrize("takes", [True, False])
async def test_what_a_locked_file_did_not_take_is_written_with_the_next_claim(
    tmp_path: Path, takes: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Another writer while a channel is told: the notice is neither lost nor sent too often."""
    file = JournalFile(tmp_path / "journal.db", busy_timeout=0.02)
    store = JournalEscalationStore(file, retry_delay=0)
    told = RecordingNotifier("c")

    class Locks:
        async def send(self, report: EscalationReport) -> Receipt:
            other.execute("BEGIN IMMEDIATE")
            return Receipt(delivered=takes, channel="")

    with closing(sqlite3.connect(file.path, isolation_level=None)) as other:
        await store.open(report())
        receipts = await deliver(store, {"c": Locks()}, report(), environ={})
        other.execute("ROLLBACK")
    claimed = await store.notice_state("esc_1")
    left = await store.next_notice(anybody)
    await deliver_due(store, {"c": told}, environ={})
    await deliver_due(store, {"c": told}, environ={})

    assert [one.delivered for one in receipts] == [takes]
    assert "escalation.not_settled" in caplog.text
    assert (claimed, left) == ("claimed", 0)
    assert [one.repeat for one in told.sent] == ([] if takes else [False])
    assert await store.notice_state("esc_1") == "delivered"
    assert await store.next_notice(anybody) is None
    file.close()


async def test_a_part_that_is_a_workflow_of_its_own_keeps_its_questions(
    store: JournalEscalationStore,
) -> None:
    """The end of a workflow ends its own questions, and those of parts that nobody runs alone."""
    for number, workflow in enumerate(("w", "w/part", "w/own", "w/own/part", "wide")):
        await store.open(report(f"e{number}", workflow_id=workflow))
    await store._file.write(
        lambda c: c.executemany(
            "INSERT INTO workflows(id, created_at, updated_at) VALUES(?, 0, 0)",
            [("w",), ("w/own",), ("wide",)],
        ),
        durable=False,
    )

    await store.supersede_workflow("w")

    assert [row.id for row in await store.list("open")] == ["e2", "e3", "e4"]
