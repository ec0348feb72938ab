"""Stop calling what keeps failing, for a while."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from omninode_bridge.agents.workflows._call import Call
from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows._ladder import FixedMoves, Move
from omninode_bridge.agents.workflows.classification import PatternSet, classify
from omninode_bridge.agents.workflows.recovery_models import (
    Attempt,
    ErrorType,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
    Rerun,
)
from omninode_bridge.errors import ConfigurationError

from ._circuits import CircuitLimits, Circuits, CircuitSnapshot, Permit, Refusal
from ._lent import lent_clock
from ._stepped import Performed, PreparedStep, SteppedStrategy, StepView, check_keys

__all__ = ["NOT_COUNTED", "CircuitBreakerStrategy"]

logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")

#: What the caller did wrong, or the other side asks for, says nothing about whether it works.
NOT_COUNTED: Final = frozenset(
    {
        ErrorType.RATE_LIMIT,
        ErrorType.VALIDATION,
        ErrorType.SYNTAX,
        ErrorType.CONTRACT,
        ErrorType.SECURITY,
    }
)
MAX_THRESHOLD: Final = 1_000_000
_MAX_NAME: Final = 200


class CircuitBreakerStrategy(SteppedStrategy):
    """Run the call once, unless its dependency has just failed too often.

    `failure_threshold` consecutive failures open the circuit of the dependency: for
    `cooldown_seconds` its calls fail at once. Then it is half open: `half_open_probes` calls go
    through at a time; `success_threshold` successes close it, one failure opens it again. Rate
    limits and errors of the caller (validation, syntax, contract, security) count for nothing, and
    neither does a call that was cancelled or ends after its circuit has changed. A probe that is
    still out after another `cooldown_seconds` is given up, and the next call probes.

    One instance keeps the circuits of all patterns that use it.

    Args:
        failure_threshold: consecutive failures, at least 1.
        cooldown_seconds: more than 0.
        half_open_probes: at least 1.
        success_threshold: at least 1.
        dependency: whose circuit it is; the context's node by default.
        counts: says whether an error is a failure of the dependency; by its type by default.
        clock: tells how much time has passed; the orchestrator's by default.
    """

    keys = frozenset(
        {
            "cooldown_seconds",
            "dependency",
            "failure_threshold",
            "half_open_probes",
            "success_threshold",
        }
    )

    def __init__(
        self,
        failure_threshold: int = 5,
        cooldown_seconds: float = 60,
        *,
        half_open_probes: int = 1,
        success_threshold: int = 1,
        dependency: str | None = None,
        counts: Callable[[Exception], bool] | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(RecoveryStrategy.CIRCUIT_BREAKER)
        if counts is not None and not callable(counts):
            raise ConfigurationError(f"counts is {counts!r}; it must be callable or None")
        if dependency is not None and (not isinstance(dependency, str) or not dependency.strip()):
            raise ConfigurationError(f"dependency is {dependency!r}; it must be a text or None")
        self.limits = CircuitLimits(
            failure_threshold=_count("failure_threshold", failure_threshold),
            cooldown_seconds=_seconds("cooldown_seconds", cooldown_seconds),
            half_open_probes=_count("half_open_probes", half_open_probes),
            success_threshold=_count("success_threshold", success_threshold),
        )
        self.dependency = dependency
        self._counts = counts
        self._clock = clock
        self._circuits = Circuits()

    @property
    def failure_threshold(self) -> int:
        """Consecutive failures that open a circuit."""
        return self.limits.failure_threshold

    @property
    def cooldown_seconds(self) -> float:
        """How long a circuit stays open."""
        return self.limits.cooldown_seconds

    def configured(self, metadata: Mapping[str, Any]) -> CircuitBreakerStrategy:
        """Return a strategy with these settings over its own, on the same circuits."""
        own = check_keys(self, metadata)
        if not own:
            return self
        settings: dict[str, Any] = {
            "failure_threshold": self.limits.failure_threshold,
            "cooldown_seconds": self.limits.cooldown_seconds,
            "half_open_probes": self.limits.half_open_probes,
            "success_threshold": self.limits.success_threshold,
            "dependency": self.dependency,
        }
        changed = CircuitBreakerStrategy(**(settings | own), counts=self._counts, clock=self._clock)
        changed._circuits = self._circuits
        return changed

    def prepare(self, view: StepView) -> PreparedStep | str:
        """Offer the unchanged call once; an open circuit answers in its place."""
        call = view.call
        if call is None:
            return "there is no call to run again"
        if call.rerun is Rerun.NEVER:
            return "the call must not run twice"
        if call.rerun is Rerun.UNKNOWN and view.analysis.transient is not True:
            return "the call may not be safe to repeat and the error is not known to pass"
        clock = self._clock or lent_clock(view)
        dependency = self._dependency_of(view.context)

        async def perform(attempt: Attempt) -> Performed:
            del attempt
            admitted = self._circuits.admit(dependency, self.limits, clock.monotonic())
            if isinstance(admitted, Refusal):
                return Performed(
                    ok=False,
                    message=_refusal(admitted),
                    details={"metadata": {"circuit": dependency, "circuit_open": True}},
                    tried=False,
                )
            return await self._run(view, call, admitted, clock)

        return PreparedStep(FixedMoves((Move(label=f"circuit of {dependency}"),)), perform)

    async def _run(self, view: StepView, call: Call, permit: Permit, clock: Clock) -> Performed:
        ok: bool | None = None
        try:
            value = await view.environment.rerun(call)
            ok = True
        except Exception as error:
            if not view.environment.is_foreign(error) and self._is_failure(error):
                ok = False
            raise
        finally:
            # also when cancelled: a probe that is never settled would keep the circuit open
            self._circuits.settle(permit, self.limits, clock.monotonic(), ok=ok)
        return Performed(value, details={"metadata": {"circuit": permit.dependency}})

    def _is_failure(self, error: Exception) -> bool:
        if self._counts is not None:
            try:
                return bool(self._counts(error))
            except Exception as failed:  # noqa: BLE001 - the error that is judged must not get lost
                logger.warning("breaker.counts_failed", extra={"error": type(failed).__name__})
        return classify(error, PatternSet.empty()).error_type not in NOT_COUNTED

    def _dependency_of(self, context: RecoveryContext) -> str:
        return (self.dependency or context.node_name)[:_MAX_NAME]

    async def execute(
        self,
        context: RecoveryContext,
        operation: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> RecoveryResult:
        """Run the operation once through the circuit, without an orchestrator.

        Args:
            context: of the error; its state gives the operation's arguments.
            operation: the callable to run.
            **kwargs: ``clock`` and ``budget``.
        """
        if self._clock is not None:
            kwargs.setdefault("clock", self._clock)
        return await super().execute(context, operation=operation, **kwargs)

    # -- looking -------------------------------------------------------------------------------

    def circuit(self, dependency: str, *, clock: Clock | None = None) -> CircuitSnapshot:
        """Return the circuit of a dependency as it is at this moment."""
        now = (clock or self._clock or SYSTEM_CLOCK).monotonic()
        return self._circuits.snapshot(dependency, now)

    @property
    def dependencies(self) -> tuple[str, ...]:
        """Whatever has a circuit."""
        return self._circuits.names()

    def reset(self, dependency: str | None = None) -> None:
        """Close the circuit of a dependency, or all of them."""
        self._circuits.reset(dependency)


def _refusal(refusal: Refusal) -> str:
    # the guide's own sentence, capital included
    if refusal.seconds_left <= 0:
        return "Circuit breaker open - cooldown is over, and other calls probe the dependency now"
    return (
        "Circuit breaker open - cooldown in progress, "
        f"{math.ceil(refusal.seconds_left * 10) / 10:g} s left"
    )


def _count(what: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_THRESHOLD:
        raise ConfigurationError(
            f"{what} is {value!r}; it must be an integer from 1 to {MAX_THRESHOLD}"
        )
    return value


def _seconds(what: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise ConfigurationError(f"{what} is {value!r}; it must be seconds, more than 0")
    return value
