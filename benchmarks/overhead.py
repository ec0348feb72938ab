"""What recoveries cost beside waits and the user's own calls, against the targets in milliseconds.

Wall-clock time. `overhead_ms` is what each `RecoveryResult` says of itself; analysis and decision are timed alone.
Every error has a text of its own, so that no memo answers, and 50 patterns that do not match are registered. Nobody
waits: the clock is the machine's, its waits return at once. Run it with ``./dev bench overhead``; it fails where a
99th percentile is over its target.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import platform
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import count
from typing import Any

from omninode_bridge.agents.workflows import (
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
    SystemClock,
)
from omninode_bridge.agents.workflows._config import Config
from omninode_bridge.agents.workflows._ladder import decide
from omninode_bridge.agents.workflows._options import DEFAULT_OPTIONS
from omninode_bridge.agents.workflows._planning import plan_recovery
from omninode_bridge.agents.workflows._recorder import percentile
from omninode_bridge.agents.workflows.classification import PatternSet
from omninode_bridge.agents.workflows.recovery_models import Outcome
from omninode_bridge.agents.workflows.recovery_patterns import DEFAULT_PATTERNS
from omninode_bridge.agents.workflows.recovery_strategies._registry import built_in_strategies
from omninode_bridge.testing import RecordingNotifier

TARGETS = {"recovery": 500.0, "analysis": 100.0, "decision": 50.0}
RECOVERIES = 300
CORRECTIONS = (100, 30)  # of a small module, of a large one
SINGLE = 2_000
PATTERNS = 50
LONG_TEXT = 16_000

NODE = '''class Node{n}(Base):
    """Handle things of kind {n}."""

    async def load_{n}(self, key: str) -> dict:
        found = await self.client.get(f"/things/{{key}}")
        if found is None:
            return {{}}
        return {{"key": key, "found": found}}

    {execute} execute_{n}(self, key: str) -> dict:
        result = await self.load_{n}(key)
        return result
'''

Once = Callable[[ErrorRecoveryOrchestrator, int], Awaitable[RecoveryResult | None]]


class NoWait(SystemClock):
    """The machine's clock, but waits return at once."""

    __slots__ = ()

    async def sleep(self, seconds: float) -> None:
        """Let other tasks run, no more."""
        await asyncio.sleep(0)


