"""The patterns that users add by name; what is printed in the guide is kept as printed."""

from __future__ import annotations

from typing import Any

from omninode_bridge.agents.workflows.recovery_models import (
    ErrorPattern,
    ErrorType,
    RecoveryStrategy,
)

from ._library import PatternLibrary

__all__ = [
    "COMMON_NETWORK_PATTERNS",
    "COMMON_SYNTAX_PATTERNS",
    "COMMON_TIMEOUT_PATTERNS",
    "COMMON_VALIDATION_PATTERNS",
]

_RETRY = RecoveryStrategy.RETRY
_OTHER = RecoveryStrategy.ALTERNATIVE_PATH
_LESS = RecoveryStrategy.GRACEFUL_DEGRADATION
_CORRECT = RecoveryStrategy.ERROR_CORRECTION
_HUMAN = RecoveryStrategy.ESCALATION


def _pattern(
    pattern_id: str, kind: ErrorType, regex: str, strategy: RecoveryStrategy, **metadata: Any
) -> ErrorPattern:
    return ErrorPattern(pattern_id, kind, regex, strategy, metadata=metadata)


COMMON_NETWORK_PATTERNS = PatternLibrary(
    "COMMON_NETWORK_PATTERNS",
    (
        _pattern(
            "connection_timeout",
            ErrorType.NETWORK,
            r"ConnectionTimeout|ConnectTimeout",
            _RETRY,
            max_retries=3,
            base_delay=2.0,
        ),
        _pattern(
            "read_timeout",
            ErrorType.NETWORK,
            r"ReadTimeout|Socket.*timeout",
            _RETRY,
            max_retries=5,
            base_delay=1.0,
        ),
        _pattern(
            "connection_refused",
            ErrorType.NETWORK,
            r"ConnectionRefused|Connection.*refused",
            _HUMAN,
        ),
        _pattern(
            "connection_reset",
            ErrorType.NETWORK,
            r"ConnectionReset|Connection.*(?:reset|aborted)|Broken ?Pipe|(?:Server|Remote)Disconnected",
            _RETRY,
            max_retries=3,
            base_delay=1.0,
        ),
        _pattern(
            "name_resolution",
            ErrorType.NETWORK,
            r"Temporary failure in name resolution|Name or service not known|getaddrinfo failed",
            _RETRY,
            max_retries=3,
            base_delay=2.0,
        ),
        _pattern(
            "service_unavailable",
            ErrorType.NETWORK,
            r"(?:Bad Gateway|Service Unavailable|Gateway Time-?out|Internal Server Error)",
            _RETRY,
            max_retries=3,
            base_delay=2.0,
        ),
    ),
)

COMMON_SYNTAX_PATTERNS = PatternLibrary(
    "COMMON_SYNTAX_PATTERNS",
    (
        _pattern(
            "missing_async",
            ErrorType.SYNTAX,
            r"SyntaxError.*'await'.*outside.*async",
            _CORRECT,
            pattern=r"def (execute_\w+)\(",
            replacement=r"async def \1(",
        ),
        _pattern(
            "missing_import",
            ErrorType.SYNTAX,
            r"NameError.*not defined",
            _CORRECT,
            add_imports=True,
        ),
        _pattern(
            "incorrect_indentation",
            ErrorType.SYNTAX,
            r"IndentationError|TabError|unindent does not match|unexpected indent",
            _CORRECT,
        ),
        _pattern("invalid_syntax", ErrorType.SYNTAX, r"SyntaxError", _CORRECT),
    ),
)

COMMON_VALIDATION_PATTERNS = PatternLibrary(
    "COMMON_VALIDATION_PATTERNS",
    (
        _pattern(
            "quality_threshold",
            ErrorType.VALIDATION,
            r"quality.*(?:below|threshold|too low|gate)|(?:coverage|score).*below",
            _LESS,
        ),
        _pattern(
            "template_render",
            ErrorType.GENERATION,
            r"Template.*render.*failed|Jinja2.*error|TemplateNotFound|TemplateSyntaxError",
            _OTHER,
        ),
        _pattern(
            "schema_violation",
            ErrorType.VALIDATION,
            r"ValidationError|validation error|does not match the schema|is not valid under",
            _OTHER,
        ),
        _pattern(
            "missing_field",
            ErrorType.VALIDATION,
            r"Field required|is a required property|missing required",
            _OTHER,
        ),
    ),
)

COMMON_TIMEOUT_PATTERNS = PatternLibrary(
    "COMMON_TIMEOUT_PATTERNS",
    (
        _pattern(
            "llm_timeout",
            ErrorType.TIMEOUT,
            r"(?:LLM|model|completion|inference|openai|anthropic).*(?:timeout|timed out)",
            _OTHER,
        ),
        _pattern(
            "generation_timeout",
            ErrorType.TIMEOUT,
            r"Generation.*timeout|exceeded.*time limit",
            _LESS,
        ),
        _pattern(
            "operation_timeout",
            ErrorType.TIMEOUT,
            r"TimeoutError|timed out|deadline exceeded",
            _RETRY,
            max_retries=3,
            base_delay=1.0,
        ),
    ),
)
