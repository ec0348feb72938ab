"""Notices: each handed out once, tried again later, the same trouble told as one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from omninode_bridge.testing import FakeClock

from ._reports import report

Make = Callable[..., Any]


async def claimed(store: Any) -> list[tuple[str, int]]:
    """Claim what is due: ids and how many others each stands for."""
    return [(r.escalation_id, r.folded) for r in await store.claim_outbox()]


async def test_a_notice_is_handed_out_once(make: Make, clock: FakeClock) -> None:
    """A claimed notice is not due, and after delivery it is gone."""
    store = make()
    await store.open(report())

    assert await claimed(store) == [("esc_1", 0)]
    assert await claimed(store) == []
    assert await store.notice_state("esc_1") == "claimed"

    await store.settle_outbox("esc_1", delivered=True)

    assert await claimed(store) == []
    assert await store.notice_state("esc_1") == "delivered"


async def test_an_undelivered_notice_is_due_again_later_and_later(
    make: Make, clock: FakeClock
) -> None:
    """The delay doubles; after five tries the notice is given up, the row stays."""
    store = make(retry_delay=10, max_deliveries=5)
    await store.open(report(fingerprint="f"))

    for delay in (10, 20, 40, 80):
        assert len(await claimed(store)) == 1
        await store.settle_outbox("esc_1", delivered=False)
        clock.advance(delay - 1)
        assert await claimed(store) == []
        assert await store.notice_state("esc_1") == "later"
        clock.advance(1)
    assert len(await claimed(store)) == 1
    await store.settle_outbox("esc_1", delivered=False)
    clock.advance(1e9)

    assert await claimed(store) == []
    assert await store.notice_state("esc_1") == "given_up"
    assert (await store.get("esc_1")).status == "open"


async def test_the_same_trouble_is_told_as_one(make: Make, clock: FakeClock) -> None:
    """The first notice goes at once; those of the window after it come as one with their count."""
    store = make(fold_window=60)
    await store.open(report("esc_0", "f"))
    assert await claimed(store) == [("esc_0", 0)]
    await store.settle_outbox("esc_0", delivered=True)

    for n in range(1, 6):
        await store.open(report(f"esc_{n}", "f"))
    await store.open(report("other", "g"))

    assert await claimed(store) == [("other", 0)]
    clock.advance(60)
    assert await claimed(store) == [("esc_1", 4)]
    await store.settle_outbox("esc_1", delivered=True)
    assert await store.notice_state("esc_5") == "delivered"
    assert await claimed(store) == []


async def test_what_differs_for_the_reader_is_not_folded(make: Make, clock: FakeClock) -> None:
    """Other channels, another assignee or another priority make another notice."""
    store = make()
    await store.open(report("a", "f"))
    await store.open(report("b", "f", channels=("slack",)))
    await store.open(report("c", "f", assignee="ann"))
    await store.open(report("d", ""))
    await store.open(report("e", ""))

    assert [one for one, _ in await claimed(store)] == ["a", "b", "c", "d", "e"]


async def test_a_failed_notice_holds_nothing_back(make: Make, clock: FakeClock) -> None:
    """When the first notice reached nobody, the next of its kind does not wait for the window."""
    store = make(fold_window=60, retry_delay=5)
    await store.open(report("a", "f"))
    await claimed(store)
    await store.settle_outbox("a", delivered=False)
    await store.open(report("b", "f"))

    assert await claimed(store) == [("b", 0)]


async def test_an_answered_escalation_is_not_announced(make: Make, clock: FakeClock) -> None:
    """Nobody is asked what somebody has answered; an expired one is still told."""
    store = make()
    await store.open(report("a"))
    await store.open(report("b"))
    await store.resolve("a", "skip", by="ann")
    await store.expire("b")

    assert await claimed(store) == [("b", 0)]


async def test_those_folded_into_a_forgotten_notice_are_due_again(
    make: Make, clock: FakeClock
) -> None:
    """A row that made room while its notice was on its way takes no other notice with it."""
    store = make(max_rows=2, fold_window=0.5)
    await store.open(report("a", "f"))
    await store.open(report("b", "f"))
    assert await claimed(store) == [("a", 1)]
    await store.resolve("a", "skip", by="ann")
    await store.open(report("c", "g"))
    await store.settle_outbox("a", delivered=True)
    clock.advance(1)

    assert sorted(await claimed(store)) == [("b", 0), ("c", 0)]


async def test_the_number_of_notices_is_limited(make: Make, clock: FakeClock) -> None:
    """A claim takes no more than it asked for; the rest stays due."""
    store = make()
    for n in range(5):
        await store.open(report(f"esc_{n}"))

    assert len(await store.claim_outbox(limit=2)) == 2
    assert len(await store.claim_outbox(limit=2)) == 2
    assert len(await store.claim_outbox(limit=2)) == 1


async def test_many_claimers_share_the_notices(make: Make, clock: FakeClock) -> None:
    """However many ask at once, each notice is handed to one of them."""
    store = make()
    for n in range(200):
        await store.open(report(f"esc_{n}"))

    taken = await asyncio.gather(
        *(asyncio.to_thread(asyncio.run, claimed(store)) for _ in range(8))
    )

    ids = [one for part in taken for one, _ in part]
    assert sorted(ids) == sorted(f"esc_{n}" for n in range(200))
