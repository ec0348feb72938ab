"""What `run()`, `recoverable()` and `handle_error()` cost, against loops written by hand and against tenacity.

CPU time of the thread, all candidates in turn within each round, the median of the rounds' ratios. Run it with
``./dev bench hot_path``; it fails where a bar is missed. "Fails once" means that the first call raises ConnectionError
and the second returns; ours then also classifies, plans, logs and counts. "As it is used" means default settings, errors
that differ in their text, and waits with jitter on every side, which a clock that does not sleep ends at once. Hooks and
`handle_error()` get the whole account of the recovery, which nothing here but ours makes.
"Unhandled" means an error that the filter leaves alone; where nothing is filtered, ours goes to the end of the ladder.
"""

from __future__ import annotations

import asyncio
import logging
import platform
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import _hot_path_by_hand as hand
import _hot_path_ways as ways
from _hot_path_by_hand import Async, Sync
from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator

ROUNDS = 15
HAPPY, FAILING, UNHANDLED = 20_000, 200, 2_000
# The bars: a happy call and an unhandled error against the wrapper written by hand, a recovery against tenacity. What is
# only aimed at fails nothing: a recovery against the bare loop, and where more is asked of it than a retry.
WRAPPED, LEFT_ALONE, LOOPED, TENACITY = 1.5, 2.0, 20.0, 1.0


@dataclass(frozen=True)
class Table:
    """Ways to make one kind of call.

    Attributes:
        bars: by way, the column and what its ratio may be at most.
        aims: the same, for what is looked at and fails nothing.
    """

    title: str
    calls: int
    ways: Mapping[str, Any]
    columns: tuple[str, ...]
    bars: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    aims: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    asynchronous: bool = False


def spend(fn: Sync, calls: int) -> float:
    """Return the CPU microseconds of one call."""
    begun = time.thread_time()
    for _ in range(calls):
        fn()
    return (time.thread_time() - begun) / calls * 1e6


async def spend_async(fn: Async, calls: int) -> float:
    """Return the CPU microseconds of one awaited call."""
    begun = time.thread_time()
    for _ in range(calls):
        await fn()
    return (time.thread_time() - begun) / calls * 1e6


def measure(table: Table) -> list[dict[str, float]]:
    """Return what each way cost in each round; the first round only warms up."""

    async def one() -> dict[str, float]:
        return {name: await spend_async(way, table.calls) for name, way in table.ways.items()}

    rounds = []
    for _ in range(ROUNDS + 1):
        if table.asynchronous:
            rounds.append(asyncio.run(one()))
        else:
            rounds.append({name: spend(way, table.calls) for name, way in table.ways.items()})
    return rounds[1:]


def show(table: Table, rounds: Sequence[Mapping[str, float]]) -> bool:
    """Print the medians of costs and ratios; return whether every bar holds."""
    heads = "".join(f" {'/ ' + column:>14}" for column in table.columns)
    print(f"\n{table.title:34} {'us a call':>10}{heads}  bars")
    held = True
    for name in table.ways:
        ratios = {
            column: statistics.median(costs[name] / costs[column] for costs in rounds)
            for column in table.columns
        }
        verdicts = []
        for column, bar in table.bars.get(name, {}).items():
            held = held and ratios[column] <= bar
            verdicts.append(f"{bar:g} {'held' if ratios[column] <= bar else 'MISSED'}")
        for column, aim in table.aims.get(name, {}).items():
            if column in table.bars.get(name, {}):
                continue
            verdicts.append(f"aim {aim:g} {'met' if ratios[column] <= aim else 'missed'}")
        cost = statistics.median(costs[name] for costs in rounds)
        cells = "".join(f" {ratios[column]:14.2f}" for column in table.columns)
        print(f"{name:34} {cost:10.2f}{cells}  {', '.join(verdicts)}".rstrip())
    return held


def happy() -> list[Table]:
    """Return the tables of calls that succeed."""
    fn, async_fn = ways.steady()
    orchestrator = ways.plain_settings()
    columns = ("try/except", "tenacity")
    bars = {"recoverable": {"try/except": WRAPPED}}
    return [
        Table(
            "happy, plain function",
            HAPPY,
            {
                "try/except": hand.guard(fn),
                "loop": hand.loop(fn),
                "tenacity": ways.by_tenacity(jitter=False, asynchronous=False)(fn),
                "stamina": ways.by_stamina(fn),
                "recoverable": orchestrator.recoverable(fn),
                "run_sync": lambda: orchestrator.run_sync(fn),
            },
            columns,
            bars,
        ),
        Table(
            "happy, coroutine",
            HAPPY,
            {
                "try/except": hand.guard_async(async_fn),
                "loop": hand.loop_async(async_fn),
                "tenacity": ways.by_tenacity(jitter=False, asynchronous=True)(async_fn),
                "recoverable": orchestrator.recoverable(async_fn),
                "run": lambda: orchestrator.run(async_fn),
            },
            columns,
            bars,
            asynchronous=True,
        ),
    ]


