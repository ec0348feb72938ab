"""Labels that many cases of HTTP clients and of the vendors of models share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

# fmt: off


def label(types: str, strategies: str, transient: str, why: str, *tags: str) -> dict[str, Any]:
    """Return the keywords of one label."""
    return {
        "types": types,
        "strategies": strategies,
        "transient": transient,
        "why": why,
        "tags": tags,
    }


def but(base: dict[str, Any], *tags: str, why: str = "", **other: Any) -> dict[str, Any]:
    """Return a label with more tags or another reason."""
    found = {**base, **other, "tags": (*base["tags"], *tags)}
    return {**found, "why": why} if why else found


async def together(*steps: Callable[[], Awaitable[Any]]) -> None:
    """Run all steps, each to its end, and raise what failed as a group."""
    found = await asyncio.gather(*(step() for step in steps), return_exceptions=True)
    raise ExceptionGroup("several steps failed", [one for one in found if isinstance(one, Exception)])


# -- plain HTTP
REFUSED = label("NETWORK", "RETRY ESCALATION", "yes", "nobody listens for now")
DNS = label("NETWORK", "RETRY ESCALATION", "yes", "the name does not resolve for now")
CUT = label("NETWORK", "RETRY ALTERNATIVE_PATH", "yes", "the connection broke")
DEADLINE = label("TIMEOUT NETWORK", "RETRY GRACEFUL_DEGRADATION", "yes", "the answer took too long")
POOL = label("TIMEOUT NETWORK", "RETRY GRACEFUL_DEGRADATION", "yes", "the pool is full for now")
DOWN = label("NETWORK", "RETRY ALTERNATIVE_PATH", "yes", "the server fails for now")
GATEWAY = label("TIMEOUT NETWORK", "RETRY GRACEFUL_DEGRADATION", "yes", "a gateway waited too long")
THROTTLED = label("RATE_LIMIT", "RETRY", "yes", "throttled for now")
FORBIDDEN = label("SECURITY", "ESCALATION", "no", "who asks may not")
CERTIFICATE = label("SECURITY", "ESCALATION", "no", "the certificate stays untrusted")
ABSENT = label("VALIDATION NETWORK UNKNOWN", "ESCALATION ALTERNATIVE_PATH", "no", "there is no such resource")
BAD = label("VALIDATION", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION", "no", "the request itself is wrong")
BAD_URL = label("VALIDATION", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION", "no", "the address itself is wrong")
LARGE = label("VALIDATION", "GRACEFUL_DEGRADATION ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION", "no", "the request stays too large")
LOOP = label("VALIDATION NETWORK UNKNOWN", "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION", "no", "the server sends us round in circles")
NO_HTTP = label("NETWORK VALIDATION", "RETRY ESCALATION ALTERNATIVE_PATH", "unknown", "what answers does not speak the protocol")
NO_JSON = label("VALIDATION SYNTAX NETWORK GENERATION", "ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION RETRY", "unknown", "the body is not what it should be")

# -- vendors of models
RATE = label("RATE_LIMIT AI_SERVICE", "RETRY ALTERNATIVE_PATH", "yes", "throttled for now")
DAY = label("RATE_LIMIT AI_SERVICE", "ALTERNATIVE_PATH ESCALATION GRACEFUL_DEGRADATION", "no", "the allowance of the day is used up", "quota")
QUOTA = label("AI_SERVICE RATE_LIMIT", "ESCALATION ALTERNATIVE_PATH", "no", "the credit is used up", "quota")
KEY = label("SECURITY AI_SERVICE", "ESCALATION ALTERNATIVE_PATH", "no", "the key is wrong")
MAY_NOT = label("SECURITY AI_SERVICE", "ESCALATION ALTERNATIVE_PATH", "no", "the key may not do that")
CONTEXT = label("AI_SERVICE VALIDATION GENERATION", "GRACEFUL_DEGRADATION ALTERNATIVE_PATH ERROR_CORRECTION", "no", "the input is longer than the model takes")
FILTER = label("AI_SERVICE VALIDATION GENERATION SECURITY", "ALTERNATIVE_PATH ESCALATION ERROR_CORRECTION GRACEFUL_DEGRADATION", "no", "the filter refuses this input")
MODEL = label("AI_SERVICE VALIDATION", "ALTERNATIVE_PATH ESCALATION", "no", "there is no such model")
BUSY = label("AI_SERVICE", "RETRY ALTERNATIVE_PATH", "yes", "the model is overloaded for now")
FAILS = label("AI_SERVICE", "RETRY ALTERNATIVE_PATH", "yes", "the vendor fails for now")
SLOW = label("TIMEOUT AI_SERVICE NETWORK", "RETRY ALTERNATIVE_PATH GRACEFUL_DEGRADATION", "yes", "the answer took too long")
UNREACHED = label("NETWORK AI_SERVICE", "RETRY ALTERNATIVE_PATH ESCALATION", "yes", "the vendor can not be reached for now")
BROKE = label("NETWORK AI_SERVICE", "RETRY ALTERNATIVE_PATH", "yes", "the connection broke")
BAD_CALL = label("VALIDATION AI_SERVICE", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION", "no", "the request itself is wrong")
OUTPUT = label("GENERATION VALIDATION AI_SERVICE", "ALTERNATIVE_PATH ERROR_CORRECTION RETRY GRACEFUL_DEGRADATION", "unknown", "another sample may be usable", "llm-output")
NO_ANSWER = label("GENERATION AI_SERVICE VALIDATION SYNTAX NETWORK", "ALTERNATIVE_PATH ERROR_CORRECTION RETRY ESCALATION", "unknown", "the answer of the vendor is not what it should be")
