"""Climb a ladder: carry out what `decide()` says, and keep the log."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from datetime import datetime, timedelta

from ._attempt_text import reason_of, text_of
from ._climb_environment import ClimbEnvironment
from ._climb_outcome import failed_attempt, first_outcome, outcome_of, record_of
from ._climb_replay import Taken, note_outcome, take
from ._climb_settings import ClimbSettings
from ._climb_view import prepare_step
from ._ladder import Enter, Entered, LogEntry, Run, Stop, decide
from ._quick import FirstRetry
from ._spending import Spending, counted
from .recovery_models import (
    Attempt,
    AttemptRecord,
    Outcome,
    RecoveryStrategy,
    SkippedStep,
)
from .recovery_strategies._stepped import Performed, PreparedStep

__all__ = ["Climb", "ClimbSettings"]

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
        self.log: list[LogEntry] = [first_outcome(settings.analysis)]
        self.records: list[AttemptRecord] = []
        self.environment = ClimbEnvironment(settings, self.records)
        self.skipped: list[SkippedStep] = []
        self.call = settings.call
        self.prepared: PreparedStep | None = None
        self.performed: Performed | None = None
        self.ends: dict[RecoveryStrategy, str] = {}  # why each step that was climbed ended

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
        self.environment.outside, self.environment.count = first.outside, 1
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
                prepared = f"it could not be prepared: {text_of(error)}"
            if isinstance(prepared, str):
                why = reason_of(prepared)
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
        if self.settings.log is not None:
            self.settings.log.note("skipped", {"strategy": str(kind), "reason": why, "step": step})
        logger.debug("recovery.step_skipped", extra={"strategy": str(kind), "reason": why})

    # -- attempts ------------------------------------------------------------------------------

    async def _attempt(self, attempt: Attempt) -> None:
        assert self.prepared is not None  # noqa: S101 -- decide() runs only entered steps
        if self.settings.log is not None and (taken := take(self.settings.log, attempt)):
            self._take_over(attempt, taken)
            return
        admit = self.prepared.admit
        if admit is not None and (why := admit()):
            self._skip(attempt.step, why, begun=attempt.move > 0)
            return
        engine = self.settings.engine
        self.log.append(attempt)
        try:
            await engine.append(attempt)
            await self.environment.wait_before(attempt)
        except BaseException:
            if self.prepared.withdraw is not None:
                self.prepared.withdraw()  # what was admitted has not run
            raise
        begun, ran_before = engine.monotonic(), self.environment.count
        budget = self.settings.plan.budget
        unlimited = budget.tokens is None and budget.money is None
        with nullcontext() if unlimited else counted() as spent:
            try:
                performed = await self.prepared.perform(attempt)
            except Exception as error:
                if self.environment.is_foreign(error):
                    raise
                ran = self.environment.count > ran_before
                performed = failed_attempt(error, tried=ran)
        ended = engine.monotonic()
        self.performed = performed
        duration_ms = (ended - begun) * 1000
        self._conclude(attempt, performed, await self._elapsed(), duration_ms, spent)

    def _take_over(self, attempt: Attempt, taken: Taken) -> None:
        """Count an attempt of an earlier process as one of ours."""
        self.log.append(attempt)
        self.performed = taken.performed
        if taken.performed.error is not None and taken.performed.tried:
            self._carry(attempt, taken.outcome.fingerprint)
            self.error = taken.performed.error
        self.log.append(taken.outcome)
        self.records.append(taken.record)

    async def _elapsed(self) -> float:
        return (await self.settings.engine.now() - self.began_at).total_seconds()

    def _conclude(
        self,
        attempt: Attempt,
        performed: Performed,
        elapsed: float,
        duration_ms: float,
        spent: Spending | None = None,
    ) -> None:
        analysis = None
        if performed.error is not None:
            analysis = self.settings.classify(performed.error)
            if performed.tried:
                self._carry(attempt, analysis.fingerprint)
                self.error = performed.error
        outcome = outcome_of(attempt, performed, elapsed, analysis, spent)
        record = record_of(attempt, performed, duration_ms, analysis, spent)
        self.log.append(outcome)
        self.records.append(record)
        if self.settings.log is not None:
            note_outcome(self.settings.log, outcome, record, performed, analysis)

    def _carry(self, attempt: Attempt, fingerprint: str) -> None:
        """Keep a correction that moved the error on, for later steps to build on."""
        if self.prepared is None or self.prepared.base is None or self.call is None:
            return
        before = next(e for e in reversed(self.log) if isinstance(e, Outcome))
        # the first outcome does without: a fingerprint costs more than the retry that mostly follows
        known = before.fingerprint if before.n else self.settings.analysis.fingerprint
        if fingerprint != known:
            self.call = self.call.changed(self.prepared.base(attempt))
