"""The guide's rates, by construction: generated situations that can be recovered, and how many are."""

from __future__ import annotations

import asyncio
from functools import cache

import pytest

from omninode_bridge.agents.workflows import (
    AlternativePathStrategy,
    ErrorCorrectionStrategy,
    EscalationStrategy,
    GracefulDegradationStrategy,
    RetryStrategy,
)

from ._alternatives import alternatives
from ._correction import correction
from ._degradation import degradation
from ._escalation import escalation
from ._retrying import retrying
from ._tally import Situation, Tally, play

# name: the situation, how many of them, the printed rate
SITUATIONS: dict[str, tuple[Situation, int, float]] = {
    "retry": (retrying, 400, 0.85),
    "alternative path": (alternatives, 400, 0.75),
    "graceful degradation": (degradation, 400, 0.90),
    "error correction": (correction, 300, 0.95),
    "escalation": (escalation, 300, 1.00),
}
OVERALL = 0.90


@cache
def tally_of(name: str) -> Tally:
    """Play the situations of one strategy once."""
    situation, count, _ = SITUATIONS[name]
    return asyncio.run(play(name, situation, range(count)))


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_strategy_recovers_what_it_is_for(name: str) -> None:
    """At least the printed share of the situations that a strategy is for ends well."""
    tally = tally_of(name)

    assert tally.rate >= SITUATIONS[name][2], tally.account()


@pytest.mark.parametrize("name", SITUATIONS)
def test_no_kind_of_error_is_left_out(name: str) -> None:
    """The rate is no average over kinds that always succeed and one that never does."""
    tally = tally_of(name)

    lost = {kind: n for kind, n in tally.missed.items() if n > 0.25 * tally.tried[kind]}

    assert len(tally.tried) >= 4
    assert min(tally.tried.values()) >= 20
    assert not lost, tally.account()


def test_nine_in_ten_recoverable_errors_are_recovered() -> None:
    """The printed rate over all strategies; an escalation counts as recovered by nobody."""
    tallies = [tally_of(name) for name in SITUATIONS if name != "escalation"]

    rate = sum(tally.recovered for tally in tallies) / sum(tally.total for tally in tallies)

    assert rate >= OVERALL, "\n".join(tally.account() for tally in tallies)


async def test_a_situation_is_the_same_again() -> None:
    """A seed gives one situation and one verdict, so that a miss can be looked at."""
    once = await play("retry", retrying, range(20))
    again = await play("retry", retrying, range(20))

    assert once == again


async def test_a_strategy_that_is_off_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The generators measure the strategy: without it, next to nothing is recovered."""
    for strategy in (
        RetryStrategy,
        AlternativePathStrategy,
        GracefulDegradationStrategy,
        ErrorCorrectionStrategy,
        EscalationStrategy,
    ):
        monkeypatch.setattr(strategy, "prepare", lambda self, view: "it is off")

    for name, (situation, _, _) in SITUATIONS.items():
        tally = await play(name, situation, range(30))

        assert tally.rate <= 0.1, tally.account()
