"""Which patterns are ours."""

from __future__ import annotations

from omninode_bridge.agents.workflows.recovery_models import ErrorPattern

from .common import (
    COMMON_NETWORK_PATTERNS,
    COMMON_SYNTAX_PATTERNS,
    COMMON_TIMEOUT_PATTERNS,
    COMMON_VALIDATION_PATTERNS,
)
from .defaults import DEFAULT_PATTERNS

__all__ = ["is_library_pattern"]

_LIBRARIES = (
    COMMON_NETWORK_PATTERNS,
    COMMON_SYNTAX_PATTERNS,
    COMMON_VALIDATION_PATTERNS,
    COMMON_TIMEOUT_PATTERNS,
    DEFAULT_PATTERNS,
)


def is_library_pattern(pattern: ErrorPattern) -> bool:
    """Whether this very pattern comes from one of our libraries and so keeps the built-in rank.

    A pattern of the user's own that has the id of one of ours is the user's own.
    """
    return any(pattern in library for library in _LIBRARIES)
