"""What every store of escalations accepts as an answer, from whom, until when, and for whom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from omninode_bridge.agents.workflows.recovery_models import (
    AlreadyResolved,
    Decision,
    EscalationReport,
    EscalationStatus,
    Won,
)
from omninode_bridge.errors import (
    ConfigurationError,
    DecisionRefusedError,
    UnknownEscalationError,
)
from omninode_bridge.testing import FakeClock

from .._reports import report

Make = Callable[..., Any]

ALL = ("retry", "edit", "value", "skip", "abort")


def even(report: EscalationReport, decision: Decision) -> None:
    """Take even numbers only; anything but a number breaks it."""
    if decision.payload % report.subject.get("by", 2):
        raise DecisionRefusedError(f"{decision.payload} is odd")


# -- what may be answered --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "answer", "words"),
    [
        ({"answers": ("value", "skip", "abort")}, "retry", "there is no call to run again; answer"),
        ({"answers": ("retry", "skip")}, Decision.value(1), "cannot be applied; answer 'retry' or"),
        ({"answers": ALL, "edits": ("x",)}, Decision.edit({"y": 1}), "edits 'y'; it may edit 'x'"),
        ({"check": "even"}, Decision.value(3), "^3 is odd$"),
        ({"check": "even"}, Decision.value("no"), "failed the check 'even': TypeError"),
        ({"check": "gone"}, Decision.value(2), "'gone', which is not known here"),
        ({"check": "gone"}, Decision.edit({"x": 2}), "'gone', which is not known here"),
        ({}, Decision("retry", 5), "'retry' has a payload; it takes none"),  # type: ignore[arg-type]
    ],
)
async def test_what_the_report_rules_out_is_refused(
    make: Make, changes: dict[str, Any], answer: Any, words: str
) -> None:
    """Kinds, names of arguments and checks are in the report, so any store refuses the same."""
    store = make(checks={"even": even})
    await store.open(report(**changes))

    with pytest.raises(DecisionRefusedError, match=words):
        await store.resolve("esc_1", answer, by="ann")

    assert (await store.get("esc_1")).status is EscalationStatus.OPEN


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({}, Decision.edit({"any": 1})),
        ({"answers": ALL, "edits": ("x",)}, Decision.edit({"x": 1})),
        ({"check": "even"}, Decision.value(4)),
        ({"check": "even", "subject": {"by": 3}}, Decision.value(9)),
        ({"check": "gone"}, Decision.skip()),
    ],
)
async def test_what_the_report_allows_is_accepted(
    make: Make, changes: dict[str, Any], answer: Decision
) -> None:
    """Where a report says nothing, any answer will do; words without a payload need no check."""
    store = make(checks={"even": even})
    await store.open(report(**changes))

    won = await store.resolve("esc_1", answer, by="ann")

    assert isinstance(won, Won)
    assert (await store.get("esc_1")).decision == answer


async def test_a_guard_counts_as_well(store: Any) -> None:
    """Who waits in this process has answers checked, until the row has ended."""
    seen: list[Decision] = []

    def refuse(decision: Decision) -> None:
        seen.append(decision)
        if decision.kind == "retry":
            raise DecisionRefusedError("not now")

    await store.open(report())
    store.guard("esc_1", refuse)

    with pytest.raises(DecisionRefusedError, match="not now"):
        await store.resolve("esc_1", "retry", by="ann")
    await store.resolve("esc_1", "skip", by="ann")
    await store.resolve("esc_1", "retry", by="bob")

    assert [str(one.kind) for one in seen] == ["retry", "skip"]


@pytest.mark.parametrize("by", ["a\nb", "x" * 201, "half \ud800"])
async def test_a_name_is_one_printable_line(store: Any, by: str) -> None:
    """Names are shown to people, so they cannot carry control characters or half ones."""
    await store.open(report())

    with pytest.raises(DecisionRefusedError, match="one line of up to 200 printable characters"):
        await store.resolve("esc_1", "retry", by=by)


@pytest.mark.parametrize("checks", [{"a": 5}, {"": even}, {3: even}])
def test_checks_that_cannot_be(make: Make, checks: Any) -> None:
    """A check is a callable under its name."""
    with pytest.raises(ConfigurationError, match="checks has"):
        make(checks=checks)


# -- who is late -----------------------------------------------------------------------------------


async def test_a_loser_hears_what_took_the_place(store: Any) -> None:
    """An answer to a superseded question is told which question counts now."""
    await store.open(report("a"))

    row = await store.supersede("a", "b")
    late = await store.resolve("a", "retry", by="ann")

    assert (row.status, row.superseded_by) == (EscalationStatus.SUPERSEDED, "b")
    assert late == AlreadyResolved.of(row)
    assert late.said == "it was superseded by escalation b at 2030-01-01 00:00:00 UTC"
    assert await store.supersede("a", "c") == row


async def test_a_loser_hears_that_it_expired(store: Any) -> None:
    """Nobody answered: there is no name, but a time."""
    await store.open(report())
    await store.expire("esc_1")

    late = await store.resolve("esc_1", Decision.value(1), by="ann")

    assert late.said == "it expired at 2030-01-01 00:00:00 UTC, and nobody had answered"


async def test_a_question_under_a_key_takes_the_place_of_the_earlier_one(store: Any) -> None:
    """An answer to attempt 0 while attempt 1 asks is told so; other keys are left alone."""
    await store.open(report("first"), key="k")
    await store.open(report("other"), key="x")
    await store.open(report("nobody's"))

    await store.open(report("second"), key="k")
    late = await store.resolve("first", "retry", by="ann")

    assert isinstance(late, AlreadyResolved)
    assert (late.status, late.superseded_by) == (EscalationStatus.SUPERSEDED, "second")
    assert [row.id for row in await store.list("open")] == ["other", "nobody's", "second"]
    assert (await store.open(report("second"), key="k")).joined == 1
    assert isinstance(await store.resolve("second", "retry", by="ann"), Won)


async def test_an_ended_row_takes_no_place(store: Any) -> None:
    """Finding an old answer again does not end the question that is open now."""
    await store.open(report("first"), key="k")
    await store.resolve("first", "retry", by="ann")
    await store.open(report("second"), key="k")

    await store.open(report("first"), key="k")

    assert (await store.get("second")).status is EscalationStatus.OPEN


async def test_a_superseded_waiter_is_woken(store: Any) -> None:
    """Whoever waits for a question that was replaced does not wait on."""
    await store.open(report("first"), key="k")
    waiter = asyncio.create_task(store.wait("first"))
    await asyncio.sleep(0)

    await store.open(report("second"), key="k")

    assert (await waiter).superseded_by == "second"


# -- who applies it --------------------------------------------------------------------------------


async def test_an_answer_goes_to_one_key(store: Any) -> None:
    """The first key has it, also when it asks again after a crash; no other one does."""
    await store.open(report())
    assert not await store.take_answer("esc_1", "mine")  # there is none yet
    await store.resolve("esc_1", "retry", by="ann")

    assert await store.take_answer("esc_1", "mine")
    assert await store.take_answer("esc_1", "mine")
    assert not await store.take_answer("esc_1", "yours")
    assert not await store.take_answer("esc_1")


async def test_without_a_key_it_is_taken_once(store: Any) -> None:
    """Nobody in particular cannot come again."""
    await store.open(report())
    await store.expire("esc_1")

    assert [await store.take_answer("esc_1") for _ in range(3)] == [True, False, False]
    with pytest.raises(UnknownEscalationError):
        await store.take_answer("x")


# -- until when ------------------------------------------------------------------------------------


async def test_a_row_has_its_own_time(store: Any, clock: FakeClock) -> None:
    """The time runs from the opening on, whoever waits how long; joining does not renew it."""
    row = await store.open(report(timeout=60.0))
    clock.advance(50)
    await store.open(report(timeout=60.0))

    ended = await store.wait("esc_1", timeout=1000)

    assert row.deadline == row.opened_at + timedelta(seconds=60)
    assert ended.status is EscalationStatus.OPEN
    assert clock.monotonic() == pytest.approx(60)


async def test_what_is_due_is_ended_where_nobody_waits(store: Any, clock: FakeClock) -> None:
    """`expire_due()` ends those whose time is over, each once, and no other."""
    await store.open(report("soon", timeout=10.0))
    await store.open(report("later", timeout=20.0))
    await store.open(report("never"))
    assert list(await store.expire_due()) == []
    clock.advance(10)

    ended = await store.expire_due()

    assert [(row.id, row.status) for row in ended] == [("soon", EscalationStatus.EXPIRED)]
    assert list(await store.expire_due()) == []
    clock.advance(10)
    assert [row.id for row in await store.expire_due()] == ["later"]
    clock.advance(1e9)
    assert list(await store.expire_due()) == []


async def test_an_answer_before_anybody_ended_it_counts(store: Any, clock: FakeClock) -> None:
    """A human who is late, but earlier than the end, has answered."""
    await store.open(report(timeout=10.0))
    clock.advance(3600)

    won = await store.resolve("esc_1", "retry", by="ann")

    assert isinstance(won, Won)
    assert list(await store.expire_due()) == []


@pytest.mark.parametrize("word", ["retry", "skip", "abort"])
async def test_the_end_of_the_time_may_be_an_answer(
    store: Any, clock: FakeClock, word: str
) -> None:
    """It goes through the same race as everybody's, and `timeout` has given it."""
    await store.open(report(timeout=10.0, on_timeout=word))
    waiter = asyncio.create_task(store.wait("esc_1", None))
    clock.advance(10)

    (row,) = await store.expire_due()
    late = await store.resolve("esc_1", "retry", by="ann")

    assert (row.status, row.decision, row.by) == (
        EscalationStatus.RESOLVED,
        Decision.parse(word),
        "timeout",
    )
    assert (
        late.said == f"nobody answered in time, which counts as {word!r} at 2030-01-01 00:00:10 UTC"
    )
    assert (await waiter).id == "esc_1"


