"""The circuit breaker: when it opens, whom it lets through, how it closes, what it ignores."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omninode_bridge.agents.workflows import (
    BaseRecoveryStrategy,
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.agents.workflows._call import Call
from omninode_bridge.agents.workflows.recovery_models import Rerun
from omninode_bridge.agents.workflows.recovery_strategies import _circuits
from omninode_bridge.agents.workflows.recovery_strategies._circuits import (
    CircuitLimits,
    Circuits,
    CircuitState,
    Permit,
    Refusal,
)
from omninode_bridge.agents.workflows.recovery_strategies.circuit_breaker import (
    CircuitBreakerStrategy,
)
from omninode_bridge.errors import ConfigurationError, PatternError
from omninode_bridge.testing import FakeClock, ScriptedCall

Make = Callable[..., ErrorRecoveryOrchestrator]

BREAKER = RecoveryStrategy.CIRCUIT_BREAKER
CONTEXT = RecoveryContext("w", "api", state={"n": 1}, error_message="down")
DOWN = ConnectionError("down")
LIMITS = CircuitLimits(
    failure_threshold=2, cooldown_seconds=10, half_open_probes=1, success_threshold=1
)


class StatusError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status_code = status


async def run(
    breaker: CircuitBreakerStrategy, *script: Any, context: RecoveryContext = CONTEXT
) -> tuple[RecoveryResult, int]:
    """Run one call through the breaker; return the result and how often it was called."""
    call = ScriptedCall(script)
    result = await breaker.execute(context, call)
    return result, len(call.calls)


async def open_up(breaker: CircuitBreakerStrategy) -> None:
    """Let calls fail until the circuit is open."""
    for _ in range(breaker.failure_threshold):
        await run(breaker, DOWN)


def pattern(**metadata: Any) -> ErrorPattern:
    return ErrorPattern("down", ErrorType.NETWORK, "down", BREAKER, metadata)


async def test_a_call_that_succeeds_gives_its_result(clock: FakeClock) -> None:
    """The operation gets the state as the guide's sample hands it over; the state stays as it is."""
    state = {"n": 1}

    async def operation(given: dict[str, Any]) -> int:
        given["n"] += 1
        return given["n"]

    breaker = CircuitBreakerStrategy(clock=clock)
    result = await breaker.execute(RecoveryContext("w", "api", state=state), operation)

    assert (result.success, result.result, result.strategy_used) == (True, 2, BREAKER)
    assert state == {"n": 1}


@pytest.mark.parametrize("by_name", [True, False])
async def test_execute_takes_the_operation_both_ways(clock: FakeClock, *, by_name: bool) -> None:
    """By position, as the guide's sample has it, and by name, as an orchestrator does."""
    breaker = CircuitBreakerStrategy(clock=clock)
    call = ScriptedCall([5])

    if by_name:
        result = await breaker.execute(CONTEXT, operation=call, unknown=1)
    else:
        result = await breaker.execute(CONTEXT, call, unknown=1)

    assert result.result == 5


