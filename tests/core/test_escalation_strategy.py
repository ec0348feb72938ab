"""Asking a human: recorded, told, waited for where told, and done what was answered."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    Decision,
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    EscalationStrategy,
    RecoveryContext,
    RecoveryResult,
    SystemClock,
)
from omninode_bridge.agents.workflows.escalation import InMemoryEscalationStore
from omninode_bridge.agents.workflows.recovery_models import AlreadyResolved, Won
from omninode_bridge.errors import ConfigurationError, DecisionRefusedError
from omninode_bridge.testing import FakeClock, RecordingNotifier, ScriptedCall

Make = Callable[..., ErrorRecoveryOrchestrator]


def context(**fields: Any) -> RecoveryContext:
    return RecoveryContext("w", "n", **{"exception": PermissionError("not yours"), **fields})


async def open_rows(orchestrator: ErrorRecoveryOrchestrator, count: int = 1) -> Any:
    """Let the loop turn until so many questions are open."""
    while True:
        rows = await orchestrator.escalations.list("open")
        if len(rows) >= count:
            return rows
        await asyncio.sleep(0)


class Human:
    """A channel whose human answers while being told."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer
        self.orchestrator: Any = None
        self.reports: list[Any] = []
        self.outcomes: list[Any] = []

    async def send(self, report: Any) -> None:
        self.reports.append(report)
        if self.answer is not None:
            store = self.orchestrator.escalations
            self.outcomes.append(await store.resolve(report.escalation_id, self.answer, by="ann"))


def asking(
    make: Make, answer: Any = None, **settings: Any
) -> tuple[ErrorRecoveryOrchestrator, Human]:
    human = Human(answer)
    paused = {"pause_workflow": True, "timeout": 60}
    human.orchestrator = make(**{"notifiers": {"human": human}, "escalation": paused, **settings})
    return human.orchestrator, human


async def test_pending_is_no_success(make: Make) -> None:
    """A human was told; nobody has answered, so there is no usable result."""
    orchestrator, _ = asking(make, escalation={})
    heard: list[Any] = []
    orchestrator.on_recovery_success(heard.append)
    orchestrator.on_recovery_failure(heard.append)

    result = await orchestrator.handle_error(context())

    assert (result.success, result.result, result.escalated) == (False, None, True)
    assert result.metadata["pending"] is True
    assert result.metadata["delivered"] is True
    assert result.escalation_id in (result.error_message or "")
    assert isinstance(result.error, PermissionError)
    row = await orchestrator.escalations.get(result.escalation_id or "")
    assert row.status == "open"
    assert heard == []
    stats = orchestrator.get_statistics()
    assert (stats.total_attempts, stats.escalated, stats.pending) == (1, 1, 1)
    assert stats.success_rate == 0.0


@pytest.mark.parametrize(
    ("answer", "success", "value", "runs"),
    [
        (Decision.retry(), True, "ok a", 1),
        ("retry", True, "ok a", 1),
        (Decision.edit({"x": "b"}), True, "ok b", 1),
        (Decision.value("by hand"), True, "by hand", 0),
        (Decision.value(None), True, None, 0),
        (Decision.skip(), False, None, 0),
        ("skip", False, None, 0),
        (Decision.abort(), False, None, 0),
    ],
)
async def test_what_a_human_answers_is_done(
    make: Make, answer: Any, success: bool, value: Any, runs: int
) -> None:
    """Each answer has its outcome; the decision and who took it are told."""
    ran: list[str] = []

    def op(x: str) -> str:
        ran.append(x)
        return f"ok {x}"

    orchestrator, _ = asking(make, answer)
    state = {"x": "a"}

    result = await orchestrator.handle_error(context(state=state), operation=op)

    assert (result.success, result.result) == (success, value)
    assert len(ran) == runs
    assert result.escalated
    kind = answer if isinstance(answer, str) else str(answer.kind)
    assert (result.metadata["decision"], result.metadata["decided_by"]) == (kind, "ann")
    assert state == {"x": "a"}
    assert not result.metadata.get("pending")
    if not success:
        assert f"ann answered '{kind}'" in (result.error_message or "")


