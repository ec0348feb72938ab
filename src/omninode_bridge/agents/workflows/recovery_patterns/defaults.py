"""The patterns that an orchestrator starts with: prose, for errors that no fact explains."""

from __future__ import annotations

from omninode_bridge.agents.workflows.recovery_models import (
    ErrorPattern,
    ErrorType,
    RecoveryStrategy,
)

from ._library import PatternLibrary

__all__ = ["DEFAULT_PATTERNS"]

_RETRY = RecoveryStrategy.RETRY
_OTHER = RecoveryStrategy.ALTERNATIVE_PATH
_LESS = RecoveryStrategy.GRACEFUL_DEGRADATION
_CORRECT = RecoveryStrategy.ERROR_CORRECTION
_HUMAN = RecoveryStrategy.ESCALATION

# What stays stands before what passes: to retry a permanent error is the worst mistake.
_ROWS: tuple[tuple[str, ErrorType, RecoveryStrategy, str], ...] = (
    ("default_timeout", ErrorType.TIMEOUT, _RETRY, r"\btime(?:d[ -]?)out\b"),
)

DEFAULT_PATTERNS = PatternLibrary(
    "DEFAULT_PATTERNS",
    (ErrorPattern(name, kind, regex, strategy) for name, kind, strategy, regex in _ROWS),
)
