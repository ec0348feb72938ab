"""The off switch: calls run once, errors pass untouched, and an account says that it is off."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, RecoveryContext
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import FakeClock, fails_then

from .conftest import Make

OFF = {"OMNINODE_BRIDGE_RECOVERY": "off"}


def broken() -> Any:
    return fails_then(ConnectionError("reset by peer"), "fine")


def untouched(error: BaseException) -> bool:
    return not hasattr(error, "__notes__")


@pytest.mark.parametrize("word", ["off", "OFF", " 0 ", "false", "no"])
async def test_the_environment_switches_off(make: Make, clock: FakeClock, word: str) -> None:
    """With the variable set a call runs once, nothing waits, and its error has no note."""
    orchestrator = make(environ={"OMNINODE_BRIDGE_RECOVERY": word})
    call = broken()

    with pytest.raises(ConnectionError) as caught:
        await orchestrator.run(call)

    assert len(call.calls) == 1
    assert clock.sleeps == []
    assert untouched(caught.value)
    assert orchestrator.get_statistics().total_attempts == 0


@pytest.mark.parametrize("word", ["", "on", "1", "yes"])
async def test_other_words_leave_it_on(make: Make, word: str) -> None:
    """The variable may also say that recovery is on."""
    assert await make(environ={"OMNINODE_BRIDGE_RECOVERY": word}).run(broken()) == "fine"


def test_a_word_that_means_nothing_is_refused(make: Make) -> None:
    """A switch in between is refused where the orchestrator is made."""
    with pytest.raises(ConfigurationError, match="'maybe'; it must be 'on' or 'off'"):
        make(environ={"OMNINODE_BRIDGE_RECOVERY": "maybe"})
    with pytest.raises(ConfigurationError, match="environ is 3"):
        make(environ=3)


async def test_the_process_environment_counts(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read when a call fails, so that it also holds for what was decorated before."""
    orchestrator = make()
    call = broken()
    decorated = orchestrator.recoverable(call)
    monkeypatch.setenv("OMNINODE_BRIDGE_RECOVERY", "off")

    with pytest.raises(ConnectionError):
        await decorated()
    monkeypatch.setenv("OMNINODE_BRIDGE_RECOVERY", "nonsense")

    assert await decorated() == "fine"


async def test_every_way_in_is_off(make: Make) -> None:
    """Coroutines, plain functions, decorated ones and streams all pass their errors on."""
    orchestrator = make()
    begun = []

    @orchestrator.recoverable
    async def stream() -> AsyncIterator[int]:
        begun.append(1)
        raise ConnectionError("reset by peer")
        yield 1

    async def consume() -> list[int]:
        return [item async for item in stream()]

    ways: list[Callable[[Any], Any]] = [
        lambda call: orchestrator.run(call),
        lambda call: orchestrator.with_options(fallback=lambda: "plain").run(call),
        lambda call: orchestrator.recoverable(call)(),
        lambda call: asyncio.to_thread(orchestrator.run_sync, call.sync),
        lambda call: asyncio.to_thread(orchestrator.recoverable(call.sync)),
    ]
    with orchestrator.disabled():
        for way in ways:
            call = broken()
            with pytest.raises(ConnectionError) as caught:
                await way(call)
            assert len(call.calls) == 1
            assert untouched(caught.value)
        with pytest.raises(ConnectionError):
            await consume()
    assert begun == [1]


@pytest.mark.parametrize("by_environment", [True, False])
async def test_handle_error_says_so(make: Make, by_environment: bool) -> None:
    """After the fact there is an account: no success, the reason, the error as it was."""
    orchestrator = make(environ=OFF if by_environment else {})
    told: list[Any] = []
    orchestrator.on_recovery_failure(told.append)
    error = ConnectionError("reset by peer")
    call = broken()
    context = RecoveryContext("w", "n", exception=error)

    if by_environment:
        result = await orchestrator.handle_error(context, operation=call)
    else:
        with orchestrator.disabled():
            result = await orchestrator.handle_error(context, operation=call)

    assert not result.success
    assert result.error is error
    assert "switched off by" in str(result.error_message)
    assert ("OMNINODE_BRIDGE_RECOVERY" in str(result.error_message)) is by_environment
    assert result.analysis is not None
    assert (call.calls, told, result.attempts) == ([], [], ())


async def test_only_inside_of_the_block(make: Make) -> None:
    """Blocks nest, another orchestrator goes on, and afterwards everything recovers again."""
    orchestrator, other = make(), make()

    with orchestrator.disabled():
        with orchestrator.disabled():
            pass
        assert await other.run(broken()) == "fine"
        with pytest.raises(ConnectionError):
            await orchestrator.run(broken())
    with pytest.raises(KeyError), orchestrator.disabled():
        raise KeyError("x")

    assert await orchestrator.run(broken()) == "fine"


async def test_tasks_and_threads(make: Make) -> None:
    """A task that was started inside stays off; what runs beside the block does not notice."""
    orchestrator = make()
    inside, go = asyncio.Event(), asyncio.Event()

    async def later(call: Any) -> Any:
        inside.set()
        await go.wait()
        return await orchestrator.run(call)

    beside = asyncio.create_task(later(broken()))
    with orchestrator.disabled():
        task = asyncio.create_task(later(broken()))
        elsewhere: list[Any] = []
        thread = threading.Thread(
            target=lambda: elsewhere.append(orchestrator.run_sync(broken().sync))
        )
        thread.start()
        await asyncio.to_thread(thread.join)
    await inside.wait()
    go.set()

    assert await beside == "fine"
    with pytest.raises(ConnectionError):
        await task
    assert elsewhere == ["fine"]


async def test_cancelling_and_control_flow_still_pass(make: Make) -> None:
    """What is never ours to catch is raised, not accounted for, also while recovery is off."""
    orchestrator = make(environ=OFF)

    with pytest.raises(KeyboardInterrupt):
        await orchestrator.with_options(never=KeyError).handle_error(
            RecoveryContext("w", "n", exception=KeyboardInterrupt())
        )
    with pytest.raises(KeyError):
        await orchestrator.with_options(never=KeyError).handle_error(
            RecoveryContext("w", "n", exception=KeyError("x"))
        )


def test_the_arguments_are_still_checked() -> None:
    """Off does not mean that anything goes."""
    orchestrator = ErrorRecoveryOrchestrator(environ=OFF)

    with pytest.raises(ConfigurationError, match="RecoveryContext"):
        asyncio.run(orchestrator.handle_error("no context"))  # type: ignore[arg-type]
