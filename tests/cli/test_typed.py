"""What is typed at a terminal comes line by line, or is thrown away."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator

import pytest

from omninode_bridge.cli.typed import TypedLines

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Make stdin a terminal; what is written to its other end is typed."""
    master, slave = os.openpty()
    with os.fdopen(slave, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield master
        os.close(master)  # ends the thread that reads


async def test_lines_come_one_by_one(keyboard: int) -> None:
    """Also where they are typed at once, or piece by piece."""
    lines = TypedLines()

    os.write(keyboard, "one\nzwölf\nth".encode())
    first = [await lines.next(), await lines.next()]
    os.write(keyboard, b"ree\n")

    assert [*first, await lines.next()] == ["one", "zwölf", "three"]


async def test_what_was_forgotten_does_not_come(keyboard: int) -> None:
    """Neither whole lines, nor the end of the input between them, nor the line that was begun."""
    lines = TypedLines()

    os.write(keyboard, b"first\nsecond\n\x04")
    assert await lines.next() == "first"
    os.write(keyboard, b"abor")
    await lines.forget()
    os.write(keyboard, b"t\n")

    assert await lines.next() == "t"


async def test_a_line_that_was_sent_without_its_end_is_forgotten(keyboard: int) -> None:
    """Ctrl-D after some letters hands them over without a line."""
    lines = TypedLines()

    os.write(keyboard, b"first\nabor\x04")
    assert await lines.next() == "first"
    async with asyncio.timeout(20):
        while lines._pending != b"abor":  # noqa: ASYNC110 - a thread hands it over
            await asyncio.sleep(0)
    await lines.forget()
    os.write(keyboard, b"t\n")

    assert await lines.next() == "t"


async def test_the_end_of_the_input_is_told(keyboard: int) -> None:
    """And after it was forgotten, the terminal is read again."""
    lines = TypedLines()

    os.write(keyboard, b"\x04")
    assert await lines.next() is None
