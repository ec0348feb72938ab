"""What cannot be used is refused where it is given, with a sentence, not later by an accident."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.metrics import MetricsCollector
from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    ErrorType,
    EscalationStrategy,
    RecoveryBudget,
    RecoveryContext,
    StagedParallelExecutor,
    TemplateManager,
    ValidationContext,
    WorkflowResult,
)
from omninode_bridge.agents.workflows.monitoring import AlertManager, HealthChecker
from omninode_bridge.errors import ConfigurationError, WorkflowDefinitionError

Make = Callable[..., ErrorRecoveryOrchestrator]


class Client:
    """Something with methods, of which one may fail."""


REFUSALS: list[tuple[Callable[[ErrorRecoveryOrchestrator], Any], str]] = [
    (lambda o: ErrorRecoveryOrchestrator(escalation=5), "escalation is 5; it must be a mapping"),  # type: ignore[arg-type]
    (lambda o: ErrorRecoveryOrchestrator(clock=None), "clock is None; it must be a Clock"),  # type: ignore[arg-type]
    (lambda o: EscalationStrategy(5), "escalation is 5; it must be a mapping"),  # type: ignore[arg-type]
    (lambda o: o.match_error_pattern(None), "text is None; it must be a text"),  # type: ignore[arg-type]
    (lambda o: o.match_error_pattern(ValueError("x")), r"analyze\(error\).pattern"),  # type: ignore[arg-type]
    (lambda o: o.recoverable([]), r"error_type is \[\]; it must be one type, several, or None"),
    (lambda o: o.with_options(ask_human="no"), "ask_human is 'no'; it must be True or False"),  # type: ignore[arg-type]
    (lambda o: RecoveryBudget(attempts=1.5), "attempts is 1.5; it must be a whole number"),  # type: ignore[arg-type]
    (lambda o: AlertManager(error_recovery=o, notification_channel=5), "notification_channel is 5"),  # type: ignore[arg-type]
    (lambda o: MetricsCollector().increment("x", 10**400), "it must be a finite number"),
    (lambda o: TemplateManager(templates=5), "templates is 5; it must map names to texts"),  # type: ignore[arg-type]
    (
        lambda o: o.recoverable(ErrorType.NETWORK)(Client),
        "decorates the class .*Client; .* methods",
    ),
    (lambda o: o.recoverable()(Client), "decorates the class .*Client; .* methods"),
    (lambda o: o.recoverable(Client), "decorates the class .*Client; .* methods"),
    (lambda o: o.recoverable(staticmethod(Client)), "decorates the class .*Client"),
    (lambda o: o.recoverable(ConnectionError), "error_type is <class 'ConnectionError'>"),
    (lambda o: o.with_options(degradation={}), "degradation is {}; it must be a list of steps"),
    (lambda o: o.with_options(degradation=[]), r"degradation is \[\]; it must be a list of steps"),
    (lambda o: o.with_options(degradation=5), "degradation is 5; it must be a list of steps"),
    (lambda o: o.with_options(degradation="x"), "degradation is 'x'; it must be a list of steps"),
    (lambda o: o.with_options(max_degradation=-1), "^max_degradation is -1; it must be a number"),
    (lambda o: o.with_options(max_degradation=True), "^max_degradation is True; it must be"),
    (lambda o: o.with_options(max_degradation="1"), "^max_degradation is '1'; it must be"),  # type: ignore[arg-type]
    (lambda o: ValidationContext(level="x"), "level is 'x'; it must be one of 'basic'"),
    (lambda o: ValidationContext(level=5), "level is 5; it must be one of 'basic'"),  # type: ignore[arg-type]
    (lambda o: HealthChecker(error_recovery=5), "error_recovery is 5; it must be an"),  # type: ignore[arg-type]
    (lambda o: TemplateManager(filters={"x": 5}), "it must map names to functions"),  # type: ignore[dict-item]
]


@pytest.mark.parametrize(("give", "sentence"), REFUSALS, ids=[text for _, text in REFUSALS])
def test_it_is_refused(
    make: Make, give: Callable[[ErrorRecoveryOrchestrator], Any], sentence: str
) -> None:
    """At once, by our own error, which names the value and what would be right."""
    with pytest.raises(ConfigurationError, match=sentence):
        give(make())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((5, []), "workflow_id is 5; it must be a text"),
        (("w", None), "stages is None; it must be a list"),
        (("w", [], 5), "finished is 5; it must be a WorkflowResult"),
        (
            ("w", [], WorkflowResult(workflow_id="other", success=False)),
            "finished is of the workflow 'other'; it must be of 'w'",
        ),
    ],
)
async def test_a_workflow_that_is_none(arguments: tuple[Any, ...], sentence: str) -> None:
    """Before anything runs."""
    workflow_id, stages, *finished = arguments

    with pytest.raises(WorkflowDefinitionError, match=sentence):
        await StagedParallelExecutor().execute_workflow(
            workflow_id, stages, finished=finished[0] if finished else None
        )


@pytest.mark.parametrize("operation", [int, dict, str])
async def test_a_class_that_hides_its_parameters_is_not_called_without(
    make: Make, operation: type[Any]
) -> None:
    """`int()` is 0, which nobody asked for; with its arguments bound it is an operation like any other."""
    context = RecoveryContext("w", "n", state={"x": "5"}, exception=ConnectionError("reset"))

    result = await make().handle_error(context, operation=operation)

    assert not result.success
    assert "does not tell its parameters" in (result.error_message or "")
