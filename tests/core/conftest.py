"""What the tests of the core share: orchestrators that never wait, and a view of every climb."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Callable, Coroutine, Iterator
from types import CoroutineType
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, _recovery
from omninode_bridge.agents.workflows._climb import Climb
from omninode_bridge.testing import FakeClock

Make = Callable[..., ErrorRecoveryOrchestrator]


@pytest.fixture(autouse=True)
def no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the machine's own settings out of the tests."""
    for name in [name for name in os.environ if name.startswith("OMNINODE_BRIDGE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that advances itself."""
    return FakeClock()


@pytest.fixture
def make(clock: FakeClock) -> Make:
    """Make an orchestrator on the fake clock, without jitter; arguments add to that."""

    def build(**settings: Any) -> ErrorRecoveryOrchestrator:
        return ErrorRecoveryOrchestrator(**{"clock": clock, "jitter": "none", **settings})

    return build


@pytest.fixture
def climbs(monkeypatch: pytest.MonkeyPatch) -> list[Climb]:
    """Every climb that was begun, in order; its `log` and `settings.plan` tell the rest."""
    begun: list[Climb] = []

    class Watched(Climb):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            begun.append(self)

    monkeypatch.setattr(_recovery, "Climb", Watched)
    return begun


@pytest.fixture
def leaks() -> Iterator[None]:
    """Fail where a test leaves a coroutine behind that was never awaited."""
    import gc

    gc.collect()
    before = {id(one) for one in gc.get_objects() if type(one) is CoroutineType}
    yield
    gc.collect()
    left = [one for one in gc.get_objects() if type(one) is CoroutineType and id(one) not in before]
    assert [one for one in left if inspect.getcoroutinestate(one) != "CORO_CLOSED"] == []


@pytest.fixture
def drive() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Run a coroutine to its end on a loop of its own."""
    return asyncio.run
