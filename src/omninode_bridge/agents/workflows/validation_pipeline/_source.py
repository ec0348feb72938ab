"""The code under validation: read once, looked at by every validator, never run."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

from omninode_bridge.agents.workflows.correction.source import parse

__all__ = ["MAX_CODE", "Source", "dotted", "imported_names"]

MAX_CODE = 1_000_000


@dataclass(frozen=True)
class Source:
    """Code and what is known about it.

    Attributes:
        code: the text.
        known_names: names that are defined without its doing.
    """

    code: str
    known_names: Collection[str] = field(default=())

    @cached_property
    def tree(self) -> ast.Module | None:
        """The tree, or None for code that has none or is too large to be read."""
        return parse(self.code) if len(self.code) <= MAX_CODE else None

    @cached_property
    def imported(self) -> dict[str, str]:
        """What each imported name stands for, fully qualified."""
        return imported_names(self.tree) if self.tree is not None else {}

    @cached_property
    def bound(self) -> frozenset[str]:
        """Names of functions and classes that the code defines itself."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        tree = self.tree
        return (
            frozenset(n.name for n in ast.walk(tree) if isinstance(n, kinds))
            if tree
            else frozenset()
        )

    def name_of(self, node: ast.expr) -> str:
        """Return the qualified name of what an expression refers to, as far as imports tell.

        Empty for anything that is no name: an item, a call's result, an attribute of either.
        """
        name = dotted(node)
        first, dot, rest = name.partition(".")
        if first in self.bound:
            return ""
        return self.imported.get(first, first) + dot + rest


def dotted(node: ast.expr) -> str:
    """Return ``a.b.c`` for such an expression, else an empty text."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Return what the imported names of a module stand for, wherever they are imported."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    names[alias.asname] = alias.name
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names
