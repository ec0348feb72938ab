"""A user's own strategies, as the guide prints them and as they come."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    BaseRecoveryStrategy,
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.errors import UnusableResultError
from omninode_bridge.testing import ScriptedCall

Make = Callable[..., ErrorRecoveryOrchestrator]
CUSTOM = RecoveryStrategy.CUSTOM


class Printed(BaseRecoveryStrategy):
    """The guide's custom strategy, word for word but for its logic."""

    def __init__(self, custom_param: str) -> None:
        super().__init__(RecoveryStrategy.CUSTOM)
        self.custom_param = custom_param

    async def execute(self, context: RecoveryContext, **kwargs: Any) -> RecoveryResult:
        start_time = time.perf_counter()
        try:
            result = await self._custom_recovery_logic(context)
            duration_ms = (time.perf_counter() - start_time) * 1000
            return RecoveryResult(
                success=True,
                strategy_used=RecoveryStrategy.CUSTOM,
                result=result,
                duration_ms=duration_ms,
            )
        except Exception as e:
            duration_ms = (time.perf_counter() - start_time) * 1000
            return RecoveryResult(
                success=False,
                strategy_used=RecoveryStrategy.CUSTOM,
                error_message=str(e),
                duration_ms=duration_ms,
            )

    async def _custom_recovery_logic(self, context: RecoveryContext) -> Any:
        if self.custom_param == "fail":
            raise RuntimeError("my logic failed")
        return self.custom_param


class Breaker(BaseRecoveryStrategy):
    """The guide's circuit breaker; time is counted in calls of `now`."""

    def __init__(self, failure_threshold: int = 5, cooldown_seconds: int = 60) -> None:
        super().__init__(RecoveryStrategy.CIRCUIT_BREAKER)
        self.failure_threshold = failure_threshold
        self.cooldown_seconds = cooldown_seconds
        self.failure_count = 0
        self.circuit_open = False

    async def execute(
        self, context: RecoveryContext, operation: Callable[..., Any], **kwargs: Any
    ) -> RecoveryResult:
        if self.circuit_open:
            return RecoveryResult(
                success=False,
                strategy_used=RecoveryStrategy.CIRCUIT_BREAKER,
                error_message="Circuit breaker open - cooldown in progress",
                duration_ms=0.0,
            )
        try:
            result = await operation(context.state)
            self.failure_count = 0
            return RecoveryResult(
                success=True,
                strategy_used=RecoveryStrategy.CIRCUIT_BREAKER,
                result=result,
                duration_ms=0.0,
            )
        except Exception as e:
            self.failure_count += 1
            if self.failure_count >= self.failure_threshold:
                self.circuit_open = True
            return RecoveryResult(
                success=False,
                strategy_used=RecoveryStrategy.CIRCUIT_BREAKER,
                error_message=str(e),
                duration_ms=0.0,
            )


def custom(execute: Any) -> BaseRecoveryStrategy:
    """Make a strategy of one function of the context and the operation."""

    class Custom(BaseRecoveryStrategy):
        async def execute(self, context: RecoveryContext, **kwargs: Any) -> RecoveryResult:
            result: RecoveryResult = await execute(context, kwargs.get("operation"))
            return result

    return Custom(CUSTOM)


def with_custom(
    make: Make, strategy: BaseRecoveryStrategy, **metadata: Any
) -> ErrorRecoveryOrchestrator:
    orchestrator = make(base_delay=0)
    kind = strategy.strategy_type
    orchestrator.register_strategy(kind, strategy)
    orchestrator.add_error_pattern(
        ErrorPattern("custom_error", ErrorType.CUSTOM, r"Custom.*error", kind, metadata)
    )
    return orchestrator


def context(**fields: Any) -> RecoveryContext:
    return RecoveryContext("w", "n", **{"exception": RuntimeError("Custom odd error"), **fields})


async def test_the_printed_strategy(make: Make) -> None:
    """It is registered, chosen by its pattern, and its result is told."""
    good = await with_custom(make, Printed("value")).handle_error(context())
    bad = await with_custom(make, Printed("fail")).handle_error(context())

    assert (good.success, good.result, good.strategy_used) == (True, "value", CUSTOM)
    assert good.pattern_matched == "custom_error"
    assert (bad.success, bad.result, bad.strategy_used) == (False, None, CUSTOM)
    assert bad.error_message is not None
    assert "my logic failed" in bad.error_message


async def test_the_printed_breaker(make: Make) -> None:
    """It runs the operation with the state, opens after its failures, and then runs it no more."""
    orchestrator = with_custom(make, Breaker(failure_threshold=2))
    call = ScriptedCall([ConnectionError("down")])

    messages = []
    for _ in range(3):
        result = await orchestrator.handle_error(
            context(state={"a": 1}), operation=lambda state: call.sync(state)
        )
        messages.append(result.error_message)

    assert len(call.calls) == 2
    assert call.calls[0] == (({"a": 1},), {})
    assert "down" in str(messages[0])
    assert "Circuit breaker open" in str(messages[2])


