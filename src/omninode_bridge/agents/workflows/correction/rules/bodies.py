"""Blocks that nothing is in."""

from __future__ import annotations

from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.lexer import Line
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.reindent import statement_end
from omninode_bridge.agents.workflows.correction.source import Problem, newline_of, split_lines

from .empties import EMPTY, inner_comments, what_happened
from .tabs import indent_unit

__all__ = ["propose"]


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Write `pass` where a block is expected and the body was never there."""
    if not problem.message.startswith("expected an indented block after"):
        return
    lines = bench.lines(text)
    opener, following = _around(lines, problem.line - 1)
    if opener is None or not lines[opener].begins_statement:
        return
    if what_happened(lines, opener, following) != EMPTY:
        return
    pad = lines[opener].indent + _step(lines, opener)
    after = statement_end(lines, opener)
    comments = inner_comments(lines, opener)
    if comments:
        after, pad = comments[-1].number - 1, comments[-1].indent
    rows = split_lines(text)
    newline = newline_of(text)
    if not rows[after].endswith(("\n", "\r")):
        rows[after] += newline
    rows.insert(after + 1, f"{pad}pass{newline}")
    # Where nothing follows, the text may have been cut off behind the header.
    rule = "body" if following is not None else "body.end"
    fix = Fix(rule, after + 2, f"wrote 'pass' for the empty body of line {opener + 1}")
    yield Proposal("".join(rows), fix)


def _around(lines: list[Line], index: int) -> tuple[int | None, int | None]:
    """Return the header that has no body, and the statement after it if there is one."""
    following = index if 0 <= index < len(lines) and lines[index].begins_statement else None
    if following is not None and lines[index].opens_block:
        # At the end of the text CPython names the header itself.
        behind = range(statement_end(lines, index) + 1, len(lines))
        if not any(lines[n].begins_statement for n in behind):
            return index, None
    above = min(index, len(lines)) - 1 if following is not None else min(index, len(lines) - 1)
    for n in range(above, -1, -1):
        if lines[n].begins_statement:
            return n, following
    return None, following


def _step(lines: list[Line], opener: int) -> str:
    """Return what the file's own blocks are indented by."""
    if "\t" in lines[opener].indent:
        return "\t"
    indented = [line for line in lines if line.begins_statement and line.indent]
    if not lines[opener].indent and indented and all("\t" in line.indent for line in indented):
        return "\t"
    return " " * indent_unit(lines)
