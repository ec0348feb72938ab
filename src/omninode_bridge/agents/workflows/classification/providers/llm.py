"""Facts of language-model services: what the vendor's code or sentence means beside its status."""

from __future__ import annotations

from collections.abc import Mapping

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.classification.lazy_regex import LazyRegex
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

from ._class_tables import is_model_service
from ._known import Known
from ._read import attribute, status_of, text_of

__all__ = ["KNOWN", "facts_of_llm_text", "facts_of_operation", "is_spent", "llm_facts"]

_LESS = RecoveryStrategy.GRACEFUL_DEGRADATION
_OTHER = RecoveryStrategy.ALTERNATIVE_PATH
_MOST = 2048
_MONEY, _SIZE, _ALLOWANCE = "money", "the size of the context", "the allowance of a day or a month"
_PERIODS = ("day", "daily", "month", "tpd", "rpd")
_OF_ANY_STATUS = frozenset({"memory", "the key"})
# A limit that is over soon, although the vendor speaks of a plan beside it.
_SOON = LazyRegex(r"per ?min|(?:retry|try again) in \d|retrydelay")
_OPERATIONS = ("Converse", "InvokeModel", "InvokeEndpoint", "InvokeAgent", "Retrieve")
_FAILING = LazyRegex(
    r"Internal(?:Server|Failure)|ServiceUnavailable|ModelNotReady|ModelError|ModelStream"
)

# Vendor codes and, where a vendor has none, its sentences; the first row that fits decides.
_ROWS: tuple[tuple[str, LazyRegex, Facts], ...] = (
    (
        "memory",
        LazyRegex(r"requires more (?:system |gpu )?memory|out of memory|insufficient memory"),
        stays(ErrorType.AI_SERVICE, prefer=_LESS),
    ),
    (
        _MONEY,
        LazyRegex(
            r"insufficient_quota|exceeded your current quota|billing|credit balance|insufficient (?:balance|credit|fund)|out of credits|exceeded your credits?|spend(?:ing)? limit|budget.{0,20}exceeded|payment required"
        ),
        stays(ErrorType.AI_SERVICE, prefer=_OTHER),
    ),
    (
        _SIZE,
        LazyRegex(
            r"context_length|maximum context|context (?:length|window)|too many tokens|(?:prompt|input|request)(?: is|'s)? too (?:long|large)|string_above_max_length|token limit|reduce the length|request_too_large|exceeds? .{0,40}tokens?\b|maximum (?:number of )?(?:input )?tokens"
        ),
        stays(ErrorType.AI_SERVICE, prefer=_LESS),
    ),
    (
        "a content filter",
        LazyRegex(
            r"content[_ ](?:filter|policy|management)|safety (?:system|setting|filter)|responsible ai|finish_reason.{0,9}safety|blocked (?:by|due)"
        ),
        stays(ErrorType.AI_SERVICE, prefer=_OTHER),
    ),
    (
        "the key",
        LazyRegex(
            r"invalid[_ ]api[_ ](?:key|token)|incorrect api key|api[_ ]key[_ ](?:not[_ ]valid|invalid)|authentication_error|permission_error|unauthorized|no api.?key|missing credentials|api_?key.{0,40}(?:must be set|is required|not set|missing)|missing.{0,20}api.?key"
        ),
        stays(ErrorType.SECURITY),
    ),
    (
        "the model's name",
        LazyRegex(
            r"model_not_found|decommissioned|models?\b.{0,80}(?:not found|does ?n[o']t exist|not supported|deprecated|no longer|not available for)|(?:unknown|invalid|unsupported) model|not_found_error"
        ),
        stays(ErrorType.AI_SERVICE, prefer=_OTHER),
    ),
    (
        "unusable output of the model",
        LazyRegex(
            r"json_validate_failed|failed[_ ]generation|failed to generate|tool_use_failed|malformed_function_call"
        ),
        Facts(ErrorType.GENERATION, prefer=_OTHER),
    ),
    (
        _ALLOWANCE,
        LazyRegex(
            r"(?:tokens|requests|quota|limit|allowance)\b.{0,40}\b(?:per day|daily|per month|monthly|tpd|rpd)\b|per ?(?:day|month)per|perday"
            r"|\bdaily .{0,30}\b(?:limit|quota|allowance|count)\b"
        ),
        stays(ErrorType.RATE_LIMIT, prefer=_OTHER),
    ),
    (
        "a rate limit",
        LazyRegex(
            r"rate[_ ]limit|too many requests|(?:tokens|requests) per (?:min|day|second|hour)|resource_exhausted"
        ),
        passes(ErrorType.RATE_LIMIT),
    ),
    (
        "an overloaded service",
        LazyRegex(
            r"overloaded|server had an error|over capacity|(?:model|engine) is (?:currently )?(?:loading|overloaded|busy|warming)|server_error|internal server error|service unavailable|temporarily|api_error"
        ),
        passes(ErrorType.AI_SERVICE),
    ),
)


