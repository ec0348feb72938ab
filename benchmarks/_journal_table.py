"""What the journal is held against: bare commits, and the bars of the ratios."""

from __future__ import annotations

import platform
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

__all__ = ["BARS", "Bare", "Row", "processor"]

BARS = {"step": 2.0, "escalation": 3.0, "list": 20.0}


@dataclass
class Row:
    """One line of the table: a time, what it is held against, and the bar of the ratio."""

    name: str
    spent: float
    base: float
    bar: str = ""

    @property
    def ratio(self) -> float:
        """How many times as long it takes."""
        return self.spent / self.base

    @property
    def met(self) -> bool:
        """Whether the bar is kept, if there is one."""
        return not self.bar or self.ratio <= BARS[self.bar]


class Bare:
    """A row and a commit through the standard library, into the same file."""

    def __init__(self, path: Path, synchronous: str) -> None:
        self.connection = sqlite3.connect(path)
        self.connection.execute(f"PRAGMA synchronous = {synchronous}")
        self.connection.execute("CREATE TABLE IF NOT EXISTS bare(n INTEGER PRIMARY KEY, t TEXT)")

    def put(self, n: int) -> None:
        """Insert a row and commit."""
        self.connection.execute("INSERT INTO bare(t) VALUES(?)", (f"text {n}",))
        self.connection.commit()

    async def step(self, n: int) -> int:
        """Do the same as the work of a step."""
        self.put(n)
        return n

    def run(self, times: int) -> float:
        """Return the seconds of each, one after the other."""
        begun = time.perf_counter()
        for n in range(times):
            self.put(n)
        return (time.perf_counter() - begun) / times


def processor() -> str:
    """Return what the machine calls its processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
