"""Tell the outside what happens; none of it can break a recovery."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ._ports import Event, MetricsSink
from ._recorder import Recorder
from ._redaction import redact
from ._redaction_errors import failure_fields
from .recovery_models import RecoveryContext, RecoveryResult, RecoveryStrategy

__all__ = ["Hooks", "Teller", "log_end"]

logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")

Hook = Callable[..., Any]

_ERROR_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Hooks:
    """The callables that were registered, in order."""

    attempt: tuple[Hook, ...] = ()
    success: tuple[Hook, ...] = ()
    failure: tuple[Hook, ...] = ()


class Teller:
    """Call hooks and metrics; one that raises is logged and counted."""

    __slots__ = ("_finish", "_hooks", "_metrics", "_recorder")

    def __init__(
        self,
        hooks: Hooks,
        metrics: MetricsSink | None,
        recorder: Recorder,
        finish: Callable[[Awaitable[Any]], Awaitable[Any]],
    ) -> None:
        self._hooks = hooks
        self._metrics = metrics
        self._recorder = recorder
        self._finish = finish

    async def attempt(self, context: RecoveryContext, strategy: RecoveryStrategy) -> None:
        """Say that a step of the ladder begins."""
        for hook in self._hooks.attempt:
            await self._call(hook, context, strategy)

    async def emit(self, emit: Callable[[Event], None], event: Event) -> None:
        """Hand an event to the signal sink."""
        await self._call(emit, event)

    async def ended(self, result: RecoveryResult) -> None:
        """Say how the recovery ended.

        One that leaves a question open has handed its failure back, so it is counted as one; no hook
        hears of it, because the question may still be answered.
        """
        self._recorder.record(result)
        if result.success:
            await self.succeeded(result.strategy_used, result.duration_ms)
        elif self._metrics is not None:
            await self._call(
                self._metrics.record_recovery_failure,
                strategy=result.strategy_used,
                error=result.error_message,
            )
        if result.metadata.get("pending"):
            return
        for hook in self._hooks.success if result.success else self._hooks.failure:
            await self._call(hook, result)

    async def succeeded(self, strategy: RecoveryStrategy | None, duration_ms: float) -> None:
        """Hand a success to the metrics."""
        if self._metrics is not None:
            await self._call(
                self._metrics.record_recovery_success, strategy=strategy, duration_ms=duration_ms
            )

    async def _call(self, hook: Hook, *args: Any, **kwargs: Any) -> None:
        try:
            value = hook(*args, **kwargs)
            if inspect.isawaitable(value):
                await self._finish(value)
        except Exception as error:  # noqa: BLE001 -- whatever a hook raises, the recovery goes on
            self._recorder.count_hook_failure()
            name = getattr(hook, "__qualname__", type(hook).__name__)
            logger.warning(
                "recovery.hook_failed",
                extra={"hook": name, **failure_fields(error)},
            )


def log_end(
    workflow_id: str,
    node_name: str,
    *,
    success: bool,
    strategy: RecoveryStrategy | None,
    pattern_id: str | None,
    attempts: int,
    dropped: Sequence[str],
    duration_ms: float,
    error: Callable[[], str] | None = None,
) -> None:
    """Write the one line that a recovery leaves in the log; `error` gives the text of one that failed."""
    level = logging.INFO if success and not dropped else logging.WARNING
    if not logger.isEnabledFor(level):
        return
    logger.log(
        level,
        "recovery.finished",
        extra={
            "workflow_id": workflow_id,
            "node_name": node_name,
            "success": success,
            "error": None if error is None else redact(error(), limit=_ERROR_LIMIT),
            "strategy": str(strategy or ""),
            "pattern_id": pattern_id,
            "attempts": attempts,
            "dropped": list(dropped),
            "duration_ms": duration_ms,
        },
    )