async def test_consecutive_failures_open_the_circuit(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """At the threshold calls stop; the answer comes at once and says how long it lasts."""
    breaker = CircuitBreakerStrategy(3, 60, clock=clock)

    with caplog.at_level(logging.WARNING):
        results = [await run(breaker, DOWN) for _ in range(3)]
    clock.advance(17.96)
    refused, calls = await run(breaker, "never called")

    assert [ran for _, ran in results] == [1, 1, 1]
    assert all("ConnectionError: down" in (result.error_message or "") for result, _ in results)
    assert (refused.success, refused.strategy_used, calls) == (False, BREAKER, 0)
    assert refused.error_message == "Circuit breaker open - cooldown in progress, 42.1 s left"
    assert refused.metadata["circuit_open"] is True
    opened = [record for record in caplog.records if record.message == "breaker.opened"]
    assert [record.__dict__["dependency"] for record in opened] == ["api"]


async def test_a_success_between_failures_starts_the_count_anew(clock: FakeClock) -> None:
    """Only failures in a row open the circuit."""
    breaker = CircuitBreakerStrategy(2, clock=clock)

    for step in (DOWN, "ok", DOWN, "ok", DOWN):
        await run(breaker, step)

    assert breaker.circuit("api").state is CircuitState.CLOSED
    assert breaker.circuit("api").failures == 1


async def test_after_the_cooldown_a_success_closes_it(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The first call that goes through again decides, and the count starts at zero."""
    caplog.set_level(logging.INFO)
    breaker = CircuitBreakerStrategy(2, 60, clock=clock)
    await open_up(breaker)
    clock.advance(59.999)
    assert (await run(breaker, "ok"))[1] == 0

    clock.advance(0.001)
    assert breaker.circuit("api").state is CircuitState.HALF_OPEN
    result, _ = await run(breaker, "ok")

    assert (result.success, result.result) == (True, "ok")
    assert caplog.messages.count("breaker.closed") == 1
    await run(breaker, DOWN)
    assert breaker.circuit("api").state is CircuitState.CLOSED


async def test_after_the_cooldown_one_failure_opens_it_again(clock: FakeClock) -> None:
    """A probe needs no threshold, and the whole cooldown begins anew."""
    breaker = CircuitBreakerStrategy(5, 60, clock=clock)
    await open_up(breaker)
    clock.advance(60)

    assert (await run(breaker, DOWN))[1] == 1
    clock.advance(59)

    assert (await run(breaker, "ok"))[1] == 0
    assert breaker.circuit("api").seconds_left == pytest.approx(1)


async def test_only_so_many_calls_probe_at_a_time(clock: FakeClock) -> None:
    """While a probe is on its way others are refused at once, with a sentence of their own."""
    breaker = CircuitBreakerStrategy(1, 60, clock=clock)
    await open_up(breaker)
    clock.advance(60)
    gate = asyncio.Event()

    async def probe() -> str:
        await gate.wait()
        return "ok"

    first = asyncio.create_task(breaker.execute(CONTEXT, probe))
    while not breaker.circuit("api").probes:  # noqa: ASYNC110 - it is seen, not signalled
        await asyncio.sleep(0)
    refused, calls = await run(breaker, "never called")
    gate.set()

    assert calls == 0
    assert "other calls probe" in (refused.error_message or "")
    assert (await first).success is True
    assert (await run(breaker, "ok"))[1] == 1


async def test_several_successes_may_be_asked_for(clock: FakeClock) -> None:
    """With a success threshold of two, one success is not enough; a failure takes it back."""
    breaker = CircuitBreakerStrategy(1, 60, success_threshold=2, clock=clock)
    await open_up(breaker)
    clock.advance(60)

    await run(breaker, "ok")
    assert breaker.circuit("api").state is CircuitState.HALF_OPEN
    await run(breaker, DOWN)
    clock.advance(60)
    await run(breaker, "ok")
    assert breaker.circuit("api").state is CircuitState.HALF_OPEN
    await run(breaker, "ok")

    assert breaker.circuit("api").state is CircuitState.CLOSED


async def test_a_cancelled_probe_releases_its_place(clock: FakeClock) -> None:
    """Cancellation passes, counts for nothing, and the next call probes."""
    breaker = CircuitBreakerStrategy(1, 60, clock=clock)
    await open_up(breaker)
    clock.advance(60)

    async def hang() -> None:
        await asyncio.Event().wait()

    task = asyncio.create_task(breaker.execute(CONTEXT, hang))
    while not breaker.circuit("api").probes:  # noqa: ASYNC110 - it is seen, not signalled
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert breaker.circuit("api").probes == 0
    assert (await run(breaker, "ok"))[0].success is True


async def test_a_probe_that_hangs_is_given_up(clock: FakeClock) -> None:
    """After another cooldown the next call probes, and what the hanging one brings counts no more."""
    breaker = CircuitBreakerStrategy(1, 60, clock=clock)
    await open_up(breaker)
    clock.advance(60)
    gate = asyncio.Event()

    async def hang() -> None:
        await gate.wait()
        raise DOWN

    task = asyncio.create_task(breaker.execute(CONTEXT, hang))
    while not breaker.circuit("api").probes:  # noqa: ASYNC110 - it is seen, not signalled
        await asyncio.sleep(0)
    clock.advance(60)
    result, _ = await run(breaker, "ok")
    gate.set()
    await task

    assert result.success is True
    assert breaker.circuit("api").state is CircuitState.CLOSED
    assert breaker.circuit("api").failures == 0


@pytest.mark.parametrize(
    "error",
    [
        StatusError(429),
        StatusError(400),
        StatusError(401),
        StatusError(403),
        StatusError(404),
        StatusError(422),
        ValueError("x"),
        TypeError("x"),
        PermissionError(13, "x"),
        SyntaxError("x"),
    ],
)
async def test_what_says_nothing_of_the_dependency_is_not_counted(
    clock: FakeClock, error: Exception
) -> None:
    """Rate limits and the caller's own errors neither open, nor reset, nor reopen a circuit."""
    breaker = CircuitBreakerStrategy(2, 60, clock=clock)
    await run(breaker, DOWN)
    for _ in range(5):
        result, _ = await run(breaker, error)
        assert result.success is False
    assert breaker.circuit("api").failures == 1

    await run(breaker, DOWN)
    clock.advance(60)
    await run(breaker, error)

    assert breaker.circuit("api").state is CircuitState.HALF_OPEN
    assert breaker.circuit("api").probes == 0


@pytest.mark.parametrize(
    "error",
    [
        StatusError(500),
        StatusError(503),
        TimeoutError(),
        ConnectionRefusedError(111, "refused"),
        RuntimeError("boom"),
        OSError("x"),
    ],
)
async def test_what_the_dependency_did_is_counted(clock: FakeClock, error: Exception) -> None:
    """Server errors, lost connections, timeouts and what nobody knows open the circuit."""
    breaker = CircuitBreakerStrategy(1, clock=clock)

    await run(breaker, error)

    assert breaker.circuit("api").state is CircuitState.OPEN


async def test_the_user_may_say_what_counts(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A predicate decides; where it raises, the type does, and the call's own error is kept."""
    breaker = CircuitBreakerStrategy(
        1,
        counts=lambda error: error.status_code == 429,
        clock=clock,  # type: ignore[attr-defined]
    )
    await run(breaker, StatusError(503))
    assert breaker.circuit("api").state is CircuitState.CLOSED

    with caplog.at_level(logging.WARNING):
        result, _ = await run(breaker, DOWN)

    assert "ConnectionError: down" in (result.error_message or "")
    assert "breaker.counts_failed" in caplog.messages
    assert breaker.circuit("api").state is CircuitState.OPEN


async def test_each_dependency_has_a_circuit(clock: FakeClock) -> None:
    """A node whose dependency is down does not stop the others; a name joins several nodes."""
    breaker = CircuitBreakerStrategy(1, clock=clock)
    joined = CircuitBreakerStrategy(1, dependency="database", clock=clock)
    other = CONTEXT.replace(node_name="other")

    await run(breaker, DOWN)
    await run(joined, DOWN)

    assert (await run(breaker, "ok"))[1] == 0
    assert (await run(breaker, "ok", context=other))[1] == 1
    assert (await run(joined, "ok", context=other))[1] == 0
    assert breaker.dependencies == ("api", "other")
    breaker.reset("api")
    assert (await run(breaker, "ok"))[1] == 1
    joined.reset()
    assert joined.circuit("database").state is CircuitState.CLOSED
    assert breaker.circuit("never used").state is CircuitState.CLOSED


async def test_patterns_share_the_circuits_of_the_orchestrator(
    make: Make, clock: FakeClock
) -> None:
    """Metadata gives limits to one pattern; the orchestrator's clock measures the cooldown."""
    orchestrator = make()
    orchestrator.add_error_pattern(pattern(failure_threshold=2, cooldown_seconds=30))
    call = ScriptedCall([DOWN, DOWN, "ok"])
    context = RecoveryContext("w", "api", exception=DOWN, operation=call)

    results = [await orchestrator.handle_error(context) for _ in range(3)]
    clock.advance(30)
    last = await orchestrator.handle_error(context)

    assert [result.success for result in results] == [False, False, False]
    assert results[2].error_message == "Circuit breaker open - cooldown in progress, 30 s left"
    assert (last.success, last.result, last.strategy_used) == (True, "ok", BREAKER)
    assert len(call.calls) == 3
    usage = orchestrator.get_statistics().strategy_usage
    assert usage[BREAKER] == 4


async def test_an_open_circuit_leads_to_the_declared_fallback(make: Make) -> None:
    """The step that is refused costs no attempt of the budget, and the next one is climbed."""
    orchestrator = make()
    orchestrator.add_error_pattern(
        pattern(
            failure_threshold=1,
            fallback_strategies=["alternative_path"],
            alternatives=[lambda: "plan b"],
        )
    )
    call = ScriptedCall([DOWN])
    context = RecoveryContext("w", "api", exception=DOWN, operation=call)

    first = await orchestrator.handle_error(context)
    second = await orchestrator.handle_error(context)

    assert (first.result, second.result) == ("plan b", "plan b")
    assert len(call.calls) == 1
    assert second.attempts[1].attempt.budget_left == second.attempts[0].attempt.budget_left


def test_it_works_without_an_event_loop(make: Make) -> None:
    """`run_sync` goes through the same circuits."""
    orchestrator = make()
    options = orchestrator.with_options(strategy="circuit_breaker", node_name="api")
    calls = ScriptedCall([DOWN, "ok"])

    assert options.run_sync(calls.sync) == "ok"


async def test_a_context_may_name_the_dependency(make: Make) -> None:
    """`metadata["dependency"]` of the context or the pattern names the circuit."""
    orchestrator = make()
    orchestrator.add_error_pattern(pattern(failure_threshold=1))
    call = ScriptedCall([DOWN])

    def context(node: str) -> RecoveryContext:
        return RecoveryContext(
            "w", node, exception=DOWN, operation=call, metadata={"dependency": "database"}
        )

    await orchestrator.handle_error(context("one"))
    result = await orchestrator.handle_error(context("two"))

    assert result.metadata["circuit"] == "database"
    assert len(call.calls) == 1


@pytest.mark.parametrize(
    ("rerun", "error", "reason"),
    [
        (Rerun.NEVER, DOWN, "must not run twice"),
        (Rerun.UNKNOWN, RuntimeError("down"), "not be safe to repeat"),
        (None, DOWN, "no call"),
    ],
)
async def test_a_call_that_may_not_run_is_skipped(
    make: Make, rerun: Rerun | None, error: Exception, reason: str
) -> None:
    """The step says why it was not climbed."""
    orchestrator = make()
    orchestrator.add_error_pattern(pattern())
    script = ScriptedCall(["ok"])
    operation = None if rerun is None else Call(script, rerun=rerun)

    result = await orchestrator.handle_error(
        RecoveryContext("w", "api", exception=error, operation=operation)
    )

    assert script.calls == []
    assert any(reason in step.reason for step in result.skipped)


async def test_a_call_of_unknown_effect_runs_when_its_error_passes(make: Make) -> None:
    """An error that is known to pass allows the second run."""
    orchestrator = make()
    orchestrator.add_error_pattern(pattern())
    call = Call(ScriptedCall(["ok"]), rerun=Rerun.UNKNOWN)

    result = await orchestrator.handle_error(
        RecoveryContext("w", "api", exception=DOWN, operation=call)
    )

    assert result.result == "ok"


async def test_a_failing_hook_disturbs_nothing(make: Make) -> None:
    """The circuit counts as it would without the hook."""
    orchestrator = make()
    orchestrator.add_error_pattern(pattern(failure_threshold=1))

    @orchestrator.on_recovery_attempt
    def broken(context: RecoveryContext, strategy: RecoveryStrategy) -> None:
        raise ValueError("hook")

    call = ScriptedCall([DOWN])
    context = RecoveryContext("w", "api", exception=DOWN, operation=call)
    await orchestrator.handle_error(context)
    await orchestrator.handle_error(context)

    assert len(call.calls) == 1


async def test_a_breaker_of_the_user_may_replace_it(make: Make) -> None:
    """One with the signature of the guide's sample takes the place of the built-in one."""

    class Own(BaseRecoveryStrategy):
        def __init__(self) -> None:
            super().__init__(BREAKER)
            self.opened = 0

        async def execute(  # type: ignore[override]
            self, context: RecoveryContext, operation: Callable[..., Any], **kwargs: Any
        ) -> RecoveryResult:
            try:
                return RecoveryResult.recovered(BREAKER, await operation(context.state))
            except ConnectionError as error:
                self.opened += 1
                return RecoveryResult.failed(BREAKER, str(error), error=error)

    own = Own()
    orchestrator = make()
    orchestrator.register_strategy(strategy_type=BREAKER, strategy_instance=own)
    orchestrator.add_error_pattern(pattern())
    call = ScriptedCall([DOWN, "ok"])
    context = RecoveryContext("w", "api", exception=DOWN, operation=call)

    results = [await orchestrator.handle_error(context) for _ in range(2)]

    assert [result.success for result in results] == [False, True]
    assert own.opened == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"failure_threshold": 0},
        {"failure_threshold": 2.5},
        {"failure_threshold": True},
        {"failure_threshold": 10**7},
        {"cooldown_seconds": 0},
        {"cooldown_seconds": -1},
        {"cooldown_seconds": float("nan")},
        {"cooldown_seconds": float("inf")},
        {"cooldown_seconds": "60"},
        {"half_open_probes": 0},
        {"success_threshold": None},
        {"dependency": ""},
        {"dependency": 5},
    ],
)
def test_wrong_settings_are_refused(make: Make, wrong: dict[str, Any]) -> None:
    """At construction, and in a pattern when it is added; the message names the setting."""
    (name,) = wrong

    with pytest.raises(ConfigurationError, match=name):
        CircuitBreakerStrategy(**wrong)
    if wrong[name] is not None:
        with pytest.raises(PatternError, match=name):
            make().add_error_pattern(pattern(**wrong))
    with pytest.raises(ConfigurationError, match="counts"):
        CircuitBreakerStrategy(counts=5)  # type: ignore[arg-type]


