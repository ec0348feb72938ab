"""What the words of a class name tell, for the classes that no table lists."""

from __future__ import annotations

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

__all__ = ["WORDS", "facts_of_words", "words_of"]

_LESS = RecoveryStrategy.GRACEFUL_DEGRADATION
_NETWORK, _TIMEOUT, _LIMIT = (
    passes(ErrorType.NETWORK),
    passes(ErrorType.TIMEOUT),
    passes(ErrorType.RATE_LIMIT),
)
_DATA, _SECRET, _SOURCE = (
    stays(ErrorType.VALIDATION),
    stays(ErrorType.SECURITY),
    stays(ErrorType.SYNTAX),
)

# The first row that fits decides. The name is split into words, so that "ReadTimeoutError" is searched
# as " read timeout error "; phrases are apart by "|", a blank at an end is the end of a word.
_ROWS: tuple[tuple[str, Facts], ...] = (
    (
        (
            "non recoverable|nonrecoverable|unrecoverable|not recoverable|non retryable|nonretryable|not retryable"
            "|non retriable| permanent|do not retry|no retry"
        ),
        Facts(transient=False),
    ),
    (
        (
            " retryable| retriable|serialization conflict|serialisation conflict|serialization fail|serialisation fail"
            "|conflict retry|retry conflict"
        ),
        _NETWORK,
    ),
    (
        (
            "max retries| retries exceeded| retry exceeded| retries exhausted| retry exhausted| retries exceed"
            "| retry error | max attempts| max step | attempts exceeded| attempts exhausted| retry exhaust"
            "| retry failed"
        ),
        stays(ErrorType.UNKNOWN),
    ),
    (
        (
            "rate limit|ratelimit|too many requests|throttl|slow down|too many connections|resource exhausted"
            "|request limit|flood wait|retry after |bucket full|quota per"
        ),
        _LIMIT,
    ),
    (
        "context length|context window|token limit|too many tokens|tokens exceeded|prompt too long",
        stays(ErrorType.AI_SERVICE, prefer=_LESS),
    ),
    (
        (
            "content filter|content policy|model not found|billing|insufficient quota|insufficient funds"
            "|insufficient balance|insufficient credit|budget exceeded|payment required|out of credits|moderation"
            "|quota exceeded|quota exhausted|budget exhausted|credits exhausted|allowance exhausted|spend limit|guardrail"
        ),
        stays(ErrorType.AI_SERVICE),
    ),
    (
        "circuit open|circuit breaker|circuitbreaker|breaker open|breaker error|breaker failing|bulkhead",
        _NETWORK,
    ),
    (
        (
            "secur|secret|unauthori|unauthenticated|authenticat|authoriz|authoris| auth |forbidden|permission"
            "|access denied|access not|not authorized|credential|signature|certificate|verification error| jwt |jwt"
            "|traversal|csrf|xsrf|vulnerab|untrusted|login|password| token expired| expired token|invalid token"
            "|token invalid|invalid key|api key|apikey|host key|suspicious|unsafe|bomb|policy violation|policy denied|sandbox|not permitted|no permission|mfa"
            "|oauth|id token|access token|refresh token|auth token|bearer|token error|token revoked|x 509|x509|decrypt|integrity check|disallowed host"
        ),
        _SECRET,
    ),
    (
        "quality gate|quality threshold|quality check|coverage",
        stays(ErrorType.VALIDATION, prefer=_LESS),
    ),
    ("template|undefined error|render|undeclared placeholder", stays(ErrorType.GENERATION)),
    (
        "contract|openapi|open api|avro|protobuf|proto file|proto schema|graph ql|graphql|asyncapi|wsdl|xsd",
        stays(ErrorType.CONTRACT),
    ),
    (
        (
            "invalid timeout|bad timeout|illegal timeout|unknown timeout|missing timeout|unsupported timeout|invalid retry"
            "|bad retry|invalid connection string|bad connection string|missing connection|invalid url|invalid uri"
            "|invalid connection url|malformed url|bad url|invalid request|bad request|invalid argument|invalid parameter"
            "|invalid schema|invalid header|unsupported protocol|too many redirects|redirect loop|invalid proxy"
        ),
        _DATA,
    ),
    (" invalid syntax| invalid json| invalid yaml| invalid toml| invalid xml", _SOURCE),
    (
        " invalid | illegal | unsupported | malformed | inconsistent | fenced|corrupt| format error|already closed",
        _DATA,
    ),
    (
        (
            "timeout|time out|timed out|deadline exceeded|time limit|too slow|took too long|expired waiting|queue full"
            "|queue empty"
        ),
        _TIMEOUT,
    ),
    (
        (
            "duplicate|integrity|constraint|unique|foreign key|already exists|already in use|already registered"
            "| conflict|not null|check violation|already taken"
        ),
        _DATA,
    ),
    (
        (
            "syntax|parse |parser|parsing|lex error|lexer|lexing|unexpected token|unexpected char|unexpected eof"
            "|unexpected input|unexpected end|indent|scanner|composer|compil|unterminated|json decode|toml|yaml|tokeniz"
            "|tokenis|bad query|malformed query|import error|module not found|grammar"
        ),
        _SOURCE,
    ),
    (
        (
            "deadlock|serialization failure|serialisation failure|lock not available|lock wait| lock error|lock timeout"
            "|write conflict|not leader|leader not|no leader|election|not coordinator|coordinator not|coordinator load"
            "|not primary|primary stepped|rebalance|stale|concurrent transaction|transaction retry|optimistic lock"
            "|database locked|task locked|resource locked|lock held|already locked|bootstrapping|read conflict|replica not|not replica|not enough replicas|transaction aborted"
        ),
        _NETWORK,
    ),
    (
        (
            "unavailable|overload|capacity| busy |bad gateway|gateway|internal server|server error"
            "|server fault|server down|internal failure|server overload|not ready|starting up"
            "|load shed|failover|maintenance|recovery in progress"
        ),
        _NETWORK,
    ),
    (
        (
            "not connected|no connection|connect|disconnect| network error| network failure| network exc| network down| network issue| network lost|unreachable|broken pipe|brokers down|broker down|broker not"
            "|no broker|no host|socket|transport| dns |name resolution|host not|incomplete read|chunked|remote end|temporar"
            "|transient|retryable|retriable|retryable error|try again| retry later| come back|pool exhausted|pool error|no servers|node not ready"
            "|stream closed|stream reset|channel closed|connection lost|peer|proxy error|handshake|protocol error|unreach"
            "|broken resource|closed resource|link closed|session expired|session lost|interrupted|server closed"
        ),
        _NETWORK,
    ),
    (
        (
            "unicode|violation|conditional check|precondition|encod|decod|valid|schema|bad request|unprocessable|not found"
            "|no such|does not exist|missing|required|illegal|malformed|unsupported|unknown"
            "|wrong|mismatch|type error|value error|structur|coerc|convers|constructor error|too large|too long|too big|too short"
            "|too small|overflow|out of range|out of bounds|not allowed|exists|gone |not supported|not implemented|incompatible"
            "|improperly configured| config|bad parameter|usage error|no option|ambiguous|multiple results"
            "|no result|unresolvable|unrecognized|unrecognised|data error|programming error|key error|index error|not unique"
            "|not a |reserved|unprocess|undefined|frozen|read only|readonly|immutable|assertion|bad data|bad format|bad zip|bad input|bad value|bad gzip| lint"
        ),
        _DATA,
    ),
    (" lost | exhausted ", _NETWORK),
    ("recursion", stays(ErrorType.GENERATION)),
    (
        "truncated output|output truncated|incomplete output|finish reason",
        stays(ErrorType.GENERATION, prefer=_LESS),
    ),
    (
        "generat|codegen|hallucinat|refusal|output pars|unusable output|model output|model behavior|model behaviour",
        stays(ErrorType.GENERATION),
    ),
    ("out of memory|memory error|memory limit|oom ", stays(ErrorType.GENERATION, prefer=_LESS)),
)
_TELL_NOTHING = frozenset(
    {" unknown error ", " unknown exception ", " unexpected error ", " unknown "}
)
WORDS: tuple[tuple[tuple[str, ...], Facts], ...] = tuple(
    (tuple(phrases.split("|")), facts) for phrases, facts in _ROWS
)


def words_of(name: str) -> str:
    """Return the words of a name in lower case, apart by one blank, with one at each end."""
    found = [" "]
    before = ""
    for at, char in enumerate(name):
        if char.isupper():
            after = name[at + 1 : at + 2]
            if before.islower() or before.isdigit() or (before.isupper() and after.islower()):
                found.append(" ")
        elif char.isdigit() is not before.isdigit() and before.isalnum():
            found.append(" ")
        found.append(char if char.isalnum() else " ")
        before = char
    return f" {' '.join(''.join(found).lower().split())} "


def facts_of_words(name: str) -> Facts | None:
    """Tell by the words of a bare class name; None where none of them is known."""
    text = words_of(name)
    if text in _TELL_NOTHING:
        return None
    for phrases, facts in WORDS:
        for phrase in phrases:
            if phrase in text:
                return facts
    return None
