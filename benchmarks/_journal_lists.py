"""How long a journal's open escalations are listed, by how many there are."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from _journal_table import Row
from omninode_bridge.agents.workflows import JournalEngine
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, EscalationRow
from omninode_bridge.testing import sample_report

__all__ = ["lists", "reports"]

ROWS = (100, 10_000)
LIMIT = 100  # of a page of rows; the command shows 50
COMMAND = Path(sys.executable).with_name("omninode-bridge")


def reports(prefix: str, number: int) -> list[EscalationReport]:
    """Return reports of errors that have nothing in common."""
    return [
        sample_report(
            escalation_id=f"{prefix}-{n}", workflow_id=f"w{n}", fingerprint=f"{prefix}{n}"
        )
        for n in range(number)
    ]


def lists(folder: Path) -> Iterable[Row]:
    """Yield how long open escalations are listed."""
    spent: dict[int, float] = {}
    anew: dict[int, float] = {}
    commands: dict[int, float] = {}
    for number in ROWS:
        path = folder / f"open-{number}.db"
        with JournalEngine(path) as engine:

            async def fill(engine: JournalEngine = engine, number: int = number) -> None:
                for report in reports("open", number):
                    await engine.escalations.open(report)

            asyncio.run(fill())
            rounds = []
            for _ in range(7):
                begun = time.perf_counter()
                asyncio.run(_list(engine, number))
                rounds.append(time.perf_counter() - begun)
            spent[number] = statistics.median(rounds)
        anew[number] = statistics.median(_listed_anew(path) for _ in range(7))
        commands[number] = statistics.median(command(path) for _ in range(5))
    few, many = ROWS
    yield Row(f"{many} open escalations listed, to {few}", spent[many], spent[few], "list")
    yield Row(f"the first {LIMIT} of them, file opened anew", anew[many], anew[few], "list")
    if all(commands.values()):
        yield Row("the same by the command", commands[many], commands[few], "list")


async def _list(engine: JournalEngine, number: int) -> None:
    if len(await engine.escalations.list(status="open")) != number:
        raise RuntimeError("rows are missing")


def _listed_anew(path: Path) -> float:
    """Return the seconds of a list with a limit, of which nothing is kept from before."""
    with JournalEngine(path) as engine:
        begun = time.perf_counter()
        found = asyncio.run(_rows(engine))
        spent = time.perf_counter() - begun
    if len(found) != LIMIT:
        raise RuntimeError("rows are missing")
    return spent


async def _rows(engine: JournalEngine) -> Sequence[EscalationRow]:
    return await engine.escalations.list(status="open", limit=LIMIT)


def command(path: Path) -> float:
    """Return the seconds of `escalations list`; 0 where there is no such command."""
    begun = time.perf_counter()
    done = subprocess.run(
        [str(COMMAND), "escalations", "list", "--journal", str(path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return time.perf_counter() - begun if done.returncode == 0 else 0.0
