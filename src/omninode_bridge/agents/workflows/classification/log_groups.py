"""Errors of a log by kind: counted, with the first and the last line, and what each kind is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from omninode_bridge.agents.workflows.recovery_models import ErrorAnalysis, ErrorType

from .fingerprint import fingerprint_of
from .log_marks import LoggedError

__all__ = ["ErrorGroup", "LogGroups"]

MAX_GROUPS = 2_000
_URGENT = frozenset({ErrorType.SECURITY, ErrorType.CONTRACT})


@dataclass(slots=True)
class ErrorGroup:
    """Errors of one fingerprint.

    Attributes:
        fingerprint: what they share; equal to that of the live exception where the log shows it whole.
        error: the first of them.
        count: how many there were.
        first: line of the first.
        last: line of the last.
        analysis: what they are, and what would be tried.
    """

    fingerprint: str
    error: LoggedError
    count: int
    first: int
    last: int
    analysis: ErrorAnalysis

    @property
    def rank(self) -> tuple[int, int, int]:
        """The order of a report: what needs a person, what stays, what nobody knows, what passes."""
        kind = self.analysis
        worst = (
            0
            if kind.error_type in _URGENT
            else 1
            if kind.transient is False
            else 2
            if kind.transient is None
            else 3
        )
        return worst, -self.count, self.first


@dataclass(slots=True)
class LogGroups:
    """Collects errors; keeps one example of each kind, of 2,000 kinds at most.

    Attributes:
        analyze: says what the text of an error is.
        total: errors seen.
        lost: errors of kinds that came after too many others.
    """

    analyze: Callable[[str], ErrorAnalysis]
    total: int = 0
    lost: int = 0
    _by_mark: dict[str, ErrorGroup] = field(default_factory=dict)

    def add(self, error: LoggedError) -> None:
        """Count an error."""
        self.total += 1
        mark = fingerprint_of("\n".join(error.parts) or f"cut off: {error.frame}")
        group = self._by_mark.get(mark)
        if group is not None:
            group.count += 1
            group.last = error.first
        elif len(self._by_mark) < MAX_GROUPS:
            analysis = self.analyze(error.text)
            self._by_mark[mark] = ErrorGroup(mark, error, 1, error.first, error.first, analysis)
        else:
            self.lost += 1

    def add_all(self, errors: Iterable[LoggedError]) -> None:
        """Count several."""
        for error in errors:
            self.add(error)

    @property
    def groups(self) -> list[ErrorGroup]:
        """The kinds, worst first, then the most frequent."""
        return sorted(self._by_mark.values(), key=lambda group: group.rank)
