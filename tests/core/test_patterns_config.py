"""Patterns, strategies and hooks of an orchestrator: added, replaced, removed, refused."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryStrategy,
    RetryStrategy,
)
from omninode_bridge.agents.workflows.recovery_patterns import (
    COMMON_NETWORK_PATTERNS,
    COMMON_SYNTAX_PATTERNS,
    COMMON_TIMEOUT_PATTERNS,
    COMMON_VALIDATION_PATTERNS,
)
from omninode_bridge.errors import ConfigurationError, PatternError
from omninode_bridge.testing import ScriptedCall

Make = Callable[..., ErrorRecoveryOrchestrator]
RETRY = RecoveryStrategy.RETRY


def pattern(pattern_id: str, regex: str = "boom", **fields: Any) -> ErrorPattern:
    return ErrorPattern(
        pattern_id, ErrorType.NETWORK, regex, fields.pop("strategy", RETRY), **fields
    )


def matched(orchestrator: ErrorRecoveryOrchestrator, text: str) -> str | None:
    found = orchestrator.match_error_pattern(text)
    return None if found is None else found.pattern_id


def test_priority_then_order(make: Make) -> None:
    """Higher first, then the order of registration; a replaced pattern keeps its place."""
    orchestrator = make()
    for one in (
        pattern("first"),
        pattern("second"),
        pattern("high", priority=100),
        pattern("low", priority=-5),
    ):
        orchestrator.add_error_pattern(one)
    mine = [p.pattern_id for p in orchestrator.patterns if not p.pattern_id.startswith("default_")]

    assert mine == ["high", "first", "second", "low"]
    assert matched(orchestrator, "boom") == "high"
    orchestrator.remove_error_pattern("high")
    assert matched(orchestrator, "boom") == "first"
    orchestrator.add_error_pattern(pattern("first", "bang"))
    assert matched(orchestrator, "boom") == "second"
    assert matched(orchestrator, "bang") == "first"


def test_the_printed_patterns_can_be_added(make: Make) -> None:
    """The libraries iterate and index, and every entry can be registered."""
    orchestrator = make()
    before = len(orchestrator.patterns)

    for library in (COMMON_NETWORK_PATTERNS, COMMON_SYNTAX_PATTERNS):
        for one in library:
            orchestrator.add_error_pattern(one)
    orchestrator.add_error_pattern(COMMON_TIMEOUT_PATTERNS["llm_timeout"])
    orchestrator.add_error_pattern(COMMON_VALIDATION_PATTERNS["quality_threshold"])

    added = len(COMMON_NETWORK_PATTERNS) + len(COMMON_SYNTAX_PATTERNS) + 2
    assert len(orchestrator.patterns) == before + added


GUIDE_METADATA: list[tuple[str, dict[str, Any]]] = [
    ("retry", {"max_retries": 5, "base_delay": 2.0, "exponential_base": 2, "max_delay": 60.0}),
    ("retry", {"max_retries": 5, "base_delay": 2.0, "operation": print}),
    ("alternative_path", {"alternatives": [("node_effect_v2", "effect")]}),
    ("alternative_path", {"model_alternatives": [("gpt-4", "secondary")]}),
    ("alternative_path", {}),
    (
        "alternative_path",
        {"alternatives": [("a", 1)], "validate_alternatives": True, "stop_on_first_success": True},
    ),
    (
        "graceful_degradation",
        {
            "level_1": {"remove_optional_mixins": True, "skip_performance_metrics": True},
            "level_2": {
                "simplify_validation": True,
                "skip_ai_quorum": True,
                "use_smaller_model": True,
            },
            "level_3": {
                "use_basic_template": True,
                "skip_all_validation": True,
                "disable_profiling": True,
                "remove_all_mixins": True,
                "reduce_validation_depth": True,
            },
        },
    ),
    (
        "graceful_degradation",
        {
            "degradation_steps": [
                "remove_optional_mixins",
                "simplify_validation",
                "skip_ai_quorum",
                "disable_performance_profiling",
                "use_basic_templates",
            ],
            "progressive": True,
        },
    ),
    (
        "escalation",
        {
            "description": "Contract validation failed",
            "priority": "high",
            "assignee": "contracts-team",
            "notification_channels": ["slack", "email"],
            "pause_workflow": True,
        },
    ),
    (
        "escalation",
        {
            "notification_channel": "slack",
            "slack_webhook": "https://hooks.slack.example/1",
            "priority": "high",
            "assignee": "team",
            "pause_workflow": True,
            "include_context": True,
        },
    ),
]


@pytest.mark.parametrize(("strategy", "metadata"), GUIDE_METADATA)
def test_everything_that_is_printed_is_taken(
    make: Make, strategy: str, metadata: dict[str, Any]
) -> None:
    """All settings of the printed examples are right, in a pattern as in a context."""
    orchestrator = make(enable_notifications=False)
    orchestrator.add_error_pattern(pattern("p", strategy=strategy, metadata=metadata))

    context = RecoveryContext("w", "n", exception=RuntimeError("boom"), metadata=metadata)
    metadata.pop("pause_workflow", None)
    asyncio.run(orchestrator.handle_error(context))

    assert matched(orchestrator, "boom") == "p"


@pytest.mark.parametrize(
    "strategy",
    ["retry", "alternative_path", "graceful_degradation", "error_correction", "escalation"],
)
def test_keys_that_are_right_everywhere(make: Make, strategy: str) -> None:
    """The operation and the escalation fields are right keys for every built-in kind."""
    metadata = {
        "operation": print,
        "rerun": "unknown",
        "force": True,
        "description": "d",
        "fallback_strategies": ["escalation"],
        "priority": "low",
        "assignee": "a",
        "notification_channel": "c",
        "notification_channels": ["c"],
        "pause_workflow": False,
        "include_context": False,
        "escalation_timeout": 5,
        "slack_webhook": "https://x.example",
    }

    make().add_error_pattern(pattern("p", strategy=strategy, metadata=metadata))


@pytest.mark.parametrize(
    ("strategy", "metadata"),
    [
        ("retry", {"alternatives": ["a"]}),
        ("retry", {"anything": 1}),
        ("alternative_path", {"max_retries": 3}),
        ("alternative_path", {"alternatives": []}),
        ("alternative_path", {"stop_on_first_success": "no"}),
        ("alternative_path", {"parameter": 5}),
        ("graceful_degradation", {"degradation_steps": ["no_such_step"]}),
        ("graceful_degradation", {"level_1": {"no_such_step": True}}),
        ("graceful_degradation", {"level_1": 5}),
        ("graceful_degradation", {"no_such_step": True}),
        ("graceful_degradation", {"progressive": "yes"}),
        ("graceful_degradation", {"max_level": -1}),
        ("graceful_degradation", {"fallback": "f"}),
        ("escalation", {"priority": 5}),
        ("escalation", {"timeout": "soon"}),
        ("escalation", {"notification_channels": 5}),
        ("error_correction", {"validate_after_correction": 1}),
        ("error_correction", {"corrections": 5}),
    ],
)
def test_a_wrong_setting_of_a_built_in_kind_is_refused(
    make: Make, strategy: str, metadata: dict[str, Any]
) -> None:
    """The refusal names the pattern and the setting."""
    with pytest.raises(PatternError) as refused:
        make().add_error_pattern(pattern("p", strategy=strategy, metadata=metadata))

    assert "'p'" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "fields",
    [
        {"pattern_id": ""},
        {"pattern_id": 5},
        {"regex_pattern": ""},
        {"regex_pattern": None},
        {"regex_pattern": "x" * 5000},
        {"error_type": "weather"},
        {"recovery_strategy": "again"},
        {"priority": "high"},
        {"priority": 1.5},
        {"priority": True},
        {"metadata": ["max_retries"]},
    ],
)
def test_a_pattern_that_cannot_be(fields: dict[str, Any]) -> None:
    """It is refused when it is made, in one sentence that names the field."""
    values = {
        "pattern_id": "p",
        "error_type": "network",
        "regex_pattern": "x",
        "recovery_strategy": "retry",
    }

    with pytest.raises(ConfigurationError) as refused:
        ErrorPattern(**{**values, **fields})

    assert next(iter(fields)) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("regex", ["(", "*", "[a-", "(?P<a>x)(?P<a>y)"])
def test_a_regex_that_does_not_compile(make: Make, regex: str) -> None:
    """It is refused at registration with its place, and changes nothing."""
    orchestrator = make()
    before = orchestrator.patterns

    with pytest.raises(PatternError, match="'p' does not compile"):
        orchestrator.add_error_pattern(pattern("p", regex))

    assert orchestrator.patterns == before


@pytest.mark.parametrize("thing", [None, "boom", {"pattern_id": "p"}, ErrorPattern])
def test_only_patterns_are_added(make: Make, thing: Any) -> None:
    """Anything else is refused by name."""
    with pytest.raises(ConfigurationError, match="it must be an ErrorPattern"):
        make().add_error_pattern(thing)


def test_removing_what_is_not_there(make: Make) -> None:
    """It is said, not ignored."""
    with pytest.raises(ConfigurationError, match=re.escape("no pattern 'nobody' to remove")):
        make().remove_error_pattern("nobody")


def test_a_registered_strategy_is_configured_by_patterns_again(make: Make) -> None:
    """Replacing a strategy keeps what the patterns say about it."""
    orchestrator = make()
    orchestrator.add_error_pattern(pattern("p", metadata={"max_retries": 7}))
    orchestrator.register_strategy("retry", RetryStrategy(1, 0.0, jitter="none"))
    call = ScriptedCall([RuntimeError("boom")])

    context = RecoveryContext("w", "n", exception=RuntimeError("boom"))
    result = asyncio.run(orchestrator.handle_error(context, call))

    assert result.retry_count == 7


@pytest.mark.parametrize(
    ("kind", "strategy", "words"),
    [
        ("again", RetryStrategy(), "'again'"),
        ("retry", RetryStrategy, "must be a BaseRecoveryStrategy"),
        ("retry", None, "must be a BaseRecoveryStrategy"),
        ("custom", RetryStrategy(), "is of kind 'retry', not 'custom'"),
    ],
)
def test_a_strategy_that_cannot_be_registered(
    make: Make, kind: Any, strategy: Any, words: str
) -> None:
    """One sentence, and nothing changes."""
    with pytest.raises(ConfigurationError, match=words):
        make().register_strategy(kind, strategy)


def test_a_pattern_for_a_kind_that_is_not_registered(make: Make) -> None:
    """The refusal says what is registered and what to call first."""
    with pytest.raises(
        PatternError,
        match=r"no strategy registered for 'custom'; registered: 'retry'.*register_strategy",
    ):
        make().add_error_pattern(pattern("p", strategy="custom"))


@pytest.mark.parametrize(
    "settings",
    [
        {"max_retries": -1},
        {"max_retries": "3"},
        {"base_delay": -0.5},
        {"base_delay": None},
        {"jitter": "some"},
        {"escalation": {"priority": "urgent"}},
        {"escalation": "slack"},
        {"notifiers": ["slack"]},
        {"notifiers": {"slack": "https://"}},
        {"notifiers": {5: None}},
        {"degradation_steps": ["remove"]},
        {"degradation_steps": {"mine": print}},
        {"validators": {"mine": "check"}},
        {"clock": "now"},
        {"draw": 0.5},
        {"new_id": "id"},
        {"escalations": {}},
        {"metrics_collector": 5},
        {"signal_coordinator": 5},
        {"enable_statistics": "yes"},
        {"enable_notifications": None},
    ],
    ids=str,
)
def test_an_orchestrator_that_cannot_be(settings: dict[str, Any]) -> None:
    """A wrong argument is refused when the orchestrator is made, by name."""
    with pytest.raises(ConfigurationError) as refused:
        ErrorRecoveryOrchestrator(**settings)

    name, value = next(iter(settings.items()))
    assert "\n" not in str(refused.value)
    inner = next(iter(value), "") if isinstance(value, dict) else ""
    assert (
        name in str(refused.value)
        or repr(inner) in str(refused.value)
        or str(inner) in str(refused.value)
    )


def test_operations_are_registered_by_node(make: Make) -> None:
    """The decorated function is itself; a wrong name or thing is refused."""
    orchestrator = make()

    @orchestrator.operation("node")
    def fetch() -> int:
        return 1

    assert fetch() == 1
    with pytest.raises(ConfigurationError, match="node_name is 5"):
        orchestrator.operation(5)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="callable"):
        orchestrator.operation("node")("fetch")  # type: ignore[type-var]


def test_hooks_must_be_callable(make: Make) -> None:
    """What cannot be called is no hook."""
    orchestrator = make()

    for add in (
        orchestrator.on_recovery_attempt,
        orchestrator.on_recovery_success,
        orchestrator.on_recovery_failure,
    ):
        with pytest.raises(ConfigurationError, match="callable"):
            add(5)  # type: ignore[type-var]
