"""What the guide says a recovery may cost, on top of waits and of the user's own calls."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
import regex

from omninode_bridge.agents.workflows import (
    AlternativePathStrategy,
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    GracefulDegradationStrategy,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.testing import RecordingNotifier

from ._reader import Reader
from ._steps import handle

TIMES = 20
CODE = "class Node:\n" + "".join(
    f"    def execute_{n}(self, context):\n        return await self.load({n})\n" for n in range(40)
)

# The printed limits in milliseconds; an alternative and a stage of degradation each may take theirs.
LIMITS = {
    "alternative path": 300,
    "degradation": 200,
    "correction": 100,
    "escalation": 50,
}


def situation(what: str) -> tuple[ErrorRecoveryOrchestrator, Exception, Any, dict[str, Any]]:
    """Return an orchestrator, an error, the operation and the state, for one recovery."""
    orchestrator = ErrorRecoveryOrchestrator(notifiers={"recording": RecordingNotifier()})
    register = orchestrator.register_strategy

    async def generate(template_id: str = "main", degradation: Any = None) -> str:
        if (template_id, degradation) == ("main", None):
            raise RuntimeError("code generation failed")
        return "generated"

    if what == "correction":
        return orchestrator, SyntaxError("'await' outside async function"), None, {"code": CODE}
    if what == "escalation":
        return orchestrator, ValueError("invalid contract user.yaml"), None, {}
    if what == "degradation":
        strategy = GracefulDegradationStrategy(["simplify_validation"])
        register(RecoveryStrategy.GRACEFUL_DEGRADATION, strategy)
    else:
        register(RecoveryStrategy.ALTERNATIVE_PATH, AlternativePathStrategy(["other"]))
    return orchestrator, RuntimeError("code generation failed"), generate, {}


@pytest.mark.parametrize("what", LIMITS)
def test_overhead(reader: Reader, what: str) -> None:
    """A recovery by this strategy stays below the printed limit, usually far below."""
    taken = []
    for _ in range(TIMES):
        orchestrator, error, operation, state = situation(what)
        reader.supply(orchestrator=orchestrator)
        result = handle(reader, error, operation=operation, state=state)
        assert result.success or result.escalated
        taken.append(result.overhead_ms)

    assert median(taken) < LIMITS[what]


def told_a_lot() -> ErrorRecoveryOrchestrator:
    """Return an orchestrator with fifty patterns that do not match, and one that does."""
    orchestrator = ErrorRecoveryOrchestrator(notifiers={"recording": RecordingNotifier()})
    for n in range(50):
        regex = rf"Subsystem{n}.*(?:failed|broken)|E{n:04}-\d+"
        orchestrator.add_error_pattern(
            ErrorPattern(f"idle_{n}", ErrorType.NETWORK, regex, RecoveryStrategy.RETRY)
        )
    orchestrator.add_error_pattern(
        ErrorPattern(
            "everything",
            ErrorType.GENERATION,
            "generation.*failed",
            RecoveryStrategy.ALTERNATIVE_PATH,
            {
                "alternatives": ["other", "third"],
                "degradation_steps": ["simplify_validation", "skip_ai_quorum"],
                "fallback_strategies": ["graceful_degradation", "error_correction", "escalation"],
            },
            priority=-1,
        )
    )
    return orchestrator


def chained(n: int) -> Exception:
    error = RuntimeError(f"generation of node {n} failed")
    error.__cause__ = OSError(f"disk {n} is full")
    error.__cause__.__cause__ = KeyError(f"key {n}")
    return error


ERRORS: dict[str, Callable[[int], Exception]] = {
    "short": lambda n: TimeoutError(f"no answer {n}"),
    "long": lambda n: RuntimeError(f"line {n} of the log\n" * 1000),
    "chained": chained,
}


@pytest.mark.parametrize("make", ERRORS.values(), ids=ERRORS)
def test_error_analysis(make: Callable[[int], Exception]) -> None:
    """To say what an error is takes less than the printed 100 ms, however long its text is."""
    orchestrator = told_a_lot()
    taken = []
    for n in range(TIMES):
        error = make(n)
        begun = time.perf_counter()
        orchestrator.analyze(error)
        taken.append((time.perf_counter() - begun) * 1000)

    assert median(taken) < 100


async def generate(template_id: str = "main", code: str = "", degradation: Any = None) -> str:
    raise RuntimeError("generation of it failed")


def everything_fails(
    reader: Reader, orchestrator: ErrorRecoveryOrchestrator, n: int
) -> RecoveryResult:
    reader.supply(orchestrator=orchestrator)
    return handle(reader, chained(n), operation=generate, state={"code": CODE, "n": n})


def test_recovery_decision(reader: Reader) -> None:
    """Analysis and decision together, up to the first step, take less than the decision may alone."""
    orchestrator = told_a_lot()
    steps: list[float] = []
    orchestrator.on_recovery_attempt(lambda context, kind: steps.append(time.perf_counter()))
    taken = []
    for n in range(TIMES):
        steps.clear()
        begun = time.perf_counter()
        everything_fails(reader, orchestrator, n)
        taken.append((steps[0] - begun) * 1000)

    assert median(taken) < 50


def test_total_overhead(reader: Reader) -> None:
    """A recovery in which four strategies fail one after the other stays below the printed 500 ms."""
    orchestrator = told_a_lot()
    results = [everything_fails(reader, orchestrator, n) for n in range(TIMES)]

    kinds = [str(kind) for kind in dict.fromkeys(one.strategy for one in results[0].attempts)]
    assert kinds == ["alternative_path", "graceful_degradation", "error_correction", "escalation"]
    assert median(result.overhead_ms for result in results) < 500


def test_corrections_are_compiled_once(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is compiled for a recovery whose like there was before."""
    orchestrator = ErrorRecoveryOrchestrator()
    reader.supply(orchestrator=orchestrator)
    reader.write("""
        from omninode_bridge.agents.workflows import ErrorPattern

        orchestrator.add_error_pattern(ErrorPattern(
            "fix", "validation", "wrong version", "error_correction",
            metadata={"pattern": r"v(\\d+)_old", "replacement": r"v\\1_new"},
        ))
    """)
    compiled: list[object] = []

    def recover(n: int) -> object:
        return handle(
            reader, ValueError("wrong version"), state={"code": f"v{n}_old = {n}\n"}
        ).result

    recover(1)
    for module in (re, regex):
        whole = module.compile
        monkeypatch.setattr(
            module, "compile", lambda *a, whole=whole, **k: compiled.append(a[0]) or whole(*a, **k)
        )

    assert recover(2) == "v2_new = 2\n"
    assert compiled == []


def test_the_human_alone_decides_how_long_it_takes(reader: Reader) -> None:
    """An escalation that nobody waits for costs no time at all."""
    orchestrator, error, _, _ = situation("escalation")
    reader.supply(orchestrator=orchestrator)

    handle(reader, error)

    assert reader.passed == 0
