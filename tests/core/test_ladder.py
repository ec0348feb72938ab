"""What comes next, given the plan and the log: a table of cases for the pure function."""

from __future__ import annotations

import math
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorType, RecoveryBudget, RecoveryStrategy
from omninode_bridge.agents.workflows._backoff import Backoff
from omninode_bridge.agents.workflows._ladder import (
    Enter,
    Entered,
    FixedMoves,
    Move,
    Plan,
    RetryMoves,
    Run,
    Stop,
    decide,
)
from omninode_bridge.agents.workflows.recovery_models import Attempt, BudgetLeft, Outcome

RETRY = RecoveryStrategy.RETRY
OTHER = RecoveryStrategy.ALTERNATIVE_PATH
HUMAN = RecoveryStrategy.ESCALATION
FAILED = Outcome(0, ok=False, elapsed=0.0, fingerprint="a", transient=True)
AGAIN = RetryMoves(3, Backoff(jitter="none"))
TWO = FixedMoves((Move("x", "first"), Move("y", "second")))


def plan(*steps: RecoveryStrategy, **budget: Any) -> Plan:
    return Plan(steps, RecoveryBudget(**budget), seed=0.5, policy_version="v")


def attempt(n: int, step: int = 0, move: int = 0, change: str = "") -> Attempt:
    return Attempt(n, RETRY, change, "v", BudgetLeft(), step, move)


def failed(n: int, **told: Any) -> Outcome:
    return Outcome(
        n, **{"ok": False, "elapsed": 0.0, "fingerprint": "a", "transient": True, **told}
    )


def test_the_log_begins_with_the_failure() -> None:
    """An empty log, or one without an outcome, decides nothing."""
    for log in ([], [Entered(0, AGAIN)]):
        with pytest.raises(ValueError, match="begins with the outcome"):
            decide(plan(RETRY), log)


def test_the_first_step_is_entered_first() -> None:
    """After the failure the first step begins; an empty ladder ends at once."""
    assert decide(plan(RETRY, OTHER), [FAILED]) == Enter(0)
    assert decide(plan(), [FAILED]) == Stop("no step of the ladder applies")


def test_a_skipped_step_leads_to_the_next() -> None:
    """A step that was passed over is not tried, and the next one begins."""
    log = [FAILED, Entered(0, None, "there is no call")]

    assert decide(plan(RETRY, OTHER), log) == Enter(1)
    assert isinstance(decide(plan(RETRY), log), Stop)


def test_an_attempt_carries_all_that_a_replay_needs() -> None:
    """Number, change, policy, what is left, its place and its wait are in the attempt."""
    decision = decide(plan(RETRY, attempts=4, seconds=9), [FAILED, Entered(0, AGAIN)])

    assert decision == Run(
        Attempt(1, RETRY, "", "v", BudgetLeft(4, 9, math.inf, math.inf), step=0, move=0, wait=1.0)
    )


def test_retries_grow_and_end() -> None:
    """Each retry waits longer, and after the last one the step has ended with its reason."""
    log: list[Any] = [FAILED, Entered(0, AGAIN)]
    waits = []
    while isinstance(decision := decide(plan(RETRY), log), Run):
        waits.append(decision.attempt.wait)
        log += [decision.attempt, failed(decision.attempt.n)]

    assert waits == [1, 2, 4]
    assert decision == Stop("all 3 retries failed")


def test_fixed_moves_come_in_order() -> None:
    """Choices are tried as they stand, each once."""
    log: list[Any] = [FAILED, Entered(0, TWO)]
    labels = []
    while isinstance(decision := decide(plan(OTHER, RETRY), log), Run):
        labels.append(decision.attempt.label)
        log += [decision.attempt, failed(decision.attempt.n)]

    assert labels == ["first", "second"]
    assert decision == Enter(1, "every choice of this step was tried")


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"ok": True}, "recovered"),
        ({"pending": True}, "a human has been asked"),
        ({"final": True}, "nothing further can help"),
    ],
)
def test_what_ends_a_recovery(told: dict[str, Any], reason: str) -> None:
    """Success, a pending question and a final outcome end it, whatever steps are left."""
    log = [FAILED, Entered(0, AGAIN), attempt(1), failed(1, **told)]

    decision = decide(plan(RETRY, OTHER), log)

    assert isinstance(decision, Stop)
    assert decision.reason.startswith(reason)


def test_a_permanent_error_is_not_retried_unless_forced() -> None:
    """The same call would fail again; `force` says that the user knows better."""
    stays = failed(0, transient=False)

    refused = decide(plan(RETRY, OTHER), [stays, Entered(0, AGAIN)])
    forced = decide(plan(RETRY), [stays, Entered(0, RetryMoves(1, Backoff(), force=True))])

    assert refused == Enter(1, "the error is permanent; the same call would fail again")
    assert isinstance(forced, Run)


@pytest.mark.parametrize(("transient", "runs"), [(True, True), (None, False), (False, False)])
def test_a_call_of_unknown_effect_needs_a_passing_error(transient: bool | None, runs: bool) -> None:
    """Only a known transient error lets such a call run again unchanged."""
    moves = RetryMoves(3, Backoff(), needs_transient=True)

    decision = decide(plan(RETRY), [failed(0, transient=transient), Entered(0, moves)])

    assert isinstance(decision, Run) is runs


