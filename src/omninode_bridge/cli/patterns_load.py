"""The patterns that a command works with: the user's file, ours, and where each comes from."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows.recovery_models import ErrorPattern, EvidenceRank
from omninode_bridge.agents.workflows.recovery_patterns import (
    COMMON_NETWORK_PATTERNS,
    COMMON_SYNTAX_PATTERNS,
    COMMON_TIMEOUT_PATTERNS,
    COMMON_VALIDATION_PATTERNS,
    DEFAULT_PATTERNS,
)
from omninode_bridge.agents.workflows.recovery_patterns._file import (
    read_pattern_file,
    refuse_faults,
)

__all__ = ["LIBRARIES", "Known", "known_patterns", "orchestrator_with"]

LIBRARIES = (
    COMMON_NETWORK_PATTERNS,
    COMMON_SYNTAX_PATTERNS,
    COMMON_VALIDATION_PATTERNS,
    COMMON_TIMEOUT_PATTERNS,
)


class Known(NamedTuple):
    """A pattern with its rank and its source.

    Attributes:
        pattern: itself.
        rank: of its evidence, see `EvidenceRank`.
        source: ``built-in``, the name of a library, or ``file:line``.
        library: the library that a program has to add; empty for all others.
    """

    pattern: ErrorPattern
    rank: int
    source: str
    library: str = ""


def known_patterns(file: Path | None, *, with_libraries: bool) -> list[Known]:
    """Return the patterns in the order in which they are tried.

    Raises:
        PatternError: the file, or a pattern of it, cannot be used.
    """
    own: list[Known] = []
    if file is not None:
        read = read_pattern_file(file)
        refuse_faults(read)
        for found in read.patterns:
            line = "" if found.line is None else f":{found.line}"
            own.append(Known(found.pattern, EvidenceRank.USER_PATTERN, f"{file}{line}"))
    replaced = {one.pattern.pattern_id for one in own}
    ours = [
        Known(pattern, EvidenceRank.BUILT_IN_TEXT, library.name, library.name)
        for library in (LIBRARIES if with_libraries else ())
        for pattern in library
    ]
    ours += [Known(p, EvidenceRank.BUILT_IN_TEXT, "built-in") for p in DEFAULT_PATTERNS]
    ours = [one for one in ours if one.pattern.pattern_id not in replaced]
    return [*sorted(own, key=_place), *sorted(ours, key=_place)]


def _place(one: Known) -> int:
    return -one.pattern.priority


def orchestrator_with(known: list[Known]) -> ErrorRecoveryOrchestrator:
    """Return an orchestrator that the user's own patterns were added to.

    Raises:
        PatternError: metadata that their strategy does not know.
    """
    orchestrator = ErrorRecoveryOrchestrator(infer_operation=False, environ={})
    for one in known:
        if one.rank == EvidenceRank.USER_PATTERN:
            orchestrator.add_error_pattern(one.pattern)
    return orchestrator
