"""What all ways into an orchestrator share: analyse, find the call, recover, re-raise."""

from __future__ import annotations

import inspect
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from omninode_bridge.errors import ConfigurationError

from ._analysis import analyze, declines
from ._attached import attach_call, attached_call, rerun_of
from ._attempt_text import add_note
from ._blocking import drive, finisher, run_to_end
from ._call import Call
from ._clock import Clock
from ._config import Config
from ._foreign import passes_through
from ._hooks import Teller
from ._inference import Inference
from ._options import RunOptions
from ._parts import check_parts
from ._ports import EscalationStore, MetricsSink, Notifier, SignalSink
from ._quick import FirstRetry, retry_first
from ._recorder import Recorder
from ._recovery import Recovery, recover
from ._sdk_retries import SdkRetries
from ._switch import Switch
from .classification import describe
from .engines.inline import InlineEngine
from .recovery_models import (
    ErrorAnalysis,
    ErrorPattern,
    RecoveryContext,
    RecoveryResult,
    Rerun,
    parse_kind,
)
from .recovery_strategies._stepped import check_flags
from .recovery_strategies.escalation import EscalationServices

__all__ = ["Machine", "new_workflow_id"]

logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")


def new_workflow_id() -> str:
    """Return an id that nobody else has."""
    return uuid.uuid4().hex


