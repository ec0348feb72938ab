"""The true account of one recovery."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from .analysis import ErrorAnalysis
from .attempt import AttemptRecord, SkippedStep
from .kinds import RecoveryStrategy, parse_kind

__all__ = ["RecoveryResult"]

_FIELDS = (
    "success",
    "strategy_used",
    "result",
    "error_message",
    "error",
    "duration_ms",
    "overhead_ms",
    "retry_count",
    "error_fixed",
    "fallback_used",
    "escalated",
    "escalation_id",
    "pattern_matched",
    "dropped",
    "attempts",
    "skipped",
    "analysis",
    "metadata",
)


class RecoveryResult:
    """What came of a recovery; does not change after it was made.

    Attributes:
        success: a usable result exists and was verified; `result` holds it.
        strategy_used: the step that ended the recovery; the last one tried when none succeeded,
            None when nothing was tried.
        result: what the call returned; after a correction in `handle_error()`, the corrected code.
        error_message: one sentence, when there is no success.
        error: the exception that remains, when there is no success; the original one otherwise.
        duration_ms: the whole recovery, waits included.
        overhead_ms: without waits and without the user's own calls.
        retry_count: how often the unchanged call was run again.
        error_fixed: the error was corrected, in code or input.
        fallback_used: which alternative brought the result, or None.
        escalated: a human has been asked: the escalation's row exists.
        escalation_id: of that row, or None.
        pattern_matched: id of the pattern that chose the strategy, or None.
        dropped: what a degraded result lacks, in words.
        attempts: what was tried, in order.
        skipped: steps of the ladder that were not climbed, and why.
        analysis: what the error was found to be.
        metadata: what else the strategies told.
    """

    __slots__ = _FIELDS

    success: bool
    strategy_used: RecoveryStrategy | None
    result: Any
    error_message: str | None
    error: BaseException | None
    duration_ms: float
    overhead_ms: float
    retry_count: int
    error_fixed: bool
    fallback_used: str | None
    escalated: bool
    escalation_id: str | None
    pattern_matched: str | None
    dropped: tuple[str, ...]
    attempts: tuple[AttemptRecord, ...]
    skipped: tuple[SkippedStep, ...]
    analysis: ErrorAnalysis | None
    metadata: Mapping[str, Any]

    def __init__(
        self,
        *,
        success: bool,
        strategy_used: RecoveryStrategy | str | None = None,
        result: Any = None,
        error_message: str | None = None,
        error: BaseException | None = None,
        duration_ms: float = 0.0,
        overhead_ms: float = 0.0,
        retry_count: int = 0,
        error_fixed: bool = False,
        fallback_used: str | None = None,
        escalated: bool = False,
        escalation_id: str | None = None,
        pattern_matched: str | None = None,
        dropped: tuple[str, ...] = (),
        attempts: tuple[AttemptRecord, ...] = (),
        skipped: tuple[SkippedStep, ...] = (),
        analysis: ErrorAnalysis | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        kind = (
            strategy_used
            if strategy_used is None or isinstance(strategy_used, RecoveryStrategy)
            else parse_kind(RecoveryStrategy, strategy_used, what="strategy_used")
        )
        put = object.__setattr__
        put(self, "success", bool(success))
        put(self, "strategy_used", kind)
        put(self, "result", result)
        put(self, "error_message", error_message)
        put(self, "error", error)
        put(self, "duration_ms", duration_ms)
        put(self, "overhead_ms", overhead_ms)
        put(self, "retry_count", retry_count)
        put(self, "error_fixed", error_fixed)
        put(self, "fallback_used", fallback_used)
        put(self, "escalated", escalated)
        put(self, "escalation_id", escalation_id)
        put(self, "pattern_matched", pattern_matched)
        put(self, "dropped", tuple(dropped))
        put(self, "attempts", tuple(attempts))
        put(self, "skipped", tuple(skipped))
        put(self, "analysis", analysis)
        put(
            self, "metadata", MappingProxyType(dict(metadata)) if metadata else MappingProxyType({})
        )

    @classmethod
    def recovered(cls, strategy: RecoveryStrategy, result: Any, **details: Any) -> RecoveryResult:
        """Return a success: `result` is usable and was verified."""
        return cls(success=True, strategy_used=strategy, result=result, **details)

    @classmethod
    def failed(
        cls,
        strategy: RecoveryStrategy | None,
        message: str,
        *,
        error: BaseException | None = None,
        **details: Any,
    ) -> RecoveryResult:
        """Return a failure; `message` is one sentence for a human."""
        return cls(
            success=False, strategy_used=strategy, error_message=message, error=error, **details
        )

    def replace(self, **changes: Any) -> RecoveryResult:
        """Return a copy with other values for the named fields."""
        return RecoveryResult(**{name: getattr(self, name) for name in _FIELDS} | changes)

    def __reduce__(self) -> tuple[Any, ...]:
        values = {name: getattr(self, name) for name in _FIELDS}
        return (_made_of, (values | {"metadata": dict(self.metadata)},))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"RecoveryResult does not change; use replace({name}=...) for a copy")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"RecoveryResult does not change; {name!r} cannot be deleted")

    def __repr__(self) -> str:
        used = str(self.strategy_used) if self.strategy_used else None
        end = (
            f"error_message={self.error_message!r}"
            if not self.success
            else f"dropped={self.dropped!r}"
        )
        return (
            f"RecoveryResult(success={self.success}, strategy_used={used!r}, "
            f"attempts={len(self.attempts)}, escalated={self.escalated}, {end})"
        )


def _made_of(values: dict[str, Any]) -> RecoveryResult:
    return RecoveryResult(**values)
