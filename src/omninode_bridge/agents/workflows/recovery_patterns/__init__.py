"""Libraries of error patterns: those to add by name, and those that an orchestrator starts with."""

from ._file import load_patterns
from ._library import PatternLibrary
from ._membership import is_library_pattern
from .common import (
    COMMON_NETWORK_PATTERNS,
    COMMON_SYNTAX_PATTERNS,
    COMMON_TIMEOUT_PATTERNS,
    COMMON_VALIDATION_PATTERNS,
)
from .defaults import DEFAULT_PATTERNS

__all__ = [
    "COMMON_NETWORK_PATTERNS",
    "COMMON_SYNTAX_PATTERNS",
    "COMMON_TIMEOUT_PATTERNS",
    "COMMON_VALIDATION_PATTERNS",
    "DEFAULT_PATTERNS",
    "PatternLibrary",
    "is_library_pattern",
    "load_patterns",
]
