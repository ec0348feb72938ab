"""Compare corrections of damaged files: repaired, wrongly claimed, sound files changed, time.

python benchmarks/correction.py [--seed N] [--each N] [--classes a,b]

The damage is that of ``tests/correction/damage``. A tool claims a repair where what it returns
differs from what it was given and compiles; ours says whether it does. A claim is false where the
outcome is not what was there before the damage. A tool that needs more than 2 s of CPU time for a
file has given it up. Times are CPU time of one file; ruff gets all files
at once, which is the best for it.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import signal
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.correction.damage import CLASSES, Damaged, Verdict, cases, installed, judge, sources
from tests.correction.damage._judge import compile_error

from _correctors import PEERS, compiles, run_ruff
from omninode_bridge.agents.workflows.correction import Correction, correct_code

OURS = "this package"
MOST_SECONDS = 2.0
# Not among the classes of damage: what must be left alone, declined, or flagged.
_APART = ("intact", "garbage", "truncated")


@dataclass
class Column:
    """What one tool made of the cases, by class."""

    outcomes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    hard: int = 0
    times: list[float] = field(default_factory=list)

    def add(self, case: Damaged, verdict: Verdict) -> None:
        self.outcomes[case.cls].append(verdict.outcome)
        self.hard += verdict.hard and verdict.outcome == "false" and case.cls not in _APART

    def share(self, name: str, wanted: str) -> float:
        seen = self.outcomes.get(name, [])
        return 100 * seen.count(wanted) / len(seen) if seen else 0.0


def main() -> None:
    """Run and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=4001)
    parser.add_argument("--each", type=int, default=4)
    parser.add_argument("--classes", default="")
    given = parser.parse_args()
    chosen = tuple(filter(None, given.classes.split(",")))
    made = [
        *cases(given.seed, given.each, chosen, roots=installed()),
        *sound_files(given.seed, 8 * given.each),
    ]
    columns = {OURS: ours(made)}
    print(f"{len(made)} cases; ours is done", file=sys.stderr, flush=True)
    for unsafe in (False, True):
        columns[f"ruff, {'all rules, unsafe' if unsafe else 'safe'} fixes"] = ruff(
            made, unsafe=unsafe
        )
    for name, peer in PEERS.items():
        columns[name] = peer_column(made, peer)
        print(f"{name} is done", file=sys.stderr, flush=True)
    print_table(columns, made, given.seed)


def sound_files(seed: int, count: int) -> list[Damaged]:
    """Return files in which nothing is wrong, with errors that are about something else."""
    rng = random.Random(seed)
    made = [
        CLASSES["intact"](rng, source)
        for source in sources(random.Random(seed), count, installed())
    ]
    return [case for case in made if case is not None]


def ours(made: list[Damaged]) -> Column:
    column = Column()
    for case in made:
        error = case.error if case.cls == "intact" else case.error or compile_error(case.broken)
        begun = time.thread_time()
        found = correct_code(case.broken, error)
        column.times.append((time.thread_time() - begun) * 1000)
        verdict = judge(case, found)
        column.add(case, verdict)
    return column


def peer_column(made: list[Damaged], peer) -> Column:
    column = Column()
    for case in made:
        begun = time.thread_time()
        text = in_time(peer, case.broken)
        column.times.append((time.thread_time() - begun) * 1000)
        told(column, case, text)
    return column


class Late(BaseException):
    """A tool took longer than it may; no `except Exception` of its own keeps it."""


def in_time(peer, text: str) -> str | None:
    """Let a tool work for some seconds of CPU time; there are texts on which one never ends."""

    def stop(signum, frame):
        raise Late

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
    try:
        return peer(text)
    except Late:
        return None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def ruff(made: list[Damaged], *, unsafe: bool) -> Column:
    column = Column()
    fixed, spent = run_ruff([case.broken for case in made], unsafe=unsafe)
    column.times = [spent]
    for case, text in zip(made, fixed, strict=True):
        told(column, case, text)
    return column


def told(column: Column, case: Damaged, text: str | None) -> None:
    claims = text is not None and text != case.broken and compiles(text)
    found = Correction(case.broken, text if claims and text else case.broken, success=claims)
    verdict = judge(case, found)
    column.add(case, verdict)


def print_table(columns: dict[str, Column], made: list[Damaged], seed: int) -> None:
    names = list(dict.fromkeys(case.cls for case in made))
    core = [name for name in names if name not in _APART]
    print(f"{len(made)} cases, seed {seed}; Python {platform.python_version()}, {machine()}\n")
    print(f"| repaired, % | {' | '.join(columns)} |")
    print(f"|---|{'---:|' * len(columns)}")
    for name in core:
        row(name, [f"{column.share(name, 'repaired'):.0f}" for column in columns.values()])
    if not core:
        return
    mean = [
        sum(column.share(name, "repaired") for name in core) / len(core)
        for column in columns.values()
    ]
    row("**mean of the classes**", [f"**{share:.1f}**" for share in mean])
    row("false claims, % of the damaged", [f"{false_share(c, core):.1f}" for c in columns.values()])
    row("of these does not run or lost code", [str(c.hard) for c in columns.values()])
    for name, words, outcome in (
        ("intact", "sound files changed, %", "harmful"),
        ("garbage", "prose taken for code, %", "false"),
        ("truncated", "cut off, kept and flagged, %", "repaired"),
    ):
        if name in names:
            row(words, [f"{c.share(name, outcome):.0f}" for c in columns.values()])
    row("time, median, ms", [f"{quantile(c.times, 0.5):.1f}" for c in columns.values()])
    row("time, p95, ms", [quantile_or_dash(c.times) for c in columns.values()])


def row(name: str, cells: list[str]) -> None:
    print(f"| {name} | {' | '.join(cells)} |")


def false_share(column: Column, core: list[str]) -> float:
    every = [outcome for name in core for outcome in column.outcomes.get(name, [])]
    return 100 * every.count("false") / len(every)


def quantile(times: list[float], part: float) -> float:
    return sorted(times)[int(len(times) * part)]


def quantile_or_dash(times: list[float]) -> str:
    return f"{quantile(times, 0.95):.1f}" if len(times) > 1 else "-"


def machine() -> str:
    """Name the processor, as far as the system tells."""
    info = Path("/proc/cpuinfo")
    names = [
        line.partition(":")[2].strip()
        for line in (info.read_text(encoding="utf-8").splitlines() if info.exists() else [])
        if line.startswith("model name")
    ]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} processors"


if __name__ == "__main__":
    main()
