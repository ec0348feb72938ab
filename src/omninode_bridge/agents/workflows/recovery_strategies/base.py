"""The contract of a strategy."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from omninode_bridge.agents.workflows.recovery_models import (
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
    parse_kind,
)

__all__ = ["BaseRecoveryStrategy"]


class BaseRecoveryStrategy(ABC):
    """Something that can be done about an error.

    Subclass it, implement `execute()`, and hand an instance to
    `ErrorRecoveryOrchestrator.register_strategy()`. The orchestrator passes ``operation``, a
    `Call`, where it found the failed call; an `execute()` that requires ``operation`` is skipped
    where there is none.

    Args:
        strategy_type: the kind that it stands for in results and patterns.
    """

    def __init__(self, strategy_type: RecoveryStrategy | str) -> None:
        self.strategy_type = parse_kind(RecoveryStrategy, strategy_type, what="strategy_type")

    @abstractmethod
    async def execute(self, context: RecoveryContext, **kwargs: Any) -> RecoveryResult:
        """Try to recover; return failures instead of raising them.

        A plain function will do as well; it runs in a worker thread where there is an event loop.
        ``context.state`` is a shallow copy of the caller's mapping.

        ``success=True`` means that the call returned or an output was verified, and that
        ``result`` holds it.
        """

    def configured(self, metadata: Mapping[str, Any]) -> BaseRecoveryStrategy:
        """Return a strategy with these settings over its own; a user's strategy takes any.

        Raises:
            ConfigurationError: a key or value that a built-in strategy does not know.
        """
        del metadata
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.strategy_type)!r})"
