"""The lines that a person types at the terminal, while an event loop runs."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from contextlib import suppress

__all__ = ["TypedLines"]


class TypedLines:
    """Reads stdin line by line in a thread of its own, from the first line that is waited for.

    The thread is a daemon: one that waits for a line does not hold up the end of the process.
    """

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._pending = b""
        self._is_reading = False

    async def next(self) -> str | None:
        """Return the next line; None at the end of the input."""
        if not self._is_reading:
            self._is_reading = True
            loop = asyncio.get_running_loop()
            threading.Thread(target=self._read, args=(loop,), daemon=True).start()
        return await self._lines.get()

    async def forget(self) -> None:
        """Throw away what was typed so far, the line without an end included.

        Windows lets nobody take back the beginning of a line; there it stays.
        """
        _flush_terminal()
        await asyncio.sleep(0)  # what the thread has handed over arrives first
        self._pending = b""
        while not self._lines.empty():
            if self._lines.get_nowait() is None:
                self._is_reading = False  # a terminal has more than one end

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read below Python's buffers, whose lock would not survive the end of the process."""
        with suppress(OSError, RuntimeError, ValueError):
            while chunk := os.read(sys.stdin.fileno(), 4096):
                loop.call_soon_threadsafe(self._take, chunk)
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._lines.put_nowait, None)

    def _take(self, chunk: bytes) -> None:
        *lines, self._pending = (self._pending + chunk).split(b"\n")
        for line in lines:
            self._lines.put_nowait(line.decode("utf-8", "replace"))


def _flush_terminal() -> None:
    """Let a terminal forget the line that was begun."""
    if sys.platform == "win32":
        return
    import termios

    # a pipe has no such line, and a stdin that was closed neither
    with suppress(termios.error, OSError, ValueError):
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
