"""What `run()` and `recoverable` cost, against a try/except written by hand and against tenacity.

CPU time of the thread, all candidates in turn within each round, the median of the rounds' ratios. Run it with
``./dev bench hot_path``. Nobody waits: our delays and tenacity's are zero. "Fails once" means that the first call
raises ConnectionError and the second returns; ours then also classifies, plans, logs and counts.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import platform
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

import stamina
import tenacity

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator

ROUNDS = 15
CALLS = {"happy": 20_000, "fails once": 500}

Sync = Callable[[], Any]
Async = Callable[[], Awaitable[Any]]


def by_hand(fn: Sync) -> Sync:
    """Wrap a function in the loop that people write."""

    @functools.wraps(fn)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        for attempt in range(4):
            try:
                return fn(*args, **kwargs)
            except ConnectionError:
                if attempt == 3:
                    raise
        return None

    return wrapper


def by_hand_async(fn: Async) -> Async:
    """Wrap a coroutine function in the same loop."""

    @functools.wraps(fn)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        for attempt in range(4):
            try:
                return await fn(*args, **kwargs)
            except ConnectionError:
                if attempt == 3:
                    raise
        return None

    return wrapper


def candidates(fn: Sync, orchestrator: ErrorRecoveryOrchestrator) -> dict[str, Sync]:
    """Return the same plain function under every way of retrying it."""
    quiet = tenacity.retry(
        stop=tenacity.stop_after_attempt(4),
        retry=tenacity.retry_if_exception_type(ConnectionError),
        sleep=lambda _: None,
    )
    patient = stamina.retry(
        on=ConnectionError, attempts=4, wait_initial=0.0, wait_max=0.0, wait_jitter=0.0
    )
    return {
        "try/except by hand": by_hand(fn),
        "tenacity": quiet(fn),
        "stamina": patient(fn),
        "recoverable": orchestrator.recoverable(fn),
        "run_sync": lambda: orchestrator.run_sync(fn),
    }


def candidates_async(fn: Async, orchestrator: ErrorRecoveryOrchestrator) -> dict[str, Async]:
    """Return the same coroutine function under every way of retrying it."""

    async def no_wait(_: float) -> None:
        return None

    quiet = tenacity.retry(
        stop=tenacity.stop_after_attempt(4),
        retry=tenacity.retry_if_exception_type(ConnectionError),
        sleep=no_wait,
    )
    return {
        "try/except by hand": by_hand_async(fn),
        "tenacity": quiet(fn),
        "recoverable": orchestrator.recoverable(fn),
        "run": lambda: orchestrator.run(fn),
    }


def flaky() -> tuple[Sync, Async]:
    """Return a function and a coroutine function that raise at every other call."""
    state = {"calls": 0}

    def fn() -> int:
        state["calls"] += 1
        if state["calls"] % 2:
            raise ConnectionError("reset by peer")
        return 1

    async def async_fn() -> int:
        return fn()

    return fn, async_fn


def steady() -> tuple[Sync, Async]:
    """Return a function and a coroutine function that return."""

    def fn() -> int:
        return 1

    async def async_fn() -> int:
        return 1

    return fn, async_fn


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


def show(title: str, rounds: list[dict[str, float]]) -> None:
    """Print the medians, and the median ratios to the hand-written loop and to tenacity."""
    print(f"\n{title:24} {'us a call':>10} {'/ by hand':>10} {'/ tenacity':>11}")
    for name in rounds[0]:
        ours = statistics.median(costs[name] for costs in rounds)
        hand = statistics.median(costs[name] / costs["try/except by hand"] for costs in rounds)
        peer = statistics.median(costs[name] / costs["tenacity"] for costs in rounds)
        print(f"{name:24} {ours:10.2f} {hand:10.2f} {peer:11.2f}")


def main() -> int:
    """Measure and print every table."""
    logging.disable(logging.CRITICAL)
    orchestrator = ErrorRecoveryOrchestrator(base_delay=0)
    print(f"Python {platform.python_version()}, {platform.machine()}, {ROUNDS} rounds")
    for what, make in (("happy", steady), ("fails once", flaky)):
        fn, async_fn = make()
        ways = candidates(fn, orchestrator)
        rounds = [
            {k: spend(way, CALLS[what]) for k, way in ways.items()} for _ in range(ROUNDS + 1)
        ]
        show(f"{what}, plain function", rounds[1:])
        async_ways = candidates_async(async_fn, orchestrator)

        async def measure(
            ways: dict[str, Async] = async_ways, calls: int = CALLS[what]
        ) -> dict[str, float]:
            return {name: await spend_async(way, calls) for name, way in ways.items()}

        rounds = [asyncio.run(measure()) for _ in range(ROUNDS + 1)]
        show(f"{what}, coroutine", rounds[1:])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
