"""Notices: each handed out once, tried again later, the same trouble told as one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows.escalation import deliver, deliver_due
from omninode_bridge.agents.workflows.recovery_models import Receipt
from omninode_bridge.testing import FakeClock, RecordingNotifier

from .._reports import report

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


def taken(channel: str = "slack") -> Receipt:
    return Receipt(delivered=True, channel=channel)


def refused(channel: str = "slack") -> Receipt:
    return Receipt(delivered=False, channel=channel)


def unknown(channel: str = "slack") -> Receipt:
    return Receipt(delivered=False, channel=channel, uncertain=True)


async def test_each_channel_is_settled_by_itself(make: Make, clock: FakeClock) -> None:
    """One took it, one refused: the notice is due again, and says which channel is over."""
    store = make(retry_delay=10)
    await store.open(report())
    await claimed(store)
    await store.settle_outbox("esc_1", delivered=True, receipts=[taken("a"), refused("b")])

    assert await store.notice_state("esc_1") == "later"
    clock.advance(10)
    (again,) = await store.claim_outbox()
    progress = await store.notice_progress("esc_1")
    assert not again.repeat
    assert (progress.of("a").is_over, progress.of("b").is_over) == (True, False)

    await store.settle_outbox("esc_1", delivered=True, receipts=[taken("b")])

    assert await store.notice_state("esc_1") == "delivered"


async def test_what_may_have_arrived_is_sent_once_more_and_marked(
    make: Make, clock: FakeClock
) -> None:
    """A second send of unknown end is the last one."""
    store = make(retry_delay=10)
    await store.open(report())
    first = (await store.claim_outbox())[0]
    await store.settle_outbox("esc_1", delivered=False, receipts=[unknown()])
    clock.advance(10)
    second = (await store.claim_outbox())[0]
    await store.settle_outbox("esc_1", delivered=False, receipts=[unknown()])
    clock.advance(1e9)

    assert (first.repeat, second.repeat) == (False, True)
    assert await store.claim_outbox() == ()
    assert await store.notice_state("esc_1") == "given_up"


async def test_a_refusal_is_no_repeat(make: Make, clock: FakeClock) -> None:
    """What is known not to have arrived is sent again as if for the first time, as often as set."""
    store = make(retry_delay=1, max_deliveries=4)
    await store.open(report())
    marked = []
    for _ in range(4):
        marked.append((await store.claim_outbox())[0].repeat)
        await store.settle_outbox("esc_1", delivered=False, receipts=[refused()])
        clock.advance(100)

    assert marked == [False] * 4
    assert await store.notice_state("esc_1") == "given_up"


async def test_some_reached_and_the_rest_given_up(make: Make, clock: FakeClock) -> None:
    """A notice that reached anybody was delivered, whatever the last channel did."""
    store = make(retry_delay=1, max_deliveries=2)
    await store.open(report())
    for _ in range(2):
        await claimed(store)
        await store.settle_outbox("esc_1", delivered=True, receipts=[taken("a"), refused("b")])
        clock.advance(100)

    assert await store.notice_state("esc_1") == "delivered"
    assert await claimed(store) == []


@pytest.mark.parametrize("end", ["resolve", "supersede"])
async def test_nobody_is_told_again_of_what_is_settled(
    make: Make, clock: FakeClock, end: str
) -> None:
    """An answer that comes while a notice is on its way, or between two tries, ends the tries."""
    store = make(retry_delay=1)
    for one in ("on its way", "between"):
        await store.open(report(one))
    assert len(await claimed(store)) == 2
    await store.settle_outbox("between", delivered=True, receipts=[taken("a"), refused("b")])

    for one in ("on its way", "between"):
        await (store.resolve(one, "skip", by="ann") if end == "resolve" else store.supersede(one))
    await store.settle_outbox("on its way", delivered=False, receipts=[refused()])
    clock.advance(1e9)

    assert await claimed(store) == []
    assert await store.notice_state("on its way") == "dropped"
    assert await store.notice_state("between") == "delivered"


async def test_what_was_told_in_part_is_not_held_back(make: Make, clock: FakeClock) -> None:
    """The second try of a channel waits for its own delay, not for the window of its kind."""
    store = make(retry_delay=1, fold_window=60)
    await store.open(report("a", "f"))
    await claimed(store)
    await store.settle_outbox("a", delivered=True, receipts=[taken("x"), refused("y")])
    await store.open(report("b", "f"))
    clock.advance(1)

    assert await claimed(store) == [("a", 0)]
    clock.advance(59)
    assert await claimed(store) == [("b", 0)]


async def test_a_claim_that_is_not_ours_is_not_settled(make: Make, clock: FakeClock) -> None:
    """Settling what nobody has claimed, or what does not exist, changes nothing."""
    store = make()
    await store.open(report())

    await store.settle_outbox("esc_1", delivered=True)
    await store.settle_outbox("x", delivered=True)

    assert await claimed(store) == [("esc_1", 0)]


async def test_a_notice_may_be_claimed_when_it_is_opened(make: Make, clock: FakeClock) -> None:
    """Who opens it in order to tell it has it; nobody else gets it."""
    store = make()
    await store.open(report(), claim=True)

    assert (await store.claim_notice("esc_1")).escalation_id == "esc_1"
    assert await store.claim_notice("esc_1") is None
    assert await claimed(store) == []
    await store.settle_outbox("esc_1", delivered=True)
    assert await store.notice_state("esc_1") == "delivered"


async def test_what_is_claimed_when_it_is_opened_is_folded_too(
    make: Make, clock: FakeClock
) -> None:
    """Its like is held back until the window ends, and one that comes then stands for both."""
    store = make(fold_window=60)
    opened = [report(f"esc_{n}", fingerprint="f") for n in (1, 2, 3)]
    await store.open(opened[0], claim=True)
    assert (await store.claim_notice("esc_1")).folded == 0

    await store.open(opened[1], claim=True)
    assert await store.claim_notice("esc_2") is None
    assert await store.notice_state("esc_2") == "later"

    await store.settle_outbox("esc_1", delivered=True)
    clock.advance(60)
    await store.open(opened[2], claim=True)

    assert (await store.claim_notice("esc_3")).folded == 1
    assert await store.notice_state("esc_2") == "claimed"
    await store.settle_outbox("esc_3", delivered=True)
    assert await store.notice_state("esc_2") == "delivered"


async def test_a_retry_goes_to_the_channels_that_did_not_take_it(
    make: Make, clock: FakeClock
) -> None:
    """The one that took it is left alone, the silent one is told once more, as a repeat."""
    store = make(retry_delay=10)
    good, dead, shy = RecordingNotifier("good"), RecordingNotifier("dead"), Silent()
    channels = {"good": good, "dead": dead, "shy": shy}
    dead.error = OSError("down")
    await store.open(report())

    await deliver(store, channels, report(), environ={})
    dead.error = None
    clock.advance(10)
    second = (await deliver_due(store, channels, environ={}))["esc_1"]
    clock.advance(1e9)

    assert await deliver_due(store, channels, environ={}) == {}
    assert [one.repeat for one in good.sent] == [False]
    assert [one.repeat for one in dead.sent] == [False, False]  # the first one raised
    assert [one.repeat for one in shy.sent] == [False, True]
    assert {one.channel: one.delivered for one in second} == {
        "good": True,
        "dead": True,
        "shy": False,
    }


class Silent:
    """Takes every notice and never says so."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send(self, report: Any) -> Receipt:
        self.sent.append(report)
        return Receipt(delivered=False, channel="shy", uncertain=True)


