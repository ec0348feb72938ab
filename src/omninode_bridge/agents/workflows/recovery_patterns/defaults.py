"""The patterns that an orchestrator starts with: prose, for errors that no fact explains."""

from __future__ import annotations

from omninode_bridge.agents.workflows.recovery_models import (
    ErrorPattern,
    ErrorType,
    RecoveryStrategy,
)

from ._library import PatternLibrary

__all__ = ["DEFAULT_PATTERNS"]

_RETRY = RecoveryStrategy.RETRY
_OTHER = RecoveryStrategy.ALTERNATIVE_PATH
_LESS = RecoveryStrategy.GRACEFUL_DEGRADATION
_CORRECT = RecoveryStrategy.ERROR_CORRECTION
_HUMAN = RecoveryStrategy.ESCALATION

# Every alternative holds a literal and no repeat without an end, so that none of them can stall.
# What stays stands before what passes: to retry a permanent error is the worst mistake.
_ROWS: tuple[tuple[str, ErrorType, RecoveryStrategy, str], ...] = (
    (
        "default_security",
        ErrorType.SECURITY,
        _HUMAN,
        (
            r"(?:permission|access) (?:is |was )?denied|unauthori[sz]ed|not authori[sz]ed|forbidden"
            r"|authentication (?:failed|required|error)|(?:invalid|bad|expired|wrong|missing) "
            r"(?:credentials?|(?:api[ _-]?|access[ _-]?)?(?:token|key)\b|signature|password)"
            r"|login (?:incorrect|failed)|certificate (?:verify failed|has expired|is not valid)"
            r"|path traversal|directory traversal|outside (?:of )?(?:the )?(?:allowed|root|base|output)"
            r"|private key|hard-?coded (?:password|secret|credential)|secrets? (?:detected|found|leak)"
            r"|signature (?:mismatch|verification|does not match|has expired)|vulnerabilit"
            r"|security (?:check|scan|validation|policy|violation)|injection"
        ),
    ),
    (
        "default_contract",
        ErrorType.CONTRACT,
        _HUMAN,
        (
            r"contract\b.{0,60}\b(?:invalid|corrupt|malformed|unsupported|violat|incompatible)"
            r"|(?:invalid|corrupt|malformed|unsupported|incompatible|unknown|broken)\b.{0,40}\bcontract"
            r"|contract (?:schema|version|validation|parsing)"
        ),
    ),
    (
        "default_context_length",
        ErrorType.AI_SERVICE,
        _LESS,
        r"maximum context|context (?:length|window)|too many tokens|token limit|prompt is too long|max(?:imum)?[ _](?:output )?tokens",
    ),
    (
        "default_quota",
        ErrorType.AI_SERVICE,
        _OTHER,
        (
            r"insufficient[ _](?:quota|funds|credits?|balance)|exceeded your current quota"
            r"|quota (?:has been |was |is )?(?:exhausted|exceeded)(?!.{0,40}per (?:second|minute))"
            r"|out of credits?|billing"
        ),
    ),
    (
        "default_memory",
        ErrorType.GENERATION,
        _LESS,
        (
            r"out of memory|cannot allocate memory|memory (?:limit|exhausted|error)|\bOOM\b|oomkill"
            r"|bad_alloc|recursion depth|(?:is |are )?too complex|complexity (?:limit|budget)"
        ),
    ),
    ("default_disk_full", ErrorType.UNKNOWN, _HUMAN, r"no space left|disk (?:is )?full|disk quota"),
    (
        "default_quality",
        ErrorType.VALIDATION,
        _LESS,
        r"quality.{0,40}(?:below|threshold|too low|gate)|(?:coverage|score)\b.{0,40}\bbelow",
    ),
    (
        "default_template",
        ErrorType.GENERATION,
        _OTHER,
        (
            r"template ?not ?found|template\b.{0,60}(?:not found|not exist|failed|error|undefined|missing|invalid)"
            r"|jinja2?.{0,40}(?:error|failed|undefined)|(?:fail|error|unable).{0,20}\brender"
            r"|undefined variable"
        ),
    ),
    (
        "default_generation",
        ErrorType.GENERATION,
        _OTHER,
        (
            r"generation (?:has |was )?(?:failed|error)|failed to generate|content (?:filter|policy)"
            r"|(?:output|response|completion) (?:was|is) empty|not (?:yet )?implemented"
            r"|generated (?:code|output|file|model|test).{0,50}(?:invalid|fail|empty|not|broken|miss)"
            r"|(?:empty|truncated|unusable|malformed) (?:model |llm )?(?:response|output|completion)"
        ),
    ),
    (
        "default_syntax",
        ErrorType.SYNTAX,
        _CORRECT,
        (
            r"syntax ?error|invalid syntax|unexpected (?:token|indent|end of(?! stream)|character)"
            r"|eof while (?:parsing|scanning)|was never closed|expected ':'|expected an indented block"
            r"|undefined name|unmatched '|in 'await' expression"
            r"|unterminated|parse error|(?:could not|cannot|failed to|unable to) parse|parsing failed"
            r"|never awaited|outside async function|is not defined|no module named|cannot import name"
            r"|indentation|unindent"
        ),
    ),
    (
        "default_validation",
        ErrorType.VALIDATION,
        _OTHER,
        (
            r"validation (?:failed|errors?)|(?:is|are) (?:not valid|invalid)|\binvalid \w|not a valid"
            r"|does not match|schema|(?:is|are|was) required|(?:missing|required) (?:\w{1,20} )?"
            r"(?:field|property|argument|parameter|key|value|column)|must (?:not )?(?:be|have|match)"
            r"|\bexpected .{1,50} (?:got|but|found)\b|unsupported|unknown (?:field|option|key|command)"
            r"|unrecogni[sz]ed|already exists|duplicate|not found|no such|does not exist"
            r"|doesn't exist|out of range|mismatch|malformed|(?<!took )too (?:large|long|short|small)"
            r"|not allowed|cannot be (?:null|empty|none)|bad request|tests? failed|not supported"
        ),
    ),
    (
        "default_exhausted",
        ErrorType.UNKNOWN,
        _HUMAN,
        (
            r"(?:retries|attempts) (?:were |have been |are )?(?:exhausted|exceeded(?! with url)|used up)"
            r"|exceeded .{0,30}(?:retries|attempts)|gave up after"
        ),
    ),
    (
        "default_rate_limit",
        ErrorType.RATE_LIMIT,
        _RETRY,
        (
            r"rate[ _-]?limit|request limit|too many (?:requests|connections)|throttl|slow down"
            r"|try again in \d|(?:requests|tokens) per (?:second|minute)"
        ),
    ),
    (
        "default_ai_service",
        ErrorType.AI_SERVICE,
        _RETRY,
        (
            r"(?:model|llm|openai|anthropic|gemini|inference)\b.{0,50}(?:unavailable|not available|overloaded"
            r"|over capacity|busy|is down|warming up|loading)|overloaded_error"
        ),
    ),
    (
        "default_timeout",
        ErrorType.TIMEOUT,
        _RETRY,
        (
            r"timed[ -]?out|deadline exceeded|time limit|took too long|no response (?:from|within)"
            r"|i/o time-?out|time-?out of \d|time-?out (?:error|exceeded|expired|reached|waiting|while|after|occurred|connecting)"
            r"|(?:connect|connection|read|write|request|response|socket|operation|gateway|lock|query"
            r"|statement|generation|handshake|server|network|upstream|pool|job|task|step|worker"
            r"|execution|call|api|llm|model)[ _-]time-?out"
        ),
    ),
    (
        "default_contention",
        ErrorType.NETWORK,
        _RETRY,
        (
            r"deadlock|could not serialize|lock wait|is locked|resource (?:is )?(?:busy|temporarily)"
            r"|could not obtain lock|not (?:the )?leader|leader[ _](?:election|not[ _]available)"
            r"|try(?:ing)? again|try later|please retry|temporar(?:y|ily)|connection slots are"
            r"|(?:pool|queue) (?:is |was )?(?:exhausted|full)|queuepool limit|starting up|shutting down"
            r"|restarting|under maintenance|maintenance in progress|come back later|lease expired"
            r"|conflict with recovery|too many open files|text file busy|stale (?:nfs )?file handle"
            r"|aborted.{0,20}retry|not (?:yet )?ready\b|stepped down|no primary"
        ),
    ),
    (
        "default_network",
        ErrorType.NETWORK,
        _RETRY,
        (
            r"connection (?:was |has been |is |attempt |to \S{1,60} )?(?:unexpectedly |forcibly )?"
            r"(?:refused|reset|aborted|closed|lost|dropped|terminated|failed|error|broken|interrupted)"
            r"|(?:refused|reset|closed|dropped|lost) (?:the )?connection|(?:can ?not|can't|could not"
            r"|couldn't|failed to|unable to) (?:connect|resolve|reach)|unreachable|broken ?pipe"
            r"|name or service not known|name resolution|getaddrinfo|no route to host|network (?:error"
            r"|is down|failure)|socket (?:closed|hang ?up|error)|server (?:closed|disconnected"
            r"|went away|has gone away|is down)|service (?:is )?down|unavailable(?!.{0,60}\b(?:private\b|(?:been|was) (?:removed|deleted)|(?:your|this) (?:country|region)))"
            r"|bad gateway|internal server error"
            r"|remote end closed|peer closed|unexpected eof|eof occurred|econn(?:reset|refused|aborted)"
            r"|eai_again|etimedout|overloaded|(?:server|service) (?:is )?busy|no healthy upstream"
            r"|max retries exceeded with url|premature close|stream (?:was )?closed|end of stream"
            r"|not reachable|cluster is down|did not receive a response"
            r"|upstream connect|cannot assign requested address|peer hung up|host is down"
            r"|network (?:has )?changed?|err_(?:connection|network|internet|timed_out|name_not)"
        ),
    ),
)

# Below the usual priority: a library that somebody adds is meant to be used where it matches.
_PRIORITY = 0

DEFAULT_PATTERNS = PatternLibrary(
    "DEFAULT_PATTERNS",
    (
        ErrorPattern(name, kind, regex, strategy, priority=_PRIORITY)
        for name, kind, strategy, regex in _ROWS
    ),
)
