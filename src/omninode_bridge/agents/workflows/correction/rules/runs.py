"""The statements behind a header that has no block: what they are and which names they touch."""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass

from omninode_bridge.agents.workflows.correction.lexer import Line
from omninode_bridge.agents.workflows.correction.reindent import (
    block_end,
    columns,
    statement_end,
)
from omninode_bridge.agents.workflows.correction.source import parse

__all__ = [
    "CLAUSES",
    "DEFINING",
    "LEAVING",
    "Statement",
    "gap_above",
    "header_names",
    "run_of",
    "statement_at",
]

CLAUSES = frozenset({"else", "elif", "except", "finally", "case"})
DEFINING = frozenset({"def", "class", "async", "@"})
LEAVING = frozenset({"return", "raise", "continue", "break"})
_MOST_STATEMENTS = 12
_MOST_LINES = 60
_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with its block.

    Attributes:
        first: index of its first line, and `last` of its last.
        word: its first word.
        gap: blank lines above it.
        reads: names that it reads.
        binds: names that it binds anew.
        head: what it begins with: the target of an assignment, the function of a call.
        assigns: it is an assignment.
    """

    first: int
    last: int
    word: str
    gap: int
    reads: frozenset[str]
    binds: frozenset[str]
    head: str
    assigns: bool


def gap_above(lines: list[Line], number: int) -> int:
    """Count the blank lines above a line, those above its comments included."""
    most = count = 0
    for line in reversed(lines[:number]):
        if line.code_end or line.in_string:
            break
        count = count + 1 if not line.text.strip() else 0
        most = max(most, count)
    return most


def run_of(
    lines: list[Line], index: int, most: int = _MOST_STATEMENTS
) -> tuple[list[Statement], str]:
    """Return the statements from a line on that stand where it stands, and the clause that ends them."""
    level = columns(lines[index])
    found: list[Statement] = []
    number = index
    while number < len(lines) and len(found) < most:
        line = lines[number]
        if line.begins_statement:
            depth = columns(line)
            if depth < level:
                break
            if depth == level:
                if line.first_word in CLAUSES:
                    if not found or not _takes_clause(found[-1], lines):
                        return found, line.first_word
                    last = block_end(lines, number, level)
                    found[-1] = _statement(lines, found[-1].first, last)
                else:
                    found.append(_statement(lines, number, block_end(lines, number, level)))
                number = found[-1].last
            else:
                number = statement_end(lines, number)
        number += 1
    return found, ""


def statement_at(lines: list[Line], index: int) -> Statement:
    """Return the statement that begins at a line, with all that is deeper than it."""
    last = statement_end(lines, index)
    if lines[last].opens_block:
        last = block_end(lines, index, columns(lines[index]))
    return _statement(lines, index, last)


def _takes_clause(statement: Statement, lines: list[Line]) -> bool:
    """Whether a statement of the run is one that clauses may follow."""
    heads = {"if", "for", "while", "try", "match"}
    word = lines[statement.first].text.split()[1:2] if statement.word == "async" else []
    return statement.word in heads or word == ["for"]


def _statement(lines: list[Line], first: int, last: int) -> Statement:
    text = "\n".join(line.text for line in lines[first : min(last, first + _MOST_LINES) + 1])
    line = lines[first]
    tree = parse(_in_function(text, line)) if last - first < _MOST_LINES else None
    reads: set[str] = set()
    binds: set[str] = set()
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Name):
            (reads if isinstance(node.ctx, ast.Load) else binds).add(node.id)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            reads.add(node.target.id)
        elif isinstance(node, ast.alias):
            binds.add((node.asname or node.name).split(".")[0])
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            binds.discard(node.target.id)
        elif isinstance(node, ast.comprehension):
            own = {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
            reads -= own
            binds -= own
    head = re.split(r"[=(:]", line.text.strip(), maxsplit=1)[0].strip()
    gap = gap_above(lines, first)
    inner = getattr(tree.body[0], "body", [None])[0] if tree is not None and tree.body else None
    assigns = isinstance(inner, ast.Assign | ast.AnnAssign | ast.AugAssign)
    word = line.first_word
    return Statement(first, last, word, gap, frozenset(reads), frozenset(binds), head, assigns)


def _in_function(text: str, line: Line) -> str:
    """Put a statement where `return` and `await` may stand."""
    body = textwrap.dedent(text)
    return "async def _():\n" + textwrap.indent(body, " ", lambda row: bool(row.strip()))


def header_names(header: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that a header reads, and those that it gives: `for x`, `as x`."""
    given: set[str] = set()
    loop = re.match(r"\s*(?:async\s+)?for\s+(.{1,200}?)\s+in\b", header)
    if loop:
        given.update(_WORD.findall(loop[1]))
    given.update(re.findall(r"\bas\s+\(?([^\W\d]\w*)", header))
    return frozenset(_WORD.findall(header)) - given, frozenset(given)
