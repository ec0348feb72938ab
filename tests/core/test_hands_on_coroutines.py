"""Plain functions that give a coroutine: what fails is the coroutine, later."""

from __future__ import annotations

from typing import Any

import pytest

from omninode_bridge.errors import ConfigurationError, UnusableResultError

from .conftest import Make


class Service:
    """Fails once, when it is awaited."""

    def __init__(self, error: Exception | None = None) -> None:
        self.calls = 0
        self.error = error or ConnectionError("reset")

    async def fetch(self, one: int) -> Any:
        self.calls += 1
        if self.calls == 1:
            raise self.error
        return one


@pytest.mark.parametrize("options", [{}, {"validate": lambda value: value == 5}])
async def test_a_decorated_lambda_recovers(make: Make, options: dict[str, Any]) -> None:
    """The coroutine is awaited within the recovery, and made anew for the retry."""
    service, orchestrator = Service(), make()
    fetch = orchestrator.recoverable(**options)(lambda one: service.fetch(one))

    assert await fetch(5) == 5

    assert service.calls == 2
    assert orchestrator.get_statistics().success_rate == 1.0
    assert orchestrator.get_statistics().total_attempts == 1


async def test_its_filter_holds(make: Make) -> None:
    """An error that the filter leaves alone comes out untouched, after one call."""
    error = ValueError("no")
    service, orchestrator = Service(error), make()

    with pytest.raises(ValueError) as raised:
        await orchestrator.recoverable("network")(lambda: service.fetch(1))()

    assert raised.value is error
    assert not getattr(error, "__notes__", [])
    assert service.calls == 1


async def test_its_result_is_checked(make: Make) -> None:
    """A bad answer is an error, too, where the answer comes later."""
    service = Service()
    service.calls = 1

    with pytest.raises(UnusableResultError):
        await make().recoverable(validate=lambda n: n > 2)(lambda: service.fetch(1))()


def test_run_sync_says_what_to_use(make: Make) -> None:
    """Nobody could await it there; the coroutine is closed without a word."""
    service = Service()

    with pytest.raises(ConfigurationError, match="returned a coroutine; await run"):
        make().run_sync(lambda: service.fetch(1))

    assert service.calls == 0
