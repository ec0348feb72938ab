"""End child tasks without leaving one behind."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

__all__ = ["cancel_all", "drain"]


def cancel_all(tasks: Collection[asyncio.Task[Any]]) -> set[asyncio.Task[Any]]:
    """Ask every task that has not ended to end, and return those."""
    pending = {task for task in tasks if not task.done()}
    for task in pending:
        task.cancel()
    return pending


async def drain(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel the tasks and wait for the end of each, also while we are cancelled ourselves.

    What they raise is dropped.

    Raises:
        CancelledError: we were cancelled meanwhile; the tasks have ended all the same.
    """
    interrupted: asyncio.CancelledError | None = None
    while pending := cancel_all(tasks):
        try:
            await asyncio.wait(pending)
        except asyncio.CancelledError as error:
            interrupted = error
    for task in tasks:
        if not task.cancelled():
            task.exception()  # seen, so that it is not reported as lost
    if interrupted is not None:
        raise interrupted
