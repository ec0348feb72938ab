"""What running a call twice does is said once and holds on every way in."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Iterator
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, RecoveryContext
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import FakeClock, ScriptedCall


async def test_options_say_it_for_handle_error() -> None:
    """`rerun="never"` of the options keeps an operation from being run again."""
    orchestrator = ErrorRecoveryOrchestrator(enable_notifications=False, clock=FakeClock())
    charge = ScriptedCall(["charged"])
    context = RecoveryContext("w", "n", exception=ConnectionError("reset"))

    result = await orchestrator.with_options(rerun="never").handle_error(context, charge)

    assert charge.calls == []
    assert not result.success
    assert result.escalated


async def test_a_decorated_function_carries_it() -> None:
    """A function decorated with `rerun="never"` is not run again as an operation either."""
    orchestrator = ErrorRecoveryOrchestrator(enable_notifications=False, clock=FakeClock())
    runs: list[int] = []

    @orchestrator.recoverable(rerun="never")
    async def charge() -> str:
        runs.append(1)
        return "charged"

    context = RecoveryContext("w", "n", exception=ConnectionError("reset"))
    result = await orchestrator.handle_error(context, operation=charge)

    assert runs == []
    assert not result.success


async def test_a_timeout_cannot_stop_a_plain_function() -> None:
    """It is refused before the call, so no copies run side by side."""
    runs = ErrorRecoveryOrchestrator().with_options(attempt_timeout=0.5)

    with pytest.raises(ConfigurationError, match="plain function"):
        await runs.run(lambda: 1)


async def test_a_generator_function_is_refused() -> None:
    """It would hand back a generator that nobody has started, and that nothing recovers."""

    def numbers() -> Iterator[int]:
        yield 1

    with pytest.raises(ConfigurationError, match="generator function"):
        await ErrorRecoveryOrchestrator().run(numbers)
    with pytest.raises(ConfigurationError, match="generator function"):
        ErrorRecoveryOrchestrator().run_sync(numbers)


async def test_a_timeout_stops_what_wraps_a_coroutine_function() -> None:
    """Clients of models decorate their coroutine functions with plain ones."""
    begun: list[int] = []

    async def inner(x: int) -> int:
        begun.append(x)
        if len(begun) < 2:
            await asyncio.Event().wait()
        return x

    @functools.wraps(inner)
    def create(x: int) -> Any:
        return inner(x)

    runs = ErrorRecoveryOrchestrator(base_delay=0).with_options(attempt_timeout=0.01)

    assert await runs.run(create, 1) == 1
    assert begun == [1, 1]