def fails_once(*, as_used: bool) -> list[Table]:
    """Return the tables of calls that fail once, without waits or as they are used."""
    fn, async_fn = ways.flaky(same_text=not as_used)
    plain = ways.plain_settings() if as_used else ErrorRecoveryOrchestrator(base_delay=0)
    own: dict[str, Sync] = {
        "recoverable": plain.recoverable(fn),
        "run_sync": lambda: plain.run_sync(fn),
    }
    own_async: dict[str, Async] = {
        "recoverable": plain.recoverable(async_fn),
        "run": lambda: plain.run(async_fn),
        "handle_error": ways.after_the_fact(async_fn, plain),
    }
    if as_used:
        for what, orchestrator in (
            ("20 patterns", ways.with_patterns()),
            ("metrics", ways.with_metrics()),
            ("hooks", ways.with_hooks()),
        ):
            own[f"recoverable, {what}"] = orchestrator.recoverable(fn)
            own_async[f"recoverable, {what}"] = orchestrator.recoverable(async_fn)
            own_async[f"handle_error, {what}"] = ways.after_the_fact(async_fn, orchestrator)
    waits = {"loop with waits": hand.waiting_loop(fn)} if as_used else {}
    waits_async = {"loop with waits": hand.waiting_loop_async(async_fn)} if as_used else {}
    quick = ("recoverable", "run", "run_sync")
    held = {name: {"tenacity": TENACITY} for name in quick}
    aims = {name: {"loop": LOOPED, "tenacity": TENACITY} for name in [*own, *own_async]}
    # where every text is new, the analysis of the text costs as much as all of tenacity's retry
    bars = {} if as_used else held
    title = "fails once" + (", as it is used" if as_used else "")
    return [
        Table(
            f"{title}, plain function",
            FAILING,
            {
                "loop": hand.loop(fn),
                **waits,
                "tenacity": ways.by_tenacity(jitter=as_used, asynchronous=False)(fn),
                "stamina": ways.by_stamina(fn),
                **own,
            },
            ("loop", "tenacity"),
            bars,
            aims,
        ),
        Table(
            f"{title}, coroutine",
            FAILING,
            {
                "loop": hand.loop_async(async_fn),
                **waits_async,
                "tenacity": ways.by_tenacity(jitter=as_used, asynchronous=True)(async_fn),
                **own_async,
            },
            ("loop", "tenacity"),
            held,
            aims,
            asynchronous=True,
        ),
    ]


def unhandled() -> list[Table]:
    """Return the tables of errors that nobody handles."""
    fn, async_fn = ways.broken()
    orchestrator = ways.plain_settings()
    filtered = orchestrator.recoverable("network")
    plain = {
        "try/except": hand.guard(fn),
        "try/except Exception, raise": hand.sieve(fn),
        "tenacity": ways.by_tenacity(jitter=False, asynchronous=False)(fn),
        "stamina": ways.by_stamina(fn),
        "recoverable('network')": filtered(fn),
        "recoverable, no filter": orchestrator.recoverable(fn),
    }
    asynchronous = {
        "try/except": hand.guard_async(async_fn),
        "try/except Exception, raise": hand.sieve_async(async_fn),
        "tenacity": ways.by_tenacity(jitter=False, asynchronous=True)(async_fn),
        "recoverable('network')": filtered(async_fn),
        "recoverable, no filter": orchestrator.recoverable(async_fn),
    }
    columns = ("try/except", "tenacity")
    bars = {"recoverable('network')": {"try/except": LEFT_ALONE}}
    return [
        Table(
            "unhandled, plain function",
            UNHANDLED,
            {name: ways.caught(way) for name, way in plain.items()},
            columns,
            bars,
        ),
        Table(
            "unhandled, coroutine",
            UNHANDLED,
            {name: ways.caught_async(way) for name, way in asynchronous.items()},
            columns,
            bars,
            asynchronous=True,
        ),
    ]


def main() -> int:
    """Measure and print every table; say whether every bar holds."""
    logging.disable(logging.CRITICAL)
    print(f"Python {platform.python_version()}, {platform.machine()}, {ROUNDS} rounds")
    tables = [*happy(), *fails_once(as_used=False), *fails_once(as_used=True), *unhandled()]
    held = [show(table, measure(table)) for table in tables]
    print(f"\nbars: {'all held' if all(held) else 'missed'}")
    return 0 if all(held) else 1


if __name__ == "__main__":
    raise SystemExit(main())
