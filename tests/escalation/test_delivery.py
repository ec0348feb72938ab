"""Delivery: no channel blocks, breaks or loses a notice, and the receipts say what happened."""

from __future__ import annotations

import asyncio
import importlib.metadata
import io
from collections.abc import Mapping
from typing import Any

import pytest

from omninode_bridge.agents.workflows._ports import Notifier
from omninode_bridge.agents.workflows.escalation import (
    InMemoryEscalationStore,
    deliver,
    deliver_due,
)
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt
from omninode_bridge.notifiers import ConsoleNotifier
from omninode_bridge.testing import FakeClock, RecordingNotifier

from .._reports import report


class Hanging:
    """Never answers."""

    async def send(self, report: EscalationReport) -> Receipt:
        await asyncio.Event().wait()
        raise AssertionError


class Answering:
    """Answers what it was made with."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    async def send(self, report: EscalationReport) -> Any:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


async def tell(
    notifiers: Mapping[str, Notifier], environ: Mapping[str, str] | None = None, **changes: Any
) -> tuple[tuple[Receipt, ...], InMemoryEscalationStore]:
    """Open an escalation and deliver its notice."""
    store = InMemoryEscalationStore(clock=FakeClock())
    made = report(**changes)
    await store.open(made)
    receipts = await deliver(store, notifiers, made, timeout=0.05, environ=environ or {})
    return receipts, store


async def test_every_named_channel_is_told() -> None:
    """The channels of the report are told in order, others are not."""
    told = {name: RecordingNotifier(name) for name in ("slack", "email", "other")}

    receipts, store = await tell(told, channels=("email", "slack"))

    assert [(r.channel, r.delivered) for r in receipts] == [("email", True), ("slack", True)]
    assert [len(one.sent) for one in told.values()] == [1, 1, 0]
    assert await store.notice_state("esc_1") == "delivered"


async def test_without_names_everybody_is_told() -> None:
    """A report that names no channel goes to every notifier there is."""
    told = {name: RecordingNotifier(name) for name in ("a", "b")}

    receipts, _ = await tell(told)

    assert [r.channel for r in receipts] == ["a", "b"]


@pytest.mark.parametrize("others", [{}, {"good": RecordingNotifier("good")}])
async def test_a_hanging_channel_costs_its_timeout_only(others: dict[str, Notifier]) -> None:
    """A channel that never answers gets an uncertain receipt; the others are told meanwhile."""
    receipts, store = await tell({"dead": Hanging(), **others})

    assert receipts[0] == Receipt(
        delivered=False, channel="dead", detail="no answer within 0.05 s", uncertain=True
    )
    assert all(r.delivered for r in receipts[1:])
    assert await store.notice_state("esc_1") == "later"  # for the dead channel alone


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (ValueError("password=hunter2"), "ValueError: password=[redacted]"),
        (TimeoutError("its own"), "TimeoutError: its own"),
        ("done", "it returned str, not a receipt"),
        (Receipt(delivered=False, channel="x", detail="full"), "full"),
    ],
)
async def test_a_failing_channel_is_said_and_the_notice_due_again(
    answer: object, detail: str
) -> None:
    """What a channel raises or returns instead of a receipt is in the receipt, redacted."""
    receipts, store = await tell({"c": Answering(answer)})

    assert receipts == (Receipt(delivered=False, channel="c", detail=detail),)
    assert await store.notice_state("esc_1") == "later"
    assert (await store.get("esc_1")).status == "open"


async def test_a_channel_that_returns_nothing_took_it() -> None:
    """Not raising is enough."""
    receipts, _ = await tell({"c": Answering(None)})

    assert receipts == (Receipt(delivered=True, channel="c"),)


async def test_a_missing_channel_falls_back_to_the_console_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Channels that nobody answers for are said, and the console is told once in their place."""
    receipts, _ = await tell({}, channels=("email", "pagerduty", "slack"))

    assert [(r.channel, r.delivered) for r in receipts] == [
        ("email", False),
        ("pagerduty", False),
        ("slack", False),
        ("console", True),
    ]
    assert receipts[0].detail == "it is not configured; the console is told instead"
    assert receipts[3].detail == "in place of 'email', 'pagerduty', 'slack'"
    assert capsys.readouterr().err.count("escalation esc_1") == 1


async def test_without_any_channel_the_console_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """No names and no notifiers mean the console."""
    receipts, _ = await tell({})

    assert receipts == (Receipt(delivered=True, channel="console"),)
    assert "Contract validation failed" in capsys.readouterr().err


