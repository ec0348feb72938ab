"""What a climb is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._call import Call
from ._durable import RecoveryLog
from ._ladder import Plan
from ._ports import StepContext
from .recovery_models import ErrorAnalysis, ErrorPattern, RecoveryContext, RecoveryStrategy
from .recovery_strategies import BaseRecoveryStrategy

__all__ = ["ClimbSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimbSettings:
    """What one recovery is given; nothing of it changes while it runs.

    Attributes:
        strategies: the strategy of each step of the plan, as configured for this error.
        skips: steps of the plan that are passed over whatever happens, and why.
        classify: analysis of an error that an attempt ends in.
        before_step: called before each step that is climbed.
        never: exception types that pass through untouched.
        blocking: there is no event loop; nothing may suspend.
        log: where the recovery is kept, if it is; what an earlier process tried is taken from it.
    """

    plan: Plan
    context: RecoveryContext
    call: Call | None
    analysis: ErrorAnalysis
    engine: StepContext
    strategies: tuple[BaseRecoveryStrategy, ...]
    classify: Callable[[BaseException], ErrorAnalysis]
    skips: Mapping[int, str] = field(default_factory=dict)
    patterns: tuple[ErrorPattern, ...] = ()
    services: Mapping[str, Any] = field(default_factory=dict)
    validate: Callable[[Any], Any] | None = None
    attempt_timeout: float | None = None
    never: tuple[type[BaseException], ...] = ()
    wants_code: bool = False
    blocking: bool = False
    before_step: Callable[[RecoveryStrategy], Awaitable[None]] | None = None
    log: RecoveryLog | None = None
