"""Transient errors that pass within the schedule; nothing is declared, the error chooses retry."""

from __future__ import annotations

import asyncio
import functools
import random
from typing import Any

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.testing import FakeClock

from ._errors import passing
from ._tally import Verdict

WAYS = ("run", "run_sync", "recoverable", "recoverable_sync", "handle_error", "text")
TELLING = ("words", "errno", "class")  # of these, the text alone says enough


class Flaky:
    """A call that fails so many times with other errors, and notes what it was given."""

    def __init__(self, errors: list[Exception]) -> None:
        self.errors = list(errors)
        self.seen: list[tuple[str, int]] = []

    def plain(self, name: str, *, size: int = 1) -> tuple[str, int]:
        self.seen.append((name, size))
        if self.errors:
            raise self.errors.pop(0)
        return name, size

    async def coroutine(self, name: str, *, size: int = 1) -> tuple[str, int]:
        await asyncio.sleep(0)
        if self.errors and type(self.errors[0]) is TimeoutError and not self.errors[0].args:
            self.seen.append((name, size))
            self.errors.pop(0)
            async with asyncio.timeout(0):  # a timeout as it really comes
                await asyncio.Event().wait()
        return self.plain(name, size=size)


async def retrying(rng: random.Random) -> Verdict:
    """Fail one to `max_retries` times with transient errors of changing kinds, then return."""
    retries = rng.choice((1, 2, 3, 3, 3, 5))
    kind, first = passing(rng)
    failures = [first, *(passing(rng)[1] for _ in range(rng.randint(0, retries - 1)))]
    clock = FakeClock()
    orchestrator = ErrorRecoveryOrchestrator(
        clock=clock, max_retries=retries, base_delay=rng.choice((0.1, 1.0, 2.0)), draw=rng.random
    )
    results: list[RecoveryResult] = []
    orchestrator.on_recovery_success(results.append)
    orchestrator.on_recovery_failure(results.append)
    flaky = Flaky(failures)
    name, size = f"item {rng.randrange(100)}", rng.randrange(100)
    way = rng.choice(WAYS if kind in TELLING else WAYS[:-1])
    if way == "text":
        flaky.errors.pop(0)  # it happened elsewhere; only a line of a log is left of it
    try:
        if way in WAYS[4:]:
            value = await _afterwards(
                orchestrator, flaky, first if way == "text" else None, name, size
            )
        else:
            value = await _go(orchestrator, flaky, way, name, size)
    except Exception as error:
        value = error
    told = [f"{type(error).__name__}: {error}" for error in failures]
    result = results[-1] if results else None
    if value != (name, size):
        return Verdict(kind, f"{way}, {told}: {value!r}, {result and result.analysis.reasons}")
    if len(flaky.seen) != len(failures) + (way != "text") or set(flaky.seen) != {(name, size)}:
        return Verdict(kind, f"{way}, {told}: was called with {flaky.seen}")
    if result is None or result.strategy_used is not RecoveryStrategy.RETRY:
        return Verdict(kind, f"{way}, {told}: by {result}")
    return Verdict(kind)


async def _go(
    orchestrator: ErrorRecoveryOrchestrator, flaky: Flaky, way: str, name: str, size: int
) -> Any:
    if way == "run":
        return await orchestrator.run(flaky.coroutine, name, size=size)
    if way == "run_sync":
        return orchestrator.run_sync(flaky.plain, name, size=size)
    if way == "recoverable":
        return await orchestrator.recoverable()(flaky.coroutine)(name, size=size)
    return orchestrator.recoverable(flaky.plain)(name, size=size)


async def _afterwards(
    orchestrator: ErrorRecoveryOrchestrator,
    flaky: Flaky,
    logged: Exception | None,
    name: str,
    size: int,
) -> Any:
    """Recover from an error that was caught, or from its text as a log shows it."""
    if logged is not None:
        cls = type(logged)
        fields: dict[str, Any] = {"error_message": f"{cls.__module__}.{cls.__name__}: {logged}"}
    else:
        try:
            return await flaky.coroutine(name, size=size)
        except Exception as error:
            fields = {"exception": error}
    context = RecoveryContext("workflow", "node", state={"size": size, "other": 1}, **fields)
    operation = functools.partial(flaky.coroutine, name)
    result = await orchestrator.handle_error(context, operation)
    return result.result if result.success else result.error_message