async def test_an_answer_while_it_waits(make: Make) -> None:
    """The pause ends with the answer, not with the time."""
    orchestrator, _ = asking(make, clock=SystemClock())
    task = asyncio.create_task(orchestrator.run(ScriptedCall([PermissionError("no"), "later"])))
    row = (await open_rows(orchestrator))[0]
    for _ in range(20):  # until the wait has begun
        await asyncio.sleep(0)

    won = await orchestrator.escalations.resolve(row.id, "retry", by="ann")
    late = await orchestrator.escalations.resolve(row.id, "abort", by="bob")

    assert await asyncio.wait_for(task, 5) == "later"
    assert isinstance(won, Won)
    assert isinstance(late, AlreadyResolved)
    assert late.by == "ann"


async def test_an_answer_from_another_thread(make: Make) -> None:
    """Whoever answers may be on another loop."""
    orchestrator, _ = asking(make, clock=SystemClock())

    def answer() -> None:
        async def resolve() -> None:
            row = (await orchestrator.escalations.list("open"))[0]
            await orchestrator.escalations.resolve(row.id, Decision.value(5), by="ann")

        asyncio.run(resolve())

    task = asyncio.create_task(orchestrator.run(ScriptedCall([PermissionError("no")])))
    await open_rows(orchestrator)
    await asyncio.to_thread(answer)

    assert await asyncio.wait_for(task, 5) == 5


async def test_an_answer_before_it_is_asked_again(make: Make) -> None:
    """A replay of the same trouble finds the answer that was given meanwhile."""
    orchestrator, human = asking(make, escalation={})
    first = await orchestrator.handle_error(context())
    await orchestrator.escalations.resolve(first.escalation_id or "", Decision.value(7), by="ann")

    again = await orchestrator.handle_error(context())

    assert again.escalation_id == first.escalation_id
    assert (again.success, again.result) == (True, 7)
    assert len(human.reports) == 1


async def test_nobody_answers_in_time(make: Make, clock: FakeClock) -> None:
    """The row expires, the recovery fails and says so, and the time is the configured one."""
    orchestrator, _ = asking(make)

    result = await orchestrator.handle_error(context())

    assert not result.success
    assert not result.metadata.get("pending")
    assert "nobody answered" in (result.error_message or "")
    assert (await orchestrator.escalations.get(result.escalation_id or "")).status == "expired"
    assert result.duration_ms == pytest.approx(60_000)
    assert orchestrator.get_statistics().total_attempts == 1


async def test_waiting_is_not_our_overhead(make: Make) -> None:
    """The time of a human is not counted as ours."""
    orchestrator, _ = asking(make)

    result = await orchestrator.handle_error(context())

    assert result.overhead_ms == pytest.approx(0)


async def test_without_notifications_it_is_still_recorded(make: Make) -> None:
    """`enable_notifications=False` tells nobody and keeps the row."""
    channel = RecordingNotifier()
    orchestrator = make(notifiers={"channel": channel}, enable_notifications=False)

    result = await orchestrator.handle_error(context())

    assert channel.sent == []
    assert result.escalated
    assert result.metadata["delivered"] is False
    assert len(await orchestrator.escalations.list("open")) == 1


@pytest.mark.parametrize(
    "channel",
    [RecordingNotifier(error=RuntimeError("dead")), RecordingNotifier(delivers=False)],
    ids=["raises", "refuses"],
)
async def test_a_dead_channel_loses_nothing(make: Make, channel: RecordingNotifier) -> None:
    """The row is there, the other channel is told, the receipt says what happened."""
    alive = RecordingNotifier("alive")
    orchestrator = make(notifiers={"dead": channel, "alive": alive})

    result = await orchestrator.handle_error(context())

    assert result.escalated
    assert result.metadata["channels"] == {"dead": False, "alive": True}
    assert result.metadata["delivered"] is True
    assert len(alive.sent) == 1


