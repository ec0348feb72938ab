"""Telling and waiting side by side: no channel holds up a question, an answer or an end."""

from __future__ import annotations

import asyncio
import gc
import threading
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    Decision,
    ErrorRecoveryOrchestrator,
    JournalEngine,
    RecoveryContext,
)
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt
from omninode_bridge.agents.workflows.recovery_strategies import _telling
from omninode_bridge.testing import RecordingNotifier, ScriptedCall

from .._reports import report


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no patience with channels that hang."""
    monkeypatch.setattr(_telling, "HEAD_START", 0.01)
    monkeypatch.setattr(_telling, "ENDED", 0.01)


class Slow:
    """A channel that hangs until it is let go; `answer` is given while it is told."""

    def __init__(self, answer: Any = None) -> None:
        self.go = asyncio.Event()
        self.answer = answer
        self.store: Any = None
        self.sent: list[EscalationReport] = []
        self.ended_rows: list[Any] = []
        self.cut_off = 0

    async def send(self, report: EscalationReport) -> Receipt:
        self.sent.append(report)
        if self.answer is not None:
            await self.store.resolve(report.escalation_id, self.answer, by="ann")
        await self._hang()
        return Receipt(delivered=True, channel="slow")

    async def ended(self, row: Any) -> Receipt:
        self.ended_rows.append(row)
        await self._hang()
        return Receipt(delivered=True, channel="slow")

    async def _hang(self) -> None:
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cut_off += 1
            raise


def paused(channel: Slow, **more: Slow) -> ErrorRecoveryOrchestrator:
    made = ErrorRecoveryOrchestrator(
        notifiers={"slow": channel, **more}, escalation={"pause_workflow": True, "timeout": 60}
    )
    channel.store = made.escalations
    return made


def failing() -> ScriptedCall:
    return ScriptedCall([PermissionError("no")])


async def left() -> None:
    """Wait for what goes on beside."""
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait_for(asyncio.wait(others), 5)


async def test_a_slow_channel_holds_up_neither_the_wait_nor_the_answer() -> None:
    """The answer is applied while the channel hangs, which then ends by itself and is settled."""
    channel = Slow(Decision.value(7))

    assert await asyncio.wait_for(paused(channel).run(failing()), 5) == 7

    (told,) = channel.sent
    assert await channel.store.notice_state(told.escalation_id) == "claimed"
    channel.go.set()
    await left()
    assert await channel.store.notice_state(told.escalation_id) == "delivered"
    assert channel.cut_off == 0


async def test_a_quick_channel_is_told_before_the_wait() -> None:
    """What the channel said is in the account."""
    channel = Slow(Decision.value(7))
    channel.go.set()

    result = await paused(channel).handle_error(
        RecoveryContext("w", "n", exception=PermissionError("no"))
    )

    assert result.metadata["channels"] == {"slow": True}


async def test_a_cancelled_recovery_takes_its_notice_with_it() -> None:
    """The channel is cut off, nothing runs on, and the notice is one that may have come."""
    channel = Slow()
    recovery = asyncio.create_task(paused(channel).run(failing()))
    while not channel.sent:  # noqa: ASYNC110
        await asyncio.sleep(0)

    recovery.cancel()
    with pytest.raises(asyncio.CancelledError):
        await recovery

    assert asyncio.all_tasks() == {asyncio.current_task()}
    one = channel.sent[0].escalation_id
    assert channel.cut_off == 1
    assert await channel.store.notice_state(one) == "later"
    assert (await channel.store.notice_progress(one)).is_uncertain


async def test_a_channel_that_does_not_hear_of_the_end_holds_up_nothing() -> None:
    """The result is there while `ended()` hangs; it goes on beside what comes next."""
    channel = Slow(Decision.value(7))

    assert await asyncio.wait_for(paused(channel).run(failing()), 5) == 7

    assert len(channel.ended_rows) == 1
    channel.go.set()
    await left()


async def test_the_end_is_told_while_the_answer_is_applied() -> None:
    """Nobody works on an incident for as long as the call takes that was answered with a retry."""
    channel = Slow(Decision.retry())
    channel.go.set()
    seen: list[int] = []

    async def call() -> str:
        if not channel.ended_rows and not channel.sent:
            raise PermissionError("no")
        while not channel.ended_rows:  # noqa: ASYNC110
            await asyncio.sleep(0)
        seen.append(len(channel.ended_rows))
        return "done"

    assert await asyncio.wait_for(paused(channel).run(call), 5) == "done"
    assert seen == [1]


async def test_what_a_store_cannot_settle_ends_no_wait(caplog: pytest.LogCaptureFixture) -> None:
    """It is said in the log, and the answer counts."""
    channel = Slow(Decision.value(7))
    channel.go.set()
    orchestrator = paused(channel)

    async def broken(*args: Any, **how: Any) -> None:
        raise OSError("disk full")

    orchestrator.escalations.settle_outbox = broken  # type: ignore[method-assign]

    assert await orchestrator.run(failing()) == 7
    assert "escalation.telling_failed" in [record.message for record in caplog.records]


class Odd(BaseException):
    """Not for us to catch."""


async def test_what_is_no_exception_passes() -> None:
    """A channel that raises what is never ours ends the recovery."""
    channel = Slow()

    async def send(report: EscalationReport) -> Receipt:
        raise Odd

    channel.send = send  # type: ignore[method-assign]

    with pytest.raises(Odd):
        await paused(channel).run(failing())


def test_nothing_is_left_where_there_is_no_loop() -> None:
    """`run_sync()` returns with the answer; the channel that hangs is cut off with its loop."""
    channel = Slow(Decision.value(7))
    threads = set(threading.enumerate())
    channel.ended = None  # type: ignore[assignment]

    assert paused(channel).run_sync(failing().sync) == 7

    assert channel.cut_off == 1
    assert set(threading.enumerate()) == threads


def test_the_end_is_told_after_the_answer_was_applied_where_there_is_no_loop() -> None:
    """The rerun comes first, and a failing one is told all the same."""
    channel = Slow(Decision.retry())
    channel.go.set()
    order: list[str] = []

    async def ended(row: Any) -> None:
        order.append("ended")

    def call() -> str:
        order.append("call")
        raise PermissionError("no")

    channel.ended = ended  # type: ignore[assignment, method-assign]

    with pytest.raises(PermissionError):
        paused(channel).run_sync(call)
    assert order == ["call", "call", "ended"]


def test_nothing_is_held_back_where_there_is_no_loop() -> None:
    """No loop goes on that could tell it later."""
    channel = RecordingNotifier()
    orchestrator = ErrorRecoveryOrchestrator(notifiers={"c": channel}, escalation={})

    for one in ("a", "b"):
        runs = orchestrator.with_options(workflow_id="w", node_name=one)
        with pytest.raises(PermissionError):
            runs.run_sync(failing().sync)

    assert [told.folded for told in channel.sent] == [0, 0]


def test_a_journal_that_is_closed_meanwhile_is_no_complaint(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The program ends with the answer, while a channel hangs whose claim cannot be settled."""
    complaints: list[Any] = []

    async def main() -> Any:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: complaints.append(what))
        channel = Slow(Decision.value(7))
        with JournalEngine(tmp_path / "j.db") as engine:
            channel.store = engine.escalations
            orchestrator = ErrorRecoveryOrchestrator(
                engine=engine,
                notifiers={"slow": channel},
                escalation={"pause_workflow": True, "timeout": 60},
            )
            return await orchestrator.run(failing())

    assert asyncio.run(main()) == 7
    assert complaints == []
    assert [one.message for one in caplog.records if one.levelname != "INFO"] == []


