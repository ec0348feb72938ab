"""What a class has, and in which method of which class a name is read."""

from __future__ import annotations

import ast
from collections import Counter

__all__ = ["Function", "Members", "first_parameter", "method_of", "parents_of", "receiver_of"]

Function = ast.FunctionDef | ast.AsyncFunctionDef
_PROPERTIES = frozenset({"property", "cached_property", "abstractproperty", "setter", "getter"})
_MOST_BASES = 20


def parents_of(tree: ast.Module) -> dict[int, ast.AST]:
    """Map the identity of every node to the node above it."""
    return {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def method_of(node: ast.AST, parents: dict[int, ast.AST]) -> tuple[Function, ast.ClassDef] | None:
    """Return the method in whose body a node stands, nested functions included, and its class."""
    below, above = node, parents.get(id(node))
    inner: Function | None = None
    while above is not None:
        if isinstance(above, Function) and any(below is s for s in above.body):
            inner = above
        if isinstance(above, ast.ClassDef):
            return (inner, above) if inner is not None else None
        below, above = above, parents.get(id(above))
    return None


def first_parameter(function: Function) -> str:
    """Return the name of the first positional parameter, or nothing."""
    given = [*function.args.posonlyargs, *function.args.args]
    return given[0].arg if given else ""


def receiver_of(method: Function) -> str:
    """Return `self` or `cls`, whichever the method has; nothing if it has neither."""
    words = _words(method)
    first = first_parameter(method)
    return first if first in ("self", "cls") and "staticmethod" not in words else ""


def _words(function: Function) -> set[str]:
    return {
        getattr(d, "attr", getattr(d, "id", getattr(getattr(d, "func", None), "id", "")))
        for d in function.decorator_list
    }


class Members:
    """The methods, class attributes and instance attributes of the classes of a module."""

    def __init__(self, tree: ast.Module) -> None:
        self._classes: dict[str, ast.ClassDef] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                self._classes.setdefault(node.name, node)
        self._tables: dict[int, dict[str, tuple[str, Function | None]]] = {}
        self._locals = Counter(
            node.arg if isinstance(node, ast.arg) else node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.arg)
            or (isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load))
        )

    def kind(self, owner: ast.ClassDef, name: str) -> str:
        """Say what a name is in a class or its bases: method, value, attribute, or nothing.

        A value is assigned in the class's body (or a property), an attribute to `self`.
        """
        found = self._find(owner, name)
        return found[0] if found else ""

    def is_local(self, name: str) -> bool:
        """Whether some parameter or variable outside class bodies has the name."""
        in_classes = sum(
            isinstance(target, ast.Name) and target.id == name
            for owner in self._classes.values()
            for statement in owner.body
            for target in _targets(statement)
        )
        return self._locals[name] > in_classes

    def takes(self, owner: ast.ClassDef, name: str, call: ast.Call) -> bool:
        """Whether a method can be called with such arguments."""
        found = self._find(owner, name)
        method = found[1] if found else None
        if method is None or method.decorator_list:
            return True
        if any(isinstance(a, ast.Starred) for a in call.args) or any(
            k.arg is None for k in call.keywords
        ):
            return True
        given = method.args
        places = [a.arg for a in (*given.posonlyargs, *given.args)][1:]
        named = {k.arg for k in call.keywords}
        known = {*places, *(a.arg for a in given.kwonlyargs)}
        if (len(call.args) > len(places) and not given.vararg) or (
            not given.kwarg and not named <= known
        ):
            return False
        needed = places[len(call.args) : len(places) - len(given.defaults)]
        return set(needed) <= named

    def _find(self, owner: ast.ClassDef, name: str) -> tuple[str, Function | None] | None:
        work, seen = [owner], {id(owner)}
        while work and len(seen) < _MOST_BASES:
            here = work.pop(0)
            table = self._table(here)
            if name in table:
                return table[name]
            for base in here.bases:
                above = self._classes.get(base.id) if isinstance(base, ast.Name) else None
                if above is not None and id(above) not in seen:
                    seen.add(id(above))
                    work.append(above)
        return None

    def _table(self, owner: ast.ClassDef) -> dict[str, tuple[str, Function | None]]:
        if id(owner) in self._tables:
            return self._tables[id(owner)]
        table: dict[str, tuple[str, Function | None]] = {}
        for node in ast.walk(owner):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.ctx, ast.Store)
                and isinstance(node.value, ast.Name)
                and node.value.id == "self"
            ):
                table[node.attr] = ("attribute", None)
        for statement in owner.body:
            if isinstance(statement, Function):
                kind = "value" if _words(statement) & _PROPERTIES else "method"
                table[statement.name] = (kind, statement)
            for target in _targets(statement):
                if isinstance(target, ast.Name):
                    table[target.id] = ("value", None)
        self._tables[id(owner)] = table
        return table


def _targets(statement: ast.stmt) -> list[ast.expr]:
    if isinstance(statement, ast.Assign):
        return statement.targets
    return [statement.target] if isinstance(statement, ast.AnnAssign) else []
