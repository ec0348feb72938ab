"""What is wrong with a text and what was tried, as data: for a report, or to ask a model again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ._diff import unified
from .source import Problem, split_lines

if TYPE_CHECKING:
    from .models import Fix

__all__ = [
    "Alternative",
    "Diagnosis",
    "Fault",
    "Tried",
    "alternative",
    "complaint_fault",
    "fault_at",
    "fixes_in_words",
]

MOST_ALTERNATIVES = 5
_AROUND = 3
_WIDTH = 160
_MOST_WORDS = 300
_MOST_DIFF = 2_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One error and the lines around it.

    Attributes:
        kind: the type of the error, such as `IndentationError`; empty if only a text was given.
        line: 1-based; 0 if unknown.
        column: 1-based, in characters; 0 if unknown.
        first_line: the number of the first line of `context`.
        context: at most 7 lines without their ends; of long ones the part around the column. They
            are as they stand in the code: whoever passes them on takes secrets out.
    """

    kind: str
    message: str
    line: int = 0
    column: int = 0
    first_line: int = 0
    context: tuple[str, ...] = ()

    def as_data(self) -> dict[str, object]:
        """Return it as JSON has it."""
        return {
            "kind": self.kind,
            "message": self.message,
            "line": self.line,
            "column": self.column,
            "first_line": self.first_line,
            "context": list(self.context),
        }


@dataclass(frozen=True, slots=True)
class Tried:
    """A chain of edits that was not taken.

    Attributes:
        edits: one clause each, in order.
        refused: why the outcome was not good enough.
    """

    edits: tuple[str, ...]
    refused: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of several outcomes of which nobody can tell which was meant.

    Attributes:
        edits: one clause each, in order.
        diff: what they change, as a unified diff; cut off after 2,000 characters.
    """

    edits: tuple[str, ...]
    diff: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found out about code that was not in order.

    Attributes:
        first: the first error of the text as it was given.
        left: the first error of the best attempt, where that does not compile either.
        tried: what was tried and not taken, in the order in which it was given up; at most 12.
        omitted: how many more were tried than `tried` lists.
        alternatives: where several outcomes were as good: each of them, at most 5.
    """

    first: Fault
    left: Fault | None = None
    tried: tuple[Tried, ...] = ()
    omitted: int = 0
    alternatives: tuple[Alternative, ...] = ()

    def as_data(self) -> dict[str, object]:
        """Return it as JSON has it: mappings, lists, texts and numbers."""
        return {
            "first": self.first.as_data(),
            "left": self.left.as_data() if self.left is not None else None,
            "tried": [{"edits": list(one.edits), "refused": one.refused} for one in self.tried],
            "omitted": self.omitted,
            "alternatives": [
                {"edits": list(one.edits), "diff": one.diff} for one in self.alternatives
            ],
        }


def fixes_in_words(fixes: Iterable[Fix]) -> tuple[str, ...]:
    """Return each fix as one clause that begins with its line."""
    return tuple(f"line {fix.line}: {fix.text}" for fix in fixes)


def alternative(before: str, after: str, fixes: Iterable[Fix]) -> Alternative:
    """Return an outcome as it is listed beside others."""
    return Alternative(fixes_in_words(fixes), unified(before, after)[:_MOST_DIFF])


def fault_at(text: str, problem: Problem) -> Fault:
    """Return a fault with the lines around it; of a line number beyond the text, the last ones."""
    rows = split_lines(text)
    line = min(problem.line, len(rows))
    if not line:
        return Fault(problem.kind, problem.message[:_MOST_WORDS], problem.line, problem.offset)
    first = max(1, line - _AROUND)
    shown = islice(rows, first - 1, line + _AROUND)
    return Fault(
        problem.kind,
        problem.message[:_MOST_WORDS],
        problem.line,
        problem.offset,
        first,
        tuple(_part(row.rstrip("\r\n"), problem.offset) for row in shown),
    )


def _part(row: str, column: int) -> str:
    if len(row) <= _WIDTH:
        return row
    start = max(0, min(column - _WIDTH // 2, len(row) - _WIDTH))
    return row[start : start + _WIDTH]


def complaint_fault(text: str, said: str, line: int | None) -> Fault:
    """Return the fault that an error's own text describes, for code that compiles."""
    summary = next((row for row in said.splitlines() if row.strip()), "").strip()
    kind, colon, rest = summary.partition(": ")
    if not (colon and kind.isidentifier()):
        kind, rest = "", summary
    return fault_at(text, Problem(0, kind, rest, line or 0))
