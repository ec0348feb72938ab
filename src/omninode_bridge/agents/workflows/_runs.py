"""Run a callable under given options: what `run()` and `run_sync()` are made of."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any, ParamSpec, TypeVar, cast, overload

from omninode_bridge.errors import ConfigurationError

from ._blocking import drive, run_to_end
from ._call import Call, is_async_callable, wraps_coroutine_function
from ._first_run import first_run
from ._kept_runs import is_kept, run_kept, run_kept_blocking
from ._machine import Machine
from ._options import RunOptions
from ._planning import limit_of
from .recovery_models import RecoveryContext, RecoveryResult
from .recovery_strategies import RetryBucket
from .recovery_strategies._stepped import check_result

__all__ = ["Runs"]

P = ParamSpec("P")
T = TypeVar("T")


class Runs:
    """Calls under one set of options; made by `ErrorRecoveryOrchestrator.with_options()`.

    Raises:
        ConfigurationError: the options name a strategy that is not registered, or a setting that
            it cannot have.
    """

    __slots__ = ("_limit", "_machine", "_options", "_plain")

    def __init__(self, machine: Machine, options: RunOptions) -> None:
        machine.config.check(options.ladder, options.settings)
        self._machine = machine
        self._options = options
        self._limit = limit_of(machine.config, options)
        self._plain = options.validate is None and options.attempt_timeout is None

    @property
    def plain(self) -> bool:
        """Whether a call that succeeds needs nothing beyond itself."""
        return self._plain and self._limit is None

    @overload
    async def run(
        self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> T: ...

    @overload
    async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...

    async def run(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call `fn` and recover where it fails.

        Raises:
            Exception: the original one with a note of what was tried, when nothing helped.
        """
        if not callable(fn):
            raise ConfigurationError(f"fn is {fn!r}; it must be callable")
        is_coroutine = inspect.iscoroutinefunction(fn)
        if not is_coroutine:
            self._refuse(fn)
        if self._machine.engine is not None and is_kept(self._machine):
            call = self._call(fn, args, kwargs)
            return await run_kept(
                self._machine,
                call,
                self._options,
                lambda: first_run(
                    fn, args, kwargs, self._options.validate, self._options.attempt_timeout
                ),
            )
        try:
            if self._plain and is_coroutine:
                value = await fn(*args, **kwargs)
            else:
                check, seconds = self._options.validate, self._options.attempt_timeout
                value = await first_run(fn, args, kwargs, check, seconds)
        except Exception as error:  # noqa: BLE001 -- recovering from it is what this is for
            call = self._call(fn, args, kwargs)
            return await self._machine.after_failure(error, call, self._options)
        if self._limit is not None:
            self._succeeded(fn, *self._limit)
        return value

    def _refuse_generators(self, fn: Callable[..., Any]) -> None:
        if inspect.isgeneratorfunction(fn) or inspect.isasyncgenfunction(fn):
            raise ConfigurationError(
                f"{fn!r} is a generator function; run() takes functions and coroutine functions, "
                "and recoverable() decorates async generators"
            )

    def _refuse(self, fn: Callable[..., Any]) -> None:
        self._refuse_generators(fn)
        if self._options.attempt_timeout is not None and not wraps_coroutine_function(fn):
            raise ConfigurationError(
                f"{fn!r} is a plain function, which attempt_timeout cannot stop; "
                "make it a coroutine function or leave attempt_timeout out"
            )

    async def handle_error(
        self, context: RecoveryContext, operation: Callable[..., Any] | None = None
    ) -> RecoveryResult:
        """Recover from an error that has already been caught, under these options.

        See `ErrorRecoveryOrchestrator.handle_error()`.
        """
        return await self._machine.handle(context, operation, self._options)

    def run_sync(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call the plain function `fn` in this thread and recover where it fails.

        Raises:
            ConfigurationError: `fn` is a coroutine function, or a timeout is set; a running
                function cannot be stopped from within its own thread.
            Exception: the original one with a note of what was tried, when nothing helped.
        """
        options = self._options
        if options.attempt_timeout is not None:
            raise ConfigurationError(
                "attempt_timeout works with coroutine functions; await run() instead"
            )
        if not callable(fn):
            raise ConfigurationError(f"fn is {fn!r}; it must be callable")
        if is_async_callable(fn):
            raise ConfigurationError(
                f"{fn!r} is a coroutine function; await run() instead of run_sync()"
            )
        value = self.call(fn, args, kwargs)
        if type(value) is CoroutineType:
            value.close()
            raise ConfigurationError(
                f"{fn!r} returned a coroutine; await run() instead of run_sync()"
            )
        if isinstance(value, (GeneratorType, AsyncGeneratorType)):
            self._refuse_generators(fn)
        return cast("T", value)

    def call(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
        """Call `fn` in this thread; a coroutine that it gives comes back as it is, unchecked."""
        options = self._options
        if self._machine.engine is not None and is_kept(self._machine):
            call = self._call(fn, args, kwargs)
            return run_kept_blocking(
                self._machine, call, options, lambda: self._first(fn, args, kwargs)
            )
        try:
            value = fn(*args, **kwargs)
            if type(value) is CoroutineType:
                return value
            if options.validate is not None:
                drive(check_result(value, options.validate, _finish))
        except Exception as error:  # noqa: BLE001 -- recovering from it is what this is for
            call = self._call(fn, args, kwargs)
            return self._machine.after_failure_blocking(error, call, options)
        if self._limit is not None:
            self._succeeded(fn, *self._limit)
        return value

    def _first(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
        value = fn(*args, **kwargs)
        if type(value) is not CoroutineType and self._options.validate is not None:
            drive(check_result(value, self._options.validate, _finish))
        return value

    async def go_on(
        self, begun: Coroutine[Any, Any, Any], fn: Callable[..., Any], args: Any, kwargs: Any
    ) -> Any:
        """Await what a plain function gave, and recover where it fails."""
        options = self._options
        try:
            value = await begun
            if options.validate is not None:
                await check_result(value, options.validate, _await)
        except Exception as error:  # noqa: BLE001 -- recovering from it is what this is for
            call = self._call(fn, args, kwargs)
            return await self._machine.after_failure(error, call, options)
        if self._limit is not None:
            self._succeeded(fn, *self._limit)
        return value

    def _succeeded(
        self, fn: Callable[..., Any], bucket: RetryBucket, dependency: str | None
    ) -> None:
        name = dependency or self._options.node_name or Call(fn).name
        bucket.succeeded(name, self._machine.clock.monotonic())

    def _call(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Call:
        return Call(fn, args, kwargs, rerun=self._options.rerun, source="run", complete=True)


async def _finish(awaitable: Awaitable[Any]) -> Any:
    return run_to_end(awaitable)


async def _await(awaitable: Awaitable[Any]) -> Any:
    return await awaitable
