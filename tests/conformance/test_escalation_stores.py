"""What every store of escalations does, in memory and in a journal: one answer wins, nothing is lost."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import SystemClock
from omninode_bridge.agents.workflows.recovery_models import (
    AlreadyResolved,
    Decision,
    DecisionKind,
    EscalationStatus,
    Won,
)
from omninode_bridge.errors import (
    DecisionRefusedError,
    EscalationError,
    UnknownEscalationError,
)
from omninode_bridge.testing import FakeClock

from .._reports import report

Make = Callable[..., Any]


async def test_an_opened_row_is_found(store: Any, clock: FakeClock) -> None:
    """A row holds its report, is open, and is listed."""
    row = await store.open(report())

    assert row.status is EscalationStatus.OPEN
    assert row.opened_at == clock.now()
    assert await store.get("esc_1") == row
    assert await store.list() == (row,)
    assert await store.list("open") == (row,)
    assert await store.list("resolved") == ()


async def test_a_second_opening_joins(store: Any) -> None:
    """The same id opened again is the same row, counted, with the first report."""
    first = await store.open(report())

    again = await store.open(report(description="other words"))

    assert again.joined == 1
    assert again.report == first.report
    assert len(await store.list()) == 1


async def test_the_first_answer_wins_and_the_second_is_told(store: Any, clock: FakeClock) -> None:
    """The loser hears who won and when; the decision stays."""
    await store.open(report())

    won = await store.resolve("esc_1", "retry", by="ann")
    answered = clock.now()
    clock.advance(60)
    lost = await store.resolve("esc_1", Decision.abort(), by="bob")

    assert isinstance(won, Won)
    assert won.row.decision == Decision.retry()
    assert lost == AlreadyResolved(
        by="ann", at=answered, status=EscalationStatus.RESOLVED, decision=Decision.retry()
    )
    assert lost.said == "ann answered 'retry' at 2030-01-01 00:00:00 UTC"
    assert (await store.get("esc_1")).by == "ann"


async def test_an_ended_row_answers_a_replay(store: Any) -> None:
    """Opening an ended id again returns the ended row with its decision, and no new notice."""
    await store.open(report())
    await store.resolve("esc_1", Decision.value(7), by="ann")

    again = await store.open(report())

    assert again.status is EscalationStatus.RESOLVED
    assert again.decision == Decision.value(7)
    assert await store.claim_outbox() == ()


@pytest.mark.parametrize("answer", ["yes", "edit", "value", "", None, 3])
async def test_a_wrong_answer_changes_nothing(store: Any, answer: object) -> None:
    """What is no decision is refused and the row stays open."""
    await store.open(report())

    with pytest.raises(DecisionRefusedError, match="it must be 'retry', 'skip', 'abort'"):
        await store.resolve("esc_1", answer, by="ann")  # type: ignore[arg-type]

    assert (await store.get("esc_1")).status is EscalationStatus.OPEN


@pytest.mark.parametrize("answer", [Decision("wipe"), Decision(DecisionKind.EDIT, 5)])  # type: ignore[arg-type]
async def test_a_decision_made_by_hand_is_looked_at(store: Any, answer: Decision) -> None:
    """A kind that does not exist, or an edit that edits nothing, is refused."""
    await store.open(report())

    with pytest.raises(DecisionRefusedError):
        await store.resolve("esc_1", answer, by="ann")

    assert (await store.get("esc_1")).status is EscalationStatus.OPEN


@pytest.mark.parametrize("by", ["", "  ", None, "timeout", "Timeout "])
async def test_nobody_cannot_answer(store: Any, by: object) -> None:
    """An answer has a name to it."""
    await store.open(report())

    with pytest.raises(DecisionRefusedError, match="must name who answers"):
        await store.resolve("esc_1", "retry", by=by)  # type: ignore[arg-type]


async def test_unknown_ids_are_refused(store: Any) -> None:
    """Every method says that there is no such row."""
    for asked in (
        store.get("x"),
        store.resolve("x", "retry", "ann"),
        store.expire("x"),
        store.wait("x", 1),
    ):
        with pytest.raises(UnknownEscalationError, match="no escalation has the id 'x'"):
            await asked


async def test_an_expired_row_takes_no_answer(store: Any) -> None:
    """Expiry is an end; expiring an ended row changes nothing."""
    await store.open(report())

    expired = await store.expire("esc_1")
    lost = await store.resolve("esc_1", "retry", by="ann")

    assert expired.status is EscalationStatus.EXPIRED
    assert await store.expire("esc_1") == expired
    assert await store.supersede("esc_1") == expired
    assert isinstance(lost, AlreadyResolved)
    assert lost.status is EscalationStatus.EXPIRED
    assert lost.by is None


async def test_waiting_ends_with_the_answer(store: Any) -> None:
    """A waiter gets the resolved row; one that comes later gets it at once."""
    await store.open(report())
    waiter = asyncio.create_task(store.wait("esc_1"))
    await asyncio.sleep(0)

    await store.resolve("esc_1", "skip", by="ann")

    assert (await waiter).decision == Decision.skip()
    assert (await store.wait("esc_1", 0)).decision == Decision.skip()
    assert len(store._waiters) == 0


async def test_a_cancelled_waiter_is_released(store: Any) -> None:
    """Cancelling a wait passes, and leaves neither a waiter nor a task."""
    await store.open(report())
    before = asyncio.all_tasks()
    waiter = asyncio.create_task(store.wait("esc_1"))
    await asyncio.sleep(0)

    waiter.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert len(store._waiters) == 0
    assert asyncio.all_tasks() == before


def test_a_waiter_on_a_closed_loop_is_no_trouble(make: Make) -> None:
    """An answer comes through when the loop of a forgotten waiter has gone."""
    store = make(clock=SystemClock())
    loop = asyncio.new_event_loop()
    loop.run_until_complete(store.open(report()))
    waiting = store.wait("esc_1")
    task = loop.create_task(waiting)
    loop.run_until_complete(asyncio.sleep(0))
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    loop.close()

    won = asyncio.run(store.resolve("esc_1", "retry", by="ann"))
    waiting.close()

    assert isinstance(won, Won)


def test_loops_in_other_threads_are_woken(store: Any) -> None:
    """Waiters in eight threads, each with its own loop, all get the one answer."""
    asyncio.run(store.open(report()))
    decided: list[object] = []
    ready = threading.Barrier(9)

    async def wait() -> None:
        task = asyncio.create_task(store.wait("esc_1"))
        await asyncio.sleep(0)
        ready.wait()
        decided.append((await task).decision)

    threads = [threading.Thread(target=lambda: asyncio.run(wait())) for _ in range(8)]
    for thread in threads:
        thread.start()
    ready.wait()
    asyncio.run(store.resolve("esc_1", "retry", by="ann"))
    for thread in threads:
        thread.join(10)

    assert decided == [Decision.retry()] * 8


def test_one_of_many_racing_answers_wins(store: Any) -> None:
    """Sixteen threads answer a hundred rows: each row has one winner, and every loser knows it."""
    ids = [f"esc_{n}" for n in range(100)]
    won: Counter[str] = Counter()
    told: list[tuple[str, str | None]] = []
    start = threading.Barrier(16)

    async def answer(name: str) -> None:
        for one in ids:
            await store.open(report(one))
            outcome = await store.resolve(one, "retry", by=name)
            if isinstance(outcome, Won):
                won[one] += 1
            else:
                told.append((one, outcome.by))

    def work(name: str) -> None:
        start.wait()
        asyncio.run(answer(name))

    threads = [threading.Thread(target=work, args=(f"p{n}",)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert won == Counter(dict.fromkeys(ids, 1))
    rows = {row.id: row for row in asyncio.run(store.list())}
    assert all(rows[one].by == by for one, by in told)
    assert sum(row.joined for row in rows.values()) == 15 * 100


async def test_ended_rows_make_room_and_open_ones_never(make: Make, clock: FakeClock) -> None:
    """The row that ended first goes first; a store full of open rows refuses the next."""
    store = make(max_rows=3)
    for n in range(3):
        await store.open(report(f"esc_{n}"))
    await store.resolve("esc_2", "skip", by="ann")
    clock.advance(1)
    await store.resolve("esc_0", "skip", by="ann")

    await store.open(report("esc_3"))
    await store.open(report("esc_4"))

    assert [row.id for row in await store.list()] == ["esc_1", "esc_3", "esc_4"]
    with pytest.raises(EscalationError, match="3 escalations are open"):
        await store.open(report("esc_5"))
    assert (await store.open(report("esc_1"))).joined == 1


def test_a_thread_without_a_loop_can_use_it(store: Any) -> None:
    """Only waiting suspends: everything else ends at the first send."""
    calls = (
        store.open(report()),
        store.get("esc_1"),
        store.list(),
        store.claim_outbox(),
        store.settle_outbox("esc_1", delivered=True),
        store.resolve("esc_1", "retry", "ann"),
        store.expire("esc_1"),
        store.wait("esc_1", None),
    )
    for call in calls[:-1]:
        with pytest.raises(StopIteration):
            call.send(None)
    calls[-1].close()
