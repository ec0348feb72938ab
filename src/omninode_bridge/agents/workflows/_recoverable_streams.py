"""Async generators that recover until their first item is there."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from dataclasses import replace
from typing import Any

from ._machine import Machine
from ._options import RunOptions
from ._runs import Runs
from .recovery_models import RecoveryStrategy
from .recovery_strategies._stepped import says_no

__all__ = ["wrap_stream"]

Streaming = Callable[..., AsyncGenerator[Any, Any]]


class _Begun:
    """A stream whose first item was taken already; iterating gives it first."""

    __slots__ = ("first", "stream")

    def __init__(self, stream: AsyncGenerator[Any, Any], first: list[Any]) -> None:
        self.stream = stream
        self.first = first

    def __aiter__(self) -> _Begun:
        return self

    async def __anext__(self) -> Any:
        return self.first.pop() if self.first else await anext(self.stream)

    async def aclose(self) -> None:
        """Close the stream."""
        await self.stream.aclose()


def wrap_stream(machine: Machine, fn: Streaming, options: RunOptions) -> Streaming:
    """Return the async generator function with recovery before its first item."""
    runs = Runs(machine, _for_streams(options))
    begin = _beginning(fn)

    @functools.wraps(fn)
    async def run(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        stream = await runs.run(begin, *args, **kwargs)
        if not isinstance(stream, AsyncIterable):
            yield stream  # an alternative, or a human, gave one value instead
            return
        try:
            if not isinstance(stream, _Begun):
                async for item in stream:
                    yield item
                return
            if not stream.first:
                return
            item = stream.first.pop()
            while True:
                # what the reader sends or throws in is for the stream: its clean-up may hang on it
                try:
                    sent = yield item
                except GeneratorExit:
                    raise
                except BaseException as error:  # noqa: BLE001 -- raised again by the stream
                    going_on = stream.stream.athrow(error)
                else:
                    going_on = stream.stream.asend(sent)
                try:
                    item = await going_on
                except StopAsyncIteration:
                    return
        finally:
            if hasattr(stream, "aclose"):
                await stream.aclose()

    return run


def _beginning(fn: Streaming) -> Callable[..., Any]:
    """Return a coroutine function that opens the stream and waits for its first item."""

    @functools.wraps(fn)
    async def begin(*args: Any, **kwargs: Any) -> _Begun:
        stream = fn(*args, **kwargs)
        try:
            return _Begun(stream, [await anext(stream)])
        except StopAsyncIteration:
            return _Begun(stream, [])  # any other exception has ended the stream as well

    # through __wrapped__ it would pass for an async generator function itself
    del begin.__wrapped__
    begin.__signature__ = inspect.signature(fn)  # type: ignore[attr-defined]
    return begin


def _for_streams(options: RunOptions) -> RunOptions:
    """Return the options in terms of beginnings: the other streams, and the check of an item."""
    settings: dict[RecoveryStrategy, Mapping[str, Any]] = {
        kind: {name: _with_beginnings(value) for name, value in values.items()}
        for kind, values in options.settings.items()
    }
    validate = options.validate
    if validate is None:
        return replace(options, settings=settings)

    async def check(begun: Any) -> Any:
        if not isinstance(begun, _Begun):
            return await _verdict(validate, begun)
        if not begun.first:
            return None
        try:
            verdict = await _verdict(validate, begun.first[0])
            refused = says_no(verdict)
        except BaseException:
            await begun.aclose()
            raise
        if refused:
            await begun.aclose()
        return verdict

    return replace(options, settings=settings, validate=check)


async def _verdict(validate: Callable[[Any], Any], item: Any) -> Any:
    verdict = validate(item)
    return await verdict if inspect.isawaitable(verdict) else verdict


def _with_beginnings(value: Any) -> Any:
    if inspect.isasyncgenfunction(value):
        return _beginning(value)
    if isinstance(value, (list, tuple)):
        return [_beginning(one) if inspect.isasyncgenfunction(one) else one for one in value]
    return value
