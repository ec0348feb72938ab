"""How a built-in strategy takes part in a ladder: it prepares moves and performs them one by one."""

from __future__ import annotations

import asyncio
import inspect
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar

from omninode_bridge.agents.workflows._call import Call
from omninode_bridge.agents.workflows._foreign import passes_through
from omninode_bridge.agents.workflows._ladder import FixedMoves, RetryMoves
from omninode_bridge.agents.workflows._redaction_errors import error_text
from omninode_bridge.agents.workflows.recovery_models import (
    Attempt,
    ErrorAnalysis,
    ErrorPattern,
    RecoveryContext,
    RecoveryResult,
)
from omninode_bridge.errors import AttemptTimeoutError, ConfigurationError, UnusableResultError

from .base import BaseRecoveryStrategy

__all__ = [
    "COMMON_KEYS",
    "ESCALATION_KEYS",
    "Performed",
    "PreparedStep",
    "StepView",
    "SteppedStrategy",
    "check_flags",
    "check_keys",
    "check_result",
    "says_no",
]

T = TypeVar("T")

# Right in the metadata of every pattern, whatever its strategy is.
COMMON_KEYS = frozenset({"operation", "fallback_strategies", "force", "description", "rerun"})
ESCALATION_KEYS = frozenset(
    {
        "answer_check",
        "answer_subject",
        "assignee",
        "channels_by_priority",
        "dashboard_url",
        "escalation_timeout",
        "include_context",
        "notification_channel",
        "notification_channels",
        "on_timeout",
        "pause_workflow",
        "priority",
        "slack_webhook",
    }
)


@dataclass(slots=True)
class Performed:
    """What one attempt brought.

    Attributes:
        value: the usable result, when `ok`.
        ok: a usable result exists and was verified.
        message: why not, one sentence.
        details: fields of `RecoveryResult` that this attempt sets.
        error: what remains, when not `ok`.
        final: nothing further can help.
        pending: a human has been asked and has not answered.
        tried: the call was run.
    """

    value: Any = None
    ok: bool = True
    message: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    error: Exception | None = None
    final: bool = False
    pending: bool = False
    tried: bool = True


@dataclass(frozen=True, slots=True)
class PreparedStep:
    """A step that can be climbed.

    Attributes:
        moves: what it may try, in order.
        perform: tries one of them; raises what the call raises.
        base: argument changes that its attempts make; by move, for later steps to build on.
        admit: asked before each attempt and its wait; says why the step ends here, or "".
        withdraw: called where an admitted attempt does not run after all.
    """

    moves: FixedMoves | RetryMoves
    perform: Callable[[Attempt], Awaitable[Performed]]
    base: Callable[[Attempt], Mapping[str, Any]] | None = None
    admit: Callable[[], str] | None = None
    withdraw: Callable[[], None] | None = None


class Environment(Protocol):
    """What a step may use of the recovery that it belongs to."""

    async def rerun(self, call: Call, *, validated: bool = True) -> Any:
        """Run the call through the engine, in time, and validate what it returns."""
        ...

    async def offload(self, work: Callable[[], Any]) -> Any:
        """Do a piece of computing without holding up the event loop."""
        ...

    async def finish(self, awaitable: Awaitable[Any]) -> Any:
        """Await something that may suspend, also where there is no event loop."""
        ...

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """Do the same, and book the time as waiting."""
        ...

    def is_foreign(self, error: BaseException) -> bool:
        """Whether the exception must pass through untouched."""
        ...


@dataclass(frozen=True, slots=True)
class StepView:
    """Everything that a strategy may look at when its step begins.

    Attributes:
        context: as the caller gave it.
        call: to run again, with the changes that earlier steps found right; None where there is
            none.
        error: the exception that remains at this moment.
        analysis: of the first error.
        patterns: the user's patterns for this strategy that match, best first.
        environment: runs calls.
        attempt_lines: what was tried before, one line each.
        services: what the orchestrator lends to strategies, by name.
        validate: the caller's check of a result, or None.
        wants_code: the caller takes corrected code for a result (`handle_error()`).
    """

    context: RecoveryContext
    call: Call | None
    error: BaseException | None
    analysis: ErrorAnalysis
    environment: Environment
    patterns: tuple[ErrorPattern, ...] = ()
    attempt_lines: tuple[str, ...] = ()
    services: Mapping[str, Any] = field(default_factory=dict)
    validate: Callable[[Any], Any] | None = None
    wants_code: bool = False


