"""What the guide says a recovery may cost, on top of waits and of the user's own calls."""

from __future__ import annotations

import re
from statistics import median
from typing import Any

import pytest
import regex

from omninode_bridge.agents.workflows import (
    AlternativePathStrategy,
    ErrorRecoveryOrchestrator,
    GracefulDegradationStrategy,
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
