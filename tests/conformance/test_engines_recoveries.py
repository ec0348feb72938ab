"""Recoveries are the same on every engine: what is returned, told, counted and logged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    Decision,
    ErrorRecoveryOrchestrator,
    InputCorrection,
    RecoveryContext,
)
from omninode_bridge.agents.workflows.recovery_models import RecoveryResult
from omninode_bridge.testing import FakeClock, RecordingNotifier, ScriptedCall

from ._engines import ENGINES, execute, make_engine, stage, step

WAYS = ("run", "run_sync", "decorated", "decorated_sync", "handle_error")
STRATEGIES: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "retry": (
        {"strategy": "retry", "retry": {"max_retries": 3, "jitter": "none"}},
        [ConnectionError("reset"), TimeoutError("slow"), {"n": 1}],
    ),
    "retry, in vain": (
        {"strategy": "retry", "retry": {"max_retries": 2, "jitter": "none"}},
        [ConnectionError("reset")],
    ),
    "alternative path": (
        {"strategy": "alternative_path", "alternatives": ["node_v1", "node_v0"]},
        [ValueError("wrong"), ValueError("still"), "built"],
    ),
    "graceful degradation": (
        {
            "strategy": "graceful_degradation",
            "degradation": ["skip_ai_quorum", "simplify_validation"],
        },
        [ValueError("wrong"), ValueError("still"), [1]],
    ),
    "error correction": (
        {
            "strategy": "error_correction",
            "corrections": [InputCorrection("template", lambda a: {"template_id": "right"})],
        },
        [ValueError("wrong"), 7],
    ),
    "escalation": ({"strategy": "escalation"}, [ValueError("wrong"), 7]),
    "by the type": ({}, [TimeoutError("slow"), None]),
}


class Asked(RecordingNotifier):
    """A channel whose human says at once to try again."""

    def __init__(self) -> None:
        super().__init__("human")
        self.orchestrator: ErrorRecoveryOrchestrator | None = None

    async def send(self, report: Any) -> Any:
        assert self.orchestrator is not None
        receipt = await super().send(report)
        await self.orchestrator.escalations.resolve(
            report.escalation_id, Decision.retry(), by="ann"
        )
        return receipt


def told(result: RecoveryResult) -> dict[str, Any]:
    """Return the account without times."""
    return {
        "success": result.success,
        "strategy": str(result.strategy_used),
        "result": result.result,
        "message": result.error_message,
        "error": repr(result.error),
        "retries": result.retry_count,
        "fixed": result.error_fixed,
        "fallback": result.fallback_used,
        "escalated": result.escalated,
        "dropped": result.dropped,
        "metadata": dict(result.metadata),
        "pattern": result.pattern_matched,
        "attempts": [
            (str(a.strategy), a.attempt.label, a.attempt.wait, a.ok, a.error)
            for a in result.attempts
        ],
        "skipped": [(str(s.strategy), s.reason) for s in result.skipped],
    }


class Signals:
    """Takes events."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Any]] = []

    def emit(self, event: Any) -> None:
        self.events.append((event.name, dict(event.data)))


def observe(
    engine: Any,
    clock: FakeClock,
    way: str,
    strategy: str,
    caplog: pytest.LogCaptureFixture,
    *,
    account: bool,
) -> dict[str, Any]:
    """Recover once and return everything that can be seen of it from outside."""
    options, script = STRATEGIES[strategy]
    human, signals = Asked(), Signals()
    orchestrator = ErrorRecoveryOrchestrator(
        None,
        signals,
        clock=clock,
        engine=engine,
        jitter="none",
        draw=lambda: 0.5,
        new_id=lambda: "w",
        notifiers={"slack": human, "human": human},
        escalation={"notification_channel": "human", "pause_workflow": True},
    )
    human.orchestrator = orchestrator
    hooks: list[tuple[str, Any]] = []
    if account:
        orchestrator.on_recovery_attempt(lambda c, s: hooks.append(("attempt", str(s))))
        orchestrator.on_recovery_success(lambda r: hooks.append(("success", told(r))))
        orchestrator.on_recovery_failure(lambda r: hooks.append(("failure", told(r))))
    call = ScriptedCall(script)

    async def work(template_id: str = "node_v2", enable_ai_quorum: bool = True, **more: Any) -> Any:
        return call.sync(template_id, enable_ai_quorum, **more)

    def work_sync(template_id: str = "node_v2", enable_ai_quorum: bool = True, **more: Any) -> Any:
        return call.sync(template_id, enable_ai_quorum, **more)

    runs = orchestrator.with_options(**options, node_name="n", workflow_id="w")
    rest = {key: value for key, value in options.items() if key != "strategy"}
    declared = orchestrator.recoverable(
        strategy=options.get("strategy"), node_name="n", workflow_id="w", **rest
    )
    ways: dict[str, Callable[[], Any]] = {
        "run": lambda: asyncio.run(runs.run(work)),
        "run_sync": lambda: runs.run_sync(work_sync),
        "decorated": lambda: asyncio.run(declared(work)()),
        "decorated_sync": lambda: declared(work_sync)(),
        "handle_error": lambda: asyncio.run(_handled(runs, work)),
    }
    caplog.clear()
    with caplog.at_level(logging.DEBUG, "omninode_bridge.agents.workflows.error_recovery"):
        try:
            ended = ways[way]()
        except Exception as error:
            ended = (type(error).__name__, str(error), tuple(getattr(error, "__notes__", ())))
    statistics = orchestrator.get_statistics()
    return {
        "ended": told(ended) if isinstance(ended, RecoveryResult) else ended,
        "calls": call.calls,
        "hooks": hooks,
        "signals": signals.events,
        "sleeps": list(clock.sleeps),
        "sent": [report.escalation_id for report in human.sent],
        "log": [
            (r.getMessage(), getattr(r, "strategy", ""), getattr(r, "attempts", ""))
            for r in caplog.records
            if r.name.endswith("error_recovery") and (account or r.levelno >= logging.INFO)
        ],
        "statistics": (
            statistics.total_attempts,
            statistics.success_rate,
            dict(statistics.strategy_usage),
            dict(statistics.strategy_success_rates),
            dict(statistics.error_type_counts),
            (statistics.escalated, statistics.delivered, statistics.resolved, statistics.pending),
            statistics.hook_failures,
        ),
    }


