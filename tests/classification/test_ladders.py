"""The table of ladders: complete, a human last, nothing permanent retried."""

from __future__ import annotations

import itertools

import pytest

from omninode_bridge.agents.workflows.classification import TYPE_LADDERS, PatternMatch, ladder_for
from omninode_bridge.agents.workflows.recovery_models import (
    ErrorPattern,
    ErrorType,
    RecoveryStrategy,
)

RETRY = RecoveryStrategy.RETRY
OTHER = RecoveryStrategy.ALTERNATIVE_PATH
LESS = RecoveryStrategy.GRACEFUL_DEGRADATION
CORRECT = RecoveryStrategy.ERROR_CORRECTION
HUMAN = RecoveryStrategy.ESCALATION


def test_every_type_has_a_ladder_for_every_transience() -> None:
    """Nothing that can be classified is without a plan."""
    assert set(TYPE_LADDERS) == set(itertools.product(ErrorType, (True, False, None)))


@pytest.mark.parametrize("key", TYPE_LADDERS, ids=str)
def test_a_human_comes_last_and_nothing_permanent_is_retried(
    key: tuple[ErrorType, bool | None],
) -> None:
    """No step occurs twice, escalation ends each ladder, RETRY is for what may pass."""
    ladder = TYPE_LADDERS[key]

    assert ladder[-1] is HUMAN
    assert len(set(ladder)) == len(ladder)
    assert key[1] is not False or RETRY not in ladder


@pytest.mark.parametrize(
    ("kind", "transient", "ladder"),
    [
        (ErrorType.NETWORK, True, (RETRY, OTHER, HUMAN)),
        (ErrorType.TIMEOUT, True, (RETRY, OTHER, LESS, HUMAN)),
        (ErrorType.RATE_LIMIT, True, (RETRY, OTHER, HUMAN)),
        (ErrorType.VALIDATION, False, (OTHER, CORRECT, LESS, HUMAN)),
        (ErrorType.SYNTAX, False, (CORRECT, OTHER, HUMAN)),
        (ErrorType.GENERATION, False, (OTHER, LESS, HUMAN)),
        (ErrorType.SECURITY, False, (HUMAN,)),
        (ErrorType.CONTRACT, False, (HUMAN,)),
        (ErrorType.UNKNOWN, None, (HUMAN,)),
    ],
)
def test_the_ladders_of_the_guide(kind: ErrorType, transient: bool | None, ladder: object) -> None:
    """The "Best For" lists, in order."""
    assert ladder_for(kind, transient) == ladder


def test_what_the_facts_prefer_comes_first() -> None:
    """A full context degrades before it looks for another model."""
    assert ladder_for(ErrorType.AI_SERVICE, False, prefer=LESS)[:2] == (LESS, OTHER)


def test_a_syntax_error_below_puts_correction_first() -> None:
    """Only for what code can cause; a network error stays one."""
    assert ladder_for(ErrorType.VALIDATION, False, syntax_in_causes=True)[0] is CORRECT
    assert ladder_for(ErrorType.NETWORK, True, syntax_in_causes=True)[0] is RETRY


def test_a_vetoed_match_is_left_out() -> None:
    """The pattern's strategy leads, unless a fact forbids it."""
    match = PatternMatch(ErrorPattern("p", ErrorType.NETWORK, "x", RETRY), built_in=True)

    assert ladder_for(ErrorType.VALIDATION, None, match=match)[0] is RETRY
    assert RETRY not in ladder_for(ErrorType.VALIDATION, False, match=match, vetoed=True)
