"""What the words of a class name tell, for the classes that no table lists."""

from __future__ import annotations

import re

from omninode_bridge.agents.workflows.classification.facts import Facts
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

__all__ = ["facts_of_words"]

# The first row that fits decides. The name is split into words: "ReadTimeoutError" is searched as
# " read timeout error ".
_ROWS: tuple[tuple[str, ErrorType | None, bool | None], ...] = (
    # Something below has already tried again and again.
    (
        r"(max|step) .*(retries|attempts)|(retry|retries|attempts) .*(exceeded|exhausted)| retry error ",
        None,
        False,
    ),
    (
        r"rate limit|ratelimit|too many requests|throttl|slow down|too many connections|resource exhausted",
        ErrorType.RATE_LIMIT,
        True,
    ),
    (r"context (length|window)|token limit|too many tokens", ErrorType.AI_SERVICE, False),
    (
        r"content (filter|policy)|model not found|billing|insufficient (quota|funds|balance|credit)|quota exceeded|budget exceeded",
        ErrorType.AI_SERVICE,
        False,
    ),
    (
        r"secur|secret|unauthori|unauthenticated|authenticat|authoriz| auth |forbidden|permission|access denied|credential|signature|certificate|verification error| jwt |traversal|csrf|vulnerab|untrusted|login|password",
        ErrorType.SECURITY,
        False,
    ),
    (r"template|undefined error|render", ErrorType.GENERATION, False),
    (r"contract|openapi|avro|proto(buf)? (schema|file)|graph ql", ErrorType.CONTRACT, False),
    (
        r"(invalid|bad|illegal|unknown|missing|unsupported|malformed) (timeout|retry|connection (string|url|uri))",
        ErrorType.VALIDATION,
        False,
    ),
    (r"time ?out|timed out|deadline exceeded|time limit", ErrorType.TIMEOUT, True),
    (
        r"duplicate|integrity|constraint|unique|foreign key|already exists| conflict",
        ErrorType.VALIDATION,
        False,
    ),
    (
        r"syntax|pars(e|er|ing)|lex(er|ing)? |unexpected (token|char|eof|input|end)|indent|scanner|composer|compil|unterminated|json decode|toml|yaml",
        ErrorType.SYNTAX,
        False,
    ),
    (
        r"deadlock|serialization failure|lock (not available|wait)|lock error|not leader|leader not|no leader|election",
        ErrorType.NETWORK,
        True,
    ),
    (
        r"unavailable|overload|capacity|server busy|bad gateway|gateway|internal server|server error|service error",
        ErrorType.NETWORK,
        True,
    ),
    (
        r"connect|connection|disconnect|network|unreachable|broken pipe|socket|transport|dns|name resolution|host not|incomplete read|chunked|remote end|temporar|transient|retryable|try again|pool exhausted",
        ErrorType.NETWORK,
        True,
    ),
    (
        r"unicode|encod|decod|valid|schema|bad request|unprocessable|not found|no such|does ?not exist|missing|required|illegal|malformed|unsupported|unknown|bad |wrong|mismatch|type error|value error|structur|coerc|convers|constructor error|too (large|long|big|short)|overflow|out of range|not allowed|exists",
        ErrorType.VALIDATION,
        False,
    ),
    (r"generat|codegen|hallucinat|output pars", ErrorType.GENERATION, False),
)

_COMPILED: list[tuple[re.Pattern[str], Facts]] = []
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def facts_of_words(name: str) -> Facts | None:
    """Tell by the words of a bare class name; None where none of them is known."""
    if not _COMPILED:
        _COMPILED.extend(_rows())
    text = f" {' '.join(_WORDS.findall(name)).lower()} "
    for pattern, facts in _COMPILED:
        if pattern.search(text):
            return facts
    return None


def _rows() -> list[tuple[re.Pattern[str], Facts]]:
    return [
        (
            re.compile(words),
            Facts(
                kind,
                transient,
                reasons=("the name of the class",),
                prefer=_prefer(words),
            ),
        )
        for words, kind, transient in _ROWS
    ]


def _prefer(words: str) -> RecoveryStrategy | None:
    return RecoveryStrategy.GRACEFUL_DEGRADATION if words.startswith("context") else None
