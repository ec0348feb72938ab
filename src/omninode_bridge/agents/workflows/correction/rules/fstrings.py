"""Quotes inside of an f-string that are those of the f-string, as only Python 3.12 allows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Problem

__all__ = ["propose"]

_START = re.compile(r"(?<![\w])(?:[rR]?[fF]|[fF][rR])(\"|')(?!\1\1)")
_MESSAGE = re.compile(
    r"f-string|invalid syntax|unterminated string|unmatched|unexpected|'[(\[{]' was never closed|closing parenthesis|expected"
)
_MOST_LINES = 40


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Use the other quotes inside the braces of the f-strings of the statement, all of them."""
    if problem.stage != 1 or not problem.line or not _MESSAGE.search(problem.message):
        return
    lines = bench.lines(text)
    if problem.line > len(lines):
        return
    first = max(0, problem.line - 1 - _MOST_LINES)
    start = lines[first].start
    end = lines[min(len(lines), problem.line + _MOST_LINES) - 1]
    part = text[start : end.start + len(end.text)]
    changed = "".join(_line(row) for row in part.splitlines(keepends=True))
    if changed != part:
        line = next(
            first + n
            for n, (a, b) in enumerate(zip(part.splitlines(), changed.splitlines(), strict=True), 1)
            if a != b
        )
        fix = Fix("fstring", line, "used other quotes inside of an f-string")
        yield Proposal(text[:start] + changed + text[start + len(part) :], fix)


def _line(row: str) -> str:
    """Change the f-strings of one line."""
    at = 0
    while (found := _START.search(row, at)) is not None:
        quote = found[1]
        inner = _inside(row, found.end(), quote)
        if inner is None:
            at = found.end()
            continue
        end, nested = inner
        other = "'" if quote == '"' else '"'
        bodies = [row[a + 1 : b] for a, b in nested]
        if any(other in body or "\\" in body for body in bodies):
            return row
        for (a, b), body in zip(nested, bodies, strict=True):
            row = row[:a] + other + body + other + row[b + 1 :]
        at = end
    return row


def _inside(row: str, at: int, quote: str) -> tuple[int, list[tuple[int, int]]] | None:
    """Return where an f-string ends, and the strings with its own quotes inside its braces."""
    nested: list[tuple[int, int]] = []
    depth = 0
    while at < len(row):
        char = row[at]
        if char == "\\":
            at += 2
            continue
        if not depth:
            if char == quote:
                return at + 1, nested
            if row.startswith(("{{", "}}"), at):
                at += 2
                continue
            depth += char == "{"
        elif char in "\"'":
            end = row.find(char, at + 1)
            if end < 0:
                return None
            if char == quote:
                nested.append((at, end))
            at = end
        else:
            depth += (char in "{[(") - (char in "}])")
        at += 1
    return None