async def test_only_dead_channels(make: Make) -> None:
    """Nobody could be told: recorded, not delivered, still waiting for an answer."""
    dead = RecordingNotifier(error=OSError("no route"))
    orchestrator = make(notifiers={"dead": dead})

    result = await orchestrator.handle_error(context())

    assert (result.escalated, result.metadata["delivered"]) == (True, False)
    assert result.metadata["pending"] is True


async def test_a_store_that_fails_is_a_failed_step(make: Make) -> None:
    """The recovery ends without a success and with the reason; the original error is kept."""

    class Broken(InMemoryEscalationStore):
        async def open(self, report: Any) -> Any:
            raise OSError("disk full")

    orchestrator = make(escalations=Broken())
    error = PermissionError("no")

    result = await orchestrator.handle_error(context(exception=error))

    assert not result.success
    assert not result.escalated
    assert "disk full" in (result.error_message or "")
    assert result.error is error


async def test_a_wrong_value_is_refused_and_the_question_stays(make: Make) -> None:
    """What a human gives is validated like any result; the row stays open for a better answer."""
    orchestrator, human = asking(make, escalation={"pause_workflow": True, "timeout": 5})
    refused: list[str] = []

    async def send(report: Any) -> None:
        store = orchestrator.escalations
        try:
            await store.resolve(report.escalation_id, Decision.value("bad"), by="ann")
        except DecisionRefusedError as error:
            refused.append(str(error))
        await store.resolve(report.escalation_id, Decision.value("good"), by="ann")

    human.send = send  # type: ignore[method-assign]
    runs = orchestrator.with_options(validate=lambda value: value == "good")

    assert await runs.run(ScriptedCall([PermissionError("no")])) == "good"
    assert len(refused) == 1
    assert "validation" in refused[0]


@pytest.mark.parametrize(
    ("answer", "words"),
    [(Decision.edit({"nonsense": 1}), "nonsense"), (Decision.retry(), "no call to run again")],
)
async def test_an_answer_that_cannot_be_applied_is_refused(
    make: Make, answer: Any, words: str
) -> None:
    """The human is told at once, and the row stays open."""
    orchestrator, _ = asking(make, escalation={})
    operation = (lambda x=1: x) if answer.kind == "edit" else None
    result = await orchestrator.handle_error(context(), operation=operation)

    with pytest.raises(DecisionRefusedError, match=words):
        await orchestrator.escalations.resolve(result.escalation_id or "", answer, by="ann")
    assert (await orchestrator.escalations.get(result.escalation_id or "")).status == "open"


async def test_a_rerun_that_fails_again(make: Make) -> None:
    """The human's retry may fail; then that is what is told, and nothing else is tried."""
    orchestrator, _ = asking(make, Decision.retry())
    call = ScriptedCall([PermissionError("first"), PermissionError("second"), "never"])

    with pytest.raises(PermissionError, match="first") as raised:
        await orchestrator.run(call)

    assert len(call.calls) == 2
    assert "ann answered 'retry'" in raised.value.__notes__[0]
    assert "second" in raised.value.__notes__[0]


async def test_a_human_may_run_what_must_not_run_by_itself(make: Make) -> None:
    """`rerun="never"` forbids us, not the human who knows the outcome."""
    orchestrator, _ = asking(make, Decision.retry())
    call = ScriptedCall([ConnectionError("lost"), "done"])

    assert await orchestrator.with_options(rerun="never").run(call) == "done"


async def test_the_report_says_what_happened(make: Make) -> None:
    """Description, error, attempts, names of the state; secrets and values are not in it."""
    orchestrator, human = asking(
        make, escalation={"assignee": "team", "priority": "HIGH"}, base_delay=0
    )
    orchestrator.add_error_pattern(
        ErrorPattern(
            "p",
            ErrorType.NETWORK,
            "reset",
            "retry",  # type: ignore[arg-type]
            {"fallback_strategies": ["escalation"], "description": "Ask", "max_retries": 1},
        )
    )

    await orchestrator.handle_error(
        context(
            exception=ConnectionError("reset password=hunter2hunter2"),
            state={"token": "sk-verysecret", "x": "value"},
            correlation_id="c-1",
        ),
        operation=ScriptedCall([ConnectionError("reset")]),
    )

    report = human.reports[0]
    assert (report.description, report.assignee, report.priority) == ("Ask", "team", "high")
    assert report.state_keys == ("token", "x")
    assert report.attempts == ("retry: ConnectionError: reset",)
    assert (report.pattern_id, report.correlation_id) == ("p", "c-1")
    assert "hunter2" not in repr(report)
    assert "verysecret" not in repr(report)


