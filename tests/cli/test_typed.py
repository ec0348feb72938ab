"""What is typed at a terminal comes line by line, or is thrown away."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from typing import Any

import pytest
from rich.console import Console

from omninode_bridge.agents.workflows.escalation import InMemoryEscalationStore
from omninode_bridge.cli.asking import QUESTION, Asking
from omninode_bridge.cli.progress import Bar
from omninode_bridge.cli.typed import TypedLines
from omninode_bridge.errors import JournalLockedError
from omninode_bridge.testing import FakeClock

from .._reports import report

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")


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


class LockedOnce(InMemoryEscalationStore):
    """A store that does not take the first answer."""

    refused = 0

    async def resolve(self, escalation_id: str, decision: Any, by: str) -> Any:
        if not self.refused:
            self.refused += 1
            raise JournalLockedError("the journal is locked", path="j.db")
        return await super().resolve(escalation_id, decision, by)


async def test_an_answer_that_cannot_be_written_is_asked_for_again(keyboard: int) -> None:
    """The question stays, and those after it are asked."""
    store, out = LockedOnce(), io.StringIO()
    person = Asking(Console(file=out, width=100), Bar(None), clock=FakeClock())
    for one in ("esc_1", "esc_2"):
        await store.open(report(one))
        await person.send(report(one))
    asking = asyncio.create_task(person.answer_all(store))

    async with asyncio.timeout(20):
        for asked, answer in enumerate((b"skip\n", b"retry\n", b"skip\n"), start=1):
            while out.getvalue().count(QUESTION) < asked:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0)
            os.write(keyboard, answer)
        ends = [await store.wait(one) for one in ("esc_1", "esc_2")]
    asking.cancel()
    await asyncio.wait({asking})

    assert "not answered: the journal is locked" in out.getvalue()
    assert [str(row.decision.kind) for row in ends if row.decision] == ["retry", "skip"]
