"""The strategies that every orchestrator starts with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omninode_bridge.agents.workflows.recovery_models import RecoveryStrategy

from .alternative_path import AlternativePathStrategy
from .base import BaseRecoveryStrategy
from .circuit_breaker import CircuitBreakerStrategy
from .correction import ErrorCorrectionStrategy
from .degradation import GracefulDegradationStrategy
from .escalation import EscalationStrategy
from .retry import RetryStrategy

__all__ = ["built_in_strategies"]


def built_in_strategies(
    *,
    max_retries: int,
    base_delay: float,
    jitter: str,
    escalation: Mapping[str, Any] | None,
    degradation_steps: Mapping[str, Any] | None,
    validators: Mapping[str, Any] | None,
) -> dict[RecoveryStrategy, BaseRecoveryStrategy]:
    """Return one strategy for each kind that has a built-in one."""
    strategies: tuple[BaseRecoveryStrategy, ...] = (
        RetryStrategy(max_retries, base_delay, jitter=jitter),
        AlternativePathStrategy(),
        GracefulDegradationStrategy(steps=degradation_steps),
        ErrorCorrectionStrategy(validators=validators),
        EscalationStrategy(escalation),
        CircuitBreakerStrategy(),
    )
    return {strategy.strategy_type: strategy for strategy in strategies}
