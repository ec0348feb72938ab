"""One limit for a whole recovery, shared by every step of its ladder."""

from __future__ import annotations

import math
from dataclasses import dataclass

from omninode_bridge.errors import ConfigurationError

__all__ = ["DEFAULT_BUDGET", "BudgetLeft", "RecoveryBudget"]


@dataclass(frozen=True, slots=True)
class BudgetLeft:
    """What was left of a budget at one moment; infinite where there is no limit."""

    attempts: float = math.inf
    seconds: float = math.inf
    tokens: float = math.inf
    money: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryBudget:
    """The limits of one recovery; None is no limit.

    Attributes:
        attempts: runs of the call by the recovery, over all steps; the first, failed run is not
            counted.
        seconds: from the start of the recovery, waits included. A wait that would end later is
            not started; a call that is already running is not cut short.
        tokens: language-model tokens that the runs report with `report_spending()`; once they are
            spent no further run is begun. What nothing reports is not known and limits nothing.
        money: the same for cost, in whatever unit the caller counts.
    """

    attempts: int | None = 30
    seconds: float | None = 600.0
    tokens: int | None = None
    money: float | None = None

    def __post_init__(self) -> None:
        for name in ("attempts", "seconds", "tokens", "money"):
            value = getattr(self, name)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise ConfigurationError(f"budget {name} is {value!r}; it must be a number or None")
            if math.isnan(value) or value < 0:
                raise ConfigurationError(f"budget {name} is {value!r}; it must not be negative")
            if name == "attempts" and value != math.inf and value != int(value):
                raise ConfigurationError(f"budget {name} is {value!r}; it must be a whole number")

    def left(
        self, *, attempts: int = 0, seconds: float = 0.0, tokens: float = 0.0, money: float = 0.0
    ) -> BudgetLeft:
        """Return what remains after so much was used; never below zero."""

        def rest(limit: float | None, used: float) -> float:
            return math.inf if limit is None else max(0.0, limit - used)

        return BudgetLeft(
            attempts=rest(self.attempts, attempts),
            seconds=rest(self.seconds, seconds),
            tokens=rest(self.tokens, tokens),
            money=rest(self.money, money),
        )


# The guide's longest printed schedule is 2 + 4 + 8 + 16 + 32 seconds in five retries.
DEFAULT_BUDGET = RecoveryBudget()