async def test_an_answer_by_timeout_that_cannot_be_applied_is_none(store: Any) -> None:
    """Where the call or the guard does not allow it, the row just expires."""
    await store.open(report("a", answers=("value", "skip"), on_timeout="retry"))
    await store.open(report("b", on_timeout="retry"))

    def refuse(decision: Decision) -> None:
        raise DecisionRefusedError("no")

    store.guard("b", refuse)

    assert (await store.expire("a")).status is EscalationStatus.EXPIRED
    assert (await store.expire("b")).status is EscalationStatus.EXPIRED


@pytest.mark.parametrize("timeout", [0.0, 1e20])
async def test_times_of_any_length(store: Any, timeout: float) -> None:
    """None at all is due at once; more than a calendar holds is never."""
    row = await store.open(report(timeout=timeout))

    assert [one.id for one in await store.expire_due()] == (["esc_1"] if not timeout else [])
    assert (row.deadline is None) == bool(timeout)


# -- lists -----------------------------------------------------------------------------------------


async def test_lists_come_in_pages(store: Any) -> None:
    """A page begins after the last known row, and holds as many as wanted."""
    for n in range(7):
        await store.open(report(f"e{n}"))
    await store.resolve("e3", "skip", by="ann")

    first = await store.list("open", limit=3)
    second = await store.list("open", limit=3, after=first[-1].id)

    assert [row.id for row in first + second] == ["e0", "e1", "e2", "e4", "e5", "e6"]
    assert await store.list("open", after="e6") == ()
    assert [row.id for row in await store.list(after="e2", limit=2)] == ["e3", "e4"]
    assert await store.list(limit=0) == ()
    with pytest.raises(UnknownEscalationError):
        await store.list(after="x")
    for wrong in (-1, True, 2.5):
        with pytest.raises(ConfigurationError, match="limit is"):
            await store.list(limit=wrong)


