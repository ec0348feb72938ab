"""Facts of cloud services: the error code by name, which says more than the status beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.classification.lazy_regex import LazyRegex
from omninode_bridge.agents.workflows.recovery_models import ErrorType

from ._class_words import facts_of_words
from ._read import attribute

__all__ = ["cloud_facts", "facts_of_code"]

_ROWS: tuple[tuple[LazyRegex, Facts], ...] = (
    (
        LazyRegex(
            r"Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|BandwidthLimit|ThroughputExceeded|PriorRequestNotComplete"
        ),
        passes(ErrorType.RATE_LIMIT),
    ),
    (LazyRegex(r"Quota|LimitExceeded"), stays(ErrorType.RATE_LIMIT)),
    (LazyRegex(r"Time(?:d)?Out", re.IGNORECASE), passes(ErrorType.TIMEOUT)),
    (LazyRegex(r"^Model(?:NotReady|Error|Stream)"), passes(ErrorType.AI_SERVICE)),
    (
        LazyRegex(
            r"^Internal(?:Error|Failure|Server|Service)|Unavailable|TransactionConflict|TransactionInProgress|OperationAborted|^ReadOnly"
        ),
        passes(ErrorType.NETWORK),
    ),
    (
        LazyRegex(
            r"Denied|Token|Credential|Signature|UnrecognizedClient|AccessKey|Auth|Forbidden|OptInRequired|KMS|SignatureDoesNotMatch"
        ),
        stays(ErrorType.SECURITY),
    ),
)


def facts_of_code(code: str) -> Facts | None:
    """Tell by a code such as ``ThrottlingException``."""
    told = Facts(reasons=(f"error code {code}",))
    for pattern, facts in _ROWS:
        if pattern.search(code):
            return facts.completed(told)
    facts_of = facts_of_words(code)
    return told.completed(facts_of) if facts_of else None


def cloud_facts(exception: BaseException) -> Facts | None:
    """Tell by ``response["Error"]["Code"]``, as botocore keeps it."""
    response = attribute(exception, "response")
    if not isinstance(response, Mapping):
        return None
    error = response.get("Error")
    code = error.get("Code") if isinstance(error, Mapping) else None
    return facts_of_code(code) if isinstance(code, str) and not code.isdigit() else None
