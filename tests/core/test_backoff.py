"""Waits before retries: the printed schedule, its jitter, its cap, and what the other side asks."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omninode_bridge.agents.workflows._backoff import JITTERS, Backoff, delay_before
from omninode_bridge.errors import ConfigurationError

seconds = st.floats(0, 1e6)
schedules = st.builds(Backoff, seconds, st.floats(1, 100), seconds, st.sampled_from(JITTERS))


def test_the_printed_schedule() -> None:
    """Without jitter the waits are 1, 2, 4 seconds and stop growing at the cap."""
    plain = Backoff(jitter="none")

    assert [delay_before(plain, n, draw=0.5) for n in (1, 2, 3, 7, 8)] == [1, 2, 4, 60, 60]


@pytest.mark.parametrize(
    ("jitter", "draw", "wait"),
    [
        ("full", 0.0, 0.0),
        ("full", 0.5, 4.0),
        ("equal", 0.0, 4.0),
        ("equal", 0.5, 6.0),
        ("none", 0.1, 8.0),
    ],
)
def test_jitter_spreads_below_the_ceiling(jitter: str, draw: float, wait: float) -> None:
    """Full jitter draws from nothing up, equal from half up, none takes the ceiling."""
    assert delay_before(Backoff(2.0, jitter=jitter), 3, draw=draw) == wait


@given(schedules, st.integers(1, 10**6), st.floats(0, 1, exclude_max=True), st.booleans())
def test_a_wait_is_never_negative_nor_above_its_ceiling(
    backoff: Backoff, n: int, draw: float, throttled: bool
) -> None:
    """Whatever the numbers, the wait lies between nothing and the ceiling, which the cap bounds."""
    wait = delay_before(backoff, n, draw=draw, throttled=throttled)

    assert wait is not None
    assert math.isfinite(wait)
    assert 0 <= wait <= backoff.ceiling(n) * (1 + 1e-9) <= backoff.max_delay * (1 + 2e-9)


@given(schedules, st.integers(1, 60))
def test_the_ceiling_does_not_shrink(backoff: Backoff, n: int) -> None:
    """A later retry never waits for less, as far as the ceiling goes."""
    assert backoff.ceiling(n) <= backoff.ceiling(n + 1)


@given(schedules, st.integers(1, 50), st.floats(0, 1, exclude_max=True), seconds)
def test_what_the_other_side_asks_is_a_minimum(
    backoff: Backoff, n: int, draw: float, asked: float
) -> None:
    """We wait at least as long as asked, or do not come back at all; never sooner."""
    wait = delay_before(backoff, n, draw=draw, retry_after=asked)

    assert (wait is None) == (asked > backoff.max_delay)
    assert wait is None or wait >= asked


def test_a_rate_limit_keeps_a_floor() -> None:
    """After a rate limit full jitter does not return at once."""
    assert delay_before(Backoff(4.0), 1, draw=0.0, throttled=True) == 2.0
    assert delay_before(Backoff(4.0), 1, draw=0.0) == 0.0


def test_huge_numbers_end_at_the_cap() -> None:
    """An exponent that overflows is the cap, not an error."""
    assert Backoff(1.0, 10.0, 60.0).ceiling(10**6) == 60.0
    assert Backoff(1, 2, 60).ceiling(10**5) == 60


@pytest.mark.parametrize("name", ["base_delay", "exponential_base", "max_delay"])
@pytest.mark.parametrize("value", [-1, math.nan, math.inf, "1", None, True])
def test_a_number_that_cannot_be_is_refused(name: str, value: Any) -> None:
    """The refusal names the field and the value."""
    with pytest.raises(ConfigurationError, match=name) as refused:
        Backoff(**{name: value})

    assert repr(value) in str(refused.value)


@pytest.mark.parametrize("jitter", ["FULL", "", None, "some", ["full"]])
def test_an_unknown_jitter_is_refused(jitter: Any) -> None:
    """The refusal lists the right words."""
    with pytest.raises(ConfigurationError, match=r"'full', 'equal', 'none'"):
        Backoff(jitter=jitter)


def test_a_growth_below_one_is_refused() -> None:
    """Waits that shrink are a mistake."""
    with pytest.raises(ConfigurationError, match=r"exponential_base is 0\.5"):
        Backoff(exponential_base=0.5)
