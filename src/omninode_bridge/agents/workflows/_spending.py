"""What the runs of a call say that they spent, for the recovery that runs them."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from omninode_bridge.errors import ConfigurationError

__all__ = ["Spending", "counted", "report_spending"]


class Spending:
    """What was reported during one attempt; also told to the attempt around it, if any."""

    __slots__ = ("_lock", "_outer", "money", "tokens")

    def __init__(self, outer: Spending | None = None) -> None:
        self.tokens = 0.0
        self.money = 0.0
        self._outer = outer
        self._lock = threading.Lock()

    def add(self, tokens: float, money: float) -> None:
        """Book an amount, here and on every attempt around."""
        purse: Spending | None = self
        while purse is not None:
            with purse._lock:
                purse.tokens += tokens
                purse.money += money
            purse = purse._outer

    def details(self) -> dict[str, float]:
        """Return what was spent by name, nothing where nothing was."""
        spent = {"tokens": self.tokens, "money": self.money}
        return {name: amount for name, amount in spent.items() if amount}


_current: ContextVar[Spending | None] = ContextVar("omninode_bridge_spending", default=None)


@contextmanager
def counted() -> Iterator[Spending]:
    """Collect what is reported inside."""
    spending = Spending(_current.get())
    token = _current.set(spending)
    try:
        yield spending
    finally:
        _current.reset(token)


def report_spending(*, tokens: float = 0, money: float = 0) -> None:
    """Charge the recovery that runs this code, where its `RecoveryBudget` limits tokens or money.

    For the inside of a call: after each request to a model, say, also one that is about to fail.
    Once the budget is spent no further run is begun; the one that reports goes on. It is found
    from coroutines that the call awaits and from threads of `asyncio.to_thread()`; a thread that
    the call starts itself needs `contextvars.copy_context()`. Elsewhere, and in the first run of
    a call, which no recovery pays for, it does nothing.

    Args:
        tokens: language-model tokens, 0 or more.
        money: in the unit of `RecoveryBudget.money`, 0 or more.

    Raises:
        ConfigurationError: an amount that is no finite number, or negative.
    """
    for name, amount in (("tokens", tokens), ("money", money)):
        number = isinstance(amount, (int, float)) and not isinstance(amount, bool)
        if not number or not math.isfinite(amount) or amount < 0:
            raise ConfigurationError(f"{name} is {amount!r}; it must be a finite number, 0 or more")
    spending = _current.get()
    if spending is not None:
        spending.add(float(tokens), float(money))
