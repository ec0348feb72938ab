"""Troubleshooting, Solutions: what the guide advises helps."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    AlternativePathStrategy,
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    GracefulDegradationStrategy,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.errors import PatternError

from ._reader import Reader
from ._steps import handle

RETRY = RecoveryStrategy.RETRY
OTHER = RecoveryStrategy.ALTERNATIVE_PATH


def failing(times: int, error: Callable[[], Exception]) -> Callable[[], Any]:
    """Return a call that works after it failed so often."""
    ran: list[int] = []

    async def call() -> str:
        ran.append(1)
        if len(ran) <= times:
            raise error()
        return "done"

    return call


def reset() -> Exception:
    return ConnectionError("connection reset by peer")


def strange() -> Exception:
    return RuntimeError("XJ-12 of the mainframe")


def success_rate(orchestrator: ErrorRecoveryOrchestrator) -> float:
    return orchestrator.get_statistics().success_rate


def test_more_patterns(reader: Reader) -> None:
    """An error that nobody knows is recovered once a pattern says how."""
    orchestrator = ErrorRecoveryOrchestrator()
    reader.supply(orchestrator=orchestrator)

    before = handle(reader, strange(), operation=failing(1, strange))
    orchestrator.add_error_pattern(
        ErrorPattern("mainframe", ErrorType.NETWORK, r"XJ-\d+", RETRY, {"base_delay": 0})
    )
    after = handle(reader, strange(), operation=failing(1, strange))

    assert (before.success, after.success) == (False, True)
    assert success_rate(orchestrator) == 0.5


@pytest.mark.parametrize(("retries", "works"), [(3, False), (6, True)])
def test_more_retries(reader: Reader, retries: int, works: bool) -> None:
    """What fails five times in a row needs more than the three retries of the default."""
    orchestrator = ErrorRecoveryOrchestrator(max_retries=retries)
    reader.supply(orchestrator=orchestrator)

    result = handle(reader, reset(), operation=failing(5, reset))

    details = orchestrator.get_statistics().strategy_details[RETRY]
    assert result.success is works
    assert success_rate(orchestrator) == float(works)
    assert details.exhaustion_rate == float(not works)


async def render(template_id: str) -> str:
    if template_id == "v2":
        raise ValueError("Template 'v2' render failed: no title")
    return f"rendered with {template_id}"


def test_alternatives_for_frequent_failures(reader: Reader) -> None:
    """What fails every time is recovered once there is another way."""
    orchestrator = ErrorRecoveryOrchestrator()
    reader.supply(orchestrator=orchestrator)
    error = ValueError("Template 'v2' render failed: no title")

    before = handle(reader, error, operation=render, state={"template_id": "v2"})
    orchestrator.register_strategy(OTHER, AlternativePathStrategy(["v1"]))
    after = handle(reader, error, operation=render, state={"template_id": "v2"})

    assert (before.success, after.success) == (False, True)
    assert success_rate(orchestrator) == 0.5


def test_the_log_shows_new_patterns(reader: Reader, caplog: pytest.LogCaptureFixture) -> None:
    """A failed recovery is a WARNING with the error in words, and the missing pattern; no secrets."""
    reader.supply(orchestrator=ErrorRecoveryOrchestrator())
    error = RuntimeError("XJ-12 of the mainframe, password=hunter2hunter2")

    handle(reader, error, operation=failing(9, lambda: error))

    (record,) = [one for one in caplog.records if one.getMessage() == "recovery.finished"]
    assert record.levelno == logging.WARNING
    assert vars(record)["pattern_id"] is None
    assert "XJ-12 of the mainframe" in vars(record)["error"]
    assert "hunter2" not in vars(record)["error"]


def duration(reader: Reader, operation: Any, error: Exception, **state: Any) -> RecoveryResult:
    result = handle(reader, error, operation=operation, state=state)
    assert result.success
    return result


def test_lower_delays(reader: Reader) -> None:
    """A lower base delay makes the same recovery as much shorter."""
    taken = []
    for delay in (1.0, 0.1):
        reader.supply(orchestrator=ErrorRecoveryOrchestrator(base_delay=delay, jitter="none"))
        taken.append(duration(reader, failing(2, reset), reset()).duration_ms)

    slow, quick = taken
    assert slow == pytest.approx(7000, abs=100)
    assert quick == pytest.approx(700, abs=100)


def test_fewer_alternatives(reader: Reader) -> None:
    """Alternatives that never work cost their time; without them the one that works comes first."""

    async def slow(template_id: str) -> str:
        await asyncio.sleep(1)
        if template_id != "v1":
            raise ValueError(f"Template {template_id!r} render failed: no title")
        return template_id

    taken = []
    for names in (["v5", "v4", "v3", "v1"], ["v1"]):
        orchestrator = ErrorRecoveryOrchestrator()
        orchestrator.register_strategy(OTHER, AlternativePathStrategy(names))
        reader.supply(orchestrator=orchestrator)
        error = ValueError("Template 'v9' render failed: no title")
        taken.append(duration(reader, slow, error, template_id="v9").duration_ms)

    assert [round(each / 1000) for each in taken] == [4, 1]


def test_simpler_corrections(reader: Reader) -> None:
    """A regex that takes too long is cut off and costs nothing else; a simple one does its work."""
    metadata = {
        "steps": [
            {"pattern": r"(\w+\s?)+=!", "replacement": "x"},
            {"pattern": r"v1", "replacement": "v2"},
        ]
    }
    taken = []
    for steps in (metadata["steps"], metadata["steps"][1:]):
        orchestrator = ErrorRecoveryOrchestrator()
        orchestrator.add_error_pattern(
            ErrorPattern(
                "newer", ErrorType.VALIDATION, "too old", "error_correction", {"steps": steps}
            )
        )
        reader.supply(orchestrator=orchestrator)
        code = "name = 'v1'\ntext = '" + "word " * 2000 + "'\n"
        result = handle(reader, ValueError("too old"), state={"code": code})
        assert result.success, result.error_message
        assert result.result == code.replace("v1", "v2")
        taken.append(result.overhead_ms)

    assert max(taken) < 2000


def test_faster_degradation(reader: Reader) -> None:
    """One step that takes away enough is quicker than three of which the last one does."""

    async def generate(
        mixins: list[str], enable_ai_quorum: bool = True, template_id: str = "node_v2"
    ) -> str:
        await asyncio.sleep(1)
        if template_id != "node_basic":
            raise MemoryError("too complex")
        return template_id

    taken = []
    for steps in (
        ["remove_all_mixins", "skip_ai_quorum", "use_basic_template"],
        ["use_basic_template"],
    ):
        orchestrator = ErrorRecoveryOrchestrator()
        orchestrator.register_strategy(
            RecoveryStrategy.GRACEFUL_DEGRADATION, GracefulDegradationStrategy(steps)
        )
        reader.supply(orchestrator=orchestrator)
        taken.append(
            duration(reader, generate, MemoryError("too complex"), mixins=["A"]).duration_ms
        )

    assert [round(each / 1000) for each in taken] == [3, 1]


def test_regexes_are_reviewed(reader: Reader) -> None:
    """A regex that is none is refused when it is added, with the place of the mistake."""
    orchestrator = ErrorRecoveryOrchestrator()

    with pytest.raises(PatternError, match=r"'open'.*position 4"):
        orchestrator.add_error_pattern(ErrorPattern("open", ErrorType.NETWORK, "time(out", RETRY))


def test_more_specific_patterns(reader: Reader) -> None:
    """A more specific pattern of a higher priority changes what is done, and only for its errors."""
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.add_error_pattern(ErrorPattern("any", ErrorType.TIMEOUT, "timeout", RETRY))
    before = orchestrator.analyze("LLM request timeout").strategy

    orchestrator.add_error_pattern(
        ErrorPattern("llm", ErrorType.TIMEOUT, "LLM.*timeout", OTHER, priority=100)
    )

    assert before is RETRY
    assert orchestrator.analyze("LLM request timeout").strategy is OTHER
    assert orchestrator.analyze("read timeout").strategy is RETRY


def test_the_order_can_be_checked(reader: Reader) -> None:
    """The patterns are listed in the order in which they are looked at."""
    orchestrator = ErrorRecoveryOrchestrator()
    for name, priority in (("low", 10), ("first", 50), ("high", 90), ("second", 50)):
        orchestrator.add_error_pattern(
            ErrorPattern(name, ErrorType.TIMEOUT, "x", RETRY, priority=priority)
        )

    own = [one.pattern_id for one in orchestrator.patterns if not one.pattern_id.startswith("def")]

    assert own == ["high", "first", "second", "low"]


def test_a_regex_can_be_tried(reader: Reader) -> None:
    """Nothing but the orchestrator is needed to see which pattern an error meets, and why."""
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.add_error_pattern(
        ErrorPattern("port", ErrorType.NETWORK, r"port (?P<port>\d+)", RETRY)
    )

    found = orchestrator.analyze("no answer from Port 8080")

    assert found.pattern is not None
    assert found.pattern.pattern_id == "port"
    assert dict(found.groups) == {"port": "8080"}
    assert found.reasons[0] == "pattern 'port' matches the text"


@pytest.mark.parametrize(("delay", "works"), [(1.0, False), (10.0, True)])
def test_longer_delays_for_rate_limits(reader: Reader, delay: float, works: bool) -> None:
    """A service that wants a minute of rest gets it with a longer base delay."""

    class RateLimitError(Exception):
        status_code = 429

    reader.supply(orchestrator=ErrorRecoveryOrchestrator(base_delay=delay, jitter="none"))
    begun = reader.passed

    async def ask() -> str:
        if reader.passed - begun < 60:
            raise RateLimitError("slow down")
        return "answer"

    assert handle(reader, RateLimitError("slow down"), operation=ask).success is works


def test_an_alternative_after_the_retries(reader: Reader) -> None:
    """Where all retries fail the alternative is tried, if the pattern names it."""
    orchestrator = ErrorRecoveryOrchestrator(base_delay=0)
    orchestrator.add_error_pattern(
        ErrorPattern(
            "gateway",
            ErrorType.NETWORK,
            "reset",
            RETRY,
            {"fallback_strategies": ["alternative_path"], "alternatives": ["backup"]},
        )
    )
    reader.supply(orchestrator=orchestrator)

    async def fetch(template_id: str) -> str:
        if template_id == "main":
            raise reset()
        return template_id

    result = handle(reader, reset(), operation=fetch, state={"template_id": "main"})

    assert (result.success, result.result, result.retry_count) == (True, "backup", 3)


def test_whether_an_error_is_transient_is_told(reader: Reader) -> None:
    """An analysis says whether the error passes, stays, or nobody knows."""
    look = ErrorRecoveryOrchestrator().analyze

    assert look(reset()).transient is True
    assert look(ValueError("validation failed")).transient is False
    assert look(RuntimeError("XJ-12")).transient is None
