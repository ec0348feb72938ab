"""The first retry of a call, without the machinery that most failures never need.

Most recoveries are one retry that succeeds, and nobody asks for their account. This decides
whether a recovery may begin so. Where that retry fails too, the climb takes over and writes down
what has happened (`Climb.adopt`): the wait comes from the same seed, so its log is the one that it
would have written itself.
"""

from __future__ import annotations

import inspect
import logging
from dataclasses import dataclass
from typing import Any, Protocol

from ._blocking import finisher, run_to_end
from ._call import Call
from ._clock import Clock
from ._config import Config
from ._foreign import passes_through
from ._ladder import RetryMoves, next_wait
from ._options import RunOptions
from ._planning import ladder_of, strategy_for
from ._ports import MetricsSink, SignalSink
from ._recorder import Recorder
from .recovery_models import (
    DEFAULT_BUDGET,
    ErrorAnalysis,
    RecoveryResult,
    RecoveryStrategy,
    Rerun,
)
from .recovery_strategies._stepped import check_result
from .recovery_strategies.retry import RetryStrategy

__all__ = ["FirstRetry", "first_wait", "retry_first"]

logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")


class Parts(Protocol):
    """What a quick retry needs of an orchestrator."""

    clock: Clock
    recorder: Recorder
    metrics: MetricsSink | None
    signals: SignalSink | None


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

    None where it begins otherwise, or where somebody wants to be told of every step.
    """
    hooks = config.hooks
    if hooks.attempt or hooks.success or hooks.failure or options.on_result is not None:
        return None
    if call.rerun is Rerun.NEVER or not call.complete or options.attempt_timeout is not None:
        return None
    ladder = ladder_of(analysis, options)
    if not ladder or ladder[0] is not RecoveryStrategy.RETRY:
        return None
    strategy = strategy_for(config, RecoveryStrategy.RETRY, None, analysis, options)
    if type(strategy) is not RetryStrategy or strategy.bucket is not None:
        return None
    budget = options.budget or DEFAULT_BUDGET
    if budget.attempts == 0 or budget.tokens == 0 or budget.money == 0:
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
) -> RecoveryResult | FirstRetry | None:
    """Run the retry that the ladder begins with, if nobody wants to be told of every step.

    Returns:
        The result where the retry succeeded, what has happened where it failed, None where it was
        not run.
    """
    if parts.metrics is not None or parts.signals is not None or logger.isEnabledFor(logging.INFO):
        return None
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
    parts.recorder.record_retry(analysis.error_type, (clock.monotonic() - begun) * 1000)
    return RecoveryResult.recovered(RecoveryStrategy.RETRY, value, retry_count=1, analysis=analysis)


async def _run(call: Call, *, blocking: bool) -> Any:
    if not blocking:
        return await call.run()
    value = call.fn(*call.args, **call.kwargs)
    return run_to_end(value) if inspect.isawaitable(value) else value
