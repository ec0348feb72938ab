"""Imports from `__future__` that came too late."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.imports import header_end
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import (
    Offsets,
    Problem,
    newline_of,
    split_lines,
)

__all__ = ["propose"]


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Move every late import from `__future__` to the only place where it may stand."""
    if problem.stage != 2 or "from __future__ imports must occur" not in problem.message:
        return
    tree = bench.tree(text)
    if tree is None:
        return
    late, legal = _late(tree)
    if not late:
        return
    rows = split_lines(text)
    if not all(_alone(rows, node) for node in late):
        return
    above = _displaced(tree)
    if above:
        yield _with_docstring(text, rows, tree, above)
        return
    known = {(alias.name, alias.asname) for node in legal for alias in node.names}
    lead, line = header_end(text, tree, Offsets(text))
    newline = newline_of(text)
    moved: list[str] = []
    for node in late:
        names = [alias for alias in node.names if (alias.name, alias.asname) not in known]
        whole = "".join(rows[node.lineno - 1 : node.end_lineno]).lstrip(" \t")
        if len(names) == len(node.names):
            moved.append(whole if whole.endswith(("\n", "\r")) else whole + newline)
        elif names:
            spec = ", ".join(a.name + (f" as {a.asname}" if a.asname else "") for a in names)
            moved.append(f"from __future__ import {spec}{newline}")
        known |= {(alias.name, alias.asname) for alias in names}
    gone = {n for node in late for n in range(node.lineno - 1, node.end_lineno or node.lineno)}
    # The offset of the header is the beginning of a line: the rows above it stay above.
    at, head = 0, 0
    while head < len(rows) and at < lead:
        at += len(rows[head])
        head += 1
    kept = [row for n, row in enumerate(rows[head:], head) if n not in gone]
    gap = [newline] if moved and kept and kept[0].strip() and not _is_import(kept[0]) else []
    if moved and head and not rows[head - 1].endswith(("\n", "\r")):
        return
    done = "".join([*rows[:head], *moved, *gap, *kept])
    where = f"moved an import from '__future__' to line {line}"
    fix = Fix("future", late[0].lineno, where if moved else "took out a second '__future__' import")
    yield Proposal(done, fix)


def _late(tree: ast.Module) -> tuple[list[ast.ImportFrom], list[ast.ImportFrom]]:
    """Return the imports from `__future__` at the top level: those too late, and the others."""
    late: list[ast.ImportFrom] = []
    legal: list[ast.ImportFrom] = []
    header = True
    for number, node in enumerate(tree.body):
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if isinstance(node, ast.ImportFrom) and future:
            (legal if header else late).append(node)
        elif not (number == 0 and _is_text(node)):
            header = False
    return late, legal


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _is_import(row: str) -> bool:
    return row.startswith(("import ", "from "))


def _alone(rows: list[str], node: ast.stmt) -> bool:
    """Whether a statement has its lines for itself, but for a comment."""
    last = (node.end_lineno or node.lineno) - 1
    line = rows[last].encode("utf-8", "surrogatepass")
    after = line[node.end_col_offset or 0 :].strip()
    before = rows[node.lineno - 1].encode("utf-8", "surrogatepass")[: node.col_offset].strip()
    return not before and (not after or after.startswith(b"#"))


def _displaced(tree: ast.Module) -> list[ast.stmt]:
    """Return the imports that were put before the module's docstring; none if it has its place.

    The string right before the first import from `__future__` is one if only imports are above it.
    """
    above: list[ast.stmt] = []
    for node, following in zip(tree.body, tree.body[1:], strict=False):
        if _is_text(node):
            future = isinstance(following, ast.ImportFrom) and following.module == "__future__"
            return above if future else []
        if not isinstance(node, ast.Import | ast.ImportFrom):
            return []
        above.append(node)
    return []


def _with_docstring(
    text: str, rows: list[str], tree: ast.Module, above: list[ast.stmt]
) -> Proposal:
    """Put the imports that stand above the docstring behind the imports from `__future__`."""
    first, last = above[0].lineno - 1, (above[-1].end_lineno or above[-1].lineno)
    end = last
    for node in tree.body[len(above) + 1 :]:
        if not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        end = node.end_lineno or node.lineno
    newline = newline_of(text)
    head = rows[:first]
    header = [*rows[last:end]]
    if header and not header[-1].endswith(("\n", "\r")):
        header[-1] += newline
    while header and not header[0].strip():
        header.pop(0)
    done = "".join([*head, *header, newline, *rows[first:last], *rows[end:]])
    return Proposal(done, Fix("future", first + 1, "moved imports below the module's docstring"))
