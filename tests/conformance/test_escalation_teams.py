"""Whose notice one is that names no channels: who has a channel that its opener has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    JournalEngine,
    RecoveryContext,
)
from omninode_bridge.agents.workflows.escalation import deliver, deliver_due
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt
from omninode_bridge.testing import FakeClock, RecordingNotifier

from .._reports import report

Make = Callable[..., Any]


class Channel:
    """Takes a notice, or refuses it."""

    def __init__(self, *, takes: bool = True) -> None:
        self.takes = takes
        self.told: list[str] = []

    async def send(self, report: EscalationReport) -> Receipt:
        """Note what was sent."""
        self.told.append(report.escalation_id)
        return Receipt(delivered=self.takes, channel="")


async def test_a_failed_notice_is_told_by_a_channel_of_its_opener_alone(
    make: Make, clock: FakeClock
) -> None:
    """Who has other channels is not handed it, and tells no other channel where one is the same."""
    store, ours, theirs, other = make(retry_delay=10), *(Channel() for _ in range(3))
    await store.open_for(report(), ("team", "pager"))
    await deliver(store, {"team": Channel(takes=False)}, report(), environ={})
    clock.advance(10)

    assert await deliver_due(store, {"else": other}, environ={}) == {}
    assert await deliver_due(store, {}, environ={}) == {}
    await deliver_due(store, {"else": other, "pager": theirs}, environ={})
    clock.advance(1000)
    assert await deliver_due(store, {"else": other, "pager": theirs}, environ={}) == {}
    await deliver_due(store, {"team": ours}, environ={})

    assert (theirs.told, ours.told, other.told) == (["esc_1"], ["esc_1"], [])
    assert await store.notice_state("esc_1") == "delivered"


async def test_the_next_notice_is_that_of_our_channels(make: Make, clock: FakeClock) -> None:
    """Nobody waits for what another team opened; what nobody opened for anyone is everybody's."""
    store = make()
    await store.open_for(report("theirs"), ("pager",))
    asked: list[Any] = []

    def serves(escalation_id: str, channels: Any, progress: Any) -> bool:
        asked.append((escalation_id, tuple(channels), progress.told))
        return escalation_id == "anybodys"

    assert await store.next_notice(serves) is None
    await store.open(report("anybodys"))
    assert await store.next_notice(serves) == 0
    assert asked[0] == ("theirs", (), ("pager",))
    assert asked[-1] == ("anybodys", (), ())


async def test_the_channels_of_the_report_come_first(make: Make) -> None:
    """Where the report says who is to be asked, the channels of its opener say nothing."""
    store = make()
    await store.open_for(report(channels=("pager",)), ("team",))

    assert (await store.notice_progress("esc_1")).told == ()
    assert await deliver_due(store, {"team": Channel()}, environ={}) == {}
    assert list(await deliver_due(store, {"pager": Channel()}, environ={})) == ["esc_1"]


async def test_the_same_trouble_of_two_teams_is_told_to_both(make: Make) -> None:
    """One notice stands for others of the same channels only."""
    store = make(fold_window=60)
    for one, team in (("a", "x"), ("b", "y"), ("c", "x")):
        await store.open_for(report(one, "f"), (team,))

    assert [(one.escalation_id, one.folded) for one in await store.claim_outbox()] == [
        ("a", 1),
        ("b", 0),
    ]


@pytest.mark.parametrize("takes", [True, False])
async def test_who_joins_with_other_channels_tells_them_anew(
    make: Make, clock: FakeClock, takes: bool
) -> None:
    """Whatever came of the first notice, at once; not again to the same channels."""
    store, first, second = make(max_deliveries=1), Channel(takes=takes), Channel()
    await store.open_for(report(fingerprint="f"), ("team",), key="k", claim=True)
    await deliver(store, {"team": first}, report(fingerprint="f"), environ={})
    await store.open_for(report(fingerprint="f"), ("team",), key="k", claim=True)
    assert await store.notice_state("esc_1") == ("delivered" if takes else "given_up")

    for _ in range(2):
        await store.open_for(report(fingerprint="f"), ("pager",), key="k", claim=True)
        await deliver(store, {"pager": second}, report(fingerprint="f"), environ={})
    clock.advance(1e9)

    assert await deliver_due(store, {"team": first}, environ={}) == {}
    assert (first.told, second.told) == (["esc_1"], ["esc_1"])
    assert await store.notice_state("esc_1") == "delivered"


async def test_teams_on_one_journal_are_told_their_own(tmp_path: Any) -> None:
    """A team's dead channel is no reason to tell its trouble to the other team."""
    clock = FakeClock()
    engine = JournalEngine(tmp_path / "j.db", clock=clock)
    dead, good = Channel(takes=False), RecordingNotifier("b")
    ours = ErrorRecoveryOrchestrator(engine=engine, notifiers={"a": dead}, escalation={})
    theirs = ErrorRecoveryOrchestrator(engine=engine, notifiers={"b": good}, escalation={})

    await ours.handle_error(RecoveryContext("of-a", "n", exception=ValueError("internal")))
    clock.advance(31)
    await theirs.handle_error(RecoveryContext("of-b", "n", exception=ValueError("other thing")))
    engine.close()

    assert [one.workflow_id for one in good.sent] == ["of-b"]


@pytest.mark.parametrize("takes", [True, False])
async def test_who_joins_while_others_are_told_is_told_too(
    make: Make, clock: FakeClock, takes: bool
) -> None:
    """The notice is not over before the channels of both were told, each once."""
    store, second = make(retry_delay=10), Channel()

    class Joined(Channel):
        async def send(self, report: EscalationReport) -> Receipt:
            await store.open_for(report, ("pager",), key="k")
            return await super().send(report)

    first = Joined(takes=takes)
    await store.open_for(report(), ("team",), key="k")
    await deliver(store, {"team": first}, report(), environ={})
    for _ in range(3):
        clock.advance(1000)
        await deliver_due(store, {"pager": second}, environ={})

    assert (first.told, second.told) == (["esc_1"], ["esc_1"])
    assert await store.notice_state("esc_1") == "delivered"
