"""Use one built-in strategy without an orchestrator."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from ._clock import SYSTEM_CLOCK, Clock
from ._config import Config
from ._machine import Machine, new_workflow_id
from ._options import RunOptions
from ._recorder import Recorder
from .classification import PatternSet
from .escalation import InMemoryEscalationStore
from .recovery_models import RecoveryBudget, RecoveryContext, RecoveryResult
from .recovery_strategies import SteppedStrategy

__all__ = ["climb_alone"]


async def climb_alone(
    strategy: SteppedStrategy,
    context: RecoveryContext,
    *,
    operation: Callable[..., Any] | None = None,
    budget: RecoveryBudget | None = None,
    clock: Clock = SYSTEM_CLOCK,
    **unused: Any,
) -> RecoveryResult:
    """Climb a ladder whose only step is `strategy`."""
    del unused
    kind = strategy.strategy_type
    machine = Machine(
        config=Config(PatternSet.empty(), {kind: strategy}),
        clock=clock,
        draw=random.random,
        new_id=new_workflow_id,
        store=InMemoryEscalationStore(clock=clock),
        notifiers={},
        notify=True,
        human_configured=True,
        recorder=Recorder(enabled=False),
    )
    return await machine.handle(context, operation, RunOptions(ladder=(kind,), budget=budget))