async def test_what_is_opened_quietly_has_no_notice(make: Make, clock: FakeClock) -> None:
    """Not now, not later and not at once; who opens it loudly afterwards makes one."""
    store = make()
    await store.open_quietly(report())

    assert await store.claim_notice("esc_1") is None
    assert await store.claim_at_once("esc_1") is None
    clock.advance(1e9)
    assert await claimed(store) == []

    await store.open(report())
    assert await claimed(store) == [("esc_1", 0)]


async def test_what_waits_in_two_workflows_is_told_twice(make: Make, clock: FakeClock) -> None:
    """The same trouble is folded within one workflow only."""
    store = make(fold_window=60)
    for one, workflow in (("a", "w1"), ("b", "w2"), ("c", "w1"), ("d", "w2")):
        await store.open(report(one, "f", workflow_id=workflow))

    assert await claimed(store) == [("a", 1), ("b", 1)]


async def test_a_notice_is_left_to_who_has_its_channels(make: Make, clock: FakeClock) -> None:
    """Only what `serves` says yes to is claimed, or counts for when something is due."""
    store = make()
    await store.open(report("ours", channels=("team",)))
    await store.open(report("theirs", channels=("pager",)))

    def serves(escalation_id: str, channels: Any, progress: Any) -> bool:
        return "team" in channels

    assert await store.next_notice(serves) == 0
    assert [one.escalation_id for one in await store.claim_served(serves)] == ["ours"]
    assert await store.next_notice(serves) is None
    assert await claimed(store) == [("theirs", 0)]


async def test_the_next_notice_is_known(make: Make, clock: FakeClock) -> None:
    """Held back until the window ends, or half of what is left to answer in; failed: its delay."""
    store = make(fold_window=60, retry_delay=10)

    def serves(*asked: Any) -> bool:
        return True

    assert await store.next_notice(serves) is None
    await store.open(report("a", "f"))
    await claimed(store)
    await store.settle_outbox("a", delivered=True)
    await store.open(report("b", "f"))
    assert await store.next_notice(serves) == 60
    await store.open(report("c", "f", timeout=40))
    assert await store.next_notice(serves) == 20
    await store.open(report("d", "g"))
    await claimed(store)
    await store.settle_outbox("d", delivered=False)
    assert await store.next_notice(serves) == 10


async def test_what_is_held_back_may_be_claimed_at_once(make: Make, clock: FakeClock) -> None:
    """With those of its kind; what failed waits for its delay all the same."""
    store = make(fold_window=60, retry_delay=10)
    await store.open(report("a", "f"))
    await claimed(store)
    await store.settle_outbox("a", delivered=True)
    for one in ("b", "c", "d"):
        await store.open(report(one, "f"))

    first = await store.claim_at_once("c")
    assert (first.escalation_id, first.folded) == ("c", 2)
    assert await store.claim_at_once("b") is None
    await store.settle_outbox("c", delivered=False)
    assert await store.claim_at_once("b") is None
    clock.advance(10)
    assert len(await store.claim_outbox()) == 1