class SteppedStrategy(BaseRecoveryStrategy):
    """A strategy whose attempts are decided one by one, by the ladder."""

    # keys of metadata that this strategy knows, beside those that are always right
    keys: ClassVar[frozenset[str]] = frozenset()

    def knows(self, key: str) -> bool:
        """Whether a key of metadata means something to this strategy, or to all of them."""
        return key in self.known_keys()

    def known_keys(self) -> frozenset[str]:
        """Return the keys of metadata that are right for this strategy."""
        return self.keys | COMMON_KEYS | ESCALATION_KEYS

    def names(self) -> frozenset[str]:
        """Return every key of metadata that it knows by its whole name."""
        return self.known_keys()

    @abstractmethod
    def prepare(self, view: StepView) -> PreparedStep | str:
        """Return the step's moves, or why it cannot be climbed, in words."""

    async def execute(
        self,
        context: RecoveryContext,
        operation: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> RecoveryResult:
        """Climb a ladder that has this step alone.

        Args:
            context: of the error; its state gives the operation's arguments.
            operation: the callable to run again.
            **kwargs: ``clock`` and ``budget``.
        """
        from omninode_bridge.agents.workflows._standalone import climb_alone

        return await climb_alone(self, context, operation=operation, **kwargs)


def check_flags(**flags: Any) -> None:
    """Refuse a switch that is neither on nor off.

    Raises:
        ConfigurationError: it names the switch and its value.
    """
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise ConfigurationError(f"{name} is {value!r}; it must be True or False")


def check_keys(strategy: SteppedStrategy, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries that are this strategy's own.

    Raises:
        ConfigurationError: a key that no built-in strategy of this kind knows.
    """
    own: dict[str, Any] = {}
    for key, value in metadata.items():
        if key in strategy.keys:
            own[key] = value
        elif not strategy.knows(key):
            known = ", ".join(sorted(strategy.keys | COMMON_KEYS))
            raise ConfigurationError(
                f"metadata of strategy {str(strategy.strategy_type)!r} has the key {key!r}; it knows {known}"
            )
    return own


async def check_result(
    value: Any,
    validate: Callable[[Any], Any] | None,
    finish: Callable[[Awaitable[Any]], Awaitable[Any]],
) -> None:
    """Hold a result against the caller's check.

    Args:
        value: what the call returned.
        validate: returns something false but None, or raises, for a result that cannot be used; may be async.
        finish: awaits what the check returned.

    Raises:
        UnusableResultError: the check said no.
    """
    if validate is None:
        return
    try:
        verdict = validate(value)
        if inspect.isawaitable(verdict):
            verdict = await finish(verdict)
        refused = says_no(verdict)
    except UnusableResultError:
        raise
    except Exception as error:
        if passes_through(error):
            raise
        raise UnusableResultError(
            f"the result failed validation: {error_text(error)}", result=value
        ) from error
    if refused:
        raise UnusableResultError("the result failed validation", result=value)


def says_no(verdict: object) -> bool:
    """Whether a check refused; None is the answer of one that raises where something is wrong."""
    return verdict is not None and not verdict


async def run_in_time(call: Call, seconds: float | None) -> Any:
    """Run the call; stop waiting for it after `seconds`.

    Raises:
        AttemptTimeoutError: it took longer. A plain function in a worker thread cannot be
            stopped; only the wait for it ends.
    """
    if seconds is None:
        return await call.run()
    timer = asyncio.timeout(seconds)
    try:
        async with timer:
            return await call.run()
    except TimeoutError as error:
        if timer.expired():
            raise AttemptTimeoutError(f"{call.name}() took longer than {seconds:g} s") from error
        raise
