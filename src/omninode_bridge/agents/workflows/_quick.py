"""The first retry of a call, without the machinery that most failures never need.

Most recoveries are one retry that succeeds, and nobody asks for their account. This decides
whether a recovery may begin so; metrics, signals and the log, which need little of it, are told.
Where that retry fails too, the climb takes over and writes down what has happened
(`Climb.adopt`): the wait comes from the same seed, so its log is the one that it would have
written itself.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ._blocking import finisher, run_to_end
from ._call import Call
from ._clock import Clock
from ._config import Config
from ._foreign import passes_through
from ._hooks import Teller, log_end
from ._ladder import RetryMoves, next_wait
from ._options import RunOptions
from ._planning import strategy_for
from ._ports import Event, MetricsSink, SignalSink
from ._recorder import Recorder
from .recovery_models import (
    DEFAULT_BUDGET,
    ErrorAnalysis,
    RecoveryStrategy,
    Rerun,
)
from .recovery_strategies._stepped import check_result
from .recovery_strategies.retry import RetryStrategy

__all__ = ["FirstRetry", "Recovered", "first_wait", "retry_first"]

logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")


class Parts(Protocol):
    """What a quick retry needs of an orchestrator."""

    clock: Clock
    recorder: Recorder
    metrics: MetricsSink | None
    signals: SignalSink | None

    @property
    def new_id(self) -> Callable[[], str]:
        """Make the id of a recovery."""
        ...


@dataclass(slots=True)
class Recovered:
    """A first retry that succeeded, and what it brought."""

    value: Any


@dataclass(slots=True)
class FirstRetry:
    """A first retry that failed.

    Attributes:
        error: what it raised.
        begun: when the recovery began, in monotonic seconds.
        spent: seconds of the retry, without the wait before it.
        outside: seconds in the wait and in the call.
    """

    error: Exception
    begun: float
    spent: float
    outside: float


def first_wait(
    config: Config, analysis: ErrorAnalysis, call: Call, options: RunOptions, seed: float
) -> float | None:
    """Return the seconds before the retry that a ladder begins with.

    None where it begins otherwise, or where somebody wants the account of the recovery.
    """
    hooks = config.hooks
    if hooks.attempt or hooks.success or hooks.failure or options.on_result is not None:
        return None
    if call.rerun is Rerun.NEVER or not call.complete or options.attempt_timeout is not None:
        return None
    ladder = options.ladder or analysis.ladder  # what else is offered comes after its first step
    if not ladder or ladder[0] is not RecoveryStrategy.RETRY:
        return None
    strategy = strategy_for(config, RecoveryStrategy.RETRY, None, analysis, options)
    if type(strategy) is not RetryStrategy or strategy.bucket is not None:
        return None
    budget = options.budget or DEFAULT_BUDGET
    if budget.attempts == 0 or budget.tokens is not None or budget.money is not None:
        return None
    moves = RetryMoves(
        strategy.max_retries,
        strategy.backoff,
        needs_transient=call.rerun is Rerun.UNKNOWN,
        force=strategy.force,
    )
    wait = next_wait(seed, moves, 1, analysis)
    if isinstance(wait, str) or (budget.seconds is not None and wait >= budget.seconds):
        return None
    return wait


async def retry_first(
    parts: Parts,
    config: Config,
    analysis: ErrorAnalysis,
    call: Call,
    options: RunOptions,
    *,
    seed: float,
    blocking: bool,
) -> Recovered | FirstRetry | None:
    """Run the retry that the ladder begins with, if nobody wants the account of the recovery.

    Returns:
        What it brought where it succeeded, what has happened where it failed, None where it was not
        run.
    """
    wait = first_wait(config, analysis, call, options, seed)
    if wait is None:
        return None
    clock = parts.clock
    begun = retried = clock.monotonic()
    if wait > 0:
        if blocking:
            clock.sleep_blocking(wait)
        else:
            await clock.sleep(wait)
        retried = clock.monotonic()
    try:
        value = await _run(call, blocking=blocking)
        if options.validate is not None:
            await check_result(value, options.validate, finisher(blocking=blocking))
    except Exception as error:
        if passes_through(error, options.never):
            raise
        ended = clock.monotonic()
        return FirstRetry(error, begun, ended - retried, ended - begun)
    duration_ms = (clock.monotonic() - begun) * 1000
    if parts.metrics is None and parts.signals is None and not logger.isEnabledFor(logging.INFO):
        parts.recorder.record_retry(analysis.error_type, duration_ms)
    else:
        await _tell(parts, config, analysis, call, options, duration_ms, blocking=blocking)
    return Recovered(value)


async def _tell(
    parts: Parts,
    config: Config,
    analysis: ErrorAnalysis,
    call: Call,
    options: RunOptions,
    duration_ms: float,
    *,
    blocking: bool,
) -> None:
    """Tell the log, the signals and the metrics in the order in which a climb tells them."""
    teller = Teller(config.hooks, parts.metrics, parts.recorder, finisher(blocking=blocking))
    pattern = analysis.pattern
    workflow_id = options.workflow_id or parts.new_id()
    node_name = options.node_name or call.name
    log_end(
        workflow_id,
        node_name,
        success=True,
        strategy=RecoveryStrategy.RETRY,
        pattern_id=pattern.pattern_id if pattern is not None else None,
        attempts=1,
        dropped=(),
        duration_ms=duration_ms,
    )
    if parts.signals is not None:
        data = {"node_name": node_name, "strategy": str(RecoveryStrategy.RETRY)}
        await teller.emit(parts.signals.emit, Event("recovery_succeeded", workflow_id, data))
    parts.recorder.record_retry(analysis.error_type, duration_ms)
    await teller.succeeded(RecoveryStrategy.RETRY, duration_ms)


async def _run(call: Call, *, blocking: bool) -> Any:
    if not blocking:
        return await call.run()
    value = call.fn(*call.args, **call.kwargs)
    return run_to_end(value) if inspect.isawaitable(value) else value
