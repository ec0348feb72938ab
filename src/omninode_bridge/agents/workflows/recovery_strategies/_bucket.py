"""How many retries a dependency is sent, over all calls that share a bucket."""

from __future__ import annotations

import logging
import math
import threading
from collections import OrderedDict
from typing import Final

from omninode_bridge.errors import ConfigurationError

__all__ = ["MAX_BUCKETS", "RetryBucket"]

logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")

MAX_BUCKETS: Final = 1_000
_MAX_NAME: Final = 200
_MOST: Final = 1_000_000


class _Level:
    __slots__ = ("at", "said", "tokens")

    def __init__(self, tokens: float, at: float) -> None:
        self.tokens = tokens
        self.at = at  # monotonic seconds of the last change
        self.said = False  # that it is empty


class RetryBucket:
    """Tokens that retries of a dependency take, so that an outage is not answered by a storm.

    Each retry takes one token; one that succeeds gives it back. A call that succeeds at once adds
    `per_success`, time adds `per_second`. Without a whole token there is no retry. One object
    keeps the tokens of every dependency, and may be shared by orchestrators, threads and loops.

    The rules are those of the retry quota of the AWS SDKs' standard mode (500 tokens, 5 for a
    retry, 1 back for a success: here 100, 1 and 0.2) and of retry throttling in gRPC (proposal
    A6); what time adds, so that nothing stays shut for ever, is from Finagle's retry budget.

    Args:
        capacity: tokens of a full bucket, at least 1; a new one is full.
        per_success: tokens that a call adds which succeeds without a retry, at least 0.
        per_second: tokens that a second adds, at least 0.
    """

    def __init__(
        self, capacity: float = 100, *, per_success: float = 0.2, per_second: float = 0.1
    ) -> None:
        self.capacity = _number("capacity", capacity, least=1)
        self.per_success = _number("per_success", per_success, least=0)
        self.per_second = _number("per_second", per_second, least=0)
        self._lock = threading.Lock()
        self._levels: OrderedDict[str, _Level] = OrderedDict()

    def take(self, dependency: str, now: float) -> bool:
        """Take the token of one retry; False where there is none.

        Args:
            dependency: whose bucket it is.
            now: monotonic seconds.
        """
        with self._lock:
            level = self._level(dependency, now)
            taken = level.tokens >= 1
            if taken:
                level.tokens -= 1
            tell = not taken and not level.said
            level.said = not taken
        if tell:  # after the lock: a log handler is somebody else's code
            logger.warning("recovery.retries_throttled", extra={"dependency": dependency})
        return taken

    def give_back(self, dependency: str, now: float) -> None:
        """Return the token of a retry that succeeded, or that did not run after all."""
        self._add(dependency, now, 1)

    def succeeded(self, dependency: str, now: float) -> None:
        """Count a call that succeeded without a retry."""
        self._add(dependency, now, self.per_success)

    def tokens(self, dependency: str, now: float) -> float:
        """Return how many tokens there are at this moment."""
        with self._lock:
            if dependency[:_MAX_NAME] not in self._levels:
                return self.capacity
            return self._level(dependency, now).tokens

    def _add(self, dependency: str, now: float, tokens: float) -> None:
        with self._lock:
            level = self._level(dependency, now)
            level.tokens = min(self.capacity, level.tokens + tokens)

    def _level(self, dependency: str, now: float) -> _Level:
        dependency = dependency[:_MAX_NAME]
        level = self._levels.get(dependency)
        if level is None:
            if len(self._levels) >= MAX_BUCKETS:
                # a full one says nothing; else the one that was quiet longest goes
                full = (n for n, one in self._levels.items() if one.tokens >= self.capacity)
                del self._levels[next(full, next(iter(self._levels)))]
            level = self._levels[dependency] = _Level(self.capacity, now)
            return level
        self._levels.move_to_end(dependency)
        passed = max(0.0, now - level.at)
        level.tokens = min(self.capacity, level.tokens + passed * self.per_second)
        level.at = max(level.at, now)
        return level

    def __repr__(self) -> str:
        return (
            f"RetryBucket({self.capacity:g}, per_success={self.per_success:g}, "
            f"per_second={self.per_second:g})"
        )


def _number(what: str, value: object, *, least: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ConfigurationError(f"{what} is {value!r}; it must be a number")
    if math.isnan(value) or not least <= value <= _MOST:
        raise ConfigurationError(f"{what} is {value!r}; it must be from {least:g} to {_MOST:,}")
    return float(value)
