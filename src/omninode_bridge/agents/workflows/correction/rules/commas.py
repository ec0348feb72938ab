"""A comma that is missing between two things in brackets."""

from __future__ import annotations

import keyword
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Problem

from .tokens import Token, tokens_of

__all__ = ["propose"]

_STARTS = frozenset({"not", "lambda", "await", "None", "True", "False", "yield"})
_ENDS = frozenset({"None", "True", "False"})
# Statements that list names without brackets.
_LISTS = frozenset({"import", "global", "nonlocal", "del"})
_MOST_LINES = 300
_MOST = 8


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Put a comma where two operands stand side by side in the brackets where CPython stopped."""
    if problem.stage != 1 or not problem.line:
        return
    lines = bench.lines(text)
    if problem.line > len(lines):
        return
    here = lines[problem.line - 1]
    outer = here.open_before[0].line if here.open_before else problem.line
    first = max(outer, problem.line - _MOST_LINES)
    last = problem.line
    while last < len(lines) and lines[last].open_before and last - problem.line < _MOST_LINES:
        last += 1
    end = lines[last].start if last < len(lines) else len(text)
    tokens = tokens_of(text, lines[first - 1].start, end)
    stop = here.start + max(problem.offset - 1, 0)
    given = 0
    for one, other, breaks in _gaps(tokens):
        if other.end < stop and "comma" not in problem.message:
            continue
        if given >= _MOST:
            return
        given += 1
        line = text.count("\n", 0, one.end) + 1
        fix = Fix("comma", line, "added the missing comma")
        # Where a line ends is where a comma is forgotten most.
        yield Proposal(text[: one.end] + "," + text[one.end :], fix, 1.0 if breaks else 1.02)


def _gaps(tokens: list[Token]) -> Iterator[tuple[Token, Token, bool]]:
    """Yield neighbours in brackets of which the first ends a value and the second begins one."""
    depth = 0
    before: Token | None = None
    breaks = listed = False
    for token in tokens:
        if token.kind == "newline":
            breaks = True
            listed = listed and depth > 0
            continue
        listed = listed or token.text in _LISTS
        if (
            before is not None
            and (depth or (listed and not breaks))
            and _ends(before)
            and _begins(token, before)
        ):
            yield before, token, breaks
        if token.text in ("(", "[", "{") and token.kind == "op":
            depth += 1
        elif token.text in (")", "]", "}") and token.kind == "op":
            depth = max(0, depth - 1)
        before, breaks = token, False


def _ends(token: Token) -> bool:
    if token.kind == "name":
        return token.text in _ENDS or not keyword.iskeyword(token.text)
    return token.kind in ("number", "string") or token.text in (")", "]", "}", "...")


def _begins(token: Token, before: Token) -> bool:
    if token.kind == "name":
        return token.text in _STARTS or not keyword.iskeyword(token.text)
    if token.kind == "string":
        return before.kind != "string"
    return (
        token.kind == "number"
        or token.text in ("{", "...")
        or (token.text in ("**", "*") and before.text in (")", "]", "}"))
    )
