"""The guide's rates, by construction: generated situations that can be recovered, and how many are."""

from __future__ import annotations

import asyncio
from functools import cache

import pytest

from ._alternatives import alternatives
from ._retrying import retrying
from ._tally import Tally, play

SITUATIONS = {
    "retry": (retrying, 400, 0.85),
    "alternative path": (alternatives, 400, 0.75),
}


@cache
def tally_of(name: str) -> Tally:
    situation, count, _ = SITUATIONS[name]
    return asyncio.run(play(name, situation, range(count)))


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_strategy_recovers_what_it_is_for(name: str) -> None:
    """At least the printed share of the situations that a strategy is for ends well."""
    tally = tally_of(name)

    assert tally.rate >= SITUATIONS[name][2], tally.account()
