"""Add imports where a person would put them."""

from __future__ import annotations

import ast

from .bench import Bench, BudgetSpent
from .import_index import Import, choose_import
from .models import Fix
from .source import Offsets, newline_of

__all__ = ["add_import", "complete", "header_end", "imported"]

# Each further name costs a walk over the tree, and each import a parse: many must stay within the budget.
_FEW = 8


def complete(bench: Bench, text: str, wanted: list[str]) -> tuple[str, list[Fix], list[str]]:
    """Import undefined names; returns the text, what was added, and the names left over."""
    fixes: list[Fix] = []
    left: list[str] = []
    tree, names = bench.tree(text), bench.names(text)
    if tree is None or names is None:
        return text, fixes, list(wanted)
    chosen: dict[str, tuple[Import, ...]] = {}
    for name in wanted:
        if len(chosen) >= _FEW:
            _in_time(bench)
        if name in names.undefined:
            chosen[name] = choose_import(name, names.undefined[name], tree)
            if not chosen[name]:
                left.append(name)
    for name in sorted(chosen):
        for added in chosen[name]:
            if len(fixes) >= _FEW:
                _in_time(bench)
            text, line = add_import(text, added)
            fixes.append(Fix("import", line, f"added {str(added)!r}"))
    return text, fixes, left


def _in_time(bench: Bench) -> None:
    if bench.late():
        raise BudgetSpent


def imported(tree: ast.Module) -> set[str]:
    """Return the names that imports bind at the top of a module."""
    bound: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            bound.update(alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            bound.update(alias.asname or alias.name for alias in node.names)
    return bound


def add_import(text: str, added: Import) -> tuple[str, int]:
    """Return the text with an import, and the line on which it is; joins an import of its module."""
    tree = ast.parse(text)
    offsets = Offsets(text)
    if added.name:
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module == added.module and not node.level:
                if any(alias.name == "*" for alias in node.names):
                    continue
                return _joined(text, offsets, node, added), node.lineno
    at, line = _place(text, tree, offsets, added)
    newline = newline_of(text)
    lead = "" if not at or text[at - 1] in "\r\n" else newline
    gap = newline if not _imports(tree) and text[at:].strip() else ""
    return f"{text[:at]}{lead}{added}{newline}{gap}{text[at:]}", line


def _joined(text: str, offsets: Offsets, node: ast.ImportFrom, added: Import) -> str:
    """Add a name to an existing `from` import, in its own layout."""
    last = node.names[-1]
    at = offsets.end(last)
    spec = f"{added.name} as {added.alias}" if added.alias else added.name
    separator = ", "
    if last.lineno != node.lineno:
        begin = offsets.at(last.lineno, 0)
        before = text[begin : offsets.start(last)]
        if not before.strip():
            separator = f",{newline_of(text)}{before}"
    return f"{text[:at]}{separator}{spec}{text[at:]}"


def header_end(text: str, tree: ast.Module, offsets: Offsets) -> tuple[int, int]:
    """Return the offset and line after the docstring and the `__future__` imports."""
    at, line = 0, 1
    for number, node in enumerate(tree.body):
        docstring = (
            number == 0
            and isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        )
        if not docstring and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        line = (node.end_lineno or node.lineno) + 1
        at = offsets.at(line, 0)
    if not at and tree.body:
        first = tree.body[0]
        decorators = getattr(first, "decorator_list", [])
        line = min([first.lineno, *(d.lineno for d in decorators)])
        at = offsets.at(line, 0)
    return at, line


def _imports(tree: ast.Module) -> list[ast.Import | ast.ImportFrom]:
    return [
        node
        for node in tree.body
        if isinstance(node, ast.Import)
        or (isinstance(node, ast.ImportFrom) and node.module != "__future__")
    ]


def _place(text: str, tree: ast.Module, offsets: Offsets, added: Import) -> tuple[int, int]:
    """Return where a new import goes: among its like in order, or after the header."""
    header, line = header_end(text, tree, offsets)
    run: list[ast.Import | ast.ImportFrom] = []
    for node in _imports(tree):
        if run and node.lineno > (run[-1].end_lineno or 0) + 1:
            break
        run.append(node)
    for node in run:
        kind = isinstance(node, ast.ImportFrom)
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
        else:
            module = node.names[0].name
        later = (bool(added.name), added.module) < (kind, module) or module.startswith(".")
        if later and text[offsets.at(node.lineno, 0) : offsets.start(node)].strip() == "":
            return offsets.at(node.lineno, 0), node.lineno
    if run:
        after = (run[-1].end_lineno or run[-1].lineno) + 1
        return offsets.at(after, 0), after
    return header, line
