"""Whatever breaks in a recovery itself, the caller gets the error that the call raised."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
)
from omninode_bridge.testing import FakeClock

Make = Callable[..., ErrorRecoveryOrchestrator]


def broken(*_: Any) -> Any:
    raise RuntimeError("broken")


class NoLoop(FakeClock):
    """A clock that cannot wait, as the machine's where no event loop of asyncio runs."""

    async def sleep(self, seconds: float) -> None:
        broken()


SETTINGS = [{"draw": broken}, {"new_id": broken}, {"clock": NoLoop()}]


@pytest.mark.parametrize("settings", SETTINGS, ids=["draw", "new_id", "clock"])
async def test_the_original_error_comes_out(
    make: Make, caplog: pytest.LogCaptureFixture, settings: dict[str, Any]
) -> None:
    """With a note of what broke, from every way in; the log says where."""
    orchestrator = make(**settings)
    failed = orchestrator.with_options(on_result=lambda result: None)

    async def fetch() -> None:
        raise ConnectionError("reset")

    for way in (failed.run, orchestrator.recoverable(ErrorType.NETWORK, on_result=print)):
        caplog.clear()
        with pytest.raises(ConnectionError, match="reset") as raised:
            await (way(fetch) if way == failed.run else way(fetch)())

        assert raised.value.__notes__ == ["the recovery itself failed: RuntimeError: broken"]
        record = next(r for r in caplog.records if r.message == "recovery.broken")
        assert record.levelno == logging.ERROR


async def test_handle_error_returns_an_account(make: Make) -> None:
    """It does not raise over the error that is being handled."""
    error = ConnectionError("reset")
    context = RecoveryContext("w", "n", exception=error)

    result = await make(draw=broken, clock=NoLoop()).handle_error(context, lambda: 1)

    assert not result.success
    assert result.error is error
    assert result.error_message == "the recovery itself failed: RuntimeError: broken"


@pytest.mark.parametrize(
    "name", ["__class__", "__dict__", "__cause__", "__context__", "__traceback__", "args"]
)
@pytest.mark.parametrize("error_type", [None, ErrorType.NETWORK])
def test_an_error_that_cannot_be_read_comes_out(
    make: Make, name: str, error_type: ErrorType | None
) -> None:
    """Attributes that raise, also those that every exception has."""
    hostile = type("Hostile", (ConnectionError,), {name: property(broken)})
    error = hostile("x")

    def fetch() -> None:
        raise error

    caught: BaseException | None = None
    try:
        make().recoverable(error_type)(fetch)()
    except BaseException as raised:
        caught = raised
    assert caught is error


def test_the_notes_of_an_error_are_bounded(make: Make) -> None:
    """An exception that is raised again and again does not collect notes, and keeps those of others."""
    error = ValueError("the only one")
    error.add_note("mine")

    def fetch() -> None:
        raise error

    for _ in range(20):
        with pytest.raises(ValueError, match="the only one"):
            make().run_sync(fetch)

    assert len(error.__notes__) == 2
    for attempts in range(20):
        runs = make(escalation={}).with_options(workflow_id=str(attempts))
        with pytest.raises(ValueError, match="the only one"):
            runs.run_sync(fetch)
    assert len(error.__notes__) == 6
    assert error.__notes__[0] == "mine"
    assert "escalation" in error.__notes__[-1]