async def test_a_list_shows_what_has_changed(store: Any) -> None:
    """Asking again after an answer, a new row or a joined one gives what is there now."""
    await store.open(report("a"))
    before = await store.list()
    await store.open(report("b"))
    await store.resolve("a", "skip", by="ann")
    await store.open(report("b"))

    after = await store.list()

    assert [(row.id, str(row.status), row.joined) for row in before] == [("a", "open", 0)]
    assert [(row.id, str(row.status), row.joined) for row in after] == [
        ("a", "resolved", 0),
        ("b", "open", 1),
    ]


async def test_a_row_is_a_value(store: Any) -> None:
    """Rows are compared by what is in them, copied with changes, and tell all of it."""
    row = await store.open(report(code="x = 1"))

    changed = replace(row, joined=5)

    assert row == await store.get("esc_1")
    assert row != changed
    assert (changed.joined, changed.report.code) == (5, "x = 1")
    assert "x = 1" in repr(row)


@pytest.mark.parametrize("one_id", [None, 5, "", "half \ud800", "nul \0", b"esc_1", ["esc_1"]])
async def test_what_is_no_id_is_unknown(store: Any, one_id: Any) -> None:
    """Whatever somebody asks for, the reply is that there is no such row."""
    await store.open(report())

    for asked in (store.get, store.expire, store.supersede, store.take_answer, store.wait):
        with pytest.raises(UnknownEscalationError):
            await asked(one_id)