async def test_the_callers_state_is_untouched(make: Make) -> None:
    """An edit is in a copy."""
    orchestrator, _ = asking(make, Decision.edit({"x": {"new": 1}}))
    state = {"x": {"old": [1]}}
    before = copy.deepcopy(state)

    result = await orchestrator.handle_error(context(state=state), operation=lambda x: x)

    assert result.result == {"new": 1}
    assert state == before


async def test_many_questions_at_once(make: Make) -> None:
    """Each recovery has a row of its own and gets its own answer."""
    orchestrator = make(
        escalation={"pause_workflow": True, "timeout": 30},
        clock=SystemClock(),
        notifiers={"c": RecordingNotifier()},
    )

    async def one(n: int) -> Any:
        runs = orchestrator.with_options(workflow_id=f"w{n}")
        return await runs.run(ScriptedCall([PermissionError("no")]))

    tasks = [asyncio.create_task(one(n)) for n in range(50)]
    for row in await open_rows(orchestrator, 50):
        await orchestrator.escalations.resolve(
            row.id, Decision.value(row.report.workflow_id), by="ann"
        )

    assert await asyncio.gather(*tasks) == [f"w{n}" for n in range(50)]


async def test_a_human_comes_last_only_where_somebody_is_there(make: Make) -> None:
    """Without any escalation configured an ordinary error asks nobody."""
    call = ScriptedCall([ConnectionError("down")])
    told: list[RecoveryResult] = []

    with pytest.raises(ConnectionError):
        await make(base_delay=0).with_options(on_result=told.append).run(call)
    with pytest.raises(ConnectionError):
        await (
            make(base_delay=0, escalation={}, enable_notifications=False)
            .with_options(on_result=told.append)
            .run(call)
        )

    assert [result.escalated for result in told] == [False, True]
    assert told[0].skipped[-1].reason == "no escalation is configured"


async def test_by_itself(clock: FakeClock) -> None:
    """The strategy alone records in a store of its own; with nobody to tell it tells the console."""
    result = await EscalationStrategy({"priority": "low"}).execute(context(), clock=clock)

    assert not result.success
    assert result.escalated
    assert result.metadata["pending"] is True


@pytest.mark.parametrize("way", ["pattern", "context", "options"])
async def test_where_the_settings_come_from(make: Make, way: str) -> None:
    """A pattern, the recovery's own metadata and the call's options all reach the report."""
    channel = RecordingNotifier()
    orchestrator = make(notifiers={"c": channel})
    metadata = {"assignee": "them", "priority": "critical"}
    if way == "pattern":
        orchestrator.add_error_pattern(
            ErrorPattern("p", ErrorType.SECURITY, "not yours", "escalation", metadata)  # type: ignore[arg-type]
        )
    if way == "options":
        runs = orchestrator.with_options(escalation=metadata)
        with pytest.raises(PermissionError):
            await runs.run(ScriptedCall([PermissionError("not yours")]))
    else:
        await orchestrator.handle_error(context(metadata=metadata if way == "context" else {}))

    assert (channel.sent[0].assignee, channel.sent[0].priority) == ("them", "critical")


