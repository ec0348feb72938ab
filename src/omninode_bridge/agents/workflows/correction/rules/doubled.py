"""Braces that a template engine or `str.format` wanted doubled: `{{"a": 1}}` for `{"a": 1}`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.complaint import Complaint
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Offsets, Problem

from .habits import partners
from .tokens import tokens_of

__all__ = ["propose", "wanted"]

# A set that holds a display of braces fails whenever it is reached, so that code that did not even
# compile needs no complaint about it.
_SAID = re.compile(
    r"unhashable type|\b(?:Syntax|Indentation|Tab)Error\b|doubled? (?:curly )?braces?|as a set element"
)
_INSIDE = (ast.Dict, ast.Set, ast.DictComp, ast.SetComp)
# A decorator begins the statement after the one that was cut short.
_ENDS = frozenset({",", ")", "]", "}", ":", ";", "@"})
_COST = 0.5
_MOST_CHARS = 400_000
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
    """Take off one brace of each opening pair that no pair closes.

    A set cannot hold what its own first braces would be, so that nothing else can be meant.
    """
    if problem.stage != 1 or "{{" not in text or len(text) > _MOST_CHARS:
        return
    tokens = tokens_of(text)
    closed = partners(tokens)
    places: list[int] = []
    for number, (one, other) in enumerate(pairwise(tokens)):
        if one.text != "{" or other.text != "{" or one.end != other.start or len(places) >= _MOST:
            continue
        end = closed.get(number + 1, -1)
        after = next((t for t in tokens[end + 1 : end + 9] if t.kind != "newline"), None)
        if end < 0 or (after is not None and after.text not in _ENDS and after.kind != "name"):
            continue
        if after is None or after.text != "}" or after.start != tokens[end].end:
            places.append(one.start)
    if not places:
        return
    line = text.count("\n", 0, places[0]) + 1
    fix = Fix("doubled", line, "took off a doubled '{'")
    for at in reversed(places):
        text = text[:at] + text[at + 1 :]
    yield Proposal(text, fix, _COST)
