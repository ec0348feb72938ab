"""Every kind of strategy, one by one, held to what all of them owe their callers.

It succeeds, gives up, is cancelled, leaves the state alone, outlives hooks and channels that fail,
and serves many recoveries at once.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    BaseRecoveryStrategy,
    Decision,
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.testing import FakeClock, RecordingNotifier

Make = Callable[..., ErrorRecoveryOrchestrator]
ESCALATION = RecoveryStrategy.ESCALATION
MANY = 40
CODE = "def execute_effect():\n    return await load()\n"


class Custom(BaseRecoveryStrategy):
    """A strategy as the guide prints one: it runs the operation and catches what it raises."""

    async def execute(self, context: RecoveryContext, **kwargs: Any) -> RecoveryResult:
        try:
            value = await kwargs["operation"](context.state)
        except Exception as error:
            return RecoveryResult.failed(self.strategy_type, str(error), error=error)
        return RecoveryResult.recovered(self.strategy_type, value)


@dataclass
class Job:
    """What is recovered: a call that works when its strategy has done its part, or never.

    Attributes:
        works: whether anything helps.
        ran: what it was given, call by call.
        held: set where it waits forever, as soon as it does.
    """

    works: bool = True
    ran: list[Any] = field(default_factory=list)
    held: asyncio.Event | None = None

    async def run(self, enough: bool, given: Any) -> str:
        self.ran.append(given)
        if self.held is not None:
            self.held.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        if not (self.works and enough):
            raise ConnectionError("needs help")
        return "done"

    async def retry(self, job: Mapping[str, Any]) -> str:
        first = not self.ran
        return await self.run(not first, "again")

    async def alternative_path(self, job: Mapping[str, Any], template_id: str = "v3") -> str:
        return await self.run(template_id == "v1", template_id)

    async def graceful_degradation(
        self, job: Mapping[str, Any], mixins: list[str], enable_ai_quorum: bool = True
    ) -> str:
        return await self.run(not enable_ai_quorum, (tuple(mixins), enable_ai_quorum))

    async def error_correction(self, code: str) -> str:
        return await self.run(code.startswith("async def"), code)

    async def escalation(self, job: Mapping[str, Any]) -> str:
        return await self.run(True, job)

    circuit_breaker = custom = escalation


@dataclass(frozen=True)
class Scene:
    """How a kind is configured, and what is seen of it.

    Attributes:
        metadata: of the pattern that declares it.
        good: what its call was run with where it helps; None for any.
        bad: how often its call is run where nothing helps.
        result: of a recovery that succeeds.
    """

    metadata: Mapping[str, Any] = field(default_factory=dict)
    good: list[Any] | None = None
    bad: int = 1
    result: Any = "done"


SCENES: dict[RecoveryStrategy, Scene] = {
    RecoveryStrategy.RETRY: Scene({"max_retries": 2}, good=["again"] * 2, bad=2),
    RecoveryStrategy.ALTERNATIVE_PATH: Scene(
        {"alternatives": ["v3", "v2", "v1", "v0"]}, good=["v2", "v1"], bad=3
    ),
    RecoveryStrategy.GRACEFUL_DEGRADATION: Scene(
        {"degradation_steps": ["remove_all_mixins", "skip_ai_quorum", "use_basic_template"]},
        good=[((), True), ((), False)],
        bad=2,
    ),
    RecoveryStrategy.ERROR_CORRECTION: Scene(
        {"pattern": "def execute", "replacement": "async def execute"},
        good=[f"async {CODE}"],
        result=f"async {CODE}",
    ),
    RecoveryStrategy.ESCALATION: Scene({"pause_workflow": True, "escalation_timeout": 60}, bad=0),
    RecoveryStrategy.CIRCUIT_BREAKER: Scene({"failure_threshold": 3}),
    RecoveryStrategy.CUSTOM: Scene(),
}
each_kind = pytest.mark.parametrize("kind", SCENES, ids=str)


def prepared(
    make: Make, kind: RecoveryStrategy, more: Mapping[str, Any] | None = None, **settings: Any
) -> ErrorRecoveryOrchestrator:
    """Return an orchestrator with a pattern that declares this kind."""
    orchestrator = make(**{"notifiers": {"recording": RecordingNotifier()}, **settings})
    if kind is RecoveryStrategy.CUSTOM:
        orchestrator.register_strategy(kind, Custom(kind))
    metadata = {**SCENES[kind].metadata, **(more or {})}
    orchestrator.add_error_pattern(
        ErrorPattern("declared", ErrorType.CUSTOM, "needs help", kind, metadata)
    )
    return orchestrator


def context(n: int = 0) -> RecoveryContext:
    return RecoveryContext(
        f"w{n}",
        "node",
        exception=ConnectionError("needs help"),
        state={"job": {"n": n, "parts": [n]}, "mixins": ["A", "B"], "code": CODE},
    )


async def answers(orchestrator: ErrorRecoveryOrchestrator, count: int, value: str = "done") -> None:
    """Answer this many questions, as soon as they are asked."""
    answered: set[str] = set()
    while len(answered) < count:
        for row in await orchestrator.escalations.list("open"):
            await orchestrator.escalations.resolve(row.id, Decision.value(value), by="ann")
            answered.add(row.id)
        await asyncio.sleep(0)


class Patient(FakeClock):
    """A clock on which nobody waits for a human in vain: long waits last until they are answered."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        if seconds >= 30:
            self.waiting.set()
            await asyncio.Event().wait()
        await super().sleep(seconds)


