"""The first run of a call, before anything has gone wrong."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from ._call import Call, call_in_thread, is_async_callable
from .recovery_strategies._stepped import check_result, run_in_time

__all__ = ["first_run"]


async def first_run(
    fn: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    validate: Callable[[Any], Any] | None,
    attempt_timeout: float | None,
) -> Any:
    """Run `fn` as the recovery will run it again, and hold its result against the check."""
    if attempt_timeout is not None:
        value = await run_in_time(Call(fn, args, kwargs, complete=True), attempt_timeout)
    else:
        if is_async_callable(fn):
            value = fn(*args, **kwargs)
        else:
            value = await call_in_thread(fn, *args, **kwargs)
        if inspect.isawaitable(value):
            value = await value
    if validate is not None:
        await check_result(value, validate, _await)
    return value


async def _await(awaitable: Any) -> Any:
    return await awaitable
