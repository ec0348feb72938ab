"""What a step of a climb sees when it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._attempt_text import line_of
from ._climb_foreign import prepare_foreign
from .recovery_strategies import BaseRecoveryStrategy, SteppedStrategy
from .recovery_strategies._stepped import PreparedStep, StepView

if TYPE_CHECKING:
    from ._climb import Climb

__all__ = ["prepare_step"]


def prepare_step(climb: Climb, strategy: BaseRecoveryStrategy) -> PreparedStep | str:
    """Return the step of a strategy, or why it cannot be climbed."""
    if isinstance(strategy, SteppedStrategy):
        return strategy.prepare(_view(climb))
    return prepare_foreign(climb.environment, climb.call, strategy)


def _view(climb: Climb) -> StepView:
    settings = climb.settings
    return StepView(
        context=settings.context,
        call=climb.call,
        error=climb.error,
        analysis=settings.analysis,
        environment=climb.environment,
        patterns=settings.patterns,
        attempt_lines=tuple(line_of(record) for record in climb.records),
        services=settings.services,
        validate=settings.validate,
        wants_code=settings.wants_code,
    )
