"""Patterns of one priority that match the same error: the steps of each, one after the other."""

from __future__ import annotations

from ._config import Config, fallbacks_of
from .classification import Classification
from .recovery_models import ErrorPattern, RecoveryStrategy

__all__ = ["patterns_on_a_par", "with_their_steps"]

_RETRY = RecoveryStrategy.RETRY
_HUMAN = RecoveryStrategy.ESCALATION
# What runs the call in one way, and leaves it open to another when it is at its end. A human's
# answer, an open circuit and a strategy of the user's own are the last word.
_LEAVE_OFF = frozenset(
    {
        _RETRY,
        RecoveryStrategy.ALTERNATIVE_PATH,
        RecoveryStrategy.GRACEFUL_DEGRADATION,
        RecoveryStrategy.ERROR_CORRECTION,
    }
)


def patterns_on_a_par(found: Classification, config: Config) -> tuple[ErrorPattern, ...]:
    """Return the user's further patterns that match and rank with the one that was chosen.

    None where that one has the last word, or declares what follows it: ``fallback_strategies``,
    which may be empty.
    """
    match = found.match
    if match is None or match.built_in:
        return ()
    chosen = match.pattern
    if chosen.recovery_strategy not in _LEAVE_OFF or "fallback_strategies" in chosen.metadata:
        return ()
    equals = config.own_of(chosen.priority)
    if len(equals) == 1:
        return ()
    others = (other.pattern for other in equals.match_all(found.text))
    return tuple(one for one in others if one is not chosen and _steps(one, found))


def with_their_steps(
    found: Classification,
    others: tuple[ErrorPattern, ...],
    declared: tuple[RecoveryStrategy, ...],
) -> tuple[RecoveryStrategy, ...]:
    """Return what is declared, then the steps of the other patterns, a human last."""
    steps = dict.fromkeys([*declared, *(step for one in others for step in _steps(one, found))])
    if _HUMAN in steps:
        del steps[_HUMAN]
        steps[_HUMAN] = None
    return tuple(steps)


def _steps(pattern: ErrorPattern, found: Classification) -> tuple[RecoveryStrategy, ...]:
    """Return the steps that a pattern declares, without a retry of what is known to stay."""
    steps = (pattern.recovery_strategy, *fallbacks_of(pattern.metadata))
    if found.facts.transient is False and not pattern.metadata.get("force"):
        steps = tuple(step for step in steps if step is not _RETRY)
    return steps
