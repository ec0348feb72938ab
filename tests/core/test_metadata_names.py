"""Keys of a context's metadata that look like a setting's: nothing is refused, a warning names the setting."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, RecoveryContext
from omninode_bridge.agents.workflows.recovery_strategies._registry import built_in_strategies

Make = Callable[..., ErrorRecoveryOrchestrator]
SETTINGS = sorted(
    set().union(
        *(
            strategy.known_keys()  # type: ignore[attr-defined]
            for strategy in built_in_strategies(
                max_retries=1,
                base_delay=0,
                jitter="none",
                escalation=None,
                degradation_steps=None,
                validators=None,
            ).values()
        )
    )
)


async def told(
    orchestrator: ErrorRecoveryOrchestrator, caplog: pytest.LogCaptureFixture, metadata: Any
) -> list[tuple[str, str]]:
    """Return the keys that one recovery warns of, each with the name that is nearest."""
    caplog.clear()
    context = RecoveryContext("w", "n", exception=ConnectionError("x"), metadata=metadata)
    result = await orchestrator.handle_error(context, operation=lambda: "value")
    assert result.result == "value"
    found = [r for r in caplog.records if r.message == "recovery.metadata_key_unknown"]
    assert {r.levelno for r in found} <= {logging.WARNING}
    return [(vars(r)["key"], vars(r)["nearest"]) for r in found]


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("max_retires", "max_retries"),
        ("maxRetries", "max_retries"),
        ("max-retries", "max_retries"),
        ("base_dealy", "base_delay"),
        ("alternative", "alternatives"),
        ("degredation_steps", "degradation_steps"),
        ("fallback_strategy", "fallback_strategies"),
        ("Rerun", "rerun"),
        ("simplify_validaton", "simplify_validation"),
    ],
)
async def test_a_slip_is_told_once(
    make: Make, caplog: pytest.LogCaptureFixture, key: str, nearest: str
) -> None:
    """The nearest name is said, and the next recovery with the same slip says nothing."""
    orchestrator = make(base_delay=0)

    assert await told(orchestrator, caplog, {key: 5}) == [(key, nearest)]
    assert await told(orchestrator, caplog, {key: 5}) == []


@pytest.mark.parametrize(
    "key", ["tenant", "request_id", "user", "trace", "model", "attempt", "cost", 5]
)
async def test_keys_of_the_users_own_are_nobodys_concern(
    make: Make, caplog: pytest.LogCaptureFixture, key: Any
) -> None:
    """What is like no setting is theirs."""
    assert await told(make(base_delay=0), caplog, {key: 5}) == []


def test_what_is_known_is_not_asked_about(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """Every setting, every level and every step goes without a word."""
    orchestrator = make()
    names = orchestrator._machine.metadata_names

    names.notice(
        dict.fromkeys([*SETTINGS, "level_1", "level_12", "skip_ai_quorum"]),
        orchestrator._machine.config.strategies.values(),
    )

    assert caplog.records == []


def test_it_costs_little_and_keeps_little(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """Thousands of keys, and very long ones, are looked at no further than a bound."""
    machine = make()._machine

    machine.metadata_names.notice({"max_retrie" * 100: 1}, machine.config.strategies.values())
    for n in range(40):
        keys = {f"key_{n}_{i}": 1 for i in range(1000)}
        machine.metadata_names.notice(keys, machine.config.strategies.values())

    assert len(machine.metadata_names._seen) <= 1000
    assert caplog.records == []
