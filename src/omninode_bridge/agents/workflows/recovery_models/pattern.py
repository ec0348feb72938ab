"""An error pattern: which text it is for, and what is done then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from omninode_bridge.errors import PatternError

from .kinds import ErrorType, RecoveryStrategy, parse_kind

__all__ = ["DEFAULT_PRIORITY", "MAX_REGEX_LENGTH", "ErrorPattern"]

DEFAULT_PRIORITY = 50
MAX_REGEX_LENGTH = 4096


@dataclass(frozen=True, slots=True)
class ErrorPattern:
    """Map the text of an error to a type and a strategy.

    The text that is searched is ``TypeName: message`` of the error, then of its causes. The search
    ignores case unless the regex says ``(?-i:...)``.

    Attributes:
        pattern_id: unique within an orchestrator; adding the same id again replaces the pattern.
        error_type: what the error is, when the pattern matches.
        regex_pattern: a Python regular expression, at most 4,096 characters.
        recovery_strategy: what is done, when the pattern matches.
        metadata: settings of that strategy; they win over the strategy's own.
        priority: higher is looked at first; equal ones in order of registration.

    Raises:
        PatternError: an id that is empty, a regex that is no text or too long, a kind that does
            not exist, a priority that is no integer.
    """

    pattern_id: str
    error_type: ErrorType
    regex_pattern: str
    recovery_strategy: RecoveryStrategy
    metadata: Mapping[str, Any] = field(default_factory=dict)
    priority: int = DEFAULT_PRIORITY

    def __post_init__(self) -> None:
        who = f"pattern {self.pattern_id!r}"
        if not isinstance(self.pattern_id, str) or not self.pattern_id.strip():
            raise PatternError(f"pattern_id is {self.pattern_id!r}; it must be a non-empty text")
        if not isinstance(self.regex_pattern, str) or not self.regex_pattern:
            raise PatternError(
                f"regex_pattern of {who} is {self.regex_pattern!r}; it must be a non-empty text",
                pattern_id=self.pattern_id,
            )
        if len(self.regex_pattern) > MAX_REGEX_LENGTH:
            raise PatternError(
                f"regex_pattern of {who} has {len(self.regex_pattern)} characters; "
                f"at most {MAX_REGEX_LENGTH} are allowed",
                pattern_id=self.pattern_id,
            )
        if isinstance(self.priority, bool) or not isinstance(self.priority, int):
            raise PatternError(
                f"priority of {who} is {self.priority!r}; it must be an integer",
                pattern_id=self.pattern_id,
            )
        if not isinstance(self.metadata, Mapping):
            raise PatternError(
                f"metadata of {who} is {self.metadata!r}; it must be a mapping",
                pattern_id=self.pattern_id,
            )
        kind = parse_kind(ErrorType, self.error_type, what=f"error_type of {who}")
        strategy = parse_kind(
            RecoveryStrategy, self.recovery_strategy, what=f"recovery_strategy of {who}"
        )
        object.__setattr__(self, "error_type", kind)
        object.__setattr__(self, "recovery_strategy", strategy)
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))

    def __reduce__(self) -> tuple[Any, ...]:
        kinds = (self.pattern_id, self.error_type, self.regex_pattern, self.recovery_strategy)
        return (ErrorPattern, (*kinds, dict(self.metadata), self.priority))