async def test_the_breaker_gives_the_value(make: Make) -> None:
    """A success of the operation is the result."""
    result = await with_custom(make, Breaker()).handle_error(
        context(), operation=lambda state: "value"
    )

    assert (result.success, result.result) == (True, "value")


async def test_a_strategy_that_requires_an_operation_is_skipped_without_one(make: Make) -> None:
    """That is a reason in the result, not a TypeError."""
    result = await with_custom(make, Breaker()).handle_error(context())

    assert not result.success
    assert result.attempts == ()
    assert [str(step.strategy) for step in result.skipped] == ["circuit_breaker"]
    assert "needs a call" in result.skipped[0].reason


@pytest.mark.parametrize("returned", [None, "value", 5, {"success": True}, RecoveryResult])
async def test_what_is_no_result_is_a_failure(make: Make, returned: Any) -> None:
    """A strategy that returns anything else has failed, and is told so."""

    async def execute(context: Any, operation: Any) -> Any:
        return returned

    result = await with_custom(make, custom(execute)).handle_error(context())

    assert not result.success
    assert "must return a RecoveryResult" in (result.error_message or "")


async def test_a_strategy_that_raises_has_failed(make: Make) -> None:
    """Its error is told, and the next step has its turn."""

    async def execute(context: Any, operation: Any) -> Any:
        raise KeyError("mine")

    orchestrator = with_custom(make, custom(execute), fallback_strategies=["retry"])

    result = await orchestrator.handle_error(
        context(metadata={"force": True}), operation=lambda: "value"
    )

    assert result.result == "value"
    assert [record.error for record in result.attempts] == ["KeyError: 'mine'", ""]


async def test_its_successes_are_validated(make: Make) -> None:
    """A value that the caller cannot use is no success, whoever made it."""

    async def execute(context: Any, operation: Any) -> Any:
        return RecoveryResult.recovered(CUSTOM, "bad")

    orchestrator = with_custom(make, custom(execute))
    runs = orchestrator.with_options(validate=lambda value: value != "bad")

    with pytest.raises(RuntimeError, match="Custom odd error") as raised:
        await runs.run(ScriptedCall([RuntimeError("Custom odd error")]))

    assert UnusableResultError.__name__ in raised.value.__notes__[0]


async def test_what_it_tells_is_kept(make: Make) -> None:
    """Metadata and the fields that a strategy may set are in the account; times are ours."""

    async def execute(context: Any, operation: Any) -> Any:
        return RecoveryResult.recovered(
            CUSTOM,
            1,
            metadata={"k": "v"},
            dropped=("x",),
            fallback_used="f",
            error_fixed=True,
            duration_ms=10**9,
            retry_count=77,
        )

    result = await with_custom(make, custom(execute)).handle_error(context())

    assert result.metadata["k"] == "v"
    assert (result.dropped, result.fallback_used, result.error_fixed) == (("x",), "f", True)
    assert result.duration_ms < 10**6
    assert result.retry_count == 0


async def test_it_cannot_pretend_to_wait_for_a_human(make: Make) -> None:
    """A failed strategy whose metadata says pending is still counted as ended."""

    async def execute(context: Any, operation: Any) -> Any:
        return RecoveryResult.failed(CUSTOM, "no", metadata={"pending": True})

    orchestrator = with_custom(make, custom(execute))
    heard: list[Any] = []
    orchestrator.on_recovery_failure(heard.append)

    await orchestrator.handle_error(context())

    assert len(heard) == 1
    assert orchestrator.get_statistics().total_attempts == 1


@pytest.mark.parametrize("flow", ["foreign", "never"])
async def test_control_flow_that_it_swallowed_comes_out(make: Make, flow: str) -> None:
    """An `except Exception` in a strategy does not hide what must pass through."""

    class GraphInterrupt(Exception):
        pass

    class Mine(Exception):
        pass

    GraphInterrupt.__module__, GraphInterrupt.__qualname__ = "langgraph.errors", "GraphInterrupt"
    error = GraphInterrupt("ask") if flow == "foreign" else Mine("stop")
    orchestrator = with_custom(make, Breaker())
    call = ScriptedCall([RuntimeError("Custom odd error"), error])

    with pytest.raises(type(error)) as raised:
        await orchestrator.with_options(never=Mine).run(call)

    assert raised.value is error


async def test_a_users_strategy_may_replace_a_built_in_one(make: Make) -> None:
    """It then stands for that kind in every ladder, also in those that no pattern declares."""

    class Mine(BaseRecoveryStrategy):
        def __init__(self) -> None:
            super().__init__("retry")

        async def execute(self, context: RecoveryContext, **kwargs: Any) -> RecoveryResult:
            return RecoveryResult.recovered(RecoveryStrategy.RETRY, "mine")

    orchestrator = make()
    orchestrator.register_strategy("retry", Mine())
    orchestrator.add_error_pattern(
        ErrorPattern("p", ErrorType.NETWORK, "Other", "retry", {"whatever": "it likes"})  # type: ignore[arg-type]
    )

    assert await orchestrator.run(ScriptedCall([ConnectionError("x")])) == "mine"


