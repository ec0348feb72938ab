"""Accounts go to other processes and into copies: what a pickle brings back says the same."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.agents.workflows.staged_execution import (
    StagedParallelExecutor,
    WorkflowFailedError,
    WorkflowStage,
    WorkflowStep,
)
from omninode_bridge.testing import fails_then

Make = Callable[..., ErrorRecoveryOrchestrator]
WAYS: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_a_result_arrives(make: Make, way: Callable[[Any], Any]) -> None:
    """With its attempts, its analysis in words, its metadata; and still it does not change."""
    results: list[RecoveryResult] = []
    orchestrator = make(escalation={})
    orchestrator.add_error_pattern(
        ErrorPattern("p", ErrorType.NETWORK, "(?P<what>zip)", RecoveryStrategy.RETRY)
    )
    runs = orchestrator.with_options(on_result=results.append)
    with pytest.raises(ConnectionError):
        await runs.run(fails_then(ConnectionError("zip"), 1, times=9))

    came = way(results[0])

    assert came.error is not None
    assert came.analysis is not None
    assert results[0].analysis is not None
    assert (repr(came), came.attempts, came.skipped, came.metadata) == (
        repr(results[0]),
        results[0].attempts,
        results[0].skipped,
        results[0].metadata,
    )
    assert came.analysis.reasons == results[0].analysis.reasons
    assert came.analysis.fingerprint == results[0].analysis.fingerprint
    assert came.analysis.groups == {"what": "zip"}
    assert came.analysis.replace(call_source="x").pattern == results[0].analysis.pattern
    with pytest.raises(AttributeError, match="does not change"):
        came.success = True


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_contexts_and_patterns_arrive(way: Callable[[Any], Any]) -> None:
    """Equal where they can be compared."""
    pattern = ErrorPattern(
        "p", ErrorType.NETWORK, "x", RecoveryStrategy.RETRY, {"max_retries": 1}, 7
    )
    context = RecoveryContext("w", "n", 3, {"a": [1]}, ValueError("x"), metadata={"max_retries": 2})

    came = way(context)

    assert way(pattern) == pattern
    assert repr(came) == repr(context)
    assert (came.state, came.metadata, came.correlation_id) == (
        context.state,
        context.metadata,
        None,
    )


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_a_failed_workflow_arrives(way: Callable[[Any], Any]) -> None:
    """What was done is there, so that the rest can be run elsewhere."""
    stage = WorkflowStage("s", [WorkflowStep("good", int), WorkflowStep("bad", _divide)])
    with pytest.raises(WorkflowFailedError) as caught:
        await StagedParallelExecutor().execute_workflow("w", [stage])

    came = way(caught.value)

    assert str(came) == str(caught.value)
    assert dict(came.result.results) == {"good": 0}


def _divide() -> float:
    return 1 / 0