@dataclass(slots=True)
class Machine:
    """The parts of one orchestrator; `config` is swapped whole, nothing else changes."""

    config: Config
    clock: Clock
    draw: Callable[[], float]
    new_id: Callable[[], str]
    store: EscalationStore
    notifiers: Mapping[str, Notifier]
    notify: bool
    human_configured: bool
    recorder: Recorder
    metrics: MetricsSink | None = None
    signals: SignalSink | None = None
    inference: Inference = field(default_factory=lambda: Inference(enabled=False))
    switch: Switch = field(default_factory=Switch)
    sdk_retries: SdkRetries = field(default_factory=SdkRetries)

    def __post_init__(self) -> None:
        check_parts(
            notifiers=self.notifiers,
            clock=self.clock,
            store=self.store,
            metrics=self.metrics,
            signals=self.signals,
            draw=self.draw,
            new_id=self.new_id,
        )
        self.notifiers = dict(self.notifiers)
        check_flags(enable_notifications=self.notify, enable_statistics=self.recorder.enabled)

    # -- analysis ------------------------------------------------------------------------------

    def analyze(self, error: BaseException | str, config: Config) -> ErrorAnalysis:
        """Say what an error is and what would be tried."""
        return analyze(error, config, self.clock.now)

    def declines(self, error: Exception, options: RunOptions) -> bool:
        """Whether a filter leaves the error alone; asked before anything else is made."""
        return declines(error, self.config, options, self.clock.now)

    # -- recovery ------------------------------------------------------------------------------

    async def handle(
        self,
        context: RecoveryContext,
        operation: Callable[..., Any] | None,
        options: RunOptions,
    ) -> RecoveryResult:
        """Recover from an error after the fact; raises only what is never ours to catch."""
        if isinstance(context, RecoveryContext) and (off := self.switch.why_off()):
            return self._decline(context, off, options)
        analysis, call = self.look_at(context, operation)
        if call is not None and options.said_rerun and not context.metadata.get("rerun"):
            call = call.replace(rerun=options.rerun)
        if context.exception is not None and passes_through(context.exception, options.never):
            raise context.exception
        if context.exception is not None and analysis.transient is not False:
            self.sdk_retries.notice(context.exception)
        return await self._recover(context, call, options, analysis=analysis, wants_code=True)

    def _decline(self, context: RecoveryContext, why: str, options: RunOptions) -> RecoveryResult:
        """Return the account of a recovery that is switched off; nothing counts it."""
        error = context.exception
        if error is not None and passes_through(error, options.never):
            raise error
        subject = error if error is not None else context.error_message or ""
        analysis = self.analyze(subject, self.config)
        return RecoveryResult.failed(None, why, error=error, analysis=analysis)

    async def _recover(
        self,
        context: RecoveryContext,
        call: Call | None,
        options: RunOptions,
        *,
        analysis: ErrorAnalysis,
        wants_code: bool = False,
        blocking: bool = False,
        first: FirstRetry | None = None,
        seed: float | None = None,
    ) -> RecoveryResult:
        """Run one recovery of an error that may be caught."""
        config = self.config
        error = context.exception
        if call is not None and not analysis.call_source:
            analysis = analysis.replace(call_source=call.source)
        engine = InlineEngine(
            self.clock, draw=self.draw, store=self.store, signals=self.signals, blocking=blocking
        )
        result = await recover(
            Recovery(
                config=config,
                context=context,
                options=options,
                analysis=analysis,
                call=call,
                engine=engine,
                classify=lambda other: self.analyze(other, config),
                text=lambda: describe(error) if error is not None else context.error_message or "",
                services={
                    "escalation": EscalationServices(
                        store=self.store,
                        engine=engine,
                        notifiers=self.notifiers,
                        notify=self.notify,
                        clock=self.clock,
                    )
                },
                human_configured=self.human_configured,
                wants_code=wants_code,
                blocking=blocking,
                teller=Teller(
                    config.hooks, self.metrics, self.recorder, finisher(blocking=blocking)
                ),
                first=first,
                seed=seed,
            )
        )
        if options.on_result is not None:
            await self._tell_caller(options.on_result, result, blocking=blocking)
        return result

    async def _tell_caller(
        self,
        on_result: Callable[[RecoveryResult], Any],
        result: RecoveryResult,
        *,
        blocking: bool,
    ) -> None:
        try:
            told = on_result(result)
            if inspect.isawaitable(told):
                _ = run_to_end(told) if blocking else await told
        except Exception as error:  # the caller's own callback must not undo a recovery
            self.recorder.count_hook_failure()
            logger.warning(
                "recovery.on_result_failed", extra={"error": type(error).__name__}, exc_info=True
            )

    async def after_failure(self, error: Exception, call: Call, options: RunOptions) -> Any:
        """Recover a call that failed: return its value, or raise `error` with a note.

        Raises:
            Exception: `error` itself, when nothing helped.
        """
        return self._value(error, call, await self._try(error, call, options))

    def after_failure_blocking(self, error: Exception, call: Call, options: RunOptions) -> Any:
        """Do the same in a thread that has no event loop to suspend on."""
        # the error is raised out here: a coroutine cannot let a StopIteration pass
        return self._value(error, call, drive(self._try(error, call, options, blocking=True)))

    async def _try(
        self, error: Exception, call: Call, options: RunOptions, *, blocking: bool = False
    ) -> RecoveryResult | None:
        """Recover from the error, or return None where it is not for us."""
        if self.switch.why_off() or passes_through(error, options.never):
            return None
        analysis = self.analyze(error, self.config)
        if not options.admits(analysis.error_type, transient=analysis.transient):
            return None
        if analysis.transient is not False:
            self.sdk_retries.notice(error)
        seed = self.draw()
        first = await retry_first(
            self, self.config, analysis, call, options, seed=seed, blocking=blocking
        )
        if isinstance(first, RecoveryResult):
            return first
        context = RecoveryContext(
            workflow_id=options.workflow_id or self.new_id(),
            node_name=options.node_name or call.name,
            exception=error,
        )
        return await self._recover(
            context, call, options, analysis=analysis, blocking=blocking, first=first, seed=seed
        )

    def _value(self, error: Exception, call: Call, result: RecoveryResult | None) -> Any:
        if result is not None and result.success:
            return result.result
        if result is not None:
            attach_call(error, call)
            add_note(error, result)
        raise error

    # -- the failed call -----------------------------------------------------------------------

    def look_at(
        self, context: RecoveryContext, operation: Callable[..., Any] | None = None
    ) -> tuple[ErrorAnalysis, Call | None]:
        """Return what the error is and the call to run again, or None where there is none.

        Raises:
            ConfigurationError: no context, or an operation that cannot be called.
        """
        if not isinstance(context, RecoveryContext):
            raise ConfigurationError(f"context is {context!r}; it must be a RecoveryContext")
        if operation is not None and not callable(operation):
            raise ConfigurationError(f"operation is {operation!r}; it must be callable or None")
        config, error = self.config, context.exception
        analysis = self.analyze(error if error is not None else context.error_message or "", config)
        call = self._find_call(context, operation, config, analysis.pattern)
        return (analysis if call is None else analysis.replace(call_source=call.source)), call

    def _find_call(
        self,
        context: RecoveryContext,
        operation: Callable[..., Any] | None,
        config: Config,
        pattern: ErrorPattern | None,
    ) -> Call | None:
        """Return the first call that is given, in the documented order."""
        metadata = pattern.metadata if pattern is not None else {}
        rerun = context.metadata.get("rerun") or metadata.get("rerun")
        again = {"rerun": parse_kind(Rerun, rerun, what="rerun")} if rerun else {}
        found = (
            (operation, "the operation argument"),
            (context.operation, "RecoveryContext.operation"),
            (metadata.get("operation"), "the pattern's metadata"),
            (
                config.operations.get(context.node_name),
                f"the operation registered for {context.node_name!r}",
            ),
        )
        for fn, source in found:
            if fn is None:
                continue
            call = fn if isinstance(fn, Call) else Call(fn, rerun=rerun_of(fn))
            state = {**context.state, **call.state}
            call = self.inference.bind(call, context.exception)
            return call.replace(state=state, source=source, **again)
        travelling = attached_call(context.exception)
        if travelling is not None:
            return travelling.replace(source="the exception", **again)
        inferred = self.inference.call_of(context.exception)
        return inferred.replace(**again) if inferred is not None else None
