"""`=` where a comparison stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Problem

from .tokens import Token, tokens_of

__all__ = ["propose"]

_MESSAGE = re.compile(
    r"invalid syntax|cannot assign to|expected 'else' after 'if' expression|expected ':'"
    r"|expression cannot contain assignment"
)
_CONDITION = frozenset(
    {"if", "elif", "while", "assert", "and", "or", "not", "else", "return", "in"}
)
_MOST_LINES = 30


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Write `==` for the `=` of a condition in the statement where CPython stopped."""
    if problem.stage != 1 or not problem.line or not _MESSAGE.match(problem.message):
        return
    lines = bench.lines(text)
    if problem.line > len(lines):
        return
    first = problem.line - 1
    while first and not lines[first].begins_statement and problem.line - first < _MOST_LINES:
        first -= 1
    last = problem.line
    while last < len(lines) and not lines[last].begins_statement and last - first < _MOST_LINES:
        last += 1
    end = lines[last].start if last < len(lines) else len(text)
    tokens = [t for t in tokens_of(text, lines[first].start, end) if t.kind != "newline"]
    for number, token in enumerate(tokens):
        if token.text == "=" and _compares(tokens, number):
            line = text.count("\n", 0, token.start) + 1
            fix = Fix("condition", line, "wrote '==' for the '=' of a condition")
            yield Proposal(text[: token.start] + "==" + text[token.end :], fix)


def _compares(tokens: list[Token], number: int) -> bool:
    """Whether the `=` stands in a condition: a word of one comes before it at its own level.

    In a call or a signature `name=` names an argument, so that `(` ends the look back; one that
    only groups is passed over.
    """
    depth = 0
    for at in range(number - 1, -1, -1):
        text = tokens[at].text
        if text in (")", "]", "}"):
            depth += 1
        elif text in ("(", "[", "{"):
            if depth:
                depth -= 1
                continue
            before = tokens[at - 1] if at else None
            called = before is not None and (
                (before.kind == "name" and before.text not in _CONDITION and text == "(")
                or before.text in (")", "]")
            )
            if called and number - at == 2:
                return False
        elif not depth and (text in _CONDITION or text in ("==", "!=", "<", ">", "<=", ">=")):
            return True
        elif not depth and text in (",", ":", ";", "lambda", "def", "="):
            return False
    # `x = a = b and c` is no condition, but `a = b and c` inside of brackets is.
    return False
