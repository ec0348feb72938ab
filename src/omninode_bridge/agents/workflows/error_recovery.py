"""The orchestrator: an error goes in, the right recovery runs, a true account comes out."""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractContextManager
from typing import Any, ParamSpec, TypeVar, Unpack, overload

from omninode_bridge.errors import ConfigurationError

from ._clock import SYSTEM_CLOCK, Clock
from ._config import Config
from ._durable import Engine
from ._inference import Inference
from ._machine import Machine, new_workflow_id
from ._options import DEFAULT_OPTIONS, DecoratorArguments, OptionArguments, parse_options
from ._ports import EscalationStore, MetricsSink, Notifier, SignalSink
from ._recorder import Recorder
from ._recoverable import decorate
from ._registration import Registrations
from ._runs import Runs
from ._switch import Switch
from .classification import PatternSet, Policy, policy_of
from .escalation import InMemoryEscalationStore
from .recovery_models import (
    ErrorAnalysis,
    ErrorPattern,
    ErrorType,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
)
from .recovery_models.statistics import RecoveryStatistics
from .recovery_patterns import DEFAULT_PATTERNS
from .recovery_strategies import BaseRecoveryStrategy, DegradationStep
from .recovery_strategies._registry import built_in_strategies

__all__ = ["ErrorRecoveryOrchestrator"]

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


