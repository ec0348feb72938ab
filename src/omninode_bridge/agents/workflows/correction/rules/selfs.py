"""`self` that was forgotten: as a method's first parameter, or before a member's name."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.import_index import looks_imported
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.source import Offsets

from .members import Function, Members, first_parameter, method_of, parents_of, receiver_of
from .tokens import tokens_of

__all__ = ["parameters", "prefixes"]

_RECEIVERS = ("self", "cls")
# What takes the class although nothing decorates it.
_OF_CLASS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
_OTHER_WORDS = frozenset({"this", "slf", "sef", "self_", "_self", "me", "mcs", "mcls", "klass"})


def parameters(bench: Bench, text: str, undefined: Sequence[str]) -> tuple[str, list[Fix]]:
    """Give `self` or `cls` to every method that reads it and has no such parameter."""
    tree, names = bench.tree(text), bench.names(text)
    wanted = [name for name in _RECEIVERS if name in undefined]
    if tree is None or names is None or not wanted:
        return text, []
    parents = parents_of(tree)
    chosen: dict[int, tuple[Function, str]] = {}
    for name in wanted:
        for use in names.undefined.get(name, ()):
            found = method_of(use.node, parents)
            if found is None or not _lacks(found[0], found[1], name):
                return text, []
            if _had_a_type(found[0], tree):
                return text, []
            chosen[id(found[0])] = (found[0], name)
    fixes = []
    offsets = Offsets(text)
    for method, name in sorted(chosen.values(), key=lambda pair: -pair[0].lineno):
        done = _with_parameter(text, offsets.start(method), name)
        if done is None:
            return text, []
        text = done
        what = f"gave {method.name!r} the parameter {name!r}"
        fixes.append(Fix("self", method.lineno, what))
    return text, fixes[::-1]


def _lacks(method: Function, owner: ast.ClassDef, name: str) -> bool:
    """Whether a method ought to have `self` (or `cls`) and only that is missing."""
    words = {getattr(d, "attr", getattr(d, "id", "")) for d in method.decorator_list}
    first = first_parameter(method)
    if first in _OTHER_WORDS or first in _RECEIVERS or "staticmethod" in words:
        return False
    bases = {getattr(base, "attr", getattr(base, "id", "")) for base in owner.bases}
    of_class = (
        "classmethod" in words
        or any("validator" in word for word in words)
        or method.name in _OF_CLASS
        or "type" in bases
        or any(base.endswith("Meta") for base in bases)
    )
    return of_class if name == "cls" else "classmethod" not in words


def _had_a_type(method: Function, tree: ast.Module) -> bool:
    """Whether a type variable is returned that no parameter has: the lost one was annotated with it."""
    given = method.returns
    if not isinstance(given, ast.Name):
        return False
    arguments = ast.walk(method.args)
    if any(isinstance(node, ast.Name) and node.id == given.id for node in arguments):
        return False
    return any(
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "attr", getattr(node.value.func, "id", "")) == "TypeVar"
        and any(isinstance(t, ast.Name) and t.id == given.id for t in node.targets)
        for node in tree.body
    )


def _with_parameter(text: str, at: int, name: str) -> str | None:
    """Put a name first in the parentheses of the `def` that begins at an offset."""
    depth = 0
    begin: int | None = None
    broken = False
    for token in tokens_of(text, at, at + 20_000):
        if begin is None:
            if token.text == "(" and not depth:
                begin = token.end
            depth += (token.text == "[") - (token.text == "]")
        elif token.kind == "newline":
            broken = True
        elif token.text == ")":
            return text[:begin] + name + text[begin:]
        elif broken:
            line = max(text.rfind("\n", 0, token.start), text.rfind("\r", 0, token.start)) + 1
            ends = re.search(r"\r?\n|\r", text[at:])
            newline = ends.group() if ends else "\n"
            pad = text[line : token.start]
            return f"{text[:line]}{pad}{name},{newline}{text[line:]}"
        else:
            return f"{text[:begin]}{name}, {text[begin:]}"
    return None


def prefixes(bench: Bench, text: str, undefined: Sequence[str]) -> tuple[str, list[Fix]]:
    """Write `self.name` where a method reads the name of a member of its own class bare."""
    tree, names = bench.tree(text), bench.names(text)
    if tree is None or names is None or not undefined:
        return text, []
    members = Members(tree)
    parents = parents_of(tree)
    places: dict[int, tuple[str, str, int]] = {}
    offsets = Offsets(text)
    for name in undefined:
        found: dict[int, tuple[str, str, int]] = {}
        uses = names.undefined.get(name, [])
        for use in uses:
            receiver = _receiver(use.node, name, members, parents, names.bound)
            at = offsets.start(use.node)
            if not receiver or use.annotation or not text.startswith(name, at):
                break
            found[at] = (receiver, name, use.node.lineno)
        else:
            if uses and not looks_imported(name, uses, tree):
                places |= found
    fixes = []
    for at in sorted(places, reverse=True):
        receiver, name, line = places[at]
        text = f"{text[:at]}{receiver}.{text[at:]}"
        fixes.append(Fix("self", line, f"wrote '{receiver}.{name}' for {name!r}"))
    return text, fixes[::-1]


def _receiver(
    node: ast.Name,
    name: str,
    members: Members,
    parents: dict[int, ast.AST],
    bound: frozenset[str],
) -> str:
    """Return `self` or `cls` if the name can only be a member of the class around it, else nothing."""
    found = method_of(node, parents)
    if found is None:
        return ""
    method, owner = found
    receiver = receiver_of(method)
    kind = members.kind(owner, name)
    if not receiver or not kind or (receiver == "cls" and kind == "attribute"):
        return ""
    parent = parents.get(id(node))
    reached = isinstance(parent, ast.Attribute)
    if kind == "method":
        if isinstance(parent, ast.Call) and parent.func is node:
            return receiver if members.takes(owner, name, parent) else ""
        return "" if reached else receiver
    # A value that other code has under the same name may as well be a parameter that is gone.
    if members.is_local(name) or (kind == "attribute" and name in bound):
        return ""
    above: ast.AST | None = parent
    while above is not None and not isinstance(above, ast.stmt):
        above = parents.get(id(above))
    return "" if _stores(above, name) else receiver


def _stores(statement: ast.AST | None, name: str) -> bool:
    """Whether a statement puts something into the attribute itself: `self.name = name`."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    return any(isinstance(t, ast.Attribute) and t.attr == name for t in targets)