async def test_a_broken_configuration_of_a_channel_is_said_without_its_secret(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An address that cannot be one is an error of the channel, not of the delivery."""
    receipts, _ = await tell(
        {}, {"OMNINODE_BRIDGE_SLACK_WEBHOOK": "ftp://secret/path"}, channels=("slack",)
    )

    assert receipts[0].detail.startswith("ConfigurationError: webhook_url is not an https address")
    assert receipts[1].delivered
    assert "secret/path" not in str(receipts) + capsys.readouterr().err


async def test_an_entry_point_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A channel of somebody's package is made from the environment; the mapping comes first."""
    recording = RecordingNotifier("pager")
    seen: list[Mapping[str, str]] = []

    class Entry:
        name = "pager"

        def load(self) -> Any:
            def factory(environ: Mapping[str, str], clock: object) -> RecordingNotifier:
                seen.append(environ)
                return recording

            return factory

    monkeypatch.setattr(
        importlib.metadata, "entry_points", lambda group, name: [Entry()] if name == "pager" else []
    )

    receipts, _ = await tell({}, {"A": "b"}, channels=("pager",))
    mine = RecordingNotifier("pager")
    await tell({"pager": mine}, channels=("pager",))

    assert receipts == (Receipt(delivered=True, channel="pager"),)
    assert seen == [{"A": "b"}]
    assert (len(recording.sent), len(mine.sent)) == (1, 1)


async def test_a_second_delivery_is_no_second_notice() -> None:
    """Delivered once, on its way, or held back: the receipt says which, nothing is sent."""
    store = InMemoryEscalationStore(clock=FakeClock())
    told = RecordingNotifier("c")
    await store.open(report("a", "f"))
    await store.open(report("b", "f"))

    await deliver(store, {"c": told}, report("a", "f"), environ={})
    again = await deliver(store, {"c": told}, report("a", "f"), environ={})
    await store.open(report("d", "f"))
    held = await deliver(store, {"c": told}, report("d", "f"), environ={})
    await store.open(report("e", "g"))
    await store.claim_notice("e")
    busy = await deliver(store, {"c": told}, report("e", "g"), environ={})

    assert again == (Receipt(delivered=True, channel="outbox", detail="it was delivered before"),)
    assert (held[0].delivered, held[0].detail[:15]) == (False, "it is held back")
    assert busy[0].detail == "it is being delivered"
    assert [(r.escalation_id, r.folded) for r in told.sent] == [("a", 1)]


async def test_what_is_due_is_delivered_later() -> None:
    """Notices that failed and those held back go out with the next sending."""
    clock = FakeClock()
    store = InMemoryEscalationStore(clock=clock, retry_delay=30, fold_window=60)
    told = RecordingNotifier("c", error=OSError("down"))
    for one, fingerprint in (("a", "f"), ("b", "g")):
        await store.open(report(one, fingerprint))
        await deliver(store, {"c": told}, report(one, fingerprint), environ={})
    told.error = None
    assert await deliver_due(store, {"c": told}, environ={}) == {}
    clock.advance(30)

    receipts = await deliver_due(store, {"c": told}, environ={})

    assert {key: one[0].delivered for key, one in receipts.items()} == {"a": True, "b": True}
    assert await store.claim_outbox() == ()


@pytest.mark.parametrize("channel_count", [1, 3])
async def test_a_cancelled_delivery_leaves_the_notice_due(channel_count: int) -> None:
    """Cancellation passes, no task is left, and the claim is given back."""
    clock = FakeClock()
    store = InMemoryEscalationStore(clock=clock, retry_delay=1)
    await store.open(report())
    before = asyncio.all_tasks()
    names = {f"c{n}": Hanging() for n in range(channel_count)}
    task = asyncio.create_task(deliver(store, names, report(), timeout=60, environ={}))
    for _ in range(3):
        await asyncio.sleep(0)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before
    clock.advance(1)
    assert len(await store.claim_outbox()) == 1


class Stop(BaseException):
    """Not for us to catch."""


async def test_what_is_no_exception_passes() -> None:
    """A BaseException of a channel is not made into a receipt, and the claim is given back."""
    store = InMemoryEscalationStore(clock=FakeClock())
    await store.open(report())

    with pytest.raises(Stop):
        await deliver(store, {"c": Answering(Stop())}, report(), environ={})

    assert await store.notice_state("esc_1") == "later"


async def test_a_store_that_hands_out_in_batches_only_will_do() -> None:
    """Nothing but the protocol is needed of a store."""

    class Plain:
        settled: list[tuple[str, bool]] = []  # noqa: RUF012

        async def settle_outbox(self, escalation_id: str, *, delivered: bool) -> None:
            self.settled.append((escalation_id, delivered))

    store = Plain()

    receipts = await deliver(store, {"c": RecordingNotifier("c")}, report(), environ={})  # type: ignore[arg-type]

    assert receipts[0].delivered
    assert store.settled == [("esc_1", True)]


async def test_the_console_given_by_name_is_that_one() -> None:
    """A console of the caller's own takes the place of the usual one, also as a stand-in."""
    stream = io.StringIO()

    receipts, _ = await tell({"console": ConsoleNotifier(stream)}, channels=("email",))

    assert [r.channel for r in receipts] == ["email", "console"]
    assert "escalation esc_1" in stream.getvalue()


async def test_addresses_of_one_escalation_win_over_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The pattern's webhook and dashboard are used for its own notices."""
    from omninode_bridge.notifiers import slack

    seen: list[tuple[str, str]] = []

    def factory(environ: Mapping[str, str], clock: object) -> RecordingNotifier:
        seen.append((environ[slack.WEBHOOK_VARIABLE], environ[slack.DASHBOARD_VARIABLE]))
        return RecordingNotifier("slack")

    monkeypatch.setattr(slack, "from_environment", factory)
    store = InMemoryEscalationStore(clock=FakeClock())
    environ = {slack.WEBHOOK_VARIABLE: "https://a", slack.DASHBOARD_VARIABLE: "https://b"}
    for n, given in enumerate(({}, {"slack_webhook": "https://c"}, {"dashboard_url": "https://d"})):
        made = report(f"esc_{n}", channels=("slack",))
        await store.open(made)
        await deliver(store, {}, made, environ=environ, **given)

    assert seen == [
        ("https://a", "https://b"),
        ("https://c", "https://b"),
        ("https://a", "https://d"),
    ]
