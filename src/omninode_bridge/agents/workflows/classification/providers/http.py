"""Facts of HTTP: the status, and the limit that some services announce with another one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.classification.lazy_regex import LazyRegex
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

from ._known import Known
from ._read import STATUS_NAMES, family_of, headers_of, status_of, text_of
from .classes import class_facts

__all__ = ["KNOWN", "OVER_THE_LIMIT", "facts_of_status", "http_facts", "is_limit"]

_HUMAN = RecoveryStrategy.ESCALATION

_BY_STATUS: dict[int, tuple[ErrorType | None, bool | None]] = {
    401: (ErrorType.SECURITY, False),
    402: (ErrorType.RATE_LIMIT, False),
    403: (ErrorType.SECURITY, False),
    407: (ErrorType.SECURITY, False),
    408: (ErrorType.TIMEOUT, True),
    419: (ErrorType.SECURITY, False),
    420: (ErrorType.RATE_LIMIT, True),
    421: (ErrorType.NETWORK, True),
    423: (ErrorType.NETWORK, True),
    425: (ErrorType.NETWORK, True),
    429: (ErrorType.RATE_LIMIT, True),
    440: (ErrorType.SECURITY, False),
    444: (ErrorType.NETWORK, True),
    449: (ErrorType.NETWORK, True),
    451: (ErrorType.SECURITY, False),
    460: (ErrorType.TIMEOUT, True),
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
    509: (ErrorType.RATE_LIMIT, True),
    510: (ErrorType.NETWORK, False),
    511: (ErrorType.SECURITY, False),
    522: (ErrorType.TIMEOUT, True),
    524: (ErrorType.TIMEOUT, True),
    525: (ErrorType.SECURITY, False),
    526: (ErrorType.SECURITY, False),
    598: (ErrorType.TIMEOUT, True),
    599: (ErrorType.TIMEOUT, True),
}
# Their `code` or `status` is a number of their own.
_OTHER_NUMBERS = frozenset(
    {"pymongo", "clickhouse_driver", "clickhouse_connect", "paho", "zmq", "git"}
)
# Some services refuse with 403 what is over a limit; the address of a request says it otherwise.
_LIMIT = LazyRegex(
    r"rate ?limits? (?:has been |was )?exceeded|rate_?limit_?exceeded|exceeded (?:\w+ ){0,3}rate ?limits?|secondary rate limit",
    re.IGNORECASE,
)
OVER_THE_LIMIT = passes(
    ErrorType.RATE_LIMIT, reasons=("HTTP status 403 at the end of a rate limit",)
)
_SHOULD = ("x-should-retry", "stripe-should-retry")
_LIMIT_LEFT = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining")


@lru_cache(maxsize=512)
def facts_of_status(status: int) -> Facts | None:
    """Tell by an HTTP status; None for one that is no error."""
    reasons = (f"HTTP status {status}",)
    if status in _BY_STATUS:
        kind, transient = _BY_STATUS[status]
        prefer = _HUMAN if status == 402 else None
        return Facts(kind, transient=transient, reasons=reasons, prefer=prefer)
    if 300 <= status < 500:
        return stays(ErrorType.VALIDATION, reasons=reasons)
    if 500 <= status < 600:
        return passes(ErrorType.NETWORK, reasons=reasons)
    return None


def http_facts(exception: BaseException) -> Facts | None:
    """Tell by the status of the answer that the exception carries."""
    if family_of(exception) & _OTHER_NUMBERS:
        return None
    status = status_of(exception)
    facts = facts_of_status(status) if status is not None else None
    if status in {400, 422}:
        by_class = class_facts(exception)
        if by_class is not None and by_class.error_type is ErrorType.SECURITY:
            return None
    if facts is None or facts.transient is True:
        return facts
    headers = headers_of(exception) or {}
    by_class = class_facts(exception) if status == 403 else None
    if status == 403 and (
        _is_limit(headers)
        or (by_class is not None and by_class.error_type is ErrorType.RATE_LIMIT)
        or is_limit(text_of(exception))
    ):
        return OVER_THE_LIMIT
    for name in _SHOULD:
        if headers.get(name, "").lower() == "true":
            return replace(facts, transient=True, reasons=(f"{name}: true", *facts.reasons))
    return facts


def is_limit(message: str) -> bool:
    """Whether a refusal says that a limit of requests is the reason."""
    return _LIMIT.search(message) is not None


def _is_limit(headers: Mapping[str, str]) -> bool:
    """Some services refuse with 403 what is over the limit, and say so in the headers."""
    return "retry-after" in headers or any(headers.get(name) == "0" for name in _LIMIT_LEFT)


def _rows() -> list[tuple[str, Facts]]:
    numbers = [*range(400, 430), 431, *sorted(n for n in _BY_STATUS if n > 429), 500, 502, 503, 529]
    found = ((str(n), facts_of_status(n)) for n in dict.fromkeys(sorted(numbers)))
    return [(name, facts) for name, facts in found if facts is not None]


KNOWN = Known(
    reads="`status_code`, `status`, `http_status`, `code` from 400 up, of the error, its `response`, `resp`, "
    "`raw_response` or `meta`; with 403 also the headers and the words of rate limits; `x-should-retry: true` lets a client error pass",
    names=STATUS_NAMES,
    source="RFC 9110, RFC 6585, the registry of HTTP status codes, and the codes of common proxies",
    rows=_rows,
)