async def test_a_registered_kind_may_be_declared(make: Make) -> None:
    """The decorator and options take it by name."""
    orchestrator = make()
    orchestrator.register_strategy(CUSTOM, Printed("value"))
    fails = ScriptedCall([ValueError("x")])

    assert await orchestrator.with_options(strategy="custom").run(fails) == "value"
    assert orchestrator.recoverable("validation", "custom")(fails.sync)() == "value"


async def test_its_runs_and_times_are_booked(make: Make, clock: Any) -> None:
    """A run of the operation counts as the user's time, not as ours."""

    async def execute(context: Any, operation: Any) -> Any:
        return RecoveryResult.recovered(CUSTOM, await operation())

    async def slow() -> int:
        clock.advance(5)
        return 1

    result = await with_custom(make, custom(execute)).handle_error(context(), operation=slow)

    assert result.duration_ms == pytest.approx(5000)
    assert result.overhead_ms == pytest.approx(0)


async def test_cancelling_passes(make: Make) -> None:
    """A strategy that waits is cancelled with its recovery."""
    cancelled: list[bool] = []
    begun = asyncio.Event()

    async def execute(context: Any, operation: Any) -> Any:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    orchestrator = with_custom(make, custom(execute))
    task = asyncio.create_task(orchestrator.handle_error(context()))
    await begun.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert cancelled == [True]
    assert orchestrator.get_statistics().total_attempts == 0


def test_the_base_needs_an_execute() -> None:
    """A strategy without `execute` cannot be made, and a kind must exist."""
    from omninode_bridge.errors import ConfigurationError

    with pytest.raises(TypeError, match="execute"):
        BaseRecoveryStrategy(CUSTOM)  # type: ignore[abstract]

    class Odd(Printed):
        def __init__(self) -> None:
            BaseRecoveryStrategy.__init__(self, "again")

    with pytest.raises(ConfigurationError, match="strategy_type is 'again'"):
        Odd()


async def test_the_state_that_it_sees_is_a_copy(make: Make) -> None:
    """What a strategy writes into `context.state` stays with it: the caller's mapping is untouched."""
    mine: dict[str, Any] = {"a": 1}

    async def execute(context: RecoveryContext, operation: Any) -> RecoveryResult:
        context.state["x"] = 1  # type: ignore[index]
        return RecoveryResult.recovered(CUSTOM, await operation(context.state))

    result = await with_custom(make, custom(execute)).handle_error(
        context(state=mine), operation=lambda a, x: (a, x)
    )

    assert result.result == (1, 1)
    assert mine == {"a": 1}


class Plain(BaseRecoveryStrategy):
    """A strategy whose `execute()` is no coroutine function."""

    def __init__(self, execute: Callable[[], Any]) -> None:
        super().__init__(CUSTOM)
        self._execute = execute

    def execute(self, context: RecoveryContext, **kwargs: Any) -> Any:  # type: ignore[override]
        return self._execute()


def test_a_plain_execute_counts_like_any_other(make: Make) -> None:
    """Its result is taken, in a loop and without one."""
    orchestrator = with_custom(make, Plain(lambda: RecoveryResult.recovered(CUSTOM, "value")))
    runs = orchestrator.with_options(strategy=CUSTOM)
    failing = ScriptedCall([RuntimeError("Custom odd error")])

    assert runs.run_sync(failing.sync) == "value"
    assert asyncio.run(runs.run(failing)) == "value"


async def test_a_plain_execute_does_not_hold_up_the_loop(make: Make) -> None:
    """It runs in a worker thread, like every plain function."""
    seen: list[int] = []

    def execute() -> RecoveryResult:
        seen.append(threading.get_ident())
        return RecoveryResult.recovered(CUSTOM, 1)

    await with_custom(make, Plain(execute)).handle_error(context())

    assert seen != [threading.get_ident()]


async def test_a_plain_execute_that_returns_a_coroutine(make: Make) -> None:
    """A decorated `execute()` may hand on what it wraps."""

    async def later() -> RecoveryResult:
        return RecoveryResult.recovered(CUSTOM, "later")

    result = await with_custom(make, Plain(later)).handle_error(context())

    assert result.result == "later"


async def test_a_plain_execute_that_raises_stop_iteration(make: Make) -> None:
    """It has failed, and nobody waits for it forever."""

    def execute() -> RecoveryResult:
        raise StopIteration("odd")

    result = await with_custom(make, Plain(execute)).handle_error(context())

    assert not result.success
    assert "StopIteration" in (result.error_message or "")
