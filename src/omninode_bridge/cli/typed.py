"""The lines that a person types at the terminal, while an event loop runs."""

from __future__ import annotations

import asyncio
import os
import select
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
        self._handing_over = threading.Lock()

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
        with self._handing_over:  # the thread has read nothing that it has not handed over
            _flush_terminal()
        await asyncio.sleep(0)  # what it has arrives first
        self._pending = b""
        while not self._lines.empty():
            if self._lines.get_nowait() is None:
                self._is_reading = False  # a terminal has more than one end

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read below Python's buffers, whose lock would not survive the end of the process."""
        try:
            while self._hand_over(loop):
                pass
        except (OSError, ValueError):  # the terminal is gone
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._take, b"")
        except RuntimeError:  # the loop is
            return

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Wait for input, read it and hand it over; return False at its end."""
        stdin = sys.stdin.fileno()
        if sys.platform == "win32":  # its select knows no terminals
            chunk = os.read(stdin, 4096)
            loop.call_soon_threadsafe(self._take, chunk)
            return bool(chunk)
        select.select([stdin], [], [])
        with self._handing_over:
            if not select.select([stdin], [], [], 0)[0]:
                return True  # it was forgotten meanwhile
            chunk = os.read(stdin, 4096)
            loop.call_soon_threadsafe(self._take, chunk)
        return bool(chunk)

    def _take(self, chunk: bytes) -> None:
        if not chunk:
            self._lines.put_nowait(None)
            return
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