def test_a_step_that_did_not_run_the_call_says_nothing_about_its_error() -> None:
    """A correction that could not be made leaves the transient error of the call as it was."""
    log = [
        FAILED,
        Entered(0, FixedMoves()),
        attempt(1),
        failed(1, tried=False, transient=False, fingerprint="b", error_type=ErrorType.SYNTAX),
        Entered(1, AGAIN),
    ]

    assert isinstance(decide(plan(RecoveryStrategy.ERROR_CORRECTION, RETRY), log), Run)


def test_a_wait_beyond_the_cap_ends_the_step() -> None:
    """We do not come back sooner than asked, so we do not come back."""
    log = [failed(0, retry_after=61.0), Entered(0, AGAIN)]

    decision = decide(plan(RETRY), log)

    assert decision == Stop("the other side asks to wait 61 s, more than max_delay 60 s")


def test_a_wait_past_the_deadline_is_not_started() -> None:
    """What is left of the time must hold the whole wait."""
    log = [FAILED, Entered(0, AGAIN), attempt(1), failed(1, elapsed=8.5)]

    assert isinstance(decide(plan(RETRY, seconds=10.5), log), Run)
    assert "would end after the budget of 10 s" in str(decide(plan(RETRY, seconds=10), log))


def test_time_that_passed_before_the_step_began_counts() -> None:
    """A hook that took its time before the step leaves less of it."""
    log = [FAILED, Entered(0, AGAIN, elapsed=9.5)]

    assert "would end after the budget of 10 s" in str(decide(plan(RETRY, seconds=10), log))
    assert isinstance(decide(plan(RETRY, seconds=11), log), Run)


@pytest.mark.parametrize(
    ("budget", "told", "reason"),
    [
        ({"attempts": 1}, {}, "the budget of 1 attempts is used up"),
        ({"seconds": 5}, {"elapsed": 5.0}, "the budget of 5 s is used up"),
        ({"tokens": 100}, {"tokens": 100.0}, "the budget of 100 tokens is used up"),
        ({"money": 0.5}, {"money": 0.75}, "the budget of 0.5 money is used up"),
    ],
)
def test_a_used_up_budget_ends_every_step_but_a_human(
    budget: dict[str, Any], told: dict[str, Any], reason: str
) -> None:
    """Each limit ends the step and says so; asking a human is free."""
    log: list[Any] = [FAILED, Entered(0, TWO), attempt(1, change="x"), failed(1, **told)]

    assert decide(plan(OTHER, HUMAN, **budget), log) == Enter(1, reason)
    log.append(Entered(1, FixedMoves(free=True)))
    assert isinstance(decide(plan(OTHER, HUMAN, **budget), log), Run)


def test_what_was_not_run_is_not_charged() -> None:
    """An attempt that did not run the call leaves the budget as it was."""
    log = [FAILED, Entered(0, TWO), attempt(1, change="x"), failed(1, tried=False)]

    decision = decide(plan(OTHER, attempts=1), log)

    assert isinstance(decision, Run)
    assert decision.attempt.budget_left.attempts == 1


@pytest.mark.parametrize(
    ("changes", "prints", "goes_on"),
    [
        ("xx", "aa", False),
        ("xx", "ab", True),
        ("xy", "aa", True),
        ("xyxy", "abab", False),
        ("xyxy", "abac", True),
    ],
)
def test_the_same_change_and_error_again_ends_the_step(
    changes: str, prints: str, goes_on: bool
) -> None:
    """Twice in a row, or A-B-A-B, is going round in circles."""
    moves = FixedMoves(tuple(Move(change) for change in changes + "z"))
    log: list[Any] = [FAILED, Entered(0, moves)]
    for n, (change, fingerprint) in enumerate(zip(changes, prints, strict=True), 1):
        log += [attempt(n, change=change), failed(n, fingerprint=fingerprint)]

    assert isinstance(decide(plan(OTHER), log), Run) is goes_on


def test_a_security_error_on_the_way_leaves_only_a_human() -> None:
    """After it nothing runs the call again, except what a human decides."""
    log: list[Any] = [
        FAILED,
        Entered(0, AGAIN),
        attempt(1),
        failed(1, error_type=ErrorType.SECURITY),
    ]
    steps = plan(RETRY, OTHER, HUMAN)

    first = decide(steps, log)
    second = decide(steps, [*log, Entered(1, TWO)])
    third = decide(steps, [*log, Entered(1, TWO), Entered(2, FixedMoves(free=True))])

    assert isinstance(first, Enter)
    assert "security" in first.why
    assert second == Enter(2, first.why)
    assert isinstance(third, Run)


def test_jitter_is_drawn_from_the_seed() -> None:
    """The same seed gives the same wait, another one another."""
    moves = RetryMoves(3, Backoff(10))

    def wait(seed: float) -> float:
        decision = decide(Plan((RETRY,), RecoveryBudget(), seed=seed), [FAILED, Entered(0, moves)])
        assert isinstance(decision, Run)
        return decision.attempt.wait

    assert wait(0.1) == wait(0.1) != wait(0.2)