async def recover(
    orchestrator: ErrorRecoveryOrchestrator, kind: RecoveryStrategy, job: Job, n: int = 0
) -> RecoveryResult:
    return await orchestrator.handle_error(context(n), operation=getattr(job, str(kind)))


async def succeed(
    orchestrator: ErrorRecoveryOrchestrator, kind: RecoveryStrategy, job: Job
) -> RecoveryResult:
    """Recover; where a human is asked, somebody answers."""
    if kind is not ESCALATION:
        return await recover(orchestrator, kind, job)
    result, _ = await asyncio.gather(recover(orchestrator, kind, job), answers(orchestrator, 1))
    return result


def clock_for(kind: RecoveryStrategy) -> FakeClock:
    return Patient() if kind is ESCALATION else FakeClock()


@each_kind
async def test_success(make: Make, kind: RecoveryStrategy) -> None:
    """The strategy brings the result itself, and the account says so."""
    orchestrator, job = prepared(make, kind, clock=clock_for(kind)), Job()

    result = await succeed(orchestrator, kind, job)

    scene = SCENES[kind]
    assert (result.success, result.result) == (True, scene.result), result.error_message
    assert result.strategy_used is kind
    assert result.pattern_matched == "declared"
    assert {record.strategy for record in result.attempts} == {kind}
    if scene.good is not None:
        assert job.ran == scene.good
    stats = orchestrator.get_statistics()
    assert (stats.total_attempts, stats.strategy_success_rates[kind]) == (1, 1.0)


@each_kind
async def test_exhaustion(make: Make, kind: RecoveryStrategy) -> None:
    """Where nothing helps it ends, keeps the error, and the account says what was tried."""
    orchestrator, job = prepared(make, kind), Job(works=False)

    result = await recover(orchestrator, kind, job)

    assert not result.success
    assert result.result is None
    assert result.strategy_used is kind
    assert isinstance(result.error, ConnectionError)
    assert result.error_message
    assert len(job.ran) == SCENES[kind].bad
    assert len(result.attempts) == max(1, SCENES[kind].bad)
    assert not any(record.ok for record in result.attempts)
    assert orchestrator.get_statistics().strategy_details[kind].exhaustion_rate == 1.0


async def test_exhaustion_of_a_circuit(make: Make) -> None:
    """After three failures in a row the breaker runs nothing, and says that it is open."""
    kind = RecoveryStrategy.CIRCUIT_BREAKER
    orchestrator, job = prepared(make, kind), Job(works=False)

    results = [await recover(orchestrator, kind, job, n) for n in range(5)]

    assert len(job.ran) == 3
    assert "open" in (results[3].error_message or "")
    assert "open" in (results[4].error_message or "")


@each_kind
async def test_cancellation(make: Make, kind: RecoveryStrategy) -> None:
    """Cancelled in the middle of its step it ends at once, counts nothing, and leaves no trace."""
    clock, held = clock_for(kind), asyncio.Event()
    orchestrator, job = prepared(make, kind, clock=clock), Job(held=held)
    others = asyncio.all_tasks()
    task = asyncio.create_task(recover(orchestrator, kind, job))
    await (clock.waiting if isinstance(clock, Patient) else held).wait()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert asyncio.all_tasks() == others
    assert orchestrator.get_statistics().total_attempts == 0
    after = await succeed(orchestrator, kind, Job())
    assert after.success, after.error_message


@each_kind
@pytest.mark.parametrize("works", [True, False], ids=["succeeds", "fails"])
async def test_untouched_state(make: Make, kind: RecoveryStrategy, works: bool) -> None:
    """Whatever it changes about the call, the caller's own objects stay as they were."""
    orchestrator, job = prepared(make, kind, clock=clock_for(kind) if works else FakeClock()), Job()
    job.works = works
    given = context()
    before, kept = copy.deepcopy(dict(given.state)), given.state
    inner = [id(value) for value in given.state.values()]

    if kind is ESCALATION and works:
        await asyncio.gather(
            orchestrator.handle_error(given, operation=job.escalation), answers(orchestrator, 1)
        )
    else:
        await orchestrator.handle_error(given, operation=getattr(job, str(kind)))

    assert given.state is kept
    assert dict(given.state) == before
    assert [id(value) for value in given.state.values()] == inner


