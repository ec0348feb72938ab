"""Strategy-Specific Configuration: every key of the five dictionaries, as printed and with another value."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    AlternativePathStrategy,
    Decision,
    ErrorCorrectionStrategy,
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    EscalationStrategy,
    GracefulDegradationStrategy,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
    RetryStrategy,
    TemplateType,
)
from omninode_bridge.agents.workflows.recovery_models import ErrorType
from omninode_bridge.testing import RecordingNotifier

from ._reader import Reader
from ._steps import set_up, waits
from .test_escalation import answer

STRATEGIES: dict[str, tuple[RecoveryStrategy, Callable[..., Any]]] = {
    "retry_config": (
        RecoveryStrategy.RETRY,
        lambda **settings: RetryStrategy(**settings, jitter="none"),
    ),
    "alternative_config": (RecoveryStrategy.ALTERNATIVE_PATH, AlternativePathStrategy),
    "degradation_config": (RecoveryStrategy.GRACEFUL_DEGRADATION, GracefulDegradationStrategy),
    "correction_config": (RecoveryStrategy.ERROR_CORRECTION, ErrorCorrectionStrategy),
    "escalation_config": (
        RecoveryStrategy.ESCALATION,
        lambda **settings: EscalationStrategy(escalation_config=settings),
    ),
}
CODE = "def execute_effect():\n    return await load('v1')\n"


@dataclass
class Trial:
    """One recovery by a strategy that a dictionary configures, and what it is seen to do."""

    reader: Reader
    orchestrator: ErrorRecoveryOrchestrator
    slack: RecordingNotifier
    email: RecordingNotifier
    ran: list[Any] = field(default_factory=list)

    def handle(
        self, operation: Any = None, error: type[Exception] = ValueError, **state: Any
    ) -> RecoveryResult:
        context = RecoveryContext("w", "n", exception=error("needs help"), state=state)
        result: RecoveryResult = self.reader.wait_for(
            self.orchestrator.handle_error(context, operation=operation)
        )
        return result

    def run(self, operation: Any, *arguments: Any, **options: Any) -> Any:
        runs = self.orchestrator.with_options(**options)
        try:
            return self.reader.wait_for(runs.run(operation, *arguments))
        except ValueError:
            return None


def trial(reader: Reader, name: str, config: Mapping[str, Any], way: str) -> Trial:
    """Configure the strategy by its constructor, or by the metadata of a pattern."""
    kind, make = STRATEGIES[name]
    slack, email = RecordingNotifier("slack"), RecordingNotifier("email")
    orchestrator = ErrorRecoveryOrchestrator(
        jitter="none", notifiers={"slack": slack, "email": email}
    )
    if way == "constructor":
        orchestrator.register_strategy(kind, make(**config))
    orchestrator.add_error_pattern(
        ErrorPattern(
            "configured",
            ErrorType.UNKNOWN,
            "needs help",
            kind,
            metadata=config if way == "metadata" else {},
        )
    )
    return Trial(reader, orchestrator, slack, email)


def schedule(one: Trial) -> Any:
    """Return the waits before a call that never works."""

    async def never() -> None:
        raise ConnectionError("needs help")

    return waits(one.handle(never, ConnectionError))


def alternatives(one: Trial) -> Any:
    """Return which templates are tried, and the value, where `template_v2` gives nothing usable."""

    async def render(template_id: str) -> str:
        one.ran.append(template_id)
        if template_id == "main":
            raise ValueError("needs help")
        return "" if template_id == "template_v2" else template_id

    return one.run(render, "main", validate=bool), one.ran[1:]


def successes(one: Trial) -> Any:
    """Return which templates are tried, and the value, where each of them works."""

    async def render(template_id: str) -> str:
        one.ran.append(template_id)
        if template_id == "main":
            raise ValueError("needs help")
        return template_id

    return one.run(render, "main"), one.ran[1:]


def stages(one: Trial) -> Any:
    """Return the steps that each degraded run of a call that never works was told of."""

    async def generate(degradation: Any = None) -> None:
        one.ran.append([*(degradation or {})])
        raise ValueError("needs help")

    one.run(generate)
    return one.ran[1:]


def validated(one: Trial) -> Any:
    """Return the corrected code, and what the call was run with again."""

    async def validate(code: str) -> None:
        one.ran.append(code)

    return one.handle(validate, code=CODE).result, one.ran


def refused(one: Trial) -> Any:
    """Return whether a correction counts that the call does not take."""

    async def validate(code: str) -> None:
        raise ValueError("needs help")

    return one.handle(validate, code=CODE).success


def paused(one: Trial) -> Any:
    """Return the value, where a human answers within the hour."""
    answered = one.reader.meanwhile(answer(one.orchestrator, Decision.value("by hand")))
    result = one.handle()
    waited = answered.done()
    one.reader.wait_for(asyncio.wait([answered]))
    return result.success, result.result, waited


def notice(one: Trial) -> Any:
    """Return what the report says to whom, where the answer comes within the hour."""
    answered = one.reader.meanwhile(answer(one.orchestrator, Decision.value("by hand")))
    one.handle(contract="customer 4711")
    one.reader.wait_for(asyncio.wait([answered]))
    (report,) = one.slack.sent or one.email.sent
    return {
        "channel": "slack" if one.slack.sent else "email",
        "priority": str(report.priority),
        "assignee": report.assignee,
        "value of the state": "customer 4711" in str(report),
        "name in the state": "contract" in str(report),
    }


V2, V1 = "template_v2", "template_v1"
STEPS = ["remove_optional_mixins", "simplify_validation", "skip_ai_quorum"]
NOTICE = {
    "channel": "slack",
    "priority": "high",
    "assignee": "team-name",
    "value of the state": True,
    "name in the state": True,
}
CORRECTED = f"async {CODE}"
NEWER = CORRECTED.replace("v1", "v2")

# dictionary, key, another value, what is looked at, what it is as printed, what it is with the other
CASES: list[tuple[str, str, Any, Callable[[Trial], Any], Any, Any]] = [
    ("retry_config", "max_retries", 2, schedule, [2, 4, 8, 16, 32], [2, 4]),
    ("retry_config", "base_delay", 1.0, schedule, [2, 4, 8, 16, 32], [1, 2, 4, 8, 16]),
    ("retry_config", "exponential_base", 3, schedule, [2, 4, 8, 16, 32], [2, 6, 18, 54, 60]),
    ("retry_config", "max_delay", 10.0, schedule, [2, 4, 8, 16, 32], [2, 4, 8, 10, 10]),
    ("alternative_config", "alternatives", [V1], successes, (V2, [V2]), (V1, [V1])),
    (
        "alternative_config",
        "validate_alternatives",
        False,
        alternatives,
        (V1, [V2, V1]),
        ("", [V2]),
    ),
    (
        "alternative_config",
        "stop_on_first_success",
        False,
        successes,
        (V2, [V2]),
        (V2, [V2, V1]),
    ),
    (
        "degradation_config",
        "degradation_steps",
        STEPS[2:],
        stages,
        [STEPS[:1], STEPS[:2], STEPS],
        [STEPS[2:]],
    ),
    (
        "degradation_config",
        "progressive",
        False,
        stages,
        [STEPS[:1], STEPS[:2], STEPS],
        [[step] for step in STEPS],
    ),
    (
        "correction_config",
        "validate_after_correction",
        False,
        validated,
        (CORRECTED, [CORRECTED]),
        (CORRECTED, []),
    ),
    ("correction_config", "validate_after_correction", False, refused, False, True),
    (
        "correction_config",
        "corrections",
        {"newer": {"pattern": "'v1'", "replacement": "'v2'"}},
        validated,
        (CORRECTED, [CORRECTED]),
        (NEWER, [NEWER]),
    ),
    (
        "escalation_config",
        "pause_workflow",
        False,
        paused,
        (True, "by hand", True),
        (False, None, False),
    ),
    (
        "escalation_config",
        "include_context",
        False,
        notice,
        NOTICE,
        NOTICE | {"value of the state": False},
    ),
    ("escalation_config", "priority", "low", notice, NOTICE, NOTICE | {"priority": "low"}),
    ("escalation_config", "assignee", "ana", notice, NOTICE, NOTICE | {"assignee": "ana"}),
    (
        "escalation_config",
        "notification_channel",
        "email",
        notice,
        NOTICE,
        NOTICE | {"channel": "email"},
    ),
]


@pytest.mark.parametrize("way", ["constructor", "metadata"])
@pytest.mark.parametrize(
    ("name", "key", "other", "look", "printed", "changed"),
    CASES,
    ids=[f"{name}-{key}-{look.__name__}" for name, key, _, look, _, _ in CASES],
)
def test_a_key_has_a_meaning(
    reader: Reader,
    name: str,
    key: str,
    other: Any,
    look: Callable[[Trial], Any],
    printed: Any,
    changed: Any,
    way: str,
) -> None:
    """The value that is printed does what its name says, and another value does something else."""
    set_up(reader)
    reader.supply(TemplateType=TemplateType)
    reader.run(27)
    config = reader[name]
    assert config[key] != other

    assert look(trial(reader, name, config, way)) == printed
    assert look(trial(reader, name, {**config, key: other}, way)) == changed


def test_every_key_is_looked_at(reader: Reader) -> None:
    """No key of the five dictionaries is without a case, and a flag is turned."""
    set_up(reader)
    reader.supply(TemplateType=TemplateType)

    reader.run(27)

    for name in STRATEGIES:
        cases = {key: other for config, key, other, *_ in CASES if config == name}
        assert cases.keys() == reader[name].keys()
        for key, value in reader[name].items():
            if isinstance(value, bool):
                assert cases[key] is not value
