"""Braces that a template engine or `str.format` wanted doubled: `{{"a": 1}}` for `{"a": 1}`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.complaint import Complaint
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Offsets, Problem

__all__ = ["propose", "wanted"]

# A set that holds a display of braces fails whenever it is reached, so that code that did not even
# compile needs no complaint about it.
_SAID = re.compile(
    r"unhashable type|\b(?:Syntax|Indentation|Tab)Error\b|doubled? (?:curly )?braces?|as a set element"
)
_INSIDE = (ast.Dict, ast.Set, ast.DictComp, ast.SetComp)
_MESSAGE = re.compile(
    r"'\{' was never closed|invalid syntax|closing parenthesis '[)\]]' does not match"
)
_MOST = 400


def wanted(bench: Bench, text: str, said: Complaint) -> tuple[str, list[Fix]]:
    """Take off the outer braces of sets whose only element is itself in braces."""
    tree = bench.tree(text)
    if tree is None or "{{" not in text or not _SAID.search(said.text):
        return text, []
    offsets = Offsets(text)
    marks: dict[int, int] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Set) or len(node.elts) != 1:
            continue
        inner = node.elts[0]
        if not isinstance(inner, _INSIDE) or _is_variable(inner):
            continue
        first, last = offsets.start(node), offsets.end(node) - 1
        if offsets.start(inner) != first + 1 or offsets.end(inner) != last:
            continue
        if text[first : first + 2] == "{{" and text[last - 1 : last + 1] == "}}":
            marks[first] = marks[last] = node.lineno
    lines = sorted(set(marks.values()))
    for at in sorted(marks, reverse=True):
        text = text[:at] + text[at + 1 :]
    return text, [Fix("doubled", line, "took off the doubled braces") for line in lines[:_MOST]]


def _is_variable(inner: ast.expr) -> bool:
    """Whether the braces hold one name, as a variable of a template does."""
    return (
        isinstance(inner, ast.Set)
        and len(inner.elts) == 1
        and isinstance(inner.elts[0], (ast.Name, ast.Attribute))
    )


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Take off the one brace of an opening pair that only one closes."""
    if problem.stage != 1 or "{{" not in text or not _MESSAGE.search(problem.message):
        return
    lines = bench.lines(text)
    for number in range(min(problem.line, len(lines)) - 1, max(-1, problem.line - 60), -1):
        line = lines[number]
        at = line.text.find("{{")
        if at < 0 or line.in_string or at >= line.code_end:
            continue
        still = [b for b in line.open_after if b.line == line.number]
        if not any(b.char == "{" and b.column in (at, at + 1) for b in still):
            continue
        where = line.start + at
        fix = Fix("doubled", line.number, "took off a doubled '{'")
        yield Proposal(text[:where] + text[where + 1 :], fix, 0.9)
        return