def test_a_wrong_key_is_refused(make: Make) -> None:
    """A setting that does not exist is told with those that do."""
    with pytest.raises(PatternError, match="failure_threshold"):
        make().add_error_pattern(pattern(threshold=5))


def test_what_ends_late_counts_for_nothing() -> None:
    """Calls that began before the circuit opened neither close it nor prolong its cooldown."""
    circuits = Circuits()
    permits = [circuits.admit("a", LIMITS, 0.0) for _ in range(4)]
    begun = [permit for permit in permits if isinstance(permit, Permit)]

    for permit, at, ok in zip(
        begun, (1.0, 2.0, 3.0, 4.0), (False, False, False, True), strict=True
    ):
        circuits.settle(permit, LIMITS, at, ok=ok)

    assert circuits.snapshot("a", 5.0).state is CircuitState.OPEN
    assert circuits.snapshot("a", 5.0).seconds_left == 7.0


def test_circuits_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ones that say nothing go first, then those that were quiet longest."""
    monkeypatch.setattr(_circuits, "MAX_CIRCUITS", 3)
    circuits = Circuits()

    def use(name: str, *, ok: bool) -> None:
        permit = circuits.admit(name, LIMITS, 0.0)
        assert isinstance(permit, Permit)
        circuits.settle(permit, LIMITS, 0.0, ok=ok)

    for name, ok in (("a", False), ("b", True), ("c", False), ("d", False), ("e", False)):
        use(name, ok=ok)

    assert circuits.names() == ("c", "d", "e")


def test_threads_open_it_once(clock: FakeClock) -> None:
    """Of many threads no more than the probes get through a half-open circuit."""
    circuits = Circuits()
    for _ in range(2):
        permit = circuits.admit("a", LIMITS, 0.0)
        assert isinstance(permit, Permit)
        circuits.settle(permit, LIMITS, 0.0, ok=False)
    begin = threading.Barrier(8)
    admitted: list[Permit | Refusal] = []

    def work() -> None:
        begin.wait()
        admitted.append(circuits.admit("a", LIMITS, 10.0))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(isinstance(one, Permit) for one in admitted) == 1
    assert circuits.snapshot("a", 10.0).probes == 1


@given(
    threshold=st.integers(1, 4),
    steps=st.lists(
        st.tuples(st.sampled_from([True, False, None]), st.sampled_from([0.0, 4.0, 10.0])),
        max_size=60,
    ),
)
def test_one_call_after_another_follows_the_model(
    threshold: int, steps: list[tuple[bool | None, float]]
) -> None:
    """For any sequence of outcomes and pauses the circuit does what its description says."""
    limits = CircuitLimits(
        failure_threshold=threshold, cooldown_seconds=10, half_open_probes=1, success_threshold=1
    )
    circuits = Circuits()
    now, failures, closed, opened_at = 0.0, 0, True, 0.0

    for ok, pause in steps:
        now += pause
        permit = circuits.admit("a", limits, now)
        assert isinstance(permit, Permit) is (closed or now - opened_at >= 10)
        if not isinstance(permit, Permit):
            assert permit.seconds_left == pytest.approx(opened_at + 10 - now)
            continue
        circuits.settle(permit, limits, now, ok=ok)
        if ok is True:
            failures, closed = 0, True
        elif ok is False:
            failures += 1
            if not closed or failures >= threshold:
                closed, opened_at = False, now

    assert (circuits.snapshot("a", now).state is CircuitState.CLOSED) is closed
