"""What ``hot_path.py`` calls, and the ways of calling it that libraries offer, ours among them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import stamina
import tenacity

from _hot_path_by_hand import RETRIES, Async, Sync, no_wait, no_wait_async
from omninode_bridge.agents.metrics import MetricsCollector
from omninode_bridge.agents.workflows import (
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryStrategy,
    SystemClock,
)

PATTERNS = 20


class NoWait(SystemClock):
    """The machine's clock, but waits return at once."""

    __slots__ = ()

    async def sleep(self, seconds: float) -> None:
        """Return."""

    def sleep_blocking(self, seconds: float) -> None:
        """Return."""


# -- by other libraries ------------------------------------------------------------------------


def by_tenacity(*, jitter: bool, asynchronous: bool) -> Callable[[Any], Any]:
    """Return tenacity's decorator with as many retries as ours makes."""
    decorator: Callable[[Any], Any] = tenacity.retry(
        stop=tenacity.stop_after_attempt(RETRIES + 1),
        retry=tenacity.retry_if_exception_type(ConnectionError),
        wait=tenacity.wait_random_exponential(1, 60) if jitter else tenacity.wait_none(),
        sleep=no_wait_async if asynchronous else no_wait,
        reraise=True,
    )
    return decorator


def by_stamina(fn: Sync) -> Sync:
    """Return stamina's decorator without waits, for it has no other clock than the machine's."""
    decorator: Callable[[Sync], Sync] = stamina.retry(
        on=ConnectionError, attempts=RETRIES + 1, wait_initial=0.0, wait_max=0.0, wait_jitter=0.0
    )
    return decorator(fn)


# -- by ours -----------------------------------------------------------------------------------


def plain_settings() -> ErrorRecoveryOrchestrator:
    """Return an orchestrator with its defaults, whose waits return at once."""
    return ErrorRecoveryOrchestrator(clock=NoWait())


def with_patterns() -> ErrorRecoveryOrchestrator:
    """Return one that has to look at patterns of the user's, of which none matches."""
    orchestrator = plain_settings()
    for n in range(PATTERNS):
        regex = rf"Subsystem{n}.*(?:failed|broken)|E{n:04}-\d+"
        orchestrator.add_error_pattern(
            ErrorPattern(f"idle_{n}", ErrorType.NETWORK, regex, RecoveryStrategy.RETRY)
        )
    return orchestrator


def with_metrics() -> ErrorRecoveryOrchestrator:
    """Return one that hands every recovery to a collector of metrics."""
    return ErrorRecoveryOrchestrator(clock=NoWait(), metrics_collector=MetricsCollector())


def with_hooks() -> ErrorRecoveryOrchestrator:
    """Return one that tells of every step, which takes the whole ladder instead of its start."""
    orchestrator = plain_settings()
    orchestrator.on_recovery_attempt(lambda context, strategy: None)
    orchestrator.on_recovery_success(lambda result: None)
    return orchestrator


def after_the_fact(fn: Async, orchestrator: ErrorRecoveryOrchestrator) -> Async:
    """Call the function as the guide does: catch, and hand the error over."""

    async def call() -> Any:
        try:
            return await fn()
        except Exception as error:
            context = RecoveryContext("workflow", "node", exception=error)
            return (await orchestrator.handle_error(context, operation=fn)).result

    return call


# -- what is called ----------------------------------------------------------------------------


def steady() -> tuple[Sync, Async]:
    """Return a function and a coroutine function that return."""

    def fn() -> int:
        return 1

    async def async_fn() -> int:
        return 1

    return fn, async_fn


def flaky(*, same_text: bool) -> tuple[Sync, Async]:
    """Return a function and a coroutine function that raise at every other call."""
    numbers = itertools.count()

    def fn() -> int:
        n = next(numbers)
        if n % 2 == 0:
            raise ConnectionError("reset by peer" if same_text else f"reset by peer {n}")
        return 1

    async def async_fn() -> int:
        return fn()

    return fn, async_fn


def broken() -> tuple[Sync, Async]:
    """Return a function and a coroutine function that always raise what nobody here handles."""
    numbers = itertools.count()

    def fn() -> int:
        raise ValueError(f"item {next(numbers)} has no price")

    async def async_fn() -> int:
        return fn()

    return fn, async_fn


def caught(fn: Sync) -> Sync:
    """Return the call with the error that comes out of it caught."""

    def call() -> None:
        with suppress(ValueError):
            fn()

    return call


def caught_async(fn: Async) -> Async:
    """Return the same for a coroutine function."""

    async def call() -> None:
        with suppress(ValueError):
            await fn()

    return call
