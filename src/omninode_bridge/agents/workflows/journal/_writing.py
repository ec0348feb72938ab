"""Write to the journal from wherever one is: on an event loop, or in a thread without one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from ._file import JournalFile, Work

__all__ = ["write", "write_to_the_end"]

T = TypeVar("T")


async def write(file: JournalFile, work: Work[T]) -> T:
    """Write durably; once it has begun it is done, also where the caller is cancelled meanwhile."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return file.write_now(work, durable=True)
    writing = asyncio.ensure_future(file.write(work, durable=True))
    writing.add_done_callback(_seen)
    return await asyncio.shield(writing)


async def write_to_the_end(file: JournalFile, work: Work[T]) -> tuple[T, BaseException | None]:
    """Do the same, and wait for the end first.

    Returns:
        What it brought, and the cancellation that has to be raised then, if there was one.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return file.write_now(work, durable=True), None
    writing = asyncio.ensure_future(file.write(work, durable=True))
    cancelled: BaseException | None = None
    while not writing.done():
        try:
            await asyncio.wait((writing,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None and writing.exception() is not None:
        raise cancelled
    return writing.result(), cancelled


def _seen(writing: Awaitable[object]) -> None:
    """Look at the error of a write that nobody waits for any more."""
    if isinstance(writing, asyncio.Future) and not writing.cancelled():
        writing.exception()
