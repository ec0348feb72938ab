"""Read how long to wait from what servers write: seconds, "6m0s", dates, epochs; bounded, and said."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from omninode_bridge.agents.workflows.classification.lazy_regex import LazyRegex

__all__ = ["LONGEST_WAIT", "Wait", "duration_of", "moment_of", "wait_of_text"]

LONGEST_WAIT = 86_400.0  # seconds; whoever asks for more is not waited for by any schedule of ours
_EPOCH = 1_000_000_000.0
_PARTS = LazyRegex(
    r"(\d+(?:\.\d+)?)\s*(ms|milliseconds?|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)(?![a-z])"
)
_UNITS = {"m": 60.0, "h": 3600.0, "d": 86_400.0, "s": 1.0}

# Seconds, or a moment, and the words that tell of it; both None where it makes no sense.
Wait = tuple[float | None, datetime | None, str]


def wait_of_text(text: str, source: str) -> Wait:
    """Return the wait that a header or field asks for, with what to say about it."""
    text = text.strip()[:64]
    seconds = duration_of(text)
    if seconds is not None and seconds < _EPOCH:
        return _bounded(seconds, text, source)
    moment = _of_epoch(seconds) if seconds is not None else moment_of(text)
    if moment is not None:
        return None, moment, f"{source}: {text}"
    return None, None, f"{source}: {text!r} makes no sense and is passed over"


def _bounded(seconds: float, text: str, source: str) -> Wait:
    if math.isnan(seconds) or seconds < 0:
        return None, None, f"{source}: {text!r} makes no sense and is passed over"
    if seconds > LONGEST_WAIT:
        return LONGEST_WAIT, None, f"{source}: {text!r}, taken for {LONGEST_WAIT:g} s"
    return seconds, None, f"{source}: {text}"


def duration_of(text: str) -> float | None:
    """Return seconds of "12", "1.5", "34s", "6m0s", "250ms" or "1 minute 5 seconds"; None for else.

    What is a number but no time (negative, not a number) is returned as it is.
    """
    try:
        return float(text)
    except ValueError:
        pass
    total, end, lowered = 0.0, 0, text.lower()
    for part in _PARTS.compiled.finditer(lowered):
        if lowered[end : part.start()].strip(" ,and"):
            return None
        unit = part[2]
        total += float(part[1]) * (0.001 if unit.startswith(("ms", "milli")) else _UNITS[unit[0]])
        end = part.end()
    return total if end and not lowered[end:].strip(" .") else None


def moment_of(text: str) -> datetime | None:
    """Return the moment of an HTTP or ISO 8601 date; None where it is none, or an absurd one."""
    if len(text) < 10:
        return None
    try:
        moment = _of_date(text) if text[:1].isalpha() else datetime.fromisoformat(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _of_date(text: str) -> datetime:
    """Read "Wed, 21 Oct 2026 07:28:00 GMT"; other forms of old are left to the standard library."""
    parts = text.split()
    if len(parts) == 6 and parts[5] in {"GMT", "UTC"} and parts[2].title() in _MONTHS:
        hour, minute, second = parts[4].split(":")
        month = _MONTHS.index(parts[2].title()) + 1
        day, year = int(parts[1]), int(parts[3])
        return datetime(year, month, day, int(hour), int(minute), int(second), tzinfo=UTC)
    from email.utils import parsedate_to_datetime

    return parsedate_to_datetime(text)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _of_epoch(seconds: float) -> datetime | None:
    if seconds >= _EPOCH * 1000:
        seconds /= 1000
    if not _EPOCH <= seconds < _EPOCH * 10:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
