"""Which step comes next: a pure function of the plan and the log of one recovery.

The log is the whole memory of a recovery. It opens with the `Outcome` of the call that failed
(``n=0``); a step is `Entered` before its first attempt, an `Attempt` is appended before it runs,
and its `Outcome` after. `decide()` reads no clock and draws no random number, so the same log
always leads to the same next step, in this process or after a restart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ._ladder_log import (
    Enter,
    Entered,
    FixedMoves,
    LogEntry,
    Move,
    Plan,
    RetryMoves,
    Run,
    Stop,
)
from ._ladder_waits import next_wait
from .recovery_models import Attempt, BudgetLeft, ErrorType, Outcome, RecoveryStrategy

__all__ = [
    "Enter",
    "Entered",
    "FixedMoves",
    "LogEntry",
    "Move",
    "Plan",
    "RetryMoves",
    "Run",
    "Stop",
    "decide",
    "next_wait",
]


def decide(plan: Plan, log: Sequence[LogEntry]) -> Enter | Run | Stop:
    """Return what comes next after `log`, which ends in an `Outcome` or an `Entered`."""
    last, entered, attempts, outcomes = _read(log)
    if last.ok:
        return Stop("recovered")
    if last.pending:
        return Stop("a human has been asked and has not answered yet")
    if last.final:
        return Stop("nothing further can help")
    if entered is not None and not entered.skip:
        refusal = _refuse_step(plan, entered.step, outcomes)
        decision = refusal or _continue(plan, entered, attempts, outcomes)
        if isinstance(decision, Run):
            return decision
        why = decision
    else:
        why = ""
    following = 0 if entered is None else entered.step + 1
    if following >= len(plan.steps):
        return Stop(why or "no step of the ladder applies")
    return Enter(following, why)


def _read(
    log: Sequence[LogEntry],
) -> tuple[Outcome, Entered | None, list[Attempt], list[Outcome]]:
    """Return the last outcome, the step that is being climbed, all attempts, all outcomes."""
    last: Outcome | None = None
    entered: Entered | None = None
    attempts: list[Attempt] = []
    outcomes: list[Outcome] = []
    for entry in log:
        if isinstance(entry, Outcome):
            last = entry
            outcomes.append(entry)
        elif isinstance(entry, Attempt):
            attempts.append(entry)
        else:
            entered = entry
    if last is None:
        raise ValueError("the log of a recovery begins with the outcome of the failed call")
    return last, entered, attempts, outcomes


def _refuse_step(plan: Plan, step: int, outcomes: list[Outcome]) -> str:
    """Return why a step must not go on, whatever its moves are; empty where it may."""
    if plan.steps[step] is RecoveryStrategy.ESCALATION:
        return ""
    if outcomes[0].error_type is ErrorType.SECURITY:
        return ""  # the plan was made for a security error; what it declares is meant
    if any(outcome.error_type is ErrorType.SECURITY for outcome in outcomes if not outcome.ok):
        return "an attempt ended in a security error; only a human may go on"
    return ""


def _continue(
    plan: Plan,
    entered: Entered,
    attempts: list[Attempt],
    outcomes: list[Outcome],
) -> Run | str:
    """Return the step's next attempt, or why it ends."""
    mine = [attempt for attempt in attempts if attempt.step == entered.step]
    wait = 0.0
    move = Move()
    free = False
    if isinstance(entered.moves, RetryMoves):
        retry = next_wait(plan.seed, entered.moves, len(mine) + 1, _last_of_call(outcomes))
        if isinstance(retry, str):
            return retry
        wait = retry
    elif entered.moves is not None:
        if len(mine) >= len(entered.moves.moves):
            return "every choice of this step was tried"
        if _is_going_round(mine, outcomes):
            return "the same change met the same error again"
        move = entered.moves.moves[len(mine)]
        free = entered.moves.free
    else:
        return "nothing to try"
    left = _budget_left(plan, attempts, outcomes, max(outcomes[-1].elapsed, entered.elapsed))
    if not free and left.attempts < 1:
        return f"the budget of {plan.budget.attempts} attempts is used up"
    if not free and wait > left.seconds:
        return f"waiting {wait:.3g} s would end after the budget of {plan.budget.seconds:g} s"
    if not free and left.seconds <= 0:
        return f"the budget of {plan.budget.seconds:g} s is used up"
    for name in ("tokens", "money"):
        if not free and getattr(left, name) <= 0:
            return f"the budget of {getattr(plan.budget, name):.12g} {name} is used up"
    return Run(
        Attempt(
            n=len(attempts) + 1,
            strategy=plan.steps[entered.step],
            change_hash=move.change_hash,
            policy_version=plan.policy_version,
            budget_left=left,
            step=entered.step,
            move=len(mine),
            wait=wait,
            label=move.label,
        )
    )


def _last_of_call(outcomes: list[Outcome]) -> Outcome:
    """Return the last outcome that tells of the call itself: it was run, and raised."""
    told = (o for o in reversed(outcomes) if o.tried and not o.ok and o.fingerprint)
    return next(told, outcomes[0])


def _is_going_round(mine: list[Attempt], outcomes: list[Outcome]) -> bool:
    """Whether (fingerprint, change) came twice in a row, or as A-B-A-B."""
    if len(mine) < 2:
        return False
    by_number = {outcome.n: outcome.fingerprint for outcome in outcomes}
    pairs = [(by_number.get(attempt.n, ""), attempt.change_hash) for attempt in mine[-4:]]
    if pairs[-1] == pairs[-2]:
        return True
    return len(pairs) == 4 and pairs[0] == pairs[2] and pairs[1] == pairs[3]


def _budget_left(
    plan: Plan, attempts: list[Attempt], outcomes: list[Outcome], elapsed: float
) -> BudgetLeft:
    untried = {outcome.n for outcome in outcomes if not outcome.tried}
    used = sum(1 for attempt in attempts if attempt.n not in untried)
    return plan.budget.left(
        attempts=used,
        seconds=elapsed,
        tokens=math.fsum(outcome.tokens for outcome in outcomes),
        money=math.fsum(outcome.money for outcome in outcomes),
    )
