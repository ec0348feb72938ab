"""Wrappers as people write them by hand; ``hot_path.py`` compares others with them."""

from __future__ import annotations

import functools
import random
from collections.abc import Awaitable, Callable
from typing import Any

Sync = Callable[[], Any]
Async = Callable[[], Awaitable[Any]]

RETRIES = 3


def no_wait(_: float) -> None:
    """Stand for `time.sleep`."""


async def no_wait_async(_: float) -> None:
    """Stand for `asyncio.sleep`."""


def guard(fn: Sync) -> Sync:
    """Wrap a function in the least that filters errors by type."""

    @functools.wraps(fn)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return fn(*args, **kwargs)
        except ConnectionError:
            return fn(*args, **kwargs)

    return wrapper


def guard_async(fn: Async) -> Async:
    """Wrap a coroutine function in the same."""

    @functools.wraps(fn)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return await fn(*args, **kwargs)
        except ConnectionError:
            return await fn(*args, **kwargs)

    return wrapper


def sieve(fn: Sync) -> Sync:
    """Wrap a function in the filter that people write where they log or ask more of an error."""

    @functools.wraps(fn)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return fn(*args, **kwargs)
        except Exception as error:
            if not isinstance(error, ConnectionError):
                raise
            return fn(*args, **kwargs)

    return wrapper


def sieve_async(fn: Async) -> Async:
    """Wrap a coroutine function in the same."""

    @functools.wraps(fn)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return await fn(*args, **kwargs)
        except Exception as error:
            if not isinstance(error, ConnectionError):
                raise
            return await fn(*args, **kwargs)

    return wrapper


def loop(fn: Sync) -> Sync:
    """Wrap a function in the bare loop: no waits, no limit but the count."""

    @functools.wraps(fn)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        for attempt in range(RETRIES + 1):
            try:
                return fn(*args, **kwargs)
            except ConnectionError:
                if attempt == RETRIES:
                    raise
        return None

    return wrapper


def loop_async(fn: Async) -> Async:
    """Wrap a coroutine function in the same loop."""

    @functools.wraps(fn)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        for attempt in range(RETRIES + 1):
            try:
                return await fn(*args, **kwargs)
            except ConnectionError:
                if attempt == RETRIES:
                    raise
        return None

    return wrapper


def waiting_loop(fn: Sync) -> Sync:
    """Wrap a function in the loop with exponential waits and jitter."""

    @functools.wraps(fn)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        for attempt in range(RETRIES + 1):
            try:
                return fn(*args, **kwargs)
            except ConnectionError:
                if attempt == RETRIES:
                    raise
                no_wait(random.uniform(0, min(60.0, 2.0**attempt)))
        return None

    return wrapper


def waiting_loop_async(fn: Async) -> Async:
    """Wrap a coroutine function in the same loop."""

    @functools.wraps(fn)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        for attempt in range(RETRIES + 1):
            try:
                return await fn(*args, **kwargs)
            except ConnectionError:
                if attempt == RETRIES:
                    raise
                await no_wait_async(random.uniform(0, min(60.0, 2.0**attempt)))
        return None

    return wrapper
