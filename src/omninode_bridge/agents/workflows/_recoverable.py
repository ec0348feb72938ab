"""The decorator: every call of the function recovers."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

from omninode_bridge.errors import ConfigurationError

from ._call import Call
from ._machine import Machine
from ._options import RunOptions, parse_options
from ._runs import Runs

__all__ = ["decorate"]

Decorated = Callable[..., Any]


def decorate(
    machine: Machine, error_type: Any, strategy: Any, options: Mapping[str, Any]
) -> Decorated:
    """Return the decorator, or the decorated function where it was used without arguments."""
    if inspect.isroutine(error_type) and strategy is None and not options:
        return _wrap(machine, error_type, parse_options())
    declared = {"strategy": strategy} if strategy is not None else {}
    parsed = parse_options(error_type, **declared, **options)
    return functools.partial(_wrap, machine, options=parsed)


def _wrap(machine: Machine, fn: Decorated, options: RunOptions) -> Decorated:
    if inspect.isasyncgenfunction(fn):
        return _wrap_stream(machine, fn, options)
    if inspect.isgeneratorfunction(fn):
        raise ConfigurationError(
            f"{fn.__qualname__}() is a generator; recoverable() takes functions, coroutine functions "
            "and async generators"
        )
    if options.attempt_timeout is not None and not inspect.iscoroutinefunction(fn):
        raise ConfigurationError(
            f"{fn.__qualname__}() is a plain function, which attempt_timeout cannot stop; "
            "make it a coroutine function or leave attempt_timeout out"
        )
    runs = Runs(machine, options)
    plain = options.validate is None and options.attempt_timeout is None
    if not inspect.iscoroutinefunction(fn):

        @functools.wraps(fn)
        def run_sync(*args: Any, **kwargs: Any) -> Any:
            if not plain:
                return runs.run_sync(fn, *args, **kwargs)
            try:
                return fn(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 -- recovering from it is what this is for
                call = Call(
                    fn, args, kwargs, rerun=options.rerun, source="recoverable", complete=True
                )
                return machine.after_failure_blocking(error, call, options)

        return run_sync

    @functools.wraps(fn)
    async def run(*args: Any, **kwargs: Any) -> Any:
        if not plain:
            return await runs.run(fn, *args, **kwargs)
        try:
            return await fn(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 -- recovering from it is what this is for
            call = Call(fn, args, kwargs, rerun=options.rerun, source="recoverable", complete=True)
            return await machine.after_failure(error, call, options)

    return run


def _wrap_stream(machine: Machine, fn: Decorated, options: RunOptions) -> Decorated:
    runs = Runs(machine, options)

    @functools.wraps(fn)
    async def begin(*args: Any, **kwargs: Any) -> tuple[AsyncGenerator[Any, None], list[Any]]:
        stream = fn(*args, **kwargs)
        try:
            return stream, [await anext(stream)]
        except StopAsyncIteration:
            return stream, []
        except BaseException:
            await stream.aclose()
            raise

    # functools.wraps marks `begin` as the generator function; what is run again is a coroutine
    del begin.__wrapped__

    @functools.wraps(fn)
    async def run(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
        """Recover until the first item is there; after that the stream is committed."""
        stream, first = await runs.run(begin, *args, **kwargs)
        try:
            for item in first:
                yield item
            async for item in stream:
                yield item
        finally:
            await stream.aclose()

    return run
