"""Configuration, and custom strategies."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Optional

import pytest

from omninode_bridge.agents.workflows import (
    AlternativePathStrategy,
    ErrorCorrectionStrategy,
    ErrorRecoveryOrchestrator,
    EscalationStrategy,
    GracefulDegradationStrategy,
    RecoveryStrategy,
    RetryStrategy,
    TemplateType,
)

from ._reader import Reader
from ._steps import handle, set_up, waits


async def fail() -> None:
    raise ConnectionError("connection reset by peer")


def test_orchestrator(reader: Reader) -> None:
    """Every argument does what its comment says."""
    set_up(reader)

    reader.run(26)
    result = handle(reader, ConnectionError("connection reset by peer"), operation=fail)

    assert result.retry_count == 3
    assert all(wait <= most for wait, most in zip(waits(result), (1, 2, 4), strict=True))
    counted = reader["metrics"].snapshot()
    assert counted.counter("recoveries", strategy="retry", outcome="failure") == 1
    assert [signal.name for signal in reader["signals"].history("session-1")]
    assert reader["orchestrator"].get_statistics().total_attempts == 1
    escalated = handle(reader, "Contract is invalid")
    assert escalated.escalated
    assert escalated.metadata["channels"] == {"console": True}


def test_strategies(reader: Reader) -> None:
    """Each of the five dictionaries configures its strategy, by constructor and by metadata."""
    set_up(reader)
    reader.supply(TemplateType=TemplateType)

    reader.run(27)
    retry = RetryStrategy(**reader["retry_config"])
    AlternativePathStrategy(**reader["alternative_config"])
    GracefulDegradationStrategy(**reader["degradation_config"])
    ErrorCorrectionStrategy(**reader["correction_config"])
    EscalationStrategy(escalation_config=reader["escalation_config"])
    reader.write("""
        for kind, config in (
            (RecoveryStrategy.RETRY, retry_config),
            (RecoveryStrategy.ALTERNATIVE_PATH, alternative_config),
            (RecoveryStrategy.GRACEFUL_DEGRADATION, degradation_config),
            (RecoveryStrategy.ERROR_CORRECTION, correction_config),
            (RecoveryStrategy.ESCALATION, escalation_config),
        ):
            orchestrator.add_error_pattern(ErrorPattern(
                f"configured_{kind}", ErrorType.UNKNOWN, f"needs {kind}", kind, metadata=config
            ))
    """)

    assert [retry.backoff.ceiling(n) for n in range(1, 8)] == [2, 4, 8, 16, 32, 60, 60]
    assert retry.max_retries == 5


def test_configured_strategies_recover(reader: Reader) -> None:
    """The same dictionaries as metadata of patterns decide how each recovery runs."""
    test_strategies(reader)
    tried: list[Any] = []

    async def render(template_id: str = "main", degradation: Any = None, code: str = "") -> str:
        tried.append((template_id, dict(degradation or {})))
        if template_id == "template_v1" or len(degradation or {}) == 3:
            return "rendered"
        raise ValueError("not rendered")

    other = handle(reader, "needs alternative_path", operation=render)
    less = handle(reader, "needs graceful_degradation", operation=render)
    code = "def execute_effect():\n    return await load()\n"
    corrected = handle(reader, "needs error_correction", state={"code": code})

    assert (other.success, other.fallback_used) == (True, "template_v1")
    assert other.metadata["label"] == TemplateType.EFFECT
    assert (less.success, less.result) == (True, "rendered")
    assert [len(flags) for _, flags in tried[2:]] == [1, 2, 3]
    assert corrected.result == "async " + code


def test_a_value_of_each_flag() -> None:
    """A flag takes True and False and nothing else."""
    from omninode_bridge.errors import ConfigurationError

    makers: dict[str, Callable[..., Any]] = {
        "validate_alternatives": AlternativePathStrategy,
        "stop_on_first_success": AlternativePathStrategy,
        "progressive": GracefulDegradationStrategy,
        "validate_after_correction": ErrorCorrectionStrategy,
    }
    for name, make in makers.items():
        for value in (True, False):
            make(**{name: value})
        with pytest.raises(ConfigurationError, match=name):
            make(**{name: "yes"})
    for name in ("pause_workflow", "include_context"):
        EscalationStrategy({name: False})
        with pytest.raises(ConfigurationError, match=name):
            EscalationStrategy({name: "yes"})


@pytest.mark.parametrize(
    ("environment", "most", "counts", "tells"),
    [
        ("production", (2, 4, 8, 16, 32), True, True),
        ("staging", (1, 2, 4), True, False),
        ("development", (0.5,), False, False),
        (None, (0.5,), False, False),
    ],
)
def test_environments(
    reader: Reader,
    monkeypatch: pytest.MonkeyPatch,
    environment: str | None,
    most: tuple[float, ...],
    counts: bool,
    tells: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Production is aggressive and tells; staging tells nobody; development fails fast and counts nothing."""
    if environment is not None:
        monkeypatch.setenv("ENVIRONMENT", environment)
    reader.supply(ErrorRecoveryOrchestrator=ErrorRecoveryOrchestrator)

    reader.run(28)
    result = handle(reader, ConnectionError("connection reset by peer"), operation=fail)

    assert len(waits(result)) == len(most)
    assert all(wait <= limit for wait, limit in zip(waits(result), most, strict=True))
    statistics = reader["orchestrator"].get_statistics()
    assert (statistics.enabled, statistics.total_attempts) == (counts, int(counts))
    escalated = handle(reader, "Contract is invalid")
    assert escalated.escalated, "recorded in every environment"
    assert bool(escalated.metadata.get("delivered")) is tells
    assert (str(escalated.escalation_id) in capsys.readouterr().err) is tells


