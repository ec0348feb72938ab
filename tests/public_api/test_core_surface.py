"""What users call: names of parameters and fields that must stay as they are."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from omninode_bridge.agents import workflows
from omninode_bridge.agents.workflows import (
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryResult,
    RecoveryStatistics,
    RecoveryStrategy,
    Rerun,
)

SIGNATURES = {
    "run": "fn /, *args, **kwargs",
    "run_sync": "fn /, *args, **kwargs",
    "with_options": "**options",
    "recoverable": "error_type, strategy, **options",
    "handle_error": "context, operation",
    "analyze": "error",
    "match_error_pattern": "text",
    "add_error_pattern": "pattern",
    "remove_error_pattern": "pattern_id",
    "register_strategy": "strategy_type, strategy_instance",
    "register_provider": "provider",
    "operation": "node_name",
    "on_recovery_attempt": "hook",
    "on_recovery_success": "hook",
    "on_recovery_failure": "hook",
    "get_statistics": "",
    "disabled": "",
    "flush_notices": "timeout",
}


def parameters(fn: Any) -> str:
    told = []
    for parameter in list(inspect.signature(fn).parameters.values())[1:]:
        name = str(parameter).split(":")[0].split("=")[0].strip()
        told.append(name + " /" if parameter.kind is parameter.POSITIONAL_ONLY else name)
    return ", ".join(told)


@pytest.mark.parametrize("name", SIGNATURES)
def test_methods_keep_their_parameters(name: str) -> None:
    """A caller that names them goes on working."""
    assert parameters(getattr(ErrorRecoveryOrchestrator, name)) == SIGNATURES[name]


def test_nothing_else_is_public_on_the_orchestrator() -> None:
    """Every public attribute is one of those above or a property that is documented."""
    visible = {name for name in dir(ErrorRecoveryOrchestrator) if not name.startswith("_")}

    assert visible == {*SIGNATURES, "patterns", "escalations", "provider_failures"}


def test_the_printed_constructor() -> None:
    """The arguments of the guide are there, the first two by position, with the printed defaults."""
    told = inspect.signature(ErrorRecoveryOrchestrator).parameters

    assert list(told)[:2] == ["metrics_collector", "signal_coordinator"]
    defaults = {name: told[name].default for name in list(told)[:4]}
    assert defaults == {
        "metrics_collector": None,
        "signal_coordinator": None,
        "max_retries": 3,
        "base_delay": 1.0,
    }
    assert told["enable_statistics"].default is told["enable_notifications"].default is True


def test_the_fields_of_a_context() -> None:
    """By position and by name, with their defaults."""
    one = RecoveryContext("w", "n", 5, {"a": 1})

    assert (one.workflow_id, one.node_name, one.step_count, one.state) == ("w", "n", 5, {"a": 1})
    empty = RecoveryContext(workflow_id="w", node_name="n")
    assert (empty.step_count, dict(empty.state), empty.exception) == (0, {}, None)
    assert (empty.error_message, empty.operation, empty.correlation_id) == (None, None, None)
    assert dict(empty.metadata) == {}


def test_the_fields_of_a_result() -> None:
    """Made by keyword as the guide's custom strategy makes it."""
    one = RecoveryResult(success=True, strategy_used="custom", result=1, duration_ms=2.0)

    assert one.strategy_used is RecoveryStrategy.CUSTOM
    for name in [
        "success",
        "strategy_used",
        "result",
        "error_message",
        "error",
        "duration_ms",
        "overhead_ms",
        "retry_count",
        "error_fixed",
        "fallback_used",
        "escalated",
        "escalation_id",
        "pattern_matched",
        "dropped",
        "attempts",
        "analysis",
        "metadata",
    ]:
        assert hasattr(one, name)
    with pytest.raises(AttributeError):
        one.success = False  # type: ignore[misc]


def test_the_vocabularies() -> None:
    """The kinds are words, also in logs and formats."""
    assert [str(kind) for kind in RecoveryStrategy] == [
        "retry",
        "alternative_path",
        "graceful_degradation",
        "error_correction",
        "escalation",
        "circuit_breaker",
        "custom",
    ]
    assert {kind.name for kind in ErrorType} == {
        "NETWORK",
        "VALIDATION",
        "GENERATION",
        "SYNTAX",
        "CONTRACT",
        "TIMEOUT",
        "RATE_LIMIT",
        "AI_SERVICE",
        "SECURITY",
        "CUSTOM",
        "UNKNOWN",
    }
    assert [str(kind) for kind in Rerun] == ["pure", "idempotent", "unknown", "never"]
    assert f"{RecoveryStrategy.RETRY}" == "retry"


def test_a_pattern_by_position_and_default() -> None:
    """The order of its fields is the order of the guide; the default priority is 50."""
    one = ErrorPattern("p", "network", "x", "retry")  # type: ignore[arg-type]

    assert (one.error_type, one.recovery_strategy) == (ErrorType.NETWORK, RecoveryStrategy.RETRY)
    assert (dict(one.metadata), one.priority) == ({}, 50)


def test_statistics_have_what_is_printed() -> None:
    """Every attribute that the guide reads exists on an empty object."""
    empty = RecoveryStatistics()

    for name in [
        "total_attempts",
        "success_rate",
        "failure_rate",
        "avg_recovery_time_ms",
        "strategy_usage",
        "strategy_success_rates",
        "error_type_counts",
        "strategy_durations",
        "strategy_details",
    ]:
        assert hasattr(empty, name)


def test_every_public_name_has_a_docstring() -> None:
    """`help()` of each exported name says something of ours."""
    for name in workflows.__all__:
        thing = getattr(workflows, name)
        if inspect.isclass(thing):
            assert thing.__doc__, name
            assert not thing.__doc__.startswith(f"{name}("), name