class ErrorRecoveryOrchestrator(Registrations):
    """Classify errors and recover from them under one budget.

    One orchestrator serves any number of threads and event loops.

    Args:
        metrics_collector: counts recoveries.
        signal_coordinator: takes events.
        max_retries: of the built-in retry strategy, in addition to the first call.
        base_delay: of the same, in seconds.
        jitter: of the same: ``full``, ``equal`` or ``none``.
        enable_statistics: keep what `get_statistics()` returns.
        enable_notifications: tell humans; without it an escalation is recorded only.
        notifiers: channels by name.
        escalation: settings of the built-in escalation strategy; giving them also lets every
            ladder end with a human.
        escalations: where escalations are kept; in memory by default.
        degradation_steps: further steps by name.
        validators: further checks of corrected code by name.
        clock: tells the time and waits.
        draw: gives random numbers from 0 up to 1, for jitter.
        new_id: makes workflow ids.
        infer_operation: let `handle_error()` read the failed call from the traceback.
        policy: ladders of one's own: a path to a TOML file, a mapping of the same shape, or a
            `Policy`.
        environ: where ``OMNINODE_BRIDGE_RECOVERY=off`` is looked for; the process's by default.
        engine: keeps recoveries and, where `escalations` is not given, escalations too, such as a
            `JournalEngine`; nothing outlives the process by default.

    Example:
        >>> import asyncio
        >>> from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
        >>> answers = iter([ConnectionError("reset"), "hello"])
        >>> def ask():
        ...     answer = next(answers)
        ...     if isinstance(answer, Exception):
        ...         raise answer
        ...     return answer
        >>> orchestrator = ErrorRecoveryOrchestrator(base_delay=0)
        >>> asyncio.run(orchestrator.run(ask))
        'hello'
    """

    def __init__(
        self,
        metrics_collector: MetricsSink | None = None,
        signal_coordinator: SignalSink | None = None,
        *,
        max_retries: int = 3,
        base_delay: float = 1.0,
        jitter: str = "full",
        enable_statistics: bool = True,
        enable_notifications: bool = True,
        notifiers: Mapping[str, Notifier] | None = None,
        escalation: Mapping[str, Any] | None = None,
        escalations: EscalationStore | None = None,
        degradation_steps: Mapping[str, DegradationStep] | None = None,
        validators: Mapping[str, Callable[[str], Any]] | None = None,
        clock: Clock = SYSTEM_CLOCK,
        draw: Callable[[], float] = random.random,
        new_id: Callable[[], str] = new_workflow_id,
        infer_operation: bool = True,
        policy: str | os.PathLike[str] | Mapping[str, Any] | Policy | None = None,
        environ: Mapping[str, str] | None = None,
        engine: Engine | None = None,
    ) -> None:
        strategies = built_in_strategies(
            max_retries=max_retries,
            base_delay=base_delay,
            jitter=jitter,
            escalation=escalation,
            degradation_steps=degradation_steps,
            validators=validators,
        )
        if engine is not None and not isinstance(engine, Engine):
            raise ConfigurationError(
                f"engine is {engine!r}; it must be a JournalEngine, an InlineEngine or None"
            )
        human_configured = bool(notifiers) or escalation is not None or escalations is not None
        if escalations is None and engine is not None:
            escalations = engine.escalations  # where they are kept says nothing of who is asked
        machine = Machine(
            config=Config(
                PatternSet.of(DEFAULT_PATTERNS, built_in=True), strategies, policy=policy_of(policy)
            ),
            clock=clock,
            draw=draw,
            new_id=new_id,
            store=InMemoryEscalationStore(clock=clock) if escalations is None else escalations,
            notifiers={} if notifiers is None else notifiers,
            notify=enable_notifications,
            human_configured=human_configured,
            recorder=Recorder(enabled=enable_statistics),
            metrics=metrics_collector,
            signals=signal_coordinator,
            inference=Inference(enabled=infer_operation),
            switch=Switch(environ),
            engine=engine,
        )
        super().__init__(machine)
        self._runs = Runs(machine, DEFAULT_OPTIONS)

    # -- three ways in -------------------------------------------------------------------------

    @overload
    async def run(
        self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> T: ...

    @overload
    async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...

    async def run(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call `fn` and recover where it fails.

        Args:
            fn: a coroutine function or a plain one; a plain one runs in a worker thread.
            *args: its positional arguments.
            **kwargs: its keyword arguments; options go through `with_options()`.

        Returns:
            What the call returned, in the end.

        Raises:
            Exception: the original one with a note of what was tried, when nothing helped.
        """
        return await self._runs.run(fn, *args, **kwargs)

    def run_sync(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the same in this thread, without an event loop; `fn` is a plain function."""
        return self._runs.run_sync(fn, *args, **kwargs)

    def with_options(self, **options: Unpack[OptionArguments]) -> Runs:
        """Return an object whose `run()` and `run_sync()` follow these options.

        Raises:
            ConfigurationError: an option that does not exist or cannot have its value.
        """
        return Runs(self._machine, parse_options(**options))

    @overload
    def recoverable(self, error_type: Callable[P, T], /) -> Callable[P, T]: ...

    @overload
    def recoverable(
        self,
        error_type: ErrorType | str | Collection[ErrorType | str] | None = None,
        strategy: RecoveryStrategy | str | None = None,
        **options: Unpack[DecoratorArguments],
    ) -> Callable[[F], F]: ...

    def recoverable(self, error_type: Any = None, strategy: Any = None, **options: Any) -> Any:
        """Decorate a function so that every call of it recovers.

        Args:
            error_type: only errors of this type are recovered; all by default.
            strategy: tried first; chosen by the error where it is left out.
            **options: see `DecoratorArguments`.
        """
        return decorate(self._machine, error_type, strategy, options)

    async def handle_error(
        self, context: RecoveryContext, operation: Callable[..., Any] | None = None
    ) -> RecoveryResult:
        """Recover from an error that has already been caught.

        Args:
            context: the error and where it happened.
            operation: the callable to run again; its arguments are looked up in `context.state`.

        Returns:
            The account. After a correction of code, `result` is the corrected code and
            ``metadata["output"]`` what the call made of it.
        """
        return await self._machine.handle(context, operation, DEFAULT_OPTIONS)

    def disabled(self) -> AbstractContextManager[None]:
        """Recover nothing inside of the ``with`` block: calls run once, errors pass untouched.

        It counts for this context: for the tasks that are started in it and for
        `asyncio.to_thread()`, which copy the context; a bare thread of one's own has another.
        """
        return self._machine.switch.disabled()

    def register_strategy(
        self, strategy_type: RecoveryStrategy | str, strategy_instance: BaseRecoveryStrategy
    ) -> None:
        """Let `strategy_instance` stand for this kind from now on.

        Raises:
            ConfigurationError: no such kind, or no strategy.
        """
        super().register_strategy(strategy_type, strategy_instance)
        self._runs = Runs(self._machine, DEFAULT_OPTIONS)  # it may have a bucket that counts

    # -- what an error is ----------------------------------------------------------------------

    def analyze(self, error: BaseException | RecoveryContext | str) -> ErrorAnalysis:
        """Say what an error is and what would be tried, without trying it."""
        if isinstance(error, (BaseException, str)):  # first: an error may not like to be asked more
            return self._machine.analyze(error, self._machine.config)
        if isinstance(error, RecoveryContext):
            return self._machine.look_at(error)[0]
        raise ConfigurationError(
            f"error is {error!r}; it must be an exception, a RecoveryContext or a text"
        )

    def match_error_pattern(self, text: str) -> ErrorPattern | None:
        """Return the pattern that this text matches, or None."""
        if not isinstance(text, str):
            raise ConfigurationError(
                f"text is {text!r}; it must be a text; for an exception there is analyze(error).pattern"
            )
        match = self._machine.config.patterns.match(text)
        pattern = match.pattern if match is not None else None
        found = pattern.pattern_id if pattern is not None else None
        logger.debug("recovery.pattern_looked_up", extra={"pattern_id": found})
        return pattern

    @property
    def patterns(self) -> tuple[ErrorPattern, ...]:
        """All patterns in the order in which they are looked at."""
        return self._machine.config.patterns.in_order

    @property
    def provider_failures(self) -> Mapping[str, int]:
        """How often each registered provider of facts raised or returned no facts, by its name."""
        found: dict[str, int] = {}
        for provider in self._machine.config.own_providers:
            found[provider.name] = found.get(provider.name, 0) + provider.failures
        return found

    # -- what happened -------------------------------------------------------------------------

    @property
    def escalations(self) -> EscalationStore:
        """Where escalations are kept and answered."""
        return self._machine.store

    async def flush_notices(self, timeout: float = 20.0) -> None:
        """Tell at once what is held back to be told later; for the end of a program.

        Args:
            timeout: seconds of real time for all channels, also those that are told already.
        """
        await self._machine.sender.flush(timeout)

    def get_statistics(self) -> RecoveryStatistics:
        """Return the counts of all recoveries so far."""
        return self._machine.recorder.snapshot()
