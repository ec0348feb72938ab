"""What is said about an inferred call, what it may do, and how it is turned off."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from omninode_bridge.agents.workflows import Call, ErrorRecoveryOrchestrator, RecoveryContext
from omninode_bridge.agents.workflows._inference import Inference
from omninode_bridge.agents.workflows._recovery import NO_CALL_HELP
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import FakeClock

from . import _stage
from ._stage import about, rerun, touch

LOGGER = "omninode_bridge.agents.workflows.error_recovery"


@pytest.fixture(autouse=True)
def stage() -> Iterator[None]:
    """Begin each test with nothing called."""
    _stage.reset()
    yield
    _stage.reset()


def make(**settings: Any) -> ErrorRecoveryOrchestrator:
    return ErrorRecoveryOrchestrator(clock=FakeClock(), base_delay=0, **settings)


async def fetch(one: Any) -> Any:
    return touch("fetch", one)


def fetch_now(one: Any) -> Any:
    return touch("now", one)


async def odd(one: Any) -> Any:
    _stage.SEEN.append(("odd", one))
    raise LookupError("no such thing")


async def ask(one: int) -> int:
    await asyncio.sleep(0)
    if _stage.SEEN.count(("ask", one)) == 0:
        _stage.SEEN.append(("ask", one))
        raise ConnectionError("reset")
    return one


async def handle(orchestrator: ErrorRecoveryOrchestrator, one: Any) -> Any:
    try:
        return await fetch(one)
    except ConnectionError as error:
        return await orchestrator.handle_error(about(error))


async def test_it_warns_once_of_each_function(caplog: pytest.LogCaptureFixture) -> None:
    """One warning under the printed name of the logger says what was guessed and how to say it."""
    orchestrator = make()
    caplog.set_level("WARNING", LOGGER)

    for number in range(3):
        assert (await handle(orchestrator, number)).success

    warnings = [one for one in caplog.records if one.getMessage() == "recovery.call_inferred"]
    assert [(one.name, one.levelno) for one in warnings] == [(LOGGER, logging.WARNING)]
    assert warnings[0].call == "fetch()"
    assert "operation=functools.partial(fetch, ...)" in warnings[0].fix


async def test_it_can_be_turned_off() -> None:
    """`infer_operation=False` reads nothing from tracebacks."""
    result = await handle(make(infer_operation=False), 1)

    assert not result.success
    assert NO_CALL_HELP in result.error_message
    assert rerun() == []


def test_the_switch_is_on_or_off() -> None:
    """Anything but True and False is refused when it is given."""
    with pytest.raises(ConfigurationError, match="infer_operation is 'no'"):
        make(infer_operation="no")


async def test_its_effects_are_unknown() -> None:
    """An error that is not known to pass does not run an inferred call unchanged."""
    try:
        await odd(1)
    except LookupError as error:
        result = await make().handle_error(about(error))

    assert result.analysis.call_source == "traceback of odd()"
    assert not result.success
    assert rerun() == []


async def test_a_rerun_can_be_forbidden() -> None:
    """What the context says about a second run holds for an inferred call too."""
    try:
        await fetch(1)
    except ConnectionError as error:
        result = await make().handle_error(about(error, metadata={"rerun": "never"}))

    assert not result.success
    assert rerun() == []


async def test_an_analysis_runs_nothing() -> None:
    """`analyze()` names the call that would be run."""
    try:
        await fetch(1)
    except ConnectionError as error:
        analysis = make().analyze(about(error))

    assert analysis.call_source == "traceback of fetch()"
    assert rerun() == []


async def test_many_at_once_get_their_own() -> None:
    """Failures side by side are never mixed up."""
    orchestrator = make()

    async def one(number: int) -> Any:
        try:
            return await ask(number)
        except ConnectionError as error:
            context = RecoveryContext("flow", "node", exception=error)
            return (await orchestrator.handle_error(context)).result

    assert await asyncio.gather(*map(one, range(100))) == list(range(100))


def test_frames_are_let_go() -> None:
    """Reading a traceback keeps nothing of its frames, not even until the next collection."""

    class Big:
        pass

    def catch() -> tuple[Call | None, weakref.ref[Big]]:
        big = Big()
        try:
            fetch_now(1)
        except ConnectionError as error:
            return Inference().call_of(error), weakref.ref(big)
        raise AssertionError("it did not fail")

    gc.disable()
    try:
        call, left = catch()
        assert call is not None
        assert left() is None
    finally:
        gc.enable()
