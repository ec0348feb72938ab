"""Climb a ladder: carry out what `decide()` says, and keep the log."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from ._attempt_text import ERROR_TEXT_LIMIT, text_of
from ._blocking import run_to_end
from ._call import Call
from ._climb_settings import ClimbSettings
from ._climb_view import prepare_step
from ._foreign import passes_through
from ._ladder import Enter, Entered, LogEntry, Run, Stop, decide
from ._ports import StepRef
from ._quick import FirstRetry
from ._redaction import redact
from .recovery_models import (
    Attempt,
    AttemptRecord,
    Outcome,
    RecoveryContext,
    RecoveryStrategy,
    SkippedStep,
)
from .recovery_strategies._stepped import (
    Performed,
    PreparedStep,
    check_result,
    run_in_time,
)

__all__ = ["Climb", "ClimbSettings"]

T = TypeVar("T")

logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")


class Climb:
    """The state of one recovery; local to it."""

    def __init__(
        self, settings: ClimbSettings, error: BaseException | None, began_at: datetime
    ) -> None:
        self.settings = settings
        self.error = error
        self.began_at = began_at  # decisions go by the engine's recorded time
        self.started = settings.engine.monotonic()  # what people are told goes by this
        self.outside = 0.0  # seconds in waits and in the user's own calls
        analysis = settings.analysis
        self.log: list[LogEntry] = [
            Outcome(
                n=0,
                ok=False,
                elapsed=0.0,
                error_type=analysis.error_type,
                transient=analysis.transient,
                retry_after=analysis.retry_after,
            )
        ]
        self.records: list[AttemptRecord] = []
        self.skipped: list[SkippedStep] = []
        self.call = settings.call
        self.prepared: PreparedStep | None = None
        self.performed: Performed | None = None
        self.ends: dict[RecoveryStrategy, str] = {}  # why each step that was climbed ended
        self._ran = 0

    async def adopt(self, first: FirstRetry) -> None:
        """Write down a first retry that ran before the climb began, as the climb would have."""
        plan, engine = self.settings.plan, self.settings.engine
        self.began_at = await engine.now()  # the step was entered when no time had passed
        decision = decide(plan, self.log)
        if isinstance(decision, Enter):
            await self._enter(decision.step)
            decision = decide(plan, self.log)
        assert isinstance(decision, Run)  # noqa: S101 -- the retry ran because the ladder begins so
        self.log.append(decision.attempt)
        await engine.append(decision.attempt)
        passed = engine.monotonic() - first.begun
        self.started, self.began_at = first.begun, self.began_at - timedelta(seconds=passed)
        self.outside, self._ran = first.outside, 1
        self.performed = Performed(ok=False, error=first.error)
        elapsed = await self._elapsed()
        self._conclude(decision.attempt, self.performed, elapsed, first.spent * 1000)

    async def run(self) -> None:
        """Go on until nothing more is to be tried."""
        while True:
            decision = decide(self.settings.plan, self.log)
            if isinstance(decision, Stop):
                self._end_step(decision.reason)
                return
            if isinstance(decision, Enter):
                self._end_step(decision.why)
                await self._enter(decision.step)
            else:
                await self._attempt(decision.attempt)

    def _end_step(self, why: str) -> None:
        entered = self.log[-1] if isinstance(self.log[-1], Entered) else None
        if why and self.prepared is not None:
            step = self.records[-1].attempt.step if entered is None else entered.step
            self.ends[self.settings.plan.steps[step]] = why

    # -- steps ---------------------------------------------------------------------------------

    async def _enter(self, step: int) -> None:
        settings = self.settings
        strategy = settings.strategies[step]
        kind = settings.plan.steps[step]
        why = settings.skips.get(step, "")
        if not why:
            try:
                prepared = prepare_step(self, strategy)
            except Exception as error:  # noqa: BLE001 -- a strategy that fails here must not break the caller
                logger.warning(
                    "recovery.step_not_prepared",
                    extra={"strategy": str(kind), "error": type(error).__name__},
                )
                prepared = f"it could not be prepared: {type(error).__name__}: {error}"
            if isinstance(prepared, str):
                why = redact(prepared, limit=ERROR_TEXT_LIMIT)
            else:
                self.prepared = prepared
        if why:
            self._skip(step, why)
            return
        assert self.prepared is not None  # noqa: S101 -- prepared above
        moves = self.prepared.moves
        if settings.before_step is not None:
            await settings.before_step(kind)
        self.log.append(Entered(step, moves, elapsed=await self._elapsed()))

    def _skip(self, step: int, why: str, *, begun: bool = False) -> None:
        """Leave a step; the log keeps the verdict, so that a replay need not ask again."""
        kind = self.settings.plan.steps[step]
        self.prepared = None
        self.log.append(Entered(step, None, why))
        if begun:
            self.ends[kind] = why
        else:
            self.skipped.append(SkippedStep(kind, why))
        logger.debug("recovery.step_skipped", extra={"strategy": str(kind), "reason": why})

    # -- attempts ------------------------------------------------------------------------------

    async def _attempt(self, attempt: Attempt) -> None:
        assert self.prepared is not None  # noqa: S101 -- decide() runs only entered steps
        admit = self.prepared.admit
        if admit is not None and (why := admit()):
            self._skip(attempt.step, why, begun=attempt.move > 0)
            return
        engine = self.settings.engine
        self.log.append(attempt)
        try:
            await engine.append(attempt)
            await self._wait_before(attempt)
        except BaseException:
            if self.prepared.withdraw is not None:
                self.prepared.withdraw()  # what was admitted has not run
            raise
        begun, ran_before = engine.monotonic(), self._ran
        try:
            performed = await self.prepared.perform(attempt)
        except Exception as error:
            if self.is_foreign(error):
                raise
            performed = Performed(ok=False, error=error, tried=self._ran > ran_before)
        ended = engine.monotonic()
        self.performed = performed
        self._conclude(attempt, performed, await self._elapsed(), (ended - begun) * 1000)

    async def _wait_before(self, attempt: Attempt) -> None:
        if attempt.wait <= 0:
            return
        engine = self.settings.engine
        logger.debug("recovery.waiting", extra={"seconds": attempt.wait, "n": attempt.n})
        slept_from = engine.monotonic()
        try:
            await engine.sleep(attempt.wait)
        finally:
            self.outside += engine.monotonic() - slept_from

    async def _elapsed(self) -> float:
        return (await self.settings.engine.now() - self.began_at).total_seconds()

    def _conclude(
        self, attempt: Attempt, performed: Performed, elapsed: float, duration_ms: float
    ) -> None:
        text = fingerprint = ""
        outcome = Outcome(
            n=attempt.n,
            ok=performed.ok,
            elapsed=elapsed,
            final=performed.final,
            pending=performed.pending,
            tried=performed.tried,
        )
        if performed.error is not None:
            analysis = self.settings.classify(performed.error)
            fingerprint = analysis.fingerprint
            text = text_of(performed.error)
            outcome = replace(
                outcome,
                fingerprint=fingerprint,
                error_type=analysis.error_type,
                transient=analysis.transient,
                retry_after=analysis.retry_after,
            )
            if performed.tried:
                self._carry(attempt, fingerprint)
                self.error = performed.error
        elif not performed.ok:
            text = redact(performed.message, limit=ERROR_TEXT_LIMIT)
        self.log.append(outcome)
        self.records.append(
            AttemptRecord(
                attempt=attempt,
                ok=performed.ok,
                error=text,
                fingerprint=fingerprint,
                duration_ms=duration_ms,
                details={k: v for k, v in performed.details.items() if k != "metadata"},
            )
        )

    def _carry(self, attempt: Attempt, fingerprint: str) -> None:
        """Keep a correction that moved the error on, for later steps to build on."""
        if self.prepared is None or self.prepared.base is None or self.call is None:
            return
        before = next(e for e in reversed(self.log) if isinstance(e, Outcome))
        # the first outcome does without: a fingerprint costs more than the retry that mostly follows
        known = before.fingerprint if before.n else self.settings.analysis.fingerprint
        if fingerprint != known:
            self.call = self.call.changed(self.prepared.base(attempt))

    @property
    def context(self) -> RecoveryContext:
        """The error and where it happened."""
        return self.settings.context

    @property
    def validate(self) -> Callable[[Any], Any] | None:
        """The caller's check of a result, or None."""
        return self.settings.validate

    # -- environment of a step -----------------------------------------------------------------

    async def rerun(self, call: Call, *, validated: bool = True) -> Any:
        """Run the call through the engine, in time, and validate what it returns."""
        settings = self.settings
        begun = settings.engine.monotonic()
        call.bind()  # an argument that is missing is told before anything counts as a run
        self._ran += 1
        try:
            value = await settings.engine.step(
                StepRef(call.name, fn=lambda: self._run_call(call)),
                f"{settings.context.workflow_id}/{settings.context.node_name}/{len(self.records) + 1}",
            )
            if validated:
                await check_result(value, settings.validate, self.finish)
        finally:
            self.outside += settings.engine.monotonic() - begun
        return value

    async def offload(self, work: Callable[[], Any]) -> Any:
        """Do a piece of computing without holding up the event loop."""
        return work() if self.settings.blocking else await asyncio.to_thread(work)

    async def finish(self, awaitable: Awaitable[T]) -> T:
        """Await something, also where there is no event loop."""
        return run_to_end(awaitable) if self.settings.blocking else await awaitable

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """Do the same, and book the time as waiting."""
        begun = self.settings.engine.monotonic()
        try:
            return await self.finish(awaitable)
        finally:
            self.outside += self.settings.engine.monotonic() - begun

    def is_foreign(self, error: BaseException) -> bool:
        """Whether the exception must pass through untouched."""
        return passes_through(error, self.settings.never)

    async def _run_call(self, call: Call) -> Any:
        if not self.settings.blocking:
            return await run_in_time(call, self.settings.attempt_timeout)
        args, kwargs = call.bind()
        value = call.fn(*args, **kwargs)
        return run_to_end(value) if inspect.isawaitable(value) else value
