"""Facts of time: how long the other side asks us to wait."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice

from omninode_bridge.agents.workflows.classification.facts import Facts
from omninode_bridge.agents.workflows.classification.lazy_regex import LazyRegex
from omninode_bridge.agents.workflows.recovery_models import ErrorType

from ._durations import Wait, duration_of, wait_of_text
from ._known import Known
from ._read import ANSWER_NAMES, attribute, headers_of, status_of, text_of

__all__ = ["KNOWN", "wait_facts", "wait_in_words", "wait_of_headers"]

_OWN_NAMES = ("retry_after", "retry_after_seconds", "retry_in", "next_request_interval")
_MILLIS = ("retry-after-ms", "x-ms-retry-after-ms")
_LIMITED = frozenset({403, 429, 503, 529})
_RESETS = (
    "x-ratelimit-reset",
    "x-ratelimit-reset-requests",
    "x-ratelimit-reset-tokens",
    "x-rate-limit-reset",
    "ratelimit-reset",
    "anthropic-ratelimit-requests-reset",
    "anthropic-ratelimit-tokens-reset",
    "anthropic-ratelimit-input-tokens-reset",
    "anthropic-ratelimit-output-tokens-reset",
)
_NOTHING: Wait = (None, None, "")
_MAX_DETAILS = 16
_UNIT = r"(?:milliseconds?|minutes?|mins?|ms|m|seconds?|secs?|s|hours?|hrs?|h)(?![a-z])"
_BEGINNINGS = ("again", "retry", "wait", "available", "reset")
_WORDS = LazyRegex(
    r"(?:again|retry|retrying|wait|available|resets?)(?: your request)?(?: after| in| for)?(?: about)?"
    rf" ((?:\d+(?:\.\d+)? ?{_UNIT}[ ,]{{0,2}}){{1,3}})"
    r"|retry[_-]?(?:after|delay)[\"' ]{0,2}[:=] ?[\"']?(\d+(?:\.\d+)?(?:ms|s)?)\b"
)


def wait_facts(exception: BaseException) -> Facts | None:
    """Tell by what the exception, its headers, its details or its sentence ask for."""
    seconds, moment, said = _of_attribute(exception)
    throttled = seconds is not None or moment is not None
    if not said:
        headers = headers_of(exception)
        if headers:
            throttled = "retry-after" in headers
            seconds, moment, said = wait_of_headers(headers, status_of(exception))
    if not said:
        seconds, moment, said = _of_details(exception)
    if not said:
        return None
    if throttled and (seconds is not None or moment is not None):
        # Nothing else may be known of it: who says when to come back expects us.
        return Facts(
            ErrorType.RATE_LIMIT,
            transient=True,
            retry_after=seconds,
            retry_at=moment,
            reasons=(said,),
            weak=True,
        )
    return Facts(retry_after=seconds, retry_at=moment, reasons=(said,))


def _of_attribute(exception: BaseException) -> Wait:
    for name in _OWN_NAMES:
        value = attribute(exception, name)
        if value is None or isinstance(value, bool):
            continue
        if isinstance(value, datetime) and value.tzinfo is not None:
            return None, value, f"{name} {value}"
        total = attribute(value, "total_seconds") if not isinstance(value, (int, float, str)) else 0
        number = total() if callable(total) else value
        if isinstance(number, (int, float, str)):
            return wait_of_text(str(number), name)
    return _NOTHING


def wait_of_headers(headers: Mapping[str, str], status: int | None) -> Wait:
    """Return the wait that headers ask for; names are in lower case.

    ``reset`` headers come with every answer, so they count only beside a status of a limit, and of
    several the one whose ``remaining`` is nought.
    """
    for name in _MILLIS:
        text = headers.get(name)
        millis = duration_of(text) if text is not None else None
        if millis is not None and math.isfinite(millis) and millis >= 0:
            return wait_of_text(repr(millis / 1000), name)
    text = headers.get("retry-after")
    if text is not None:
        return wait_of_text(text, "Retry-After")
    if status not in _LIMITED:
        return _NOTHING
    found = [
        (name, headers[name], headers.get(name.replace("reset", "remaining")))
        for name in _RESETS
        if name in headers
    ]
    spent = [
        (name, text) for name, text, left in found if left is not None and left in {"0", "0.0"}
    ]
    if not spent and all(left is None for _, _, left in found):
        spent = [(name, text) for name, text, _ in found[:1]]
    waits = [wait_of_text(text, name) for name, text in spent]
    return max(waits, key=_length, default=_NOTHING)


def _length(wait: Wait) -> tuple[float, float]:
    seconds, moment, _ = wait
    return (moment.timestamp() if moment is not None else 0.0, seconds or 0.0)


def _of_details(exception: BaseException) -> Wait:
    """Read ``RetryInfo`` among the details of an answer of Google, decoded or as a message."""
    details = attribute(exception, "details")
    if callable(details) or details is None:
        details = attribute(exception, "errors")
    if isinstance(details, Mapping):
        error = details.get("error")
        details = error.get("details") if isinstance(error, Mapping) else details.get("details")
    if isinstance(details, (str, bytes)) or not isinstance(details, Iterable):
        return _NOTHING
    try:
        for one in islice(details, _MAX_DETAILS):
            delay = (
                one.get("retryDelay", one.get("retry_delay"))
                if isinstance(one, Mapping)
                else attribute(one, "retry_delay")
            )
            if isinstance(delay, str):
                return wait_of_text(delay, "retryDelay")
            seconds = attribute(delay, "seconds")
            if isinstance(seconds, int):
                nanos = attribute(delay, "nanos")
                more = nanos / 1e9 if isinstance(nanos, int) else 0.0
                return wait_of_text(repr(seconds + more), "retryDelay")
    except Exception:  # noqa: BLE001 - a stranger's sequence
        return _NOTHING
    return _NOTHING


def wait_in_words(exception_or_text: BaseException | str) -> Wait:
    """Return the wait of a sentence such as "Please try again in 6.2s"."""
    text = (
        exception_or_text[:4096]
        if isinstance(exception_or_text, str)
        else text_of(exception_or_text, 4096)
    )
    lowered = text.lower()
    if "again" not in lowered and "retry" not in lowered and "wait" not in lowered:
        return _NOTHING
    found = _first_wait(lowered)
    if not found:
        return _NOTHING
    told = found[1] or found[2]
    seconds, moment, said = wait_of_text(told.rstrip(" ,"), "the message asks for")
    return (seconds, moment, said) if seconds is not None else _NOTHING


def _first_wait(lowered: str) -> re.Match[str] | None:
    """Search where one of the words is that it begins with: many times faster than to search for all."""
    starts: list[int] = []
    for word in _BEGINNINGS:
        at = lowered.find(word)
        while at >= 0:
            starts.append(at)
            at = lowered.find(word, at + 1)
    for at in sorted(starts):
        found = _WORDS.compiled.match(lowered, at)
        if found:
            return found
    return None


def _rows() -> list[tuple[str, Facts]]:
    asked = Facts(ErrorType.RATE_LIMIT, transient=True, weak=True)
    return [
        ("`retry_after`", asked),
        *((f"`{name}`", Facts()) for name in _MILLIS),
        ("`Retry-After`", asked),
        *((f"`{name}`", Facts()) for name in _RESETS),
        ("`retryDelay`", Facts()),
    ]


KNOWN = Known(
    reads="`retry_after`, headers and the details of Google: seconds, `6m0s`, dates and moments; "
    "the `reset` headers count beside 403, 429, 503 and 529 only",
    names=frozenset({*_OWN_NAMES, *ANSWER_NAMES, "details", "errors"}),
    source="RFC 9110, the draft of the RateLimit headers, google.rpc.RetryInfo, the manuals of Azure, OpenAI and Anthropic",
    rows=_rows,
)
