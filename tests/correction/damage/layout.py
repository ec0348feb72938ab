"""Indentation that moved, bodies that are missing, imports of the future that came late."""

from __future__ import annotations

import ast
import random

from ._judge import Damaged
from ._source import Source, tree_of

__all__ = ["MAKERS"]


def _plain(source: Source) -> list[ast.stmt]:
    """Return the statements of one line that stand inside of a block and do not begin it."""
    found: list[ast.stmt] = []
    for node in ast.walk(source.tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and not isinstance(node, ast.Module):
                found += [n for n in block[1:] if n.lineno == n.end_lineno and n.col_offset]
    return [n for n in found if ";" not in source.lines[n.lineno - 1]]


def _functions(source: Source) -> list[ast.FunctionDef]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [n for n in ast.walk(source.tree) if isinstance(n, kinds)]  # type: ignore[misc]


def _with_lines(source: Source, lines: list[str]) -> str:
    return "".join(lines)


def indent_line(rng: random.Random, source: Source) -> Damaged | None:
    """Move one statement by a few columns."""
    nodes = _plain(source)
    if not nodes:
        return None
    node = rng.choice(nodes)
    by = rng.choice((-2, -2, 2, 2, 4, -1, 1))
    lines = list(source.lines)
    row = lines[node.lineno - 1]
    lines[node.lineno - 1] = " " * by + row if by > 0 else row[-by:]
    return Damaged("indent_line", f"{by:+}", source.text, "".join(lines))


def indent_body(rng: random.Random, source: Source) -> Damaged | None:
    """Put a body where its header is, or halfway."""
    kind = rng.choice(("func0", "func2", "func2_mixed", "single0", "single0"))
    blocks = _single_blocks(source) if kind == "single0" else _function_blocks(source)
    if not blocks:
        return None
    level, body = rng.choice(blocks)
    tops = [n.lineno for n in (body[0], *getattr(body[0], "decorator_list", []))]
    first, last = min(tops), body[-1].end_lineno or body[-1].lineno
    by = 4 if kind in ("func0", "single0") else 2
    moved = set(range(first - 1, last))
    if kind == "func2_mixed":
        moved = {row for n in body[::2] for row in range(n.lineno - 1, n.end_lineno or n.lineno)}
    lines = list(source.lines)
    for row in moved:
        if not lines[row].strip():
            continue
        if len(lines[row]) - len(lines[row].lstrip()) < level + by:
            return None
        lines[row] = lines[row][by:]
    return Damaged("indent_body", kind, source.text, "".join(lines))


def _function_blocks(source: Source) -> list[tuple[int, list[ast.stmt]]]:
    return [
        (n.col_offset, n.body)
        for n in _functions(source)
        if n.body[0].lineno > n.lineno
        and n.body[0].col_offset - n.col_offset == 4
        and not _strings(n)
    ]


def _single_blocks(source: Source) -> list[tuple[int, list[ast.stmt]]]:
    """Return the bodies of one line with the column of their header."""
    found: list[tuple[int, list[ast.stmt]]] = []
    for node in ast.walk(source.tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if not isinstance(block, list) or len(block) != 1 or isinstance(node, ast.Module):
                continue
            only = block[0]
            level = getattr(node, "col_offset", 0)
            plain = not isinstance(only, ast.Pass) and only.lineno == only.end_lineno
            above = source.lines[only.lineno - 2] if only.lineno > 1 else ""
            if (
                plain
                and only.col_offset == level + 4
                and above.split("#")[0].rstrip().endswith(":")
            ):
                found.append((level, block))
    return found


def _strings(node: ast.AST) -> bool:
    """Whether a string goes over several lines, whose value an indentation would change."""
    return any(
        isinstance(n, (ast.Constant, ast.JoinedStr)) and n.lineno != n.end_lineno
        for n in ast.walk(node)
    )


def indent_whole(rng: random.Random, source: Source) -> Damaged | None:
    """Indent everything."""
    if _strings(source.tree):
        return None
    kind = rng.choice(("over4", "over2", "over8", "tab", "first_stripped"))
    pad = {"over2": "  ", "over8": " " * 8, "tab": "\t"}.get(kind, "    ")
    broken = "".join(pad + row if row.strip() else row for row in source.lines)
    if kind == "first_stripped":
        broken = broken.lstrip()
    return Damaged("indent_whole", kind, source.text, broken)


def tabs_mixed(rng: random.Random, source: Source) -> Damaged | None:
    """Write some of the indentation with tabs."""
    nodes = [n for n in _plain(source) if n.col_offset % 4 == 0]
    if not nodes:
        return None
    kind = rng.choice(("one", "some", "run"))
    chosen = [rng.choice(nodes)] if kind != "some" else rng.sample(nodes, min(len(nodes), 4))
    rows = {n.lineno - 1 for n in chosen}
    if kind == "run":
        start = min(rows)
        rows = {n.lineno - 1 for n in nodes if start <= n.lineno - 1 < start + 6}
    lines = list(source.lines)
    for n in rows:
        body = lines[n].lstrip(" ")
        lines[n] = "\t" * ((len(lines[n]) - len(body)) // 4) + body
    return Damaged("tabs_mixed", kind, source.text, "".join(lines))


def lost_indent_tail(rng: random.Random, source: Source) -> Damaged | None:
    """Move the last statement of a function out to its `def`."""
    nodes = [
        n
        for n in _functions(source)
        if len(n.body) > 1
        and isinstance(n.body[-1], ast.Return)
        and n.body[-1].lineno == n.body[-1].end_lineno
        and source.lines[n.body[-1].lineno - 1].startswith(" " * n.body[-1].col_offset + "return")
    ]
    if not nodes:
        return None
    node = rng.choice(nodes)
    at = node.body[-1].lineno - 1
    lines = list(source.lines)
    lines[at] = " " * node.col_offset + lines[at].lstrip()
    kind = "method" if node.col_offset else "top"
    return Damaged("lost_indent_tail", kind, source.text, "".join(lines))


def missing_body(rng: random.Random, source: Source) -> Damaged | None:
    """Leave out a body that did nothing, or leave a comment in its place."""
    nodes: list[tuple[ast.stmt, ast.stmt]] = []
    for node in ast.walk(source.tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and len(block) == 1 and isinstance(block[0], ast.Pass):
                nodes.append((node, block[0]))  # type: ignore[arg-type]
    lines = list(source.lines)
    if not nodes:
        return None
    owner, node = rng.choice(nodes)
    row = lines[node.lineno - 1]
    if row.strip().split("#")[0].strip() != "pass" or isinstance(owner, ast.Module):
        return None
    kind = rng.choice(("empty", "comment"))
    words = ("# Implementation goes here", "# add the logic", "# ...", "# your code here")
    lines[node.lineno - 1] = (
        "" if kind == "empty" else " " * node.col_offset + rng.choice(words) + "\n"
    )
    return Damaged("missing_body", kind, source.text, "".join(lines), check="body")


def future_import(rng: random.Random, source: Source) -> Damaged | None:
    """Put `from __future__` where it may not stand."""
    first = source.tree.body[0]
    docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    line = "from __future__ import annotations\n"
    if "__future__" in source.text:
        return None
    top = (first.end_lineno or 0) if docstring else 0
    original = "".join([*source.lines[:top], line, *source.lines[top:]])
    imports = [n for n in source.tree.body if isinstance(n, (ast.Import, ast.ImportFrom))]
    kind = rng.choice(("after_imports", "after_code", "duplicate"))
    rest = [n for n in source.tree.body if n not in imports and n is not first]
    if not imports or not rest:
        return None
    if kind == "after_imports":
        at = imports[-1].end_lineno or 0
        broken = [*source.lines[:at], line, *source.lines[at:]]
    elif kind == "after_code":
        at = rest[0].end_lineno or 0
        broken = [*source.lines[:at], line, *source.lines[at:]]
    else:
        at = imports[-1].end_lineno or 0
        broken = [*source.lines[:top], line, *source.lines[top:at], line, *source.lines[at:]]
    return Damaged("future_import", kind, original, "".join(broken))


def truncated(rng: random.Random, source: Source) -> Damaged | None:
    """Cut it off in the middle of a later function."""
    nodes = [
        n
        for n in _functions(source)
        if n.lineno > len(source.lines) // 3 and (n.end_lineno or 0) - n.lineno > 3
    ]
    if not nodes:
        return None
    node = rng.choice(nodes)
    start, end = source.at(node.lineno, 0), source.span(node)[1]
    cut = rng.randrange(start + 10, end)
    broken = source.text[:cut]
    if tree_of(broken) is not None:
        return None
    outer = [
        n
        for n in _functions(source)
        if n.lineno <= node.lineno and (n.end_lineno or 0) >= (node.end_lineno or 0)
    ]
    tops = [x.lineno for n in (node, *outer) for x in (n, *n.decorator_list)]
    keep = min(source.at(line, 0) for line in tops)
    return Damaged("truncated", "cut", source.text, broken, check="truncated", keep=keep)


MAKERS = (
    indent_line, indent_body, indent_whole, tabs_mixed, lost_indent_tail, missing_body,
    future_import, truncated,
)  # fmt: skip
