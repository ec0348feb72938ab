"""What the journal costs against a bare INSERT and COMMIT into the same file, in one run.

Wall-clock time, medians of rounds that take turns. A bare commit is one row of a text and a number through the
standard library, `synchronous` set as for the write that it is compared with. What a step costs is the time of a
workflow of steps that do nothing, one after the other, with a journal and without, as a difference. Run it with
``./dev bench journal``; it fails where a ratio is over its bar.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from _journal_lists import lists, reports
from _journal_table import BARS, Bare, Row, processor
from omninode_bridge.agents.workflows import (
    Decision,
    ErrorRecoveryOrchestrator,
    JournalEngine,
    StagedParallelExecutor,
    WorkflowStage,
    WorkflowStep,
)
from omninode_bridge.agents.workflows.journal._hashes import StepHashes
from omninode_bridge.agents.workflows.recovery_models import EscalationReport

STEPS = 400
ROUNDS = 11
ESCALATIONS = 40


async def nothing(n: int) -> int:
    """Stand for a step that does nothing."""
    return n


def chain(operation: Callable[[int], Awaitable[int]]) -> list[WorkflowStage]:
    """Return a workflow of steps that run one after the other."""
    steps = [
        WorkflowStep(
            f"s{n}",
            operation,
            arguments={"n": n},
            dependencies=[f"s{n - 1}"] if n else [],
            version="1",
        )
        for n in range(STEPS)
    ]
    return [WorkflowStage("chain", steps)]


async def workflow(
    engine: JournalEngine | None,
    name: str,
    operation: Callable[[int], Awaitable[int]] = nothing,
) -> float:
    """Return the seconds of each step."""
    executor, stages = StagedParallelExecutor(engine=engine), chain(operation)
    begun = time.perf_counter()
    await executor.execute_workflow(name, stages)
    return (time.perf_counter() - begun) / STEPS


async def book(engine: JournalEngine, name: str) -> float:
    """Return the seconds of the record of a step: its beginning, with the end of the one before."""
    kept = await engine.open_workflow(name)
    hashes = StepHashes("c" * 32, "a" * 32, "i" * 32)
    begun = time.perf_counter()
    for n in range(STEPS):
        kept.start(f"chain/s{n}", hashes)
        await kept.flush()
        kept.done(f"chain/s{n}", n)
    spent = (time.perf_counter() - begun) / STEPS
    kept.close("done")
    return spent


def steps(folder: Path) -> Iterable[Row]:
    """Yield what a step costs."""
    with JournalEngine(folder / "steps.db") as engine:
        bare, full = Bare(engine.file.path, "NORMAL"), Bare(engine.file.path, "FULL")
        times: defaultdict[str, list[float]] = defaultdict(list)
        for round_ in range(ROUNDS + 1):
            one = {
                "journal": asyncio.run(workflow(engine, f"w{round_}")),
                "inline": asyncio.run(workflow(None, f"w{round_}")),
                "by hand": asyncio.run(workflow(None, f"w{round_}", bare.step)),
                "book": asyncio.run(book(engine, f"b{round_}")),
                "bare": bare.run(STEPS),
                "full by hand": asyncio.run(workflow(None, f"w{round_}", full.step)),
                "full": full.run(STEPS // 4),
            }
            for name in ("journal", "by hand", "full by hand"):
                one[f"{name}, more"] = one[name] - one["inline"]
            if round_:  # the first round warms up
                for name, value in one.items():
                    times[name].append(value)
    middle = {name: statistics.median(values) for name, values in times.items()}
    step, record = middle["journal, more"], middle["book"]
    yield Row(
        "a step: journal, to a commit in each step, FULL",
        step,
        middle["full by hand, more"],
        "step",
    )
    yield Row("a step: journal, to a commit in each step, NORMAL", step, middle["by hand, more"])
    yield Row("a step: journal, to bare commits, FULL", step, middle["full"], "step")
    yield Row("a step: journal, to bare commits, NORMAL", step, middle["bare"])
    yield Row("its record alone, to bare commits, FULL", record, middle["full"], "step")
    yield Row("its record alone, to bare commits, NORMAL", record, middle["bare"])
    yield Row("a step without a journal, to bare commits, NORMAL", middle["inline"], middle["bare"])


async def timed(jobs: Iterable[Awaitable[object]]) -> float:
    """Return the seconds of each job."""
    spent = []
    for job in jobs:
        begun = time.perf_counter()
        await job
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent)


async def asked(engine: JournalEngine, report: EscalationReport) -> None:
    """Do what an escalation is to the store, without a channel: open, claim, settle."""
    store = engine.escalations
    await store.open(report, claim=True)
    await store.claim_notice(report.escalation_id)
    await store.settle_outbox(report.escalation_id, delivered=True)


def escalations(folder: Path) -> Iterable[Row]:
    """Yield what an escalation costs."""
    with JournalEngine(folder / "escalations.db") as engine:
        bare = Bare(engine.file.path, "FULL")
        times: dict[str, list[float]] = {"bare": [], "open": [], "resolve": []}
        for round_ in range(ROUNDS + 1):
            made = reports(f"r{round_}", ESCALATIONS)

            async def both(made: list[EscalationReport] = made) -> tuple[float, float]:
                store = engine.escalations
                opened = await timed(asked(engine, report) for report in made)
                answered = await timed(
                    store.resolve(report.escalation_id, Decision.retry(), by="ann")
                    for report in made
                )
                return opened, answered

            opened, answered = asyncio.run(both())
            base = bare.run(ESCALATIONS)
            if round_:
                times["bare"].append(base)
                times["open"].append(opened)
                times["resolve"].append(answered)
    middle = {name: statistics.median(values) for name, values in times.items()}
    yield Row("an escalation: open, claim, settle", middle["open"], middle["bare"], "escalation")
    yield Row("its answer", middle["resolve"], middle["bare"], "escalation")


def recoveries(folder: Path) -> Iterable[Row]:
    """Yield what a recovery by one retry costs, with a journal and without."""
    logging.disable(logging.CRITICAL)
    with JournalEngine(folder / "recoveries.db") as engine:
        bare = Bare(engine.file.path, "NORMAL")
        times: dict[str, list[float]] = {"journal": [], "inline": [], "bare": []}
        for round_ in range(ROUNDS + 1):
            one = {
                "journal": asyncio.run(retries(engine)),
                "inline": asyncio.run(retries(None)),
                "bare": bare.run(STEPS),
            }
            if round_:
                for name, value in one.items():
                    times[name].append(value)
    middle = {name: statistics.median(values) for name, values in times.items()}
    yield Row("a recovery by one retry, to inline", middle["journal"], middle["inline"])
    yield Row("the same, to a bare commit", middle["journal"], middle["bare"])


async def retries(engine: JournalEngine | None) -> float:
    """Return the seconds of each recovery."""
    orchestrator = ErrorRecoveryOrchestrator(engine=engine, base_delay=0, notifiers={})
    told: list[object] = []
    runs = orchestrator.with_options(on_result=told.append)  # both have the same account to give

    def once() -> Callable[[], Awaitable[int]]:
        errors = [ConnectionError("reset")]

        async def fetch() -> int:
            if errors:
                raise errors.pop()
            return 1

        return fetch

    begun = time.perf_counter()
    for _ in range(STEPS // 4):
        await runs.run(once())
    return (time.perf_counter() - begun) / (STEPS // 4)


def main() -> int:
    """Measure, print a table, and say whether the bars are kept."""
    logging.disable(logging.CRITICAL)
    print(
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{os.cpu_count()} x {processor()}, {platform.system()} {platform.machine()}"
    )
    print(f"{'':50} {'us':>9} {'against':>9} {'ratio':>7} {'bar':>5}")
    met = True
    with tempfile.TemporaryDirectory(dir=os.environ.get("JOURNAL_BENCH_DIR")) as name:
        for part in (steps, recoveries, escalations, lists):
            gc.collect()
            for row in part(Path(name)):
                met = met and row.met
                bar = f"{BARS[row.bar]:g}" if row.bar else ""
                print(
                    f"{row.name:50} {row.spent * 1e6:9.1f} {row.base * 1e6:9.1f} "
                    f"{row.ratio:7.2f} {bar:>5}"
                )
    print(f"bars: {'kept' if met else 'missed'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
