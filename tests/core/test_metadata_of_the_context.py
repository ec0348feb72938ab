"""Metadata of the context counts for one recovery and wins over that of the pattern, every key of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryStrategy,
)
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import ScriptedCall, fails_then

Make = Callable[..., ErrorRecoveryOrchestrator]

PATTERN = ErrorPattern(
    pattern_id="own",
    error_type=ErrorType.NETWORK,
    regex_pattern="zip",
    recovery_strategy=RecoveryStrategy.RETRY,
    metadata={"max_retries": 1, "operation": lambda: "the pattern's"},
)


def context(error: Exception, **metadata: Any) -> RecoveryContext:
    return RecoveryContext("w", "n", exception=error, metadata=metadata)


def always(error: Exception) -> ScriptedCall:
    return fails_then(error, "never", times=99)


async def test_its_operation_is_run(make: Make) -> None:
    """Before that of the pattern, and where there is no pattern."""
    for orchestrator in (make(), make()):
        found = context(ConnectionError("zip"), operation=lambda: "the context's")
        result = await orchestrator.handle_error(found)

        assert result.result == "the context's"
        assert result.analysis is not None
        assert result.analysis.call_source == "RecoveryContext.metadata"
        orchestrator.add_error_pattern(PATTERN)


@pytest.mark.parametrize("with_pattern", [True, False])
async def test_its_fallbacks_are_tried(make: Make, with_pattern: bool) -> None:
    """After the first step, and nothing else; a human too, where it is named."""
    orchestrator = make()
    if with_pattern:
        orchestrator.add_error_pattern(PATTERN)
    error = ConnectionError("zip")
    wanted = {"max_retries": 1, "alternatives": [lambda: "another way"]}

    found = context(error, fallback_strategies=["alternative_path"], **wanted)
    result = await orchestrator.handle_error(found, operation=always(error))
    assert (result.result, result.retry_count) == ("another way", 1)

    found = context(error, fallback_strategies=["escalation"], **wanted)
    result = await orchestrator.handle_error(found, operation=always(error))
    assert result.escalated


@pytest.mark.parametrize("with_pattern", [True, False])
async def test_it_may_force_a_retry(make: Make, with_pattern: bool) -> None:
    """Of an error that is known to stay, as a pattern may."""
    orchestrator = make()
    if with_pattern:
        orchestrator.add_error_pattern(PATTERN)
    error = ValueError("zip, which lies")
    operation = fails_then(error, "in the end", times=1)

    plain = await orchestrator.handle_error(context(error), operation=operation)
    forced = await orchestrator.handle_error(
        context(error, force=True, max_retries=2), operation=operation
    )

    assert not plain.success
    assert (forced.result, forced.strategy_used) == ("in the end", RecoveryStrategy.RETRY)


@pytest.mark.parametrize(
    ("metadata", "sentence"),
    [
        ({"operation": 5}, "operation in metadata of the context is 5; it must be callable"),
        ({"fallback_strategies": "retry"}, "fallback_strategies is 'retry'; it must be a list"),
        ({"fallback_strategies": ["custom"]}, "no strategy registered for 'custom'"),
    ],
)
async def test_what_it_cannot_be_is_refused(
    make: Make, metadata: dict[str, Any], sentence: str
) -> None:
    """With the sentence that a pattern would be refused with."""
    with pytest.raises(ConfigurationError, match=sentence):
        await make().handle_error(context(ConnectionError("x"), **metadata), lambda: 1)
