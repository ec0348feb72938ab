"""What the words of a class name tell, for the classes that no table lists."""

from __future__ import annotations

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.classification.lazy_regex import LazyRegex
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

__all__ = ["facts_of_words"]

# The first row that fits decides. The name is split into words: "ReadTimeoutError" is searched as
# " read timeout error ".
_ROWS: tuple[tuple[LazyRegex, Facts], ...] = (
    (
        LazyRegex(
            r"(max|step) .*(retries|attempts)"
            r"|(retry|retries|attempts) .*(exceeded|exhausted)| retry error "
        ),
        stays(ErrorType.UNKNOWN),
    ),
    (
        LazyRegex(
            r"rate limit|ratelimit|too many requests|throttl|slow down|too many connections"
            r"|resource exhausted"
        ),
        passes(ErrorType.RATE_LIMIT),
    ),
    (
        LazyRegex(r"context (length|window)|token limit|too many tokens"),
        stays(ErrorType.AI_SERVICE, prefer=RecoveryStrategy.GRACEFUL_DEGRADATION),
    ),
    (
        LazyRegex(
            r"content (filter|policy)|model not found|billing"
            r"|insufficient (quota|funds|balance|credit)|quota exceeded|budget exceeded"
        ),
        stays(ErrorType.AI_SERVICE),
    ),
    (
        LazyRegex(
            r"secur|secret|unauthori|unauthenticated|authenticat|authoriz| auth |forbidden"
            r"|permission|access denied|credential|signature|certificate|verification error"
            r"| jwt |traversal|csrf|vulnerab|untrusted|login|password"
        ),
        stays(ErrorType.SECURITY),
    ),
    (
        LazyRegex(r"template|undefined error|render"),
        stays(ErrorType.GENERATION),
    ),
    (
        LazyRegex(r"contract|openapi|avro|proto(buf)? (schema|file)|graph ql"),
        stays(ErrorType.CONTRACT),
    ),
    (
        LazyRegex(
            r"(invalid|bad|illegal|unknown|missing|unsupported|malformed) (timeout|retry|connection (string|url|uri))"
        ),
        stays(ErrorType.VALIDATION),
    ),
    (
        LazyRegex(r"time ?out|timed out|deadline exceeded|time limit"),
        passes(ErrorType.TIMEOUT),
    ),
    (
        LazyRegex(r"duplicate|integrity|constraint|unique|foreign key|already exists| conflict"),
        stays(ErrorType.VALIDATION),
    ),
    (
        LazyRegex(
            r"syntax|pars(e|er|ing)|lex(er|ing)? |unexpected (token|char|eof|input|end)"
            r"|indent|scanner|composer|compil|unterminated|json decode|toml|yaml"
        ),
        stays(ErrorType.SYNTAX),
    ),
    (
        LazyRegex(
            r"deadlock|serialization failure|lock (not available|wait)|lock error|not leader"
            r"|leader not|no leader|election"
        ),
        passes(ErrorType.NETWORK),
    ),
    (
        LazyRegex(
            r"unavailable|overload|capacity| busy |bad gateway|gateway|internal server"
            r"|server error|service error"
        ),
        passes(ErrorType.NETWORK),
    ),
    (
        LazyRegex(
            r"connect|connection|disconnect|network|unreachable|broken pipe|shutdown|brokers? down|socket|transport"
            r"|dns|name resolution|host not|incomplete read|chunked|remote end|temporar"
            r"|transient|retryable|try again|pool exhausted"
        ),
        passes(ErrorType.NETWORK),
    ),
    (
        LazyRegex(
            r"unicode|violation|conditional check|precondition|encod|decod|valid|schema|bad request|unprocessable|not found|no such"
            r"|does ?not exist|missing|required|illegal|malformed|unsupported|unknown|bad "
            r"|wrong|mismatch|type error|value error|structur|coerc|convers"
            r"|constructor error|too (large|long|big|short)|overflow|out of range"
            r"|not allowed|exists"
        ),
        stays(ErrorType.VALIDATION),
    ),
    (
        LazyRegex(r"generat|codegen|hallucinat|output pars"),
        stays(ErrorType.GENERATION),
    ),
)

_WORDS = LazyRegex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def facts_of_words(name: str) -> Facts | None:
    """Tell by the words of a bare class name; None where none of them is known."""
    text = f" {' '.join(_WORDS.compiled.findall(name)).lower()} "
    for words, facts in _ROWS:
        if words.search(text):
            return facts
    return None
