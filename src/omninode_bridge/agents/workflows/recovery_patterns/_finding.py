"""What is wrong with a pattern of a file: where, what, why, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["PatternFinding", "Severity"]


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class PatternFinding:
    """One finding about a file of patterns.

    Attributes:
        path: the file, as the user named it.
        line: 1-based line, or None where no line is known.
        pattern_id: the pattern; empty where the finding is about the file.
        severity: an error keeps the pattern from working as written.
        code: kebab case, stable, for programs.
        message: what is wrong, in one clause.
        why: what it leads to; empty where the message says it.
        fix: what would be right; empty where nothing better is known.
    """

    path: str
    line: int | None
    pattern_id: str
    severity: Severity
    code: str
    message: str
    why: str = ""
    fix: str = ""

    @property
    def is_error(self) -> bool:
        """Whether the pattern cannot work as written."""
        return self.severity is Severity.ERROR

    @property
    def place(self) -> str:
        """``path:line``, as far as it is known."""
        return self.path if self.line is None else f"{self.path}:{self.line}"

    def __str__(self) -> str:
        who = f"pattern {self.pattern_id!r}: " if self.pattern_id else ""
        fix = f" ({self.fix})" if self.fix else ""
        return f"{self.place}: {who}{self.message}{fix}"