class Broken:
    """A metrics collector and a signal coordinator of which nothing works."""

    def __getattr__(self, name: str) -> Any:
        def fail(*args: Any, **kwargs: Any) -> None:
            raise RuntimeError(f"{name} is broken")

        return fail


@each_kind
@pytest.mark.parametrize("works", [True, False], ids=["succeeds", "fails"])
async def test_failing_hooks(make: Make, kind: RecoveryStrategy, works: bool) -> None:
    """Hooks, metrics and signals that raise are counted; the recovery is what it is without them."""
    orchestrators = [
        prepared(
            make,
            kind,
            clock=clock_for(kind) if works else FakeClock(),
            **({"metrics_collector": Broken(), "signal_coordinator": Broken()} if bad else {}),
        )
        for bad in (True, False)
    ]
    seen: list[str] = []
    for add in ("attempt", "success", "failure"):

        @getattr(orchestrators[0], f"on_recovery_{add}")
        async def hook(*args: Any, add: str = add) -> None:
            seen.append(add)
            raise RuntimeError("the hook is broken")

    results = [
        await (succeed if works else recover)(orchestrator, kind, Job(works=works))
        for orchestrator in orchestrators
    ]

    broken, whole = [
        (result.success, result.result, result.error_message, len(result.attempts))
        for result in results
    ]
    assert broken == whole
    assert whole[0] is works
    assert seen == ["attempt", "success" if works else "failure"]
    assert orchestrators[0].get_statistics().hook_failures >= 3
    assert orchestrators[1].get_statistics().hook_failures == 0


@each_kind
@pytest.mark.parametrize(
    "fault", [RuntimeError("slack is down"), TimeoutError("no answer")], ids=repr
)
async def test_failing_notifier(make: Make, kind: RecoveryStrategy, fault: Exception) -> None:
    """A dead channel neither breaks the recovery nor loses the question that follows it."""
    channel = RecordingNotifier("slack", error=fault)
    more = {} if kind is ESCALATION else {"fallback_strategies": ["escalation"]}
    orchestrator = prepared(
        make,
        kind,
        {**more, "notification_channel": "slack", "pause_workflow": False},
        notifiers={"slack": channel},
    )

    result = await recover(orchestrator, kind, Job(works=False))

    assert channel.sent
    assert result.escalated
    assert not result.success
    assert not result.metadata["channels"]["slack"]
    assert {kind, ESCALATION} == {record.strategy for record in result.attempts}
    (row,) = await orchestrator.escalations.list("open")
    assert row.id == result.escalation_id


@each_kind
async def test_a_success_needs_no_notifier(make: Make, kind: RecoveryStrategy) -> None:
    """Where the strategy helps, a dead channel is not even asked; a human's answer counts all the same."""
    channel = RecordingNotifier("slack", error=RuntimeError("slack is down"))
    orchestrator = prepared(make, kind, notifiers={"slack": channel}, clock=clock_for(kind))

    result = await succeed(orchestrator, kind, Job())

    assert result.success, result.error_message
    assert bool(channel.sent) is (kind is ESCALATION)


@each_kind
async def test_concurrent_use(make: Make, kind: RecoveryStrategy) -> None:
    """Many recoveries at once through one orchestrator: each has its own call, attempts and result."""
    orchestrator = prepared(make, kind, clock=clock_for(kind))
    jobs = [Job(works=kind is ESCALATION or n % 4 != 3) for n in range(MANY)]
    if kind is RecoveryStrategy.CIRCUIT_BREAKER:  # one circuit, so one failure is everybody's
        jobs = [Job() for _ in range(MANY)]

    every = [recover(orchestrator, kind, job, n) for n, job in enumerate(jobs)]
    asked = [answers(orchestrator, MANY)] if kind is ESCALATION else []
    results = (await asyncio.gather(*every, *asked))[:MANY]

    assert [result.success for result in results] == [job.works for job in jobs]
    scene = SCENES[kind]
    for result, job in zip(results, jobs, strict=True):
        assert result.result == (scene.result if job.works else None)
        assert len(result.attempts) == max(1, len(job.ran))
        if job.works and scene.good is not None:
            assert job.ran == scene.good
    stats = orchestrator.get_statistics()
    assert stats.total_attempts == MANY
    assert stats.strategy_usage[kind] == MANY
    assert stats.strategy_success_rates[kind] == sum(job.works for job in jobs) / MANY


def test_every_kind_has_its_scene() -> None:
    """A kind that is added has to pass all of this."""
    assert set(SCENES) == set(RecoveryStrategy)
