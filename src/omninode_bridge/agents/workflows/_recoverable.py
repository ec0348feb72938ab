"""The decorator: every call of the function recovers."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from enum import Enum
from types import CoroutineType
from typing import Any, NoReturn

from omninode_bridge.errors import ConfigurationError

from ._attached import mark_rerun
from ._call import Call, is_async_callable
from ._machine import Machine
from ._options import RunOptions, parse_options
from ._recoverable_streams import wrap_stream
from ._runs import Runs

__all__ = ["decorate"]

Decorated = Callable[..., Any]


def decorate(
    machine: Machine, error_type: Any, strategy: Any, options: Mapping[str, Any]
) -> Decorated:
    """Return the decorator, or the decorated function where it was used without arguments."""
    if _can_be_decorated(error_type) and strategy is None and not options:
        decorated: Decorated = _wrap(machine, error_type, parse_options())
        return decorated
    if isinstance(error_type, type) and not issubclass(error_type, (BaseException, Enum)):
        _refuse_class(error_type)
    declared = {"strategy": strategy} if strategy is not None else {}
    parsed = parse_options(error_type, **declared, **options)
    return functools.partial(_wrap, machine, options=parsed)


def _can_be_decorated(thing: Any) -> bool:
    return (callable(thing) or isinstance(thing, classmethod)) and not isinstance(thing, type)


def _refuse_class(cls: type[Any]) -> NoReturn:
    raise ConfigurationError(
        f"recoverable() decorates the class {cls.__qualname__}; it must be a function, so decorate "
        "its methods, or a function that makes one"
    )


def _wrap(machine: Machine, fn: Any, options: RunOptions) -> Any:
    if isinstance(fn, (staticmethod, classmethod)):
        return type(fn)(_wrap(machine, fn.__func__, options))
    if not callable(fn):
        raise ConfigurationError(f"recoverable() decorates {fn!r}; it must be a function")
    if isinstance(fn, type):
        _refuse_class(fn)
    if inspect.isasyncgenfunction(fn):
        return wrap_stream(machine, fn, options)
    if inspect.isgeneratorfunction(fn):
        raise ConfigurationError(
            f"{fn.__qualname__}() is a generator; recoverable() takes functions, coroutine functions "
            "and async generators"
        )
    if options.attempt_timeout is not None and not is_async_callable(fn):
        raise ConfigurationError(
            f"{fn!r} is a plain function, which attempt_timeout cannot stop; "
            "make it a coroutine function or leave attempt_timeout out"
        )
    runs = Runs(machine, options)
    plain = runs.plain and machine.engine is None
    if not is_async_callable(fn):

        @functools.wraps(fn)
        def run_sync(*args: Any, **kwargs: Any) -> Any:
            if plain:
                try:
                    value = fn(*args, **kwargs)
                except Exception as error:
                    if machine.declines(error, options):
                        raise
                    call = Call(
                        fn, args, kwargs, rerun=options.rerun, source="recoverable", complete=True
                    )
                    return machine.after_failure_blocking(error, call, options)
            else:
                value = runs.call(fn, args, kwargs)
            # a lambda, or a function that hands on what another one gave, fails when it is awaited
            return (
                value if type(value) is not CoroutineType else runs.go_on(value, fn, args, kwargs)
            )

        mark_rerun(run_sync, options.rerun)
        return run_sync

    @functools.wraps(fn)
    async def run(*args: Any, **kwargs: Any) -> Any:
        if not plain:
            return await runs.run(fn, *args, **kwargs)
        try:
            return await fn(*args, **kwargs)
        except Exception as error:
            if machine.declines(error, options):
                raise
            call = Call(fn, args, kwargs, rerun=options.rerun, source="recoverable", complete=True)
            return await machine.after_failure(error, call, options)

    mark_rerun(run, options.rerun)
    return run
