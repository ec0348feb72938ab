"""What every store is told and asked, looked at before it is used."""

from __future__ import annotations

from datetime import datetime, timedelta

from omninode_bridge.agents.workflows.recovery_models import TIMEOUT, EscalationStatus
from omninode_bridge.errors import ConfigurationError

__all__ = [
    "checked_limit",
    "checked_poll",
    "checked_rows",
    "checked_status",
    "is_settled",
    "wall_deadline",
]


def checked_rows(max_rows: int) -> int:
    """Return how many rows are kept.

    Raises:
        ConfigurationError: it is no positive integer.
    """
    if isinstance(max_rows, bool) or not isinstance(max_rows, int) or max_rows < 1:
        raise ConfigurationError(f"max_rows is {max_rows!r}; it must be a positive integer")
    return max_rows


def checked_poll(poll: float) -> float:
    """Return the seconds between two looks.

    Raises:
        ConfigurationError: they are none, or more than an hour.
    """
    if isinstance(poll, bool) or not isinstance(poll, (int, float)) or not 0 < poll <= 3600:
        raise ConfigurationError(f"poll is {poll!r}; it must be seconds, more than 0, up to 3600")
    return float(poll)


def checked_status(status: EscalationStatus | str | None) -> EscalationStatus | None:
    """Return the status that is asked for.

    Raises:
        ConfigurationError: there is no such status; the message lists them.
    """
    if status is None:
        return None
    try:
        return EscalationStatus(status)
    except ValueError:
        known = ", ".join(repr(str(member)) for member in EscalationStatus)
        raise ConfigurationError(f"status is {status!r}; it must be one of {known}") from None


def checked_limit(limit: int | None) -> int | None:
    """Return how many are asked for.

    Raises:
        ConfigurationError: it is no integer from 0.
    """
    if limit is not None and (
        isinstance(limit, bool) or not isinstance(limit, int) or not 0 <= limit < 2**62
    ):
        raise ConfigurationError(f"limit is {limit!r}; it must be a whole number from 0, or None")
    return limit


def wall_deadline(now: datetime, timeout: float | None) -> datetime | None:
    """Return when the time is over; None for never, or where no calendar reaches."""
    if timeout is None:
        return None
    try:
        return now + timedelta(seconds=timeout)
    except OverflowError:
        return None


def is_settled(status: EscalationStatus, by: str | None) -> bool:
    """Whether nobody needs the notice any more: a human answered, or the work went another way.

    That nobody answered in time is still told.
    """
    if status is EscalationStatus.RESOLVED:
        return by != TIMEOUT
    return status is EscalationStatus.SUPERSEDED