def program(nodes: int) -> str:
    """Return a module of 13 lines a node, of which the middle one misses its `async`."""
    parts = [
        NODE.format(n=n, execute="def" if n == nodes // 2 else "async def") for n in range(nodes)
    ]
    return "class Base:\n    client = None\n\n\n" + "\n\n".join(parts)


def make_orchestrator() -> ErrorRecoveryOrchestrator:
    """Return an orchestrator with patterns of which none matches."""
    orchestrator = ErrorRecoveryOrchestrator(
        clock=NoWait(), notifiers={"team": RecordingNotifier()}
    )
    for pattern in idle_patterns():
        orchestrator.add_error_pattern(pattern)
    return orchestrator


def idle_patterns() -> Iterator[ErrorPattern]:
    """Yield patterns that no text of this file matches."""
    for n in range(PATTERNS):
        regex = rf"Subsystem{n}.*(?:failed|broken)|E{n:04}-\d+"
        yield ErrorPattern(f"idle_{n}", ErrorType.NETWORK, regex, RecoveryStrategy.RETRY)


async def told(
    orchestrator: ErrorRecoveryOrchestrator, fn: Callable[..., Any], *args: Any, **options: Any
) -> RecoveryResult | None:
    """Run a call and return the account of its recovery."""
    results: list[RecoveryResult] = []
    runs = orchestrator.with_options(**options, on_result=results.append)
    try:
        await runs.run(fn, *args)
    except Exception as error:
        if not results:
            raise RuntimeError("there was no recovery") from error
    return results[-1] if results else None


async def retry(orchestrator: ErrorRecoveryOrchestrator, n: int) -> RecoveryResult | None:
    """Fail twice with an error that passes."""
    errors = [ConnectionError(f"reset {n}"), TimeoutError(f"read {n}")]

    async def fetch() -> int:
        if errors:
            raise errors.pop()
        return n

    return await told(orchestrator, fetch)


async def alternative_path(
    orchestrator: ErrorRecoveryOrchestrator, n: int
) -> RecoveryResult | None:
    """Need the third of four templates."""

    async def render(template_id: str) -> str:
        if template_id != "v1":
            raise ValueError(f"template {template_id} of {n} cannot do this")
        return template_id

    return await told(
        orchestrator, render, "v3", alternatives=["v3", "v2b", "v2", "v1"], validate=bool
    )


async def degradation(orchestrator: ErrorRecoveryOrchestrator, n: int) -> RecoveryResult | None:
    """Need the last of four steps."""

    async def generate(mixins: list[str], validation_level: str, enable_ai_quorum: bool) -> str:  # noqa: FBT001
        if enable_ai_quorum:
            raise MemoryError(f"generation {n}")
        return validation_level

    steps = [
        "remove_all_mixins",
        "reduce_validation_depth",
        "simplify_validation",
        "skip_ai_quorum",
    ]
    arguments = (["Caching"], "full", True)
    return await told(orchestrator, generate, *arguments, degradation=steps)


def correction(nodes: int) -> Once:
    """Return a recovery of a module of so many classes that lacks one `async`."""
    text = program(nodes)

    async def accept(code: str) -> int:
        compile(code, "<generated>", "exec")
        return 1

    async def once(orchestrator: ErrorRecoveryOrchestrator, n: int) -> RecoveryResult | None:
        return await told(orchestrator, accept, f"# {n}\n{text}")

    return once


async def escalation(orchestrator: ErrorRecoveryOrchestrator, n: int) -> RecoveryResult | None:
    """Ask a human who does not answer."""
    context = RecoveryContext(
        "workflow", f"node {n}", state={"code": program(4)}, exception=PermissionError(f"no {n}")
    )
    return await orchestrator.handle_error(context)


async def recoveries(once: Once, rounds: int) -> list[float]:
    """Return the overhead of many recoveries, in milliseconds."""
    orchestrator = make_orchestrator()
    spent: list[float] = []
    for n in range(rounds + 10):
        result = await once(orchestrator, n)
        if result is None or not (result.success or result.escalated):
            raise RuntimeError(f"a recovery did not end as planned: {result!r}")
        spent.append(result.overhead_ms)
    return spent[10:]


def analyses(make: Callable[[int], BaseException | str]) -> list[float]:
    """Return the times of many analyses, in milliseconds."""
    orchestrator = make_orchestrator()
    spent: list[float] = []
    for n in range(SINGLE + 10):
        error = make(n)
        begun = time.perf_counter()
        orchestrator.analyze(error)
        spent.append((time.perf_counter() - begun) * 1000)
    return spent[10:]


def decisions() -> list[float]:
    """Return the times from an analysis to the first decision, in milliseconds."""
    orchestrator = make_orchestrator()
    strategies = built_in_strategies(
        max_retries=3,
        base_delay=1.0,
        jitter="full",
        escalation=None,
        degradation_steps=None,
        validators=None,
    )
    config = Config(PatternSet.of(DEFAULT_PATTERNS, built_in=True), strategies)
    for pattern in idle_patterns():
        config = config.with_pattern(pattern)
    spent: list[float] = []
    for n in range(SINGLE + 10):
        error = SyntaxError(f"invalid syntax {n}")
        analysis = orchestrator.analyze(error)
        context = RecoveryContext("w", "n", exception=error)
        begun = time.perf_counter()
        planned = plan_recovery(
            config,
            context,
            analysis,
            DEFAULT_OPTIONS,
            call=None,
            text=lambda n=n: f"SyntaxError: invalid syntax {n}",  # type: ignore[misc]
            seed=0.5,
            human_configured=True,
        )
        decide(planned.plan, [Outcome(n=0, ok=False, elapsed=0.0, error_type=analysis.error_type)])
        spent.append((time.perf_counter() - begun) * 1000)
    return spent[10:]


def chained(n: int) -> BaseException:
    """Return an error with a chain of causes."""
    error: BaseException = ConnectionResetError(104, f"reset by peer {n}")
    for depth in range(5):
        outer = RuntimeError(f"step {n}.{depth} failed")
        outer.__cause__ = error
        error = outer
    return error


def measure() -> Iterator[tuple[str, str, list[float]]]:
    """Yield the kind of target, the case, and its times."""
    cases: tuple[tuple[str, Once, int], ...] = (
        ("retry", retry, RECOVERIES),
        ("alternative path", alternative_path, RECOVERIES),
        ("graceful degradation", degradation, RECOVERIES),
        ("error correction, 55 lines", correction(4), CORRECTIONS[0]),
        ("error correction, 680 lines", correction(50), CORRECTIONS[1]),
        ("escalation", escalation, RECOVERIES),
    )
    for name, once, rounds in cases:
        yield "recovery", name, asyncio.run(recoveries(once, rounds))
    numbers = count()
    words = "worker 7 said nothing of use; " * (LONG_TEXT // 30)
    yield "analysis", "a built-in exception", analyses(lambda n: ConnectionError(f"reset {n}"))
    yield "analysis", "a chain of six", analyses(chained)
    yield "analysis", "a line of a log", analyses(lambda n: f"E: request {n} timed out")
    yield "analysis", "16 kB of text", analyses(lambda n: RuntimeError(f"{next(numbers)} {words}"))
    yield "decision", "plan and first step", decisions()


def show(rows: Sequence[tuple[str, str, list[float]]]) -> bool:
    """Print the table; return whether every target is met."""
    print(f"{'':10} {'':28} {'times':>6} {'p50 ms':>9} {'p99 ms':>9} {'target':>7}")
    met = True
    for kind, name, spent in rows:
        high = percentile(spent, 0.99)
        met = met and high < TARGETS[kind]
        print(
            f"{kind:10} {name:28} {len(spent):6} {percentile(spent, 0.5):9.3f} {high:9.3f} "
            f"{TARGETS[kind]:7.0f}"
        )
    return met


def main() -> int:
    """Measure, print a table, and say whether the targets are met."""
    logging.disable(logging.CRITICAL)
    print(f"Python {platform.python_version()}, {platform.machine()}")
    gc.collect()
    met = show(list(measure()))
    print(f"targets of the 99th percentile: {'met' if met else 'missed'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
