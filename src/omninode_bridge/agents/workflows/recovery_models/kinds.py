"""The closed vocabularies: what an error is, what is done about it, what may run twice."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from omninode_bridge.errors import ConfigurationError

__all__ = ["ErrorType", "RecoveryStrategy", "Rerun", "parse_kind"]


class ErrorType(StrEnum):
    """What kind of error it is."""

    NETWORK = "network"
    VALIDATION = "validation"
    GENERATION = "generation"
    SYNTAX = "syntax"
    CONTRACT = "contract"
    TIMEOUT = "timeout"
    RATE_LIMIT = "rate_limit"
    AI_SERVICE = "ai_service"
    SECURITY = "security"
    CUSTOM = "custom"
    UNKNOWN = "unknown"


class RecoveryStrategy(StrEnum):
    """What is done about an error."""

    RETRY = "retry"
    ALTERNATIVE_PATH = "alternative_path"
    GRACEFUL_DEGRADATION = "graceful_degradation"
    ERROR_CORRECTION = "error_correction"
    ESCALATION = "escalation"
    CIRCUIT_BREAKER = "circuit_breaker"
    CUSTOM = "custom"


class Rerun(StrEnum):
    """What running a call a second time does.

    ``pure`` and ``idempotent`` calls are run again freely. An ``unknown`` one is run again only
    when its error is known to pass, or when its input was changed. A call marked ``never`` is not
    run twice: it escalates as "outcome unknown".
    """

    PURE = "pure"
    IDEMPOTENT = "idempotent"
    UNKNOWN = "unknown"
    NEVER = "never"


K = TypeVar("K", ErrorType, RecoveryStrategy, Rerun)


def parse_kind(kind: type[K], value: Any, *, what: str) -> K:
    """Return the member that `value` names.

    Raises:
        ConfigurationError: `value` is no member; the message lists them.
    """
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(repr(str(member)) for member in kind)
        message = f"{what} is {value!r}; it must be one of {known}"
        raise ConfigurationError(message) from None