@pytest.mark.parametrize("others", [0, 1, 3])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_while_a_channel_is_told_comes_out(
    kind: type[BaseException], others: int
) -> None:
    """It ends the program once, and its loop in good order, however many channels are told."""
    channel = Slow()
    complaints: list[Any] = []

    async def send(report: EscalationReport) -> Receipt:
        raise kind

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: complaints.append(what))
        channel.send = send  # type: ignore[method-assign]
        more = {f"c{n}": Slow() for n in range(others)}
        await paused(channel, **more).run(failing())

    with pytest.raises(kind):
        asyncio.run(main())
    gc.collect()
    assert complaints == []


async def test_flush_notices_tells_what_is_held_back() -> None:
    """The end of a program needs no minute."""
    channel = RecordingNotifier()
    orchestrator = ErrorRecoveryOrchestrator(notifiers={"c": channel}, escalation={})
    for n in range(4):
        context = RecoveryContext("w", "n", step_count=n, exception=PermissionError("no"))
        await orchestrator.handle_error(context)

    await orchestrator.flush_notices()

    assert [told.folded for told in channel.sent] == [0, 2]
    assert len(asyncio.all_tasks()) <= 2


async def test_what_an_earlier_process_left_is_told_at_the_first_recovery(tmp_path: Path) -> None:
    """Also by a recovery that asks nobody; what others have channels for is left to them."""
    with JournalEngine(tmp_path / "j.db") as engine:
        await engine.escalations.open(report("ours", channels=("team",)))
        await engine.escalations.open(report("theirs", channels=("pager",)))
    channel = RecordingNotifier()

    with JournalEngine(tmp_path / "j.db") as engine:
        orchestrator = ErrorRecoveryOrchestrator(
            engine=engine, notifiers={"team": channel}, base_delay=0
        )
        assert await orchestrator.run(ScriptedCall([ConnectionError("reset"), 7])) == 7
        await left()

    assert [told.escalation_id for told in channel.sent] == ["ours"]


async def test_a_quiet_question_is_never_told(tmp_path: Path) -> None:
    """Whoever records without telling leaves no notice to others."""
    with JournalEngine(tmp_path / "j.db") as engine:
        quiet = ErrorRecoveryOrchestrator(engine=engine, escalation={}, enable_notifications=False)
        await quiet.handle_error(RecoveryContext("w", "n", exception=PermissionError("no")))
        channel = RecordingNotifier()
        loud = ErrorRecoveryOrchestrator(engine=engine, notifiers={"c": channel}, escalation={})
        await loud.handle_error(RecoveryContext("v", "n", exception=ValueError("other")))
        await left()

    assert [told.workflow_id for told in channel.sent] == ["v"]
