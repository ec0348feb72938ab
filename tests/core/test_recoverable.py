"""The decorator: what it wraps, what it lets through, what it keeps as it was."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.agents.workflows._attached import attached_call
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import FakeClock, ScriptedCall, fails_then

Make = Callable[..., ErrorRecoveryOrchestrator]


class HttpError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status_code = status


def twice(error: BaseException | None = None) -> ScriptedCall:
    return fails_then(error or ConnectionError("reset"), "value")


async def test_every_kind_of_function(make: Make) -> None:
    """Functions, coroutine functions, methods of each kind, with and without arguments of the decorator."""
    orchestrator = make(base_delay=0)
    script = twice()

    @orchestrator.recoverable
    def bare(a: int) -> Any:
        return script.sync(a)

    @orchestrator.recoverable()
    async def empty(a: int) -> Any:
        return await script(a)

    @orchestrator.recoverable(ErrorType.NETWORK, RecoveryStrategy.RETRY)
    async def declared(a: int) -> Any:
        return await script(a)

    class Thing:
        @orchestrator.recoverable
        def plain(self, a: int) -> Any:
            return script.sync(a)

        @orchestrator.recoverable
        async def method(self, a: int) -> Any:
            return await script(a)

        @staticmethod
        @orchestrator.recoverable
        async def inside_static(a: int) -> Any:
            return await script(a)

        @orchestrator.recoverable
        @staticmethod
        async def around_static(a: int) -> Any:
            return await script(a)

        @orchestrator.recoverable
        @classmethod
        def around_class(cls, a: int) -> Any:
            return cls.__name__, script.sync(a)

        @classmethod
        @orchestrator.recoverable()
        def inside_class(cls, a: int) -> Any:
            return cls.__name__, script.sync(a)

    thing = Thing()
    functions = (bare, empty, declared, thing.plain, thing.method, Thing.inside_static)
    for fn in (
        *functions,
        thing.around_static,
        Thing.around_static,
        thing.around_class,
        Thing.inside_class,
    ):
        script.calls.clear()
        value = fn(5)
        if inspect.isawaitable(value):
            value = await value
        assert value in ("value", ("Thing", "value"))
        assert script.calls == [((5,), {})] * 2


def test_name_and_signature_stay(make: Make) -> None:
    """Tools see the function that was decorated."""

    async def fetch(url: str, *, deep: bool = False) -> dict[str, Any]:
        """Fetch it."""
        return {}

    wrapped = make().recoverable(ErrorType.NETWORK)(fetch)

    assert wrapped.__name__ == "fetch"
    assert wrapped.__doc__ == "Fetch it."
    assert inspect.signature(wrapped) == inspect.signature(fetch)
    assert inspect.iscoroutinefunction(wrapped)
    assert wrapped.__wrapped__ is fetch


@pytest.mark.parametrize(
    ("wanted", "error", "recovers"),
    [
        ("network", ConnectionError("x"), True),
        ("network", TimeoutError("x"), True),
        ("network", ValueError("x"), False),
        ("network", HttpError(429), False),
        ("ai_service", HttpError(429), True),
        ("ai_service", TimeoutError("x"), True),
        ("ai_service", ConnectionError("x"), False),
        ("generation", TimeoutError("x"), True),
        ("generation", ConnectionError("x"), False),
        ("timeout", TimeoutError("x"), True),
        ("timeout", ConnectionError("x"), False),
        (["validation", "network"], ConnectionError("x"), True),
        (["validation", "syntax"], ConnectionError("x"), False),
    ],
)
async def test_the_error_type_is_a_filter(
    make: Make, wanted: Any, error: Exception, recovers: bool
) -> None:
    """Errors of other types come out untouched; related ones are admitted as documented."""
    results: list[RecoveryResult] = []
    script = twice(error)
    wrapped = make(base_delay=0).recoverable(wanted, "retry", on_result=results.append)(script.sync)

    if recovers:
        assert wrapped() == "value"
        return
    with pytest.raises(type(error)) as raised:
        wrapped()
    assert raised.value is error
    assert not hasattr(error, "__notes__")
    assert results == []
    assert attached_call(error) is None


async def test_a_permanent_timeout_is_no_network_error(make: Make) -> None:
    """The network filter admits only a timeout that passes."""
    from omninode_bridge.agents.workflows import ErrorPattern

    orchestrator = make(base_delay=0)
    orchestrator.add_error_pattern(
        ErrorPattern(
            "p",
            ErrorType.TIMEOUT,
            "hopeless",
            RecoveryStrategy.ALTERNATIVE_PATH,
            {"alternatives": [1]},
        )
    )
    script = ScriptedCall([ValueError("hopeless"), "value"])

    with pytest.raises(ValueError, match="hopeless"):
        orchestrator.recoverable("network")(script.sync)()


async def test_at_the_end_the_same_exception_comes_out(make: Make) -> None:
    """With a note of what was tried, its cause as it was, and its call for a later recovery."""
    cause = OSError("below")
    error = ConnectionError("reset")
    error.__cause__ = cause
    script = ScriptedCall([error])

    @make(base_delay=0, max_retries=2).recoverable
    async def fetch(url: str) -> Any:
        return await script(url)

    with pytest.raises(ConnectionError) as raised:
        await fetch("u")

    assert raised.value is error
    assert raised.value.__cause__ is cause
    assert raised.value.__notes__[0].startswith(
        "recovery tried retry: ConnectionError: reset; retry: all 2"
    )
    call = attached_call(error)
    assert call is not None
    assert call.args == ("u",)


def test_another_error_on_the_way_leaves_the_original_one(make: Make) -> None:
    """What comes out is the first error, not that of the last attempt."""
    first = ConnectionError("first")
    script = ScriptedCall([first, KeyError("later")])

    with pytest.raises(ConnectionError) as raised:
        make(base_delay=0).recoverable(script.sync)()

    assert raised.value is first
    assert "later" in raised.value.__notes__[0]


async def test_the_call_of_a_decorated_function_travels(make: Make) -> None:
    """A caller that catches the error may recover once more without naming the call."""
    orchestrator = make(base_delay=0, max_retries=1)
    script = ScriptedCall([ConnectionError("a"), ConnectionError("b"), "value"])
    from omninode_bridge.agents.workflows import RecoveryContext

    wrapped = orchestrator.recoverable()(script.sync)
    with pytest.raises(ConnectionError) as raised:
        wrapped(7)
    result = await orchestrator.handle_error(RecoveryContext("w", "n", exception=raised.value))

    assert result.result == "value"
    assert script.calls == [((7,), {})] * 3


def test_an_iterator_may_end(make: Make) -> None:
    """StopIteration of a plain function comes out as itself, so that iteration ends as it must."""

    class Numbers:
        def __init__(self) -> None:
            self.left = [2, 1]

        def __iter__(self) -> Any:
            return self

        @make(base_delay=0).recoverable
        def __next__(self) -> int:
            if not self.left:
                raise StopIteration
            return self.left.pop()

    assert list(Numbers()) == [1, 2]
    with pytest.raises(StopIteration):
        make(base_delay=0).run_sync(next, iter(()))


@pytest.mark.parametrize("thing", [5, "fetch", None, [print]])
def test_only_functions_are_decorated(make: Make, thing: Any) -> None:
    """What cannot be called is refused when it is decorated."""
    with pytest.raises(ConfigurationError, match="it must be a function"):
        make().recoverable("network")(thing)


def test_a_plain_generator_is_refused(make: Make) -> None:
    """Its errors come while it is iterated, where nothing can be run again."""

    def numbers() -> Any:
        yield 1

    with pytest.raises(ConfigurationError, match=r"numbers\(\) is a generator"):
        make().recoverable(numbers)


def test_callable_objects_and_partials(make: Make) -> None:
    """Anything that can be called can be wrapped."""
    script = twice()
    wrapped = make(base_delay=0).recoverable("network")(functools.partial(script.sync, 1))

    assert wrapped(2) == "value"
    assert script.calls == [((1, 2), {})] * 2


async def test_an_async_callable_object_is_awaited(make: Make) -> None:
    """An object whose call is a coroutine recovers when it is awaited, as does a partial of one."""
    for build in (lambda s: s, lambda s: functools.partial(s)):
        script = twice()
        wrapped = make(base_delay=0).recoverable("network")(build(script))
        assert await wrapped(2) == "value"
        assert len(script.calls) == 2


class Stream:
    """Async generators that fail where they are told; counts what is open."""

    def __init__(self, *plans: list[Any]) -> None:
        self.plans = list(plans)
        self.opened = self.closed = 0
        self.given: list[Any] = []

    async def __call__(self, model: str = "big") -> AsyncGenerator[Any, None]:
        self.opened += 1
        self.given.append(model)
        plan = self.plans.pop(0)
        try:
            for item in plan:
                await asyncio.sleep(0)
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            self.closed += 1


def stream_of(script: Stream) -> Callable[..., AsyncIterator[Any]]:
    async def stream(model: str = "big") -> AsyncIterator[Any]:
        async with aclosing(script(model)) as items:
            async for item in items:
                yield item

    return stream


async def collect(stream: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in stream]


async def test_a_stream_is_recovered_until_its_first_item(make: Make, leaks: None) -> None:
    """Failures before the first item are; the items come once and in order."""
    script = Stream([ConnectionError("x")], [ConnectionError("x")], [1, 2, 3])
    wrapped = make(base_delay=0).recoverable(stream_of(script))

    assert await collect(wrapped()) == [1, 2, 3]
    assert (script.opened, script.closed) == (3, 3)
    assert inspect.isasyncgenfunction(wrapped)
    assert inspect.signature(wrapped) == inspect.signature(stream_of(script))


async def test_a_committed_stream_is_not_begun_again(make: Make) -> None:
    """After the first item an error comes out as it is."""
    error = ConnectionError("late")
    script = Stream([1, error], ["never"])
    wrapped = make(base_delay=0).recoverable(stream_of(script))
    got = []

    with pytest.raises(ConnectionError) as raised:
        async for item in wrapped():
            got += [item]

    assert (got, raised.value, script.opened) == ([1], error, 1)


async def test_an_empty_stream_is_a_stream(make: Make) -> None:
    """No item is no failure, and leads to no second run."""
    script = Stream([])

    assert await collect(make().recoverable(stream_of(script))()) == []
    assert script.opened == 1


async def test_a_stream_that_is_left_is_closed(make: Make, leaks: None) -> None:
    """Whoever stops reading closes the stream below."""
    script = Stream([1, 2, 3])
    stream = make().recoverable(stream_of(script))()

    assert await anext(stream) == 1
    await stream.aclose()

    await asyncio.sleep(0)
    assert script.closed == 1


async def test_a_stream_by_another_way(make: Make) -> None:
    """Alternatives of a stream are values for its arguments or other streams."""
    script = Stream([ValueError("x")], [ValueError("y")], ["small"])
    wrapped = make().recoverable(model_alternatives=["big", "mid", "small"])(stream_of(script))

    assert await collect(wrapped("big")) == ["small"]
    assert script.given == ["big", "mid", "small"]

    script = Stream([ValueError("x")])
    other = Stream([ValueError("y")])
    last = Stream([7, 8])
    wrapped = make().recoverable(alternatives=[stream_of(other)], fallback=stream_of(last))(
        stream_of(script)
    )
    assert await collect(wrapped()) == [7, 8]
    assert (other.closed, last.closed) == (1, 1)


async def test_the_check_of_a_stream_sees_its_first_item(make: Make) -> None:
    """A first item that does not pass is a failure; its stream is closed."""
    script = Stream(["bad", 1], ["good", 2])
    wrapped = make(base_delay=0).recoverable(
        validate=lambda item: item != "bad", model_alternatives=["other"]
    )(stream_of(script))

    assert await collect(wrapped()) == ["good", 2]
    assert (script.opened, script.closed) == (2, 2)


def test_the_success_path_makes_nothing_of_ours(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that succeeds meets no object of the recovery."""
    from omninode_bridge.agents.workflows import _recoverable

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("made on the success path")

    wrapped = make().recoverable()(lambda x: x + 1)
    monkeypatch.setattr(_recoverable, "Call", refuse)

    assert wrapped(1) == 2


def test_a_running_loop_is_no_obstacle(make: Make, clock: FakeClock) -> None:
    """A decorated plain function recovers in its thread, loop or not, hooks included."""
    heard: list[str] = []
    orchestrator = make()

    @orchestrator.on_recovery_success
    async def heard_of(result: RecoveryResult) -> None:
        await asyncio.sleep(0)
        heard.append(str(result.strategy_used))

    wrapped = orchestrator.recoverable()(twice().sync)
    again = orchestrator.recoverable()(twice().sync)

    async def main() -> Any:
        return wrapped()

    assert again() == "value"
    assert asyncio.run(main()) == "value"
    assert heard == ["retry", "retry"]
    assert clock.sleeps == [1.0, 1.0]
