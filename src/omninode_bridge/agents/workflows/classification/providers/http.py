"""Facts of HTTP: the status, and what the headers ask for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

from ._read import attribute, headers_of, status_of

__all__ = ["facts_of_status", "http_facts", "wait_of"]

_HUMAN = RecoveryStrategy.ESCALATION
_MOST_SECONDS = 86_400.0 * 365

_BY_STATUS: dict[int, tuple[ErrorType | None, bool | None]] = {
    401: (ErrorType.SECURITY, False),
    402: (ErrorType.RATE_LIMIT, False),
    403: (ErrorType.SECURITY, False),
    407: (ErrorType.SECURITY, False),
    408: (ErrorType.TIMEOUT, True),
    421: (ErrorType.NETWORK, True),
    423: (ErrorType.NETWORK, True),
    425: (ErrorType.NETWORK, True),
    429: (ErrorType.RATE_LIMIT, True),
    451: (ErrorType.SECURITY, False),
    495: (ErrorType.SECURITY, False),
    496: (ErrorType.SECURITY, False),
    498: (ErrorType.SECURITY, False),
    499: (ErrorType.TIMEOUT, True),
    501: (ErrorType.NETWORK, False),
    504: (ErrorType.TIMEOUT, True),
    505: (ErrorType.NETWORK, False),
    506: (ErrorType.NETWORK, False),
    507: (ErrorType.NETWORK, False),
    508: (ErrorType.NETWORK, False),
    510: (ErrorType.NETWORK, False),
    511: (ErrorType.SECURITY, False),
    522: (ErrorType.TIMEOUT, True),
    524: (ErrorType.TIMEOUT, True),
    525: (ErrorType.SECURITY, False),
    526: (ErrorType.SECURITY, False),
}


@lru_cache(maxsize=512)
def facts_of_status(status: int) -> Facts | None:
    """Tell by an HTTP status; None for one that is no error."""
    reasons = (f"HTTP status {status}",)
    if status in _BY_STATUS:
        kind, transient = _BY_STATUS[status]
        prefer = _HUMAN if status == 402 else None
        return Facts(kind, transient=transient, reasons=reasons, prefer=prefer)
    if 400 <= status < 500:
        return stays(ErrorType.VALIDATION, reasons=reasons)
    if 500 <= status < 600:
        return passes(ErrorType.NETWORK, reasons=reasons)
    return None


def http_facts(exception: BaseException) -> Facts | None:
    """Tell by status and headers of the answer that the exception carries."""
    status = status_of(exception)
    facts = facts_of_status(status) if status is not None else None
    headers = headers_of(exception)
    seconds = _seconds(attribute(exception, "retry_after"))
    moment = None
    if headers is not None:
        if seconds is None:
            seconds, moment = wait_of(headers)
        facts = _told(facts, _get(headers, "x-should-retry"))
    if seconds is not None or moment is not None:
        waits = Facts(retry_after=seconds, retry_at=moment, reasons=("the other side says when",))
        facts = waits if facts is None else facts.completed(waits)
    return facts


def _told(facts: Facts | None, word: str | None) -> Facts | None:
    """What the server says about trying again wins over its status."""
    if facts is None or word is None or word.lower() not in {"true", "false"}:
        return facts
    retry = word.lower() == "true"
    told = Facts(facts.error_type, transient=retry, reasons=(f"x-should-retry: {word}",))
    return told.completed(facts)


def wait_of(headers: Mapping[str, Any]) -> tuple[float | None, datetime | None]:
    """Return seconds or a moment from the headers of an answer."""
    millis = _seconds(_get(headers, "retry-after-ms"))
    if millis is not None:
        return millis / 1000, None
    text = _get(headers, "retry-after")
    if text is None:
        return None, None
    seconds = _seconds(text)
    if seconds is not None:
        return seconds, None
    return None, _moment(text)


def _get(headers: Mapping[str, Any], name: str) -> str | None:
    for key in (name, name.title(), name.upper()):
        try:
            value = headers.get(key)
        except Exception:  # noqa: BLE001 - a stranger's mapping
            return None
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            return str(value).strip()
    return None


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and 0 <= seconds <= _MOST_SECONDS else None


def _moment(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
