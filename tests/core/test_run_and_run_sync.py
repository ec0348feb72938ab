"""The clear way in: call, recover, and give the value or the original error."""

from __future__ import annotations

import asyncio
import copy
import threading
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    RecoveryContext,
    RecoveryResult,
)
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import FakeClock, ScriptedCall, fails_then

Make = Callable[..., ErrorRecoveryOrchestrator]


@pytest.fixture(params=["run", "run_sync", "run_sync under a loop"])
def run(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Each way to run a plain function under some options."""

    def call(runs: Any, fn: Any, *args: Any, **kwargs: Any) -> Any:
        async def under_a_loop() -> Any:
            return runs.run_sync(fn, *args, **kwargs)

        if request.param == "run":
            return asyncio.run(runs.run(fn, *args, **kwargs))
        if request.param == "run_sync":
            return runs.run_sync(fn, *args, **kwargs)
        return asyncio.run(under_a_loop())

    return call


@pytest.mark.parametrize("value", [None, 0, "", [], object()])
def test_the_value_comes_back(make: Make, run: Any, value: Any) -> None:
    """At once or after a recovery, it is what the call returned."""
    orchestrator = make(base_delay=0)

    assert run(orchestrator, lambda: value) is value
    assert run(orchestrator, fails_then(ConnectionError("x"), value).sync) is value


def test_arguments_are_the_callables_own(make: Make, run: Any) -> None:
    """Every keyword belongs to the callable, also those that are called like ours."""
    call = fails_then(ConnectionError("x"), "value")

    run(make(base_delay=0), call.sync, 1, self=2, options=3, strategy=4)

    assert call.calls == [((1,), {"self": 2, "options": 3, "strategy": 4})] * 2


def test_waits_grow_as_printed(make: Make, clock: FakeClock, run: Any) -> None:
    """Without jitter the waits are 1, 2 and 4 seconds."""
    call = ScriptedCall([ConnectionError("down")])

    with pytest.raises(ConnectionError):
        run(make(), call.sync)

    assert clock.sleeps == [1, 2, 4]
    assert len(call.calls) == 4


def test_the_original_error_comes_out_with_a_note(make: Make, run: Any) -> None:
    """The same object, with its cause and traceback, and one note."""
    cause = KeyError("below")
    error = ConnectionError("reset")
    error.__cause__ = cause

    with pytest.raises(ConnectionError) as raised:
        run(make(base_delay=0), ScriptedCall([error]).sync)

    assert raised.value is error
    assert error.__cause__ is cause
    assert len(error.__notes__) == 1
    assert error.__notes__[0].startswith("recovery tried retry: ")
    assert "\n" not in error.__notes__[0]


def test_an_error_that_nothing_helps_says_so(make: Make, run: Any) -> None:
    """Where no step applies the note says that nothing was tried, and the call ran once."""
    call = ScriptedCall([ValueError("wrong")])

    with pytest.raises(ValueError, match="wrong") as raised:
        run(make(), call.sync)

    assert len(call.calls) == 1
    assert raised.value.__notes__[0].startswith("recovery: nothing was tried; ")


def test_arguments_are_handed_on_untouched(make: Make, run: Any) -> None:
    """Each run gets the very objects of the caller, and what a step changes is a copy."""
    mixins = ["a", "b"]
    seen: list[Any] = []

    def generate(mixins: list[str], template_id: str = "t_v2") -> str:
        seen.append((mixins, template_id))
        if len(seen) < 4:
            raise ValueError("no")
        return "made"

    runs = make().with_options(
        alternatives=["t_v1"], degradation=["remove_all_mixins", "use_basic_template"]
    )
    before = copy.deepcopy(mixins)

    assert run(runs, generate, mixins) == "made"
    assert mixins == before
    assert seen[0][0] is seen[1][0] is mixins
    assert seen[1:] == [(["a", "b"], "t_v1"), ([], "t_v2"), ([], "t_basic")]


def test_alternatives_may_be_async(make: Make, run: Any) -> None:
    """A plain function's alternative may be a coroutine function, also without a loop."""

    async def other(x: int) -> int:
        await asyncio.sleep(0)
        return x * 2

    def fail(x: int) -> int:
        raise ValueError("no")

    assert run(make().with_options(alternatives=[other]), fail, 21) == 42


def test_a_fallback_may_be_async(make: Make, run: Any) -> None:
    """So may the plainest of all results."""

    async def plain(x: int) -> str:
        await asyncio.sleep(0)
        return f"plain {x}"

    def fail(x: int) -> str:
        raise ValueError("no")

    assert run(make().with_options(fallback=plain), fail, 1) == "plain 1"


def test_async_hooks_and_notifiers_are_awaited(make: Make, run: Any) -> None:
    """What is told is told, whatever way the call was run."""
    heard: list[Any] = []

    class Channel:
        async def send(self, report: Any) -> None:
            await asyncio.sleep(0)
            heard.append(report.error_message)

    async def hook(*args: Any) -> None:
        await asyncio.sleep(0)
        heard.append(len(args))

    orchestrator = make(base_delay=0, notifiers={"channel": Channel()})
    orchestrator.on_recovery_attempt(hook)
    orchestrator.on_recovery_success(hook)
    orchestrator.on_recovery_failure(hook)

    run(orchestrator, fails_then(ConnectionError("x"), 1).sync)
    with pytest.raises(PermissionError):
        run(orchestrator, ScriptedCall([PermissionError("no")]).sync)

    assert heard == [2, 1, 2, "PermissionError: no"]


@pytest.mark.parametrize("fn", [None, 5, "fetch"])
async def test_what_cannot_be_called_is_refused(make: Make, fn: Any) -> None:
    """One sentence, and no recovery of a mistake."""
    orchestrator = make()

    with pytest.raises(ConfigurationError, match="it must be callable"):
        await orchestrator.run(fn)
    with pytest.raises(ConfigurationError, match="it must be callable"):
        orchestrator.run_sync(fn)
    assert orchestrator.get_statistics().total_attempts == 0


def test_run_sync_refuses_a_coroutine_function(make: Make) -> None:
    """It says what to use instead."""

    async def fetch() -> None: ...

    with pytest.raises(ConfigurationError, match=r"await run\(\) instead"):
        make().run_sync(fetch)


async def test_run_takes_every_kind_of_callable(make: Make) -> None:
    """Coroutine functions, plain ones, and plain ones that give a coroutine."""
    orchestrator = make(base_delay=0)
    calls = [fails_then(ConnectionError("x"), "value") for _ in range(3)]

    async def coroutine() -> Any:
        return calls[0].sync()

    def gives_coroutine() -> Any:
        return calls[2]()

    assert await orchestrator.run(coroutine) == "value"
    assert await orchestrator.run(calls[1].sync) == "value"
    assert await orchestrator.run(gives_coroutine) == "value"


async def test_the_loop_goes_on_while_a_plain_function_runs(make: Make) -> None:
    """A plain function under `run` does not hold up the loop, first run or later."""
    release = threading.Event()
    loop, begun = asyncio.get_running_loop(), asyncio.Semaphore(0)
    runs = 0

    def blocks() -> str:
        nonlocal runs
        runs += 1
        loop.call_soon_threadsafe(begun.release)
        assert release.wait(5)
        release.clear()
        if runs == 1:
            raise ConnectionError("x")
        return "done"

    task = asyncio.create_task(make(base_delay=0).run(blocks))
    for _ in range(2):
        await asyncio.wait_for(begun.acquire(), 5)  # the loop turns although the function blocks
        release.set()

    assert await asyncio.wait_for(task, 5) == "done"


def test_run_sync_needs_no_loop(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recovery that only retries makes no event loop at all."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a loop was made")

    monkeypatch.setattr(asyncio, "new_event_loop", refuse)
    monkeypatch.setattr(asyncio, "run", refuse)

    assert make().run_sync(fails_then(ConnectionError("x"), 1).sync) == 1


def test_context_variables_are_seen_everywhere(make: Make, run: Any) -> None:
    """First run, later runs and coroutine alternatives see the caller's context."""
    from contextvars import ContextVar

    user: ContextVar[str] = ContextVar("user", default="nobody")
    seen: list[str] = []

    async def other() -> str:
        seen.append(user.get())
        return "done"

    def fail() -> str:
        seen.append(user.get())
        raise ConnectionError("x")

    user.set("ann")
    runs = make(base_delay=0, max_retries=1).with_options(alternatives=[other])

    assert run(runs, fail) == "done"
    assert seen == ["ann"] * 3


def test_a_result_is_told_truly(make: Make, run: Any) -> None:
    """What `on_result` gets agrees with what happened."""
    told: list[RecoveryResult] = []
    runs = make().with_options(on_result=told.append)

    run(runs, fails_then(ConnectionError("x"), 1, times=2).sync)

    result = told[0]
    assert (result.success, result.result, result.retry_count) == (True, 1, 2)
    assert str(result.strategy_used) == "retry"
    assert isinstance(result.error, ConnectionError)
    assert result.duration_ms == pytest.approx(3000)
    assert [record.ok for record in result.attempts] == [False, True]
    assert result.analysis is not None
    assert result.analysis.call_source == "run"


async def test_nested_recoveries_keep_apart(make: Make) -> None:
    """An inner recovery that fails is one error of the outer; each counts once."""
    inner, outer = make(base_delay=0, max_retries=1), make(base_delay=0, max_retries=2)
    call = ScriptedCall([ConnectionError("x")])

    with pytest.raises(ConnectionError):
        await outer.run(inner.run, call)

    assert len(call.calls) == 6
    assert inner.get_statistics().total_attempts == 3
    assert outer.get_statistics().total_attempts == 1


async def test_an_error_without_a_text_or_with_a_hostile_one(make: Make) -> None:
    """Errors that cannot be printed or cannot carry notes are recovered like others."""

    class Hostile(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

        __repr__ = __str__

    orchestrator = make()

    with pytest.raises(Hostile) as raised:
        await orchestrator.run(ScriptedCall([Hostile()]))
    assert raised.value.__notes__
    result = await orchestrator.handle_error(RecoveryContext("w", "n", exception=Hostile()))
    assert not result.success
    assert await orchestrator.with_options(fallback=lambda: 1).run(ScriptedCall([Hostile()])) == 1
