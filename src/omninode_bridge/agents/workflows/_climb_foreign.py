"""A user's own strategy as one step of a ladder: one move, which is its `execute()`."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from ._call import Call, is_async_callable
from ._ladder import FixedMoves
from .recovery_models import Attempt, RecoveryContext, RecoveryResult
from .recovery_strategies import BaseRecoveryStrategy, Performed, PreparedStep
from .recovery_strategies._stepped import check_result

__all__ = ["prepare_foreign"]


class Host(Protocol):
    """What a foreign step needs of the climb that it belongs to."""

    @property
    def context(self) -> RecoveryContext:
        """The error and where it happened."""
        ...

    @property
    def validate(self) -> Any:
        """The caller's check of a result, or None."""
        ...

    async def rerun(self, call: Call, *, validated: bool = True) -> Any:
        """Run the call and book its time."""
        ...

    async def offload(self, work: Callable[[], Any]) -> Any:
        """Do something plain without holding up the event loop."""
        ...

    async def finish(self, awaitable: Awaitable[Any]) -> Any:
        """Await something that may suspend."""
        ...

    def is_foreign(self, error: BaseException) -> bool:
        """Whether the exception must pass through untouched."""
        ...


def prepare_foreign(
    host: Host, call: Call | None, strategy: BaseRecoveryStrategy
) -> PreparedStep | str:
    """Return the step, or why it cannot be climbed."""
    if call is None and _requires_operation(strategy):
        return "it needs a call to run and there is none"

    async def perform(attempt: Attempt) -> Performed:
        del attempt
        booked = None if call is None else _Booked(call, host)
        kwargs = {} if booked is None else {"operation": booked}
        result = await _execute(host, strategy, kwargs)
        if booked is not None and booked.passing is not None:
            raise booked.passing
        if not isinstance(result, RecoveryResult):
            raise TypeError(
                f"{type(strategy).__name__}.execute() returned {type(result).__name__}; "
                "it must return a RecoveryResult"
            )
        details: dict[str, Any] = {"metadata": dict(result.metadata)}
        for name in ("error_fixed", "fallback_used", "dropped"):
            if getattr(result, name):
                details[name] = getattr(result, name)
        if result.success:
            await check_result(result.result, host.validate, host.finish)
            return Performed(result.result, details=details)
        error = result.error if isinstance(result.error, Exception) else None
        message = result.error_message or "the strategy failed and did not say why"
        return Performed(ok=False, message=message, details=details, error=error)

    return PreparedStep(FixedMoves(), perform)


async def _execute(host: Host, strategy: BaseRecoveryStrategy, kwargs: Mapping[str, Any]) -> Any:
    """Let the strategy work on a copy of the state; `execute()` may be a plain function."""
    context = host.context.replace(state=dict(host.context.state))

    def work() -> Any:
        try:
            return strategy.execute(context, **kwargs)
        except StopIteration as error:  # a future can carry none
            raise RuntimeError(f"execute() raised {error!r}") from error

    given = work() if is_async_callable(strategy.execute) else await host.offload(work)
    return await host.finish(given) if inspect.isawaitable(given) else given


def _requires_operation(strategy: BaseRecoveryStrategy) -> bool:
    parameter = inspect.signature(strategy.execute).parameters.get("operation")
    return parameter is not None and parameter.default is parameter.empty


class _Booked:
    """A call handed to a user's strategy; its time and runs are booked on the recovery.

    Attributes:
        passing: what a run raised that no strategy may keep, whatever it catches.
    """

    __slots__ = ("_call", "_host", "passing")

    def __init__(self, call: Call, host: Host) -> None:
        self._call = call
        self._host = host
        self.passing: BaseException | None = None

    async def __call__(self, state: Mapping[str, Any] | None = None) -> Any:
        """Run the call; `state`, where given, is where missing arguments are looked up."""
        call = self._call if state is None else self._call.replace(state=state)
        try:
            return await self._host.rerun(call, validated=False)
        except (Exception, KeyboardInterrupt, SystemExit) as error:
            if self._host.is_foreign(error):
                self.passing = error
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)
