"""What tells one call from another in every process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from omninode_bridge.agents.workflows._call import Call
from omninode_bridge.agents.workflows._identity import identity_of


class Ask:
    def __init__(self, model: str) -> None:
        self.model = model
        self.calls = 0

    def __call__(self) -> None:
        self.calls += 1


class Slotted:
    __slots__ = ("model",)

    def __init__(self, model: str) -> None:
        self.model = model

    def __call__(self) -> None: ...


@dataclass(frozen=True)
class Frozen:
    model: Any

    def __call__(self) -> None: ...


def of(fn: Any) -> str:
    return identity_of(Call(fn, (), {}))


@pytest.mark.parametrize("kind", [Ask, Slotted, Frozen])
def test_objects_are_told_apart_by_what_they_carry(kind: Any) -> None:
    """Two of one class are two calls where their texts differ."""
    assert of(kind("large")) == of(kind("large"))
    assert of(kind("large")) != of(kind("small"))


def test_what_cannot_change_counts_whole() -> None:
    """Numbers and lists of a frozen object are no counters."""
    assert of(Frozen(1)) != of(Frozen(2))
    assert of(Frozen([1])) != of(Frozen([2]))


def test_an_object_that_counts_its_calls_stays_the_same() -> None:
    """Else what is kept of it would not be found again."""
    ask = Ask("large")
    before = of(ask)

    ask()

    assert of(ask) == before
