"""Judge a file of patterns."""

from __future__ import annotations

from collections.abc import Callable

from omninode_bridge.agents.workflows.recovery_models import ErrorPattern
from omninode_bridge.agents.workflows.recovery_patterns._file import PatternFile, doubles_in
from omninode_bridge.agents.workflows.recovery_patterns._finding import PatternFinding

__all__ = ["lint"]


def lint(file: PatternFile, *, refusal: Callable[[ErrorPattern], str]) -> list[PatternFinding]:
    """Return everything that is wrong with the patterns of a file, by line."""
    findings = [*file.findings, *doubles_in(file)]
    return sorted(findings, key=lambda one: one.line or 0)
