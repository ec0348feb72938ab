"""What an error was found to be, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType

from .kinds import ErrorType, RecoveryStrategy
from .pattern import ErrorPattern

__all__ = ["ErrorAnalysis", "EvidenceRank"]

_NO_GROUPS: Mapping[str, str] = MappingProxyType({})


class EvidenceRank:
    """How strong the winning evidence is; a higher one is never overruled by a lower one."""

    NOTHING = 0
    BUILT_IN_TEXT = 1
    CAUSE = 2
    FACT = 3
    USER_PATTERN = 4


class ErrorAnalysis:
    """The answer of `ErrorRecoveryOrchestrator.analyze()`; does not change after it was made.

    Attributes:
        error_type: what the error is.
        strategy: what is tried first, the first step of `ladder`.
        ladder: strategies in the order in which they are tried, before preconditions are looked at.
        pattern: the pattern that matched, or None.
        on_a_par: the user's further patterns of the same priority that match too; their steps
            follow those of `pattern`.
        groups: the named groups of that match.
        transient: True where the same call, unchanged, would plausibly succeed within minutes;
            False where it would not; None where nothing tells.
        retry_after: seconds that the other side asked us to wait, or None.
        confidence: 0 to 1, by the rank of the evidence.
        rank: of the winning evidence, see `EvidenceRank`.
        call_source: where the call to run again was found; empty for an analysis without one.
        skipped_patterns: ids of patterns that were not run to their end, because they took too long.
        declared: the strategy was chosen by the user, so only it and its declared fallbacks run.
    """

    def __init__(
        self,
        *,
        error_type: ErrorType,
        ladder: tuple[RecoveryStrategy, ...],
        pattern: ErrorPattern | None = None,
        on_a_par: tuple[ErrorPattern, ...] = (),
        groups: Mapping[str, str] = _NO_GROUPS,
        transient: bool | None = None,
        retry_after: float | None = None,
        rank: int = EvidenceRank.NOTHING,
        declared: bool = False,
        call_source: str = "",
        skipped_patterns: tuple[str, ...] = (),
        reasons: Callable[[], tuple[str, ...]] = tuple,
        fingerprint: Callable[[], str] = str,
    ) -> None:
        self.error_type = error_type
        self.ladder = ladder
        self.pattern = pattern
        self.on_a_par = on_a_par
        self.groups = groups
        self.transient = transient
        self.retry_after = retry_after
        self.rank = rank
        self.declared = declared
        self.call_source = call_source
        self.skipped_patterns = skipped_patterns
        self._make_reasons = reasons
        self._make_fingerprint = fingerprint

    @property
    def strategy(self) -> RecoveryStrategy:
        """What is tried first."""
        return self.ladder[0] if self.ladder else RecoveryStrategy.ESCALATION

    @property
    def confidence(self) -> float:
        """How sure the type is, 0 to 1: a function of the rank alone."""
        return (0.0, 0.6, 0.8, 0.95, 1.0)[self.rank]

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        """Why, in words, strongest first."""
        return self._make_reasons()

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hex digits: equal for two errors of one kind, whatever numbers their texts hold."""
        return self._make_fingerprint()

    def pattern_for(self, kind: RecoveryStrategy | None) -> ErrorPattern | None:
        """Return the pattern that chose a step of the ladder, else the one that matched first."""
        for pattern in (self.pattern, *self.on_a_par):
            if pattern is not None and (
                kind is pattern.recovery_strategy
                or kind in pattern.metadata.get("fallback_strategies", ())
            ):
                return pattern
        return self.pattern

    def replace(self, **changes: object) -> ErrorAnalysis:
        """Return a copy with other values for the named constructor arguments."""
        values: dict[str, object] = {
            **self._values(),
            "reasons": lambda: self.reasons,
            "fingerprint": lambda: self.fingerprint,
        }
        values.update(changes)
        return ErrorAnalysis(**values)  # type: ignore[arg-type]

    def __reduce__(self) -> tuple[object, ...]:
        plain = self._values() | {"groups": dict(self.groups)}
        return (_made_of, (plain, self.reasons, self.fingerprint))

    def _values(self) -> dict[str, object]:
        return {
            "error_type": self.error_type,
            "ladder": self.ladder,
            "pattern": self.pattern,
            "on_a_par": self.on_a_par,
            "groups": self.groups,
            "transient": self.transient,
            "retry_after": self.retry_after,
            "rank": self.rank,
            "declared": self.declared,
            "call_source": self.call_source,
            "skipped_patterns": self.skipped_patterns,
        }

    def __repr__(self) -> str:
        pattern = self.pattern.pattern_id if self.pattern else None
        return (
            f"ErrorAnalysis(error_type={str(self.error_type)!r}, strategy={str(self.strategy)!r}, "
            f"transient={self.transient}, pattern={pattern!r})"
        )


def _made_of(
    values: dict[str, object], reasons: tuple[str, ...], fingerprint: str
) -> ErrorAnalysis:
    return ErrorAnalysis(**values, reasons=lambda: reasons, fingerprint=lambda: fingerprint)  # type: ignore[arg-type]
