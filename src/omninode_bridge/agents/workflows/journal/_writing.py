"""Write to the journal from wherever one is: on an event loop, or in a thread without one."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from ._file import JournalFile, Work

__all__ = ["write", "write_to_the_end"]

T = TypeVar("T")


async def write(file: JournalFile, work: Work[T]) -> T:
    """Write durably; a caller who is cancelled meanwhile leaves it done or not begun."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return file.write_now(work, durable=True)
    return await file.write(work, durable=True)


async def write_to_the_end(
    file: JournalFile, work: Work[T], *, durable: bool
) -> tuple[T, BaseException | None]:
    """Write, and wait for the end, whoever cancels.

    Returns:
        What it brought, and the cancellation that has to be raised then, if there was one.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return file.write_now(work, durable=durable), None
    cancelled: BaseException | None = None
    if not durable:
        try:
            return await file.write(work, durable=False), None
        except asyncio.CancelledError as error:
            cancelled = error  # it waited for another writer, so nothing is written yet
    writing = asyncio.ensure_future(file.write(work, durable=durable))
    while not writing.done():
        try:
            await asyncio.wait((writing,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None and writing.exception() is not None:
        raise cancelled
    return writing.result(), cancelled
