"""What the steps of a climb may use of it: runs of the call, waits, and the time of both."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from ._blocking import run_to_end
from ._call import Call
from ._climb_settings import ClimbSettings
from ._foreign import passes_through
from ._ports import StepRef
from .recovery_models import Attempt, AttemptRecord, RecoveryContext
from .recovery_strategies._stepped import check_result, run_in_time

__all__ = ["ClimbEnvironment"]

T = TypeVar("T")

logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")


class ClimbEnvironment:
    """Run calls for steps, and book what time is not ours.

    Attributes:
        outside: seconds in waits and in the user's own calls.
        count: runs of the call that began.
    """

    __slots__ = ("_records", "_settings", "count", "outside")

    def __init__(self, settings: ClimbSettings, records: Sequence[AttemptRecord]) -> None:
        self._settings = settings
        self._records = records
        self.outside = 0.0
        self.count = 0

    @property
    def context(self) -> RecoveryContext:
        """The error and where it happened."""
        return self._settings.context

    @property
    def validate(self) -> Callable[[Any], Any] | None:
        """The caller's check of a result, or None."""
        return self._settings.validate

    async def rerun(self, call: Call, *, validated: bool = True) -> Any:
        """Run the call through the engine, in time, and validate what it returns."""
        settings = self._settings
        begun = settings.engine.monotonic()
        call.bind()  # an argument that is missing is told before anything counts as a run
        self.count += 1
        try:
            value = await settings.engine.step(
                StepRef(call.name, fn=lambda: self._run_call(call)),
                f"{settings.context.workflow_id}/{settings.context.node_name}/{len(self._records) + 1}",
            )
            if validated:
                await check_result(value, settings.validate, self.finish)
        finally:
            self.outside += settings.engine.monotonic() - begun
        return value

    async def offload(self, work: Callable[[], Any]) -> Any:
        """Do a piece of computing without holding up the event loop."""
        return work() if self._settings.blocking else await asyncio.to_thread(work)

    async def finish(self, awaitable: Awaitable[T]) -> T:
        """Await something, also where there is no event loop."""
        return run_to_end(awaitable) if self._settings.blocking else await awaitable

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """Do the same, and book the time as waiting."""
        begun = self._settings.engine.monotonic()
        try:
            return await self.finish(awaitable)
        finally:
            self.outside += self._settings.engine.monotonic() - begun

    def is_foreign(self, error: BaseException) -> bool:
        """Whether the exception must pass through untouched."""
        return passes_through(error, self._settings.never)

    async def _run_call(self, call: Call) -> Any:
        if not self._settings.blocking:
            return await run_in_time(call, self._settings.attempt_timeout)
        args, kwargs = call.bind()
        value = call.fn(*args, **kwargs)
        return run_to_end(value) if inspect.isawaitable(value) else value

    async def wait_before(self, attempt: Attempt) -> None:
        """Wait as the attempt says, or for what an earlier process left of it, and book it."""
        log = self._settings.log
        seconds = attempt.wait if log is None else log.left_of(attempt)
        if seconds <= 0:
            return
        engine = self._settings.engine
        logger.debug("recovery.waiting", extra={"seconds": seconds, "n": attempt.n})
        slept_from = engine.monotonic()
        try:
            await engine.sleep(seconds)
        finally:
            self.outside += engine.monotonic() - slept_from
