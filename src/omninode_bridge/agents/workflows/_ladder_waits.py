"""How long to wait before a retry, or why there is none: the same in every replay."""

from __future__ import annotations

import hashlib

from ._backoff import delay_before
from ._ladder_log import RetryMoves
from .recovery_models import ErrorAnalysis, ErrorType, Outcome

__all__ = ["next_wait"]


def next_wait(seed: float, moves: RetryMoves, n: int, last: Outcome | ErrorAnalysis) -> float | str:
    """Return the seconds before retry `n`, or why there is none.

    Args:
        seed: of the recovery's random numbers.
        moves: how the step retries.
        n: 1-based number of the retry.
        last: what is known of the last error.
    """
    if n > moves.max_retries:
        return f"all {moves.max_retries} retries failed"
    if last.transient is False and not moves.force:
        return "the error is permanent; the same call would fail again"
    if moves.needs_transient and last.transient is not True:
        return "the call may not be safe to repeat and the error is not known to pass"
    draw = _draw(seed, n)
    wait = delay_before(
        moves.backoff,
        n,
        draw=draw,
        retry_after=last.retry_after,
        throttled=last.error_type is ErrorType.RATE_LIMIT,
    )
    if wait is None:
        return (
            f"the other side asks to wait {last.retry_after:g} s, "
            f"more than max_delay {moves.backoff.max_delay:g} s"
        )
    return wait


def _draw(seed: float, n: int) -> float:
    """Return the recovery's n-th random number from 0 up to 1, the same in every replay."""
    digest = hashlib.blake2b(f"{seed!r}/{n}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest) >> 11) / 2**53
