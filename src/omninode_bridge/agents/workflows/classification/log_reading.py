"""A log from its bytes to an account of its errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from omninode_bridge.agents.workflows.recovery_models import ErrorAnalysis, EvidenceRank

from .log_errors import find_errors
from .log_groups import ErrorGroup, LogGroups
from .log_lines import LogLines
from .log_marks import LoggedError

__all__ = ["LogReport", "read_log"]

_SHORT = 40  # lines, of which somebody who pastes them means that they are one error
_SHORT_TEXT = 8_000


@dataclass(frozen=True, slots=True)
class LogReport:
    """What the errors of a log are.

    Attributes:
        lines: how many were read.
        total: errors.
        groups: their kinds, worst first.
        lost: errors of kinds that came after too many others.
        fault: why the log was not read to its end; empty if it was.
    """

    lines: int
    total: int
    groups: list[ErrorGroup]
    lost: int
    fault: str


def read_log(stream: BinaryIO, analyze: Callable[[str], ErrorAnalysis]) -> LogReport:
    """Find the errors of a log of any length; what was read before an interrupt counts.

    A few lines without any mark of an error are taken as the text of one, if anything is known
    about it.
    """
    lines, groups = LogLines(stream), LogGroups(analyze)
    few = _Few()
    fault = ""
    try:
        groups.add_all(find_errors(few.watch(lines)))
    except KeyboardInterrupt:
        fault = "interrupted"
    if not groups.total and few.text.strip():
        text = few.text.strip()
        if analyze(text).rank > EvidenceRank.NOTHING:
            groups.add(LoggedError(text, (text,), few.first, lines.count))
    return LogReport(lines.count, groups.total, groups.groups, groups.lost, fault or lines.fault)


class _Few:
    """Keeps the text of what has a few lines."""

    def __init__(self) -> None:
        self.first = 0
        self._kept: list[str] | None = []

    @property
    def text(self) -> str:
        """All lines, or nothing where they are too many."""
        return "\n".join(self._kept or ())

    def watch(self, lines: LogLines) -> Iterator[tuple[int, str]]:
        """Pass the lines on."""
        length = 0
        for number, line in lines:
            if self._kept is not None:
                self.first = self.first or (number if line.strip() else 0)
                self._kept.append(line)
                length += len(line)
                if len(self._kept) > _SHORT or length > _SHORT_TEXT:
                    self._kept = None
            yield number, line