def facts_of_llm_text(text: str, status: int | None) -> Facts | None:
    """Tell by a vendor's answer: codes, sentence and status together.

    A client error that a vendor sends with a status of its own is never taken for one that passes
    because of its words.
    """
    client = status is not None and 400 <= status < 500 and status not in {408, 409, 425, 429}
    text = text[:_MOST].lower()
    for what, pattern, facts in _ROWS:
        if facts.transient is True and client:
            break
        if facts.transient is not True and (status or 0) >= 500 and what not in _OF_ANY_STATUS:
            continue
        if pattern.search(text) and not _is_throttling(what, text, status):
            return facts.completed(Facts(reasons=(f"the vendor speaks of {what}",)))
    return _of_status(status)


def _is_throttling(what: str, text: str, status: int | None) -> bool:
    """Whether what sounds like an end of money or of room is only too much at once."""
    if what == _MONEY:
        return status in {None, 429} and _SOON.search(text) is not None
    return what == _SIZE and (status == 429 or "throttl" in text or "please wait" in text)


def is_spent(text: str) -> bool:
    """Whether a message about a limit speaks of money, or of the allowance of a day or a month."""
    text = text[:_MOST].lower()
    return any(
        pattern.search(text) is not None and not _is_throttling(what, text, 429)
        for what, pattern, _ in _ROWS
        if what == _MONEY or (what == _ALLOWANCE and any(word in text for word in _PERIODS))
    )


def _of_status(status: int | None) -> Facts | None:
    if status is None:
        return None
    reasons = (f"HTTP status {status} of a model service",)
    if status in {404, 410, 402}:
        return stays(ErrorType.AI_SERVICE, prefer=_OTHER, reasons=reasons)
    if status == 413:
        return stays(ErrorType.AI_SERVICE, prefer=_LESS, reasons=reasons)
    if status >= 500 and status not in {501, 504, 505}:
        return passes(ErrorType.AI_SERVICE, reasons=reasons)
    return None


def llm_facts(exception: BaseException) -> Facts | None:
    """Tell by the answer of a vendor that the exception of its library carries."""
    cls = type(exception)
    if not is_model_service(f"{cls.__module__}.{cls.__qualname__}"):
        return _of_bedrock(exception)
    status = status_of(exception)
    parts = [str(attribute(exception, name) or "") for name in ("code", "type")]
    body = attribute(exception, "body")
    if isinstance(body, Mapping):
        error = body.get("error")
        source = error if isinstance(error, Mapping) else body
        parts += [str(source.get(name) or "") for name in ("code", "type", "status", "message")]
    parts.append(text_of(exception, _MOST))
    return facts_of_llm_text(" ".join(parts), status)


def _of_bedrock(exception: BaseException) -> Facts | None:
    """A cloud's model service tells its operation; its errors are read as those of vendors."""
    operation = attribute(exception, "operation_name")
    if not isinstance(operation, str) or not operation.startswith(_OPERATIONS):
        return None
    return facts_of_operation(text_of(exception, _MOST), status_of(exception))


def facts_of_operation(text: str, status: int | None) -> Facts | None:
    """Tell by the answer of a cloud's model service; what it does not say is left to its code."""
    facts = facts_of_llm_text(text, status)
    if facts is None and _FAILING.search(text):
        return passes(ErrorType.AI_SERVICE, reasons=("the model service fails",))
    return facts


def _rows() -> list[tuple[str, Facts]]:
    rows = [(what, facts) for what, _, facts in _ROWS]
    for status in (402, 404, 413, 500, 503, 529):
        facts = _of_status(status)
        if facts is not None:
            rows.append((f"HTTP status {status}", facts))
    return rows


KNOWN = Known(
    reads="`code`, `type`, `status` and `message` of the body, and the sentence, of libraries of model vendors",
    names=frozenset({"operation_name"}),
    asks=lambda cls: is_model_service(f"{cls.__module__}.{cls.__qualname__}"),
    source="the vendors' pages about errors",
    rows=_rows,
)
