"""A colon that is missing at the end of a block's header."""

from __future__ import annotations

from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.lexer import Line
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Problem

__all__ = ["HEADERS", "propose"]

HEADERS = frozenset(
    {"if", "elif", "else", "for", "while", "try", "except", "finally", "with", "def", "class", "async",
     "match", "case"}
)  # fmt: skip


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Add the colon where the header ends, if that is where CPython expected it."""
    if problem.stage != 1 or not problem.line:
        return
    expected = problem.message == "expected ':'"
    if not expected and not problem.message.startswith("invalid syntax"):
        return
    lines = bench.lines(text)
    if problem.line > len(lines):
        return
    line = lines[problem.line - 1]
    if line.open_after or not line.code_end or line.text[: line.code_end].endswith((":", "\\")):
        return
    # CPython points at the end of the line: anything else that it did not understand comes earlier.
    if problem.offset - 1 < line.code_end:
        return
    opener = _opener(lines, line)
    if opener is None or opener.first_word not in HEADERS:
        return
    if not _has_body(lines, opener, line):
        return
    at = line.start + line.code_end
    yield Proposal(
        text[:at] + ":" + text[at:], Fix("colon", line.number, "added the missing colon")
    )


def _opener(lines: list[Line], line: Line) -> Line | None:
    """Return the line on which the statement that ends here began."""
    for candidate in reversed(lines[: line.number]):
        if candidate.begins_statement:
            return candidate
    return None


def _has_body(lines: list[Line], opener: Line, end: Line) -> bool:
    """Whether something follows that can be the block; a text cut off here has none."""
    return any(line.begins_statement for line in lines[end.number :])
