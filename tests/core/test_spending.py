"""Tokens and money: what a call reports ends a recovery when its budget is spent."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    RecoveryBudget,
    report_spending,
)
from omninode_bridge.errors import ConfigurationError

Make = Callable[..., ErrorRecoveryOrchestrator]


class Model:
    """A call that costs 6 tokens and 0.4 of something whenever it fails."""

    def __init__(self) -> None:
        self.runs = 0

    def ask(self, model: str = "large") -> None:
        self.runs += 1
        report_spending(tokens=6, money=0.4)
        raise ConnectionError("reset")

    async def ask_in_a_thread(self) -> None:
        await asyncio.to_thread(self.ask)


def options(make: Make, told: list[Any], **more: Any) -> Any:
    return make(base_delay=0, max_retries=9).with_options(on_result=told.append, **more)


@pytest.mark.parametrize(
    ("budget", "sentence"),
    [
        (RecoveryBudget(tokens=10), "the budget of 10 tokens is used up"),
        (RecoveryBudget(money=0.8), "the budget of 0.8 money is used up"),
        (RecoveryBudget(tokens=12, money=1_000_000), "the budget of 12 tokens is used up"),
    ],
)
def test_nothing_is_begun_once_it_is_spent(
    make: Make, budget: RecoveryBudget, sentence: str
) -> None:
    """The run that goes over the limit is the last, of all steps; the account says why."""
    model = Model()
    told: list[Any] = []

    with pytest.raises(ConnectionError) as raised:
        options(make, told, budget=budget, alternatives=["small"]).run_sync(model.ask)

    assert model.runs == 1 + 2  # the first run is not charged, as for attempts
    assert sentence in raised.value.__notes__[0]
    assert sentence in told[0].error_message


def test_also_where_nobody_wants_the_account(make: Make) -> None:
    """The first retry is charged like the others."""
    model = Model()

    with pytest.raises(ConnectionError):
        make(base_delay=0, max_retries=9).with_options(budget=RecoveryBudget(tokens=5)).run_sync(
            model.ask
        )

    assert model.runs == 2


async def test_in_a_coroutine_and_in_its_threads(make: Make) -> None:
    """What the run awaits and what it does in threads of asyncio is reported to its recovery."""
    model = Model()
    told: list[Any] = []

    with pytest.raises(ConnectionError):
        await options(make, told, budget=RecoveryBudget(tokens=10)).run(model.ask_in_a_thread)

    assert model.runs == 3


def test_the_records_say_what_was_spent(make: Make) -> None:
    """Each attempt has what it reported, and what was left before it."""
    told: list[Any] = []

    with pytest.raises(ConnectionError):
        options(make, told, budget=RecoveryBudget(tokens=10, money=5)).run_sync(Model().ask)

    assert [dict(record.details) for record in told[0].attempts] == [
        {"tokens": 6.0, "money": 0.4}
    ] * 2
    left = [record.attempt.budget_left for record in told[0].attempts]
    assert [(one.tokens, round(one.money, 6)) for one in left] == [(10, 5), (4, 4.6)]


def test_recoveries_at_once_have_purses_of_their_own(make: Make) -> None:
    """What one reports is not charged to another."""
    purse = RecoveryBudget(tokens=10)

    async def all_at_once() -> list[int]:
        models = [Model() for _ in range(5)]
        runs = options(make, [], budget=purse)
        await asyncio.gather(*(runs.run(m.ask_in_a_thread) for m in models), return_exceptions=True)
        return [model.runs for model in models]

    assert asyncio.run(all_at_once()) == [3] * 5


def test_a_recovery_inside_another_spends_from_both(make: Make) -> None:
    """An inner recovery has a limit of its own, and the outer one pays for it as well."""
    model = Model()
    told: list[Any] = []
    inner = options(make, [], budget=RecoveryBudget(tokens=1))

    with pytest.raises(ConnectionError):
        options(make, told, budget=RecoveryBudget(tokens=15)).run_sync(
            lambda: inner.run_sync(model.ask)
        )

    assert [record.details["tokens"] for record in told[0].attempts] == [12.0, 12.0]


def test_outside_a_recovery_it_is_no_concern_of_ours(make: Make) -> None:
    """A call that reports need not know whether anybody listens; without a limit nobody does."""
    told: list[Any] = []
    report_spending(tokens=5)

    with pytest.raises(ConnectionError):
        options(make, told).run_sync(Model().ask)

    assert len(told[0].attempts) == 9
    assert told[0].attempts[0].details == {}


@pytest.mark.parametrize("value", [-1, math.nan, math.inf, "5", True, None])
@pytest.mark.parametrize("name", ["tokens", "money"])
def test_what_cannot_be_spent(name: str, value: Any) -> None:
    """It is refused by name and value, whether anybody listens or not."""
    with pytest.raises(ConfigurationError, match=f"{name} is {value!r}; it must be"):
        report_spending(**{name: value})
