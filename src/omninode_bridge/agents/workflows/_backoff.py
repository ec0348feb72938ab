"""How long to wait before a retry: pure arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass

from omninode_bridge.errors import ConfigurationError

__all__ = ["JITTERS", "Backoff", "delay_before"]

JITTERS = ("full", "equal", "none")


@dataclass(frozen=True, slots=True)
class Backoff:
    """A schedule of waits.

    Before retry n (1-based) the ceiling is ``min(base_delay * exponential_base ** (n - 1),
    max_delay)`` seconds. ``full`` jitter draws evenly from 0 to the ceiling, ``equal`` from half
    of it to all of it, ``none`` takes the ceiling (Brooker, "Exponential Backoff And Jitter", 2015).

    Raises:
        ConfigurationError: a negative or non-finite number, a base below 1, an unknown jitter.
    """

    base_delay: float = 1.0
    exponential_base: float = 2.0
    max_delay: float = 60.0
    jitter: str = "full"

    def __post_init__(self) -> None:
        for name, least in (("base_delay", 0.0), ("exponential_base", 1.0), ("max_delay", 0.0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise ConfigurationError(f"{name} is {value!r}; it must be a number")
            if not math.isfinite(value) or value < least:
                raise ConfigurationError(
                    f"{name} is {value!r}; it must be finite and at least {least:g}"
                )
        if self.jitter not in JITTERS:
            known = ", ".join(map(repr, JITTERS))
            raise ConfigurationError(f"jitter is {self.jitter!r}; it must be one of {known}")

    def ceiling(self, n: int) -> float:
        """Return the longest wait before retry `n`, in seconds."""
        try:
            grown = self.base_delay * float(self.exponential_base) ** (n - 1)
        except OverflowError:
            return self.max_delay
        return min(grown, self.max_delay)


def delay_before(
    backoff: Backoff,
    n: int,
    *,
    draw: float,
    retry_after: float | None = None,
    throttled: bool = False,
) -> float | None:
    """Return the seconds to wait before retry `n`, or None where we must not retry.

    Args:
        backoff: the schedule.
        n: 1-based number of the retry.
        draw: a random number from 0 up to 1.
        retry_after: what the other side asked for; a minimum. Above `max_delay` the answer is
            None: to come back sooner than asked would only be refused again.
        throttled: a rate limit; full jitter then keeps half the ceiling as its floor, since an
            immediate second call is sure to be refused.
    """
    ceiling = backoff.ceiling(n)
    if backoff.jitter == "none":
        wait = ceiling
    elif backoff.jitter == "equal" or throttled:
        wait = ceiling / 2 + draw * ceiling / 2
    else:
        wait = draw * ceiling
    if retry_after is None:
        return wait
    if retry_after > backoff.max_delay:
        return None
    return max(wait, retry_after)