def test_custom_strategy(reader: Reader) -> None:
    """A strategy of the reader's own, as printed, is a strategy; its result is the recovery's."""
    set_up(reader)
    reader.supply(time=time, Any=Any)

    reader.run(29)
    reader.run(30)
    result = handle(reader, RuntimeError("Custom backend error"))

    assert result.success
    assert result.strategy_used is RecoveryStrategy.CUSTOM
    assert result.pattern_matched == "custom_error"
    assert reader["custom_strategy"].custom_param == "value"


def test_custom_strategy_recovers(reader: Reader) -> None:
    """What its own logic returns is the result; what it raises is the failure's message."""
    set_up(reader)
    reader.supply(time=time, Any=Any)
    reader.run(29)
    reader.write("""
        class CustomRecoveryStrategy(CustomRecoveryStrategy):
            async def _custom_recovery_logic(self, context):
                return context.state["answer"]
    """)
    reader.run(30)

    good = handle(reader, RuntimeError("Custom error"), state={"answer": 42})
    bad = handle(reader, RuntimeError("Custom error"))

    assert (good.success, good.result) == (True, 42)
    assert (bad.success, bad.error_message) == (False, "'answer'")


class LoopTime:
    """`time`, as the loop of the reader tells it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def time(self) -> float:
        return self._reader.passed


def breaker(reader: Reader) -> None:
    set_up(reader)
    reader.supply(
        Optional=Optional, Callable=Callable, time=LoopTime(reader), logger=logging.getLogger("me")
    )
    reader.write("""
        from omninode_bridge.agents.workflows import RecoveryResult
        from omninode_bridge.agents.workflows.recovery_strategies import BaseRecoveryStrategy
    """)
    reader.run(31)
    reader.write("""
        orchestrator.register_strategy(
            RecoveryStrategy.CIRCUIT_BREAKER, CircuitBreakerStrategy()
        )
        orchestrator.add_error_pattern(ErrorPattern(
            "payments", ErrorType.NETWORK, "payments", RecoveryStrategy.CIRCUIT_BREAKER
        ))
        asked, down = [], True

        async def pay(state):
            asked.append(state)
            if down:
                raise ConnectionError("payments are down")
            return "paid"
    """)


def test_circuit_breaker(reader: Reader) -> None:
    """After five failures nothing is attempted for a minute, and then the circuit closes again."""
    import asyncio

    breaker(reader)

    def attempt() -> Any:
        error = ConnectionError("payments are down")
        return handle(reader, error, operation=reader["pay"], state={"sum": 7})

    failures = [attempt() for _ in range(5)]
    refused = attempt()
    reader.supply(down=False)
    reader.wait_for(asyncio.sleep(61))
    again = attempt()

    assert [result.success for result in failures] == [False] * 5
    assert refused.error_message == "Circuit breaker open - cooldown in progress"
    assert (again.success, again.result) == (True, "paid")
    assert again.strategy_used is RecoveryStrategy.CIRCUIT_BREAKER
    assert reader["asked"] == [{"sum": 7}] * 6


def test_circuit_breaker_warns(reader: Reader, caplog: pytest.LogCaptureFixture) -> None:
    """The printed warning is logged when the circuit opens, and not before."""
    breaker(reader)
    error = ConnectionError("payments are down")
    opened = "Circuit breaker opened after 5 failures. Cooldown: 60s"

    said = []
    for _ in range(5):
        handle(reader, error, operation=reader["pay"], state={"sum": 7})
        said.append(opened in caplog.messages)

    assert said == [False] * 4 + [True]


def test_circuit_breaker_starts_anew(reader: Reader) -> None:
    """A success in between sets the count back: only failures in a row open the circuit."""
    breaker(reader)
    error = ConnectionError("payments are down")

    def attempts(times: int, *, down: bool) -> None:
        reader.supply(down=down)
        for _ in range(times):
            handle(reader, error, operation=reader["pay"], state={"sum": 7})

    attempts(4, down=True)
    attempts(1, down=False)
    attempts(4, down=True)
    ran = len(reader["asked"])
    attempts(2, down=True)

    assert ran == 9
    assert len(reader["asked"]) == 10, "the tenth opened the circuit, and the eleventh was refused"