@pytest.mark.parametrize(
    "settings",
    [
        {"priority": "urgent"},
        {"priority": 1},
        {"notification_channel": ""},
        {"notification_channels": [5]},
        {"notification_channels": ["c"] * 20 + list("abcdefghijkl")},
        {"assignee": 5},
        {"description": b"x"},
        {"pause_workflow": 1},
        {"include_context": "no"},
        {"timeout": -1},
        {"timeout": float("nan")},
        {"timeout": 5, "escalation_timeout": 6},
        {"slack_webhook": ""},
        {"channel": "slack"},
    ],
    ids=str,
)
def test_settings_that_cannot_be(settings: dict[str, Any]) -> None:
    """Each is refused at construction in one sentence."""
    with pytest.raises(ConfigurationError) as refused:
        EscalationStrategy(settings)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("operation", "answers", "edits"),
    [
        (None, ("value", "skip", "abort"), ()),
        (lambda x, *, y=1: x, ("retry", "edit", "value", "skip", "abort"), ("x", "y", "of_state")),
        (lambda **given: given, ("retry", "edit", "value", "skip", "abort"), ()),
    ],
)
async def test_the_report_says_what_may_be_answered(
    make: Make, operation: Any, answers: tuple[str, ...], edits: tuple[str, ...]
) -> None:
    """Whoever answers elsewhere is told which kinds and which arguments there are."""
    orchestrator, human = asking(make, escalation={})

    await orchestrator.handle_error(context(state={"of_state": 1}), operation=operation)

    assert (human.reports[0].answers, human.reports[0].edits) == (answers, edits)


async def test_a_call_without_arguments_cannot_be_edited(make: Make) -> None:
    """There is nothing to change, so a retry is all there is."""
    orchestrator, human = asking(make, escalation={})

    await orchestrator.handle_error(context(), operation=lambda: 1)

    assert "edit" not in human.reports[0].answers


@pytest.mark.parametrize(
    ("word", "success", "decision"),
    [("retry", True, "retry"), ("skip", False, "skip"), ("expire", False, None)],
)
async def test_the_end_of_the_time_may_be_an_answer(
    make: Make, word: str, success: bool, decision: str | None
) -> None:
    """Where nobody answers in time, the policy of the question does."""
    orchestrator, human = asking(
        make, escalation={"pause_workflow": True, "timeout": 60, "on_timeout": word}
    )

    result = await orchestrator.handle_error(context(), operation=lambda: "ran")

    assert result.success is success
    assert result.metadata.get("decision") == decision
    assert result.metadata.get("decided_by") == (None if decision is None else "timeout")
    assert human.reports[0].timeout == 60


@pytest.mark.parametrize(("pauses", "timeout"), [(True, 86_400.0), (False, None)])
async def test_only_a_paused_workflow_has_a_time_by_itself(
    make: Make, pauses: bool, timeout: float | None
) -> None:
    """What is only recorded stays open until somebody answers."""
    orchestrator, human = asking(make, escalation={"pause_workflow": pauses})

    await orchestrator.handle_error(context())

    assert human.reports[0].timeout == timeout


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({"priority": "critical"}, ["pager", "chat"]),
        ({"priority": "low"}, ["chat"]),
        ({"priority": "critical", "notification_channels": ["mail"]}, ["mail"]),
        ({"channels_by_priority": {"medium": ["mail"]}}, ["mail"]),
    ],
)
async def test_channels_by_priority(make: Make, metadata: dict[str, Any], told: list[str]) -> None:
    """The priority chooses where the pattern names no channel of its own."""
    channels = {name: RecordingNotifier(name) for name in ("chat", "pager", "mail")}
    routes = {"critical": ["pager", "chat"], "default": "chat"}
    orchestrator = make(notifiers=channels, escalation={"channels_by_priority": routes})

    result = await orchestrator.handle_error(context(metadata=metadata))

    assert list(result.metadata["channels"]) == told


async def test_channels_hear_of_the_end(make: Make) -> None:
    """A channel that can take a notice back is told who answered, once the question has ended."""

    class Incidents(Human):
        async def ended(self, row: Any) -> None:
            self.rows.append((row.id, row.by))

    human = Incidents("skip")
    human.rows = []  # type: ignore[attr-defined]
    human.orchestrator = make(
        notifiers={"human": human}, escalation={"pause_workflow": True, "timeout": 60}
    )

    result = await human.orchestrator.handle_error(context())

    assert human.rows == [(result.escalation_id, "ann")]  # type: ignore[attr-defined]
