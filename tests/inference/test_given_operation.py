"""A callable that was given without arguments gets those of its failed call, and of no other call."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryStrategy,
)
from omninode_bridge.testing import FakeClock

from . import _stage
from ._stage import about, rerun, touch


@pytest.fixture(autouse=True)
def stage() -> Iterator[None]:
    """Begin each test with nothing called."""
    _stage.reset()
    yield
    _stage.reset()


@pytest.fixture
def orchestrator() -> ErrorRecoveryOrchestrator:
    """One that never waits."""
    return ErrorRecoveryOrchestrator(clock=FakeClock(), base_delay=0)


async def fetch(one: Any, two: Any = 2) -> Any:
    return touch("fetch", one, two)


async def other(one: Any) -> Any:
    return ("other", one)


async def assigns(one: Any) -> Any:
    one = one or "x"
    return touch("assigns", str(one))


class Client:
    async def fetch(self, one: Any) -> Any:
        return touch("client", one)

    async def __call__(self, one: Any) -> Any:
        return touch("called", one)


def wrapped(name: str) -> Callable[..., Any]:
    """Make one of several wrappers that share their code."""

    async def inner(one: Any) -> Any:
        return touch(name, one)

    @functools.wraps(inner)
    async def wrapper(*args: Any) -> Any:
        return await inner(*args)

    return wrapper


@pytest.mark.parametrize("way", ["argument", "context", "pattern", "node"])
async def test_each_way_to_give_it(orchestrator: ErrorRecoveryOrchestrator, way: str) -> None:
    """However the function was named, its failed call tells what it was called with."""
    if way == "pattern":
        pattern = ErrorPattern(
            "mine",
            ErrorType.NETWORK,
            "ConnectionError",
            RecoveryStrategy.RETRY,
            {"operation": fetch},
        )
        orchestrator.add_error_pattern(pattern)
    if way == "node":
        orchestrator.operation("node")(fetch)
    try:
        await fetch("c1", two=5)
    except ConnectionError as error:
        context = about(error, **({"operation": fetch} if way == "context" else {}))
        result = await orchestrator.handle_error(
            context, operation=fetch if way == "argument" else None
        )

    assert rerun() == [("fetch", "c1", 5)]
    assert result.result == ("done", "fetch", "c1", 5)
    assert way in result.analysis.call_source.casefold()


async def test_the_failed_call_wins_over_the_state(
    orchestrator: ErrorRecoveryOrchestrator,
) -> None:
    """What the call had is nearer than what the state holds under the same name."""
    try:
        await fetch("of the call")
    except ConnectionError as error:
        context = about(error, state={"one": "of the state", "two": 9})
        result = await orchestrator.handle_error(context, operation=fetch)

    assert result.result == ("done", "fetch", "of the call", 2)


async def test_another_function_takes_nothing(orchestrator: ErrorRecoveryOrchestrator) -> None:
    """The arguments of one function are not handed to another one."""
    try:
        await fetch("of the call")
    except ConnectionError as error:
        context = about(error, state={"one": "of the state"})
        result = await orchestrator.handle_error(context, operation=other)

    assert result.result == ("other", "of the state")


async def test_a_partial_keeps_its_own(orchestrator: ErrorRecoveryOrchestrator) -> None:
    """Who binds arguments means them."""
    try:
        await fetch("of the call")
    except ConnectionError as error:
        operation = functools.partial(fetch, "of the partial", two=touch)
        _stage.SEEN.append(("fetch", "of the partial", touch))
        result = await orchestrator.handle_error(about(error), operation=operation)

    assert result.result == ("done", "fetch", "of the partial", touch)


async def test_methods_and_objects_that_are_called(
    orchestrator: ErrorRecoveryOrchestrator,
) -> None:
    """A bound method and a callable object are known by the object that they belong to."""
    client, stranger = Client(), Client()
    found = []
    for call, given in (
        (client.fetch, client.fetch),
        (client, client),
        (client.fetch, stranger.fetch),
    ):
        _stage.reset()
        try:
            await call("c1")
        except ConnectionError as error:
            context = about(error, state={"one": "of the state"})
            _stage.SEEN.append(("client", "of the state"))
            found.append((await orchestrator.handle_error(context, operation=given)).result)

    assert found == [
        ("done", "client", "c1"),
        ("done", "called", "c1"),
        ("done", "client", "of the state"),
    ]


async def test_wrappers_of_one_kind_are_told_apart(
    orchestrator: ErrorRecoveryOrchestrator,
) -> None:
    """Two functions under the same decorator share its code, not their arguments."""
    first, second = wrapped("first"), wrapped("second")
    try:
        await first("c1")
    except ConnectionError as error:
        same = await orchestrator.handle_error(about(error), operation=first)
        _stage.SEEN.append(("second", "of the state"))
        context = about(error, state={"one": "of the state"})
        another = await orchestrator.handle_error(context, operation=second)

    assert same.result == ("done", "first", "c1")
    assert another.result == ("done", "second", "of the state")


async def test_arguments_that_changed_are_not_taken(
    orchestrator: ErrorRecoveryOrchestrator,
) -> None:
    """Where the frame does not know what was passed, the state says it."""
    try:
        await assigns("of the call")
    except ConnectionError as error:
        context = about(error, state={"one": "of the state"})
        _stage.SEEN.append(("assigns", "of the state"))
        result = await orchestrator.handle_error(context, operation=assigns)

    assert result.result == ("done", "assigns", "of the state")


async def test_nothing_is_read_where_it_is_turned_off() -> None:
    """`infer_operation=False` leaves a given function to the state."""
    orchestrator = ErrorRecoveryOrchestrator(clock=FakeClock(), base_delay=0, infer_operation=False)
    try:
        await fetch("of the call")
    except ConnectionError as error:
        _stage.SEEN.append(("fetch", "of the state", 2))
        context = about(error, state={"one": "of the state"})
        result = await orchestrator.handle_error(context, operation=fetch)

    assert result.result == ("done", "fetch", "of the state", 2)
