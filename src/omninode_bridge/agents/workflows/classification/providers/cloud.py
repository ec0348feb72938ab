"""Facts of services that name their errors: the code says more than the status beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType

from ._class_words import facts_of_words, words_of
from ._known import Known
from ._read import attribute, family_of
from .classes import class_facts

__all__ = ["KNOWN", "cloud_facts", "facts_of_code"]

_MOST = 80
_TELLING = frozenset(
    {ErrorType.SECURITY, ErrorType.GENERATION, ErrorType.CONTRACT, ErrorType.AI_SERVICE}
)
_OAUTH = frozenset({"oauthlib", "requests_oauthlib", "authlib", "msal", "oauth2client"})
# Words of codes, as `words_of()` parts them; the first row that fits decides.
_ROWS: tuple[tuple[str, Facts], ...] = (
    (
        (
            "throttl|too many requests|request limit exceeded|slow down|bandwidth limit|throughput exceeded"
            "|prior request not complete|ratelimit|rate limit|rate exceeded|server busy| busy |requests exceeded"
            "|account rate|over rate|concurrent request|over request rate| 429 "
        ),
        passes(ErrorType.RATE_LIMIT),
    ),
    (
        "insufficient quota|billing|payment|credit|spend limit|overdue|delinquent|funds|balance",
        stays(ErrorType.RATE_LIMIT),
    ),
    ("size limit exceeded|storage quota|entity quota", stays(ErrorType.UNKNOWN)),
    (" over limit ", Facts(ErrorType.RATE_LIMIT)),
    ("quota|limit exceeded|limit reached|exceeds limit|max limit", stays(ErrorType.RATE_LIMIT)),
    (
        (
            "denied|token|credential|signature|unrecognized client|access key|auth|forbidden|opt in required|kms|scope"
            "|permission|not authed|account inactive|revoked|session expired|certificate|secret|request time too skewed"
            "|clock skew|restricted|firewall|public access|identity|principal|invalid grant|invalid client|api key"
            "|login required|consent required|interaction required"
        ),
        stays(ErrorType.SECURITY),
    ),
    (
        " invalid | illegal | malformed | unsupported | unknown parameter| bad request| bad parameter",
        stays(ErrorType.VALIDATION),
    ),
    ("timeout|time out|timed out|deadline exceeded|operation timed", passes(ErrorType.TIMEOUT)),
    (
        " model not ready| model error| model stream| overloaded",
        passes(ErrorType.AI_SERVICE),
    ),
    (
        (
            " internal error | internal failure| internal server| internal service|unavailable|transaction conflict"
            "|transaction in progress|operation aborted|bad gateway|gateway |resource not ready|operation not ready"
            "|try again| retry later|retryable|backend error| server error |aborted|cancelled|connection lost|leader"
            "|transient|temporarily|not ready|resource conflict|being deleted|communication error"
            "|concurrent modification|conditional request conflict|econnrefused|econnreset|enotfound|eai again"
            "|service internal|unable to lock|could not lock|lock row|row lock"
        ),
        passes(ErrorType.NETWORK),
    ),
)
# PostgREST: the longest beginning first.
_POSTGREST: tuple[tuple[str, Facts], ...] = (
    ("PGRST003", passes(ErrorType.TIMEOUT)),
    ("PGRST0", passes(ErrorType.NETWORK)),
    ("PGRST1", stays(ErrorType.VALIDATION)),
    ("PGRST2", stays(ErrorType.VALIDATION)),
    ("PGRST3", stays(ErrorType.SECURITY)),
)
_PHRASES = tuple((tuple(phrases.split("|")), facts) for phrases, facts in _ROWS)
_FIELDS = ("code", "error_code", "errorcode", "err_code", "error_name")


@lru_cache(maxsize=1024)
def facts_of_code(code: str) -> Facts | None:
    """Tell by a code such as ``ThrottlingException``."""
    told = Facts(reasons=(f"error code {code}",))
    if code.startswith("PGRST"):
        facts = next((f for start, f in _POSTGREST if code.startswith(start)), None)
        return facts.completed(told) if facts else None
    text = words_of(code)
    for phrases, facts in _PHRASES:
        for phrase in phrases:
            if phrase in text:
                return facts.completed(told)
    facts_of = facts_of_words(code)
    return told.completed(facts_of) if facts_of else None


def cloud_facts(exception: BaseException) -> Facts | None:
    """Tell by the code that the answer of a service, or the exception itself, keeps."""
    for code in _codes(exception):
        if isinstance(code, str) and 2 < len(code) <= _MOST and not code[:1].isdigit():
            if not code.isascii() or " " in code:
                continue
            facts = facts_of_code(code)
            if facts is not None and not _less_than_class(facts, exception):
                return facts
    return None


def _less_than_class(facts: Facts, exception: BaseException) -> bool:
    """A class that says more than "the request is wrong" is believed before a code that says so."""
    if facts.error_type not in {ErrorType.VALIDATION, ErrorType.SYNTAX}:
        return False
    by_class = class_facts(exception)
    return by_class is not None and by_class.error_type in _TELLING


def _codes(exception: BaseException) -> Iterator[object]:
    response = attribute(exception, "response")
    if not isinstance(response, Mapping):
        data = attribute(response, "data")  # Slack
        response = data if isinstance(data, Mapping) else None
    if response is not None:
        yield from _of_transaction(response.get("CancellationReasons"))
        error = response.get("Error", response.get("error"))
        yield error.get("Code", error.get("code")) if isinstance(error, Mapping) else error
    error = attribute(exception, "error")
    if error is not None:
        oauth = isinstance(error, str) and not family_of(exception).isdisjoint(_OAUTH)
        yield error if oauth else attribute(error, "code")  # the latter is Azure's
    for name in _FIELDS:
        value = attribute(exception, name)
        if value is not None:
            yield value
    yield from _of_graph(attribute(exception, "errors"))
    yield from _of_graph((exception,))


def _of_transaction(reasons: object) -> Iterator[object]:
    """A transaction that was given up tells why for each of its parts; one that stays decides."""
    if isinstance(reasons, (list, tuple)):
        codes = [one.get("Code") for one in reasons[:100] if isinstance(one, Mapping)]
        told = [code for code in codes if isinstance(code, str) and code != "None"]
        yield from sorted(told, key=lambda code: "Conflict" in code or "Throttl" in code)


def _of_graph(errors: object) -> Iterator[object]:
    """Codes of GraphQL stand in the extensions of each error."""
    if not isinstance(errors, (list, tuple)):
        return
    for error in errors[:4]:
        more = (
            error.get("extensions")
            if isinstance(error, Mapping)
            else attribute(error, "extensions")
        )
        if isinstance(more, Mapping):
            yield more.get("code")


def _rows() -> list[tuple[str, Facts]]:
    return [
        (", ".join(f"*{phrase.strip()}*" for phrase in phrases), facts)
        for phrases, facts in _PHRASES
    ] + [(f"{start}...", facts) for start, facts in _POSTGREST]


KNOWN = Known(
    reads='`response["Error"]["Code"]` (AWS), `response["error"]` (Slack), `error.code` (Azure), `code`, '
    "`error_code`, `extensions.code` of GraphQL; else the words that class names are read by",
    names=frozenset({"response", "error", "errors", "extensions", *_FIELDS}),
    source="the services' lists of error codes, by the words that they have in common",
    rows=_rows,
)