async def _handled(runs: Any, work: Callable[..., Any]) -> Any:
    try:
        return await work()
    except Exception as error:
        state = {"template_id": "node_v2", "enable_ai_quorum": True}
        return await runs.handle_error(
            RecoveryContext("w", "n", state=state, exception=error), work
        )


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ENGINES[1:])
@pytest.mark.parametrize("account", [True, False])
def test_the_same_as_without_an_engine(
    kind: str,
    way: str,
    strategy: str,
    account: bool,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Result, calls, hooks, signals, waits, notices, log and statistics do not depend on the engine."""
    expected = observe(None, FakeClock(), way, strategy, caplog, account=account)
    clock = FakeClock()
    engine = make_engine(kind, clock, tmp_path)

    seen = observe(engine, clock, way, strategy, caplog, account=account)

    if kind == "journal":
        engine.close()
    assert expected["calls"]
    assert expected["statistics"][0] == 1
    for name, value in expected.items():
        assert seen[name] == value, name


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Every engine in turn."""
    made = make_engine(request.param, FakeClock(), tmp_path)
    yield made
    if request.param == "journal":
        made.close()


@pytest.mark.parametrize("within", [False, True])
async def test_streams(engine: Any, within: bool) -> None:
    """A stream recovers until its first item, in a step and outside of one."""
    clock = FakeClock()
    orchestrator = ErrorRecoveryOrchestrator(clock=clock, engine=engine, jitter="none")
    begun: list[int] = []

    @orchestrator.recoverable
    async def count(last: int) -> AsyncIterator[int]:
        begun.append(last)
        if len(begun) == 1:
            raise ConnectionError("reset")
        for n in range(last):
            yield n

    async def collect() -> list[int]:
        return [n async for n in count(3)]

    if within:
        result = await execute(engine, clock, stage("a", step("s", collect)))
        assert result.results["s"] == [0, 1, 2]
    else:
        assert await collect() == [0, 1, 2]
    assert begun == [3, 3]


@pytest.mark.parametrize("within", [False, True])
async def test_what_is_never_ours_passes(engine: Any, within: bool) -> None:
    """Cancellation and what `never` names pass untouched, and are no recovery."""
    clock = FakeClock()
    orchestrator = ErrorRecoveryOrchestrator(clock=clock, engine=engine)
    runs = orchestrator.with_options(never=KeyError)

    async def foreign() -> None:
        raise KeyError("mine")

    async def cancelled() -> None:
        raise asyncio.CancelledError

    async def tried() -> list[str]:
        seen = []
        for work in (foreign, cancelled):
            try:
                await runs.run(work)
            except (KeyError, asyncio.CancelledError) as error:
                seen.append(type(error).__name__)
        return seen

    if within:
        seen = (await execute(engine, clock, stage("a", step("s", tried)))).results["s"]
    else:
        seen = await tried()

    assert seen == ["KeyError", "CancelledError"]
    assert orchestrator.get_statistics().total_attempts == 0


async def test_switched_off(engine: Any) -> None:
    """With recovery off a call runs once, in a step as well."""
    clock = FakeClock()
    orchestrator = ErrorRecoveryOrchestrator(
        clock=clock, engine=engine, environ={"OMNINODE_BRIDGE_RECOVERY": "off"}
    )
    call = ScriptedCall([ConnectionError("reset"), 1])

    async def work() -> Any:
        return await orchestrator.run(call)

    result = await execute(engine, clock, stage("a", step("s", work)))

    assert str(result.steps["s"].status) == "failed"
    assert len(call.calls) == 1


async def test_side_by_side_in_one_step(engine: Any) -> None:
    """Recoveries of one step that run at once do not disturb one another."""
    clock = FakeClock()
    orchestrator = ErrorRecoveryOrchestrator(clock=clock, engine=engine, jitter="none")
    failed: set[int] = set()

    async def fetch(n: int) -> int:
        await asyncio.sleep(0)
        if n not in failed:
            failed.add(n)
            raise ConnectionError(f"reset {n}")
        return n * n

    async def work() -> list[int]:
        return list(await asyncio.gather(*(orchestrator.run(fetch, n) for n in range(20))))

    result = await execute(engine, clock, stage("a", step("s", work)))

    assert result.results["s"] == [n * n for n in range(20)]
    assert orchestrator.get_statistics().total_attempts == 20
