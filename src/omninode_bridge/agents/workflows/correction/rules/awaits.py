"""Calls whose coroutine nobody awaits."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.complaint import Complaint
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.source import Offsets

__all__ = ["wanted"]

_Function = ast.FunctionDef | ast.AsyncFunctionDef
# Who takes a coroutine as it is.
_TAKES = frozenset(
    {"create_task", "ensure_future", "gather", "wait_for", "wait", "shield", "run",
     "run_until_complete", "as_completed", "run_coroutine_threadsafe", "start_soon", "start",
     "spawn", "Task", "iscoroutine", "isawaitable", "close", "add_task", "spawn_task",
     "schedule", "submit", "append", "add", "put", "put_nowait", "timeout_at", "run_sync",
     "async_to_sync", "fail_after", "staggered_race", "create_background_task", "call_soon",
     "cancel"}
)  # fmt: skip
_HOLDS = (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Starred, ast.Yield, ast.YieldFrom, ast.Lambda,
          ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.withitem, ast.AsyncFor,
          ast.comprehension)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Call:
    node: ast.Call
    receiver: str
    klass: str
    context: str


def wanted(bench: Bench, text: str, complaint: Complaint) -> tuple[str, list[Fix]]:
    """Await the calls that the error means; nothing if it is not clear which those are."""
    tree = bench.tree(text)
    if tree is None or not (complaint.unawaited or complaint.misused):
        return text, []
    chosen: dict[tuple[int, int], _Call] = {}
    for said in complaint.unawaited:
        for call in _meant(tree, said):
            chosen[call.node.lineno, call.node.col_offset] = call
    if not complaint.unawaited:
        asynchronous = {n.name for n in ast.walk(tree) if isinstance(n, ast.AsyncFunctionDef)}
        plain = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
        calls = [c for name in sorted(asynchronous - plain) for c in _meant(tree, name)]
        calls = [c for c in calls if c.context != "statement"]
        if complaint.line is not None and len(calls) > 1:
            calls = [c for c in calls if c.node.lineno == complaint.line]
        if len(calls) == 1:
            chosen[calls[0].node.lineno, calls[0].node.col_offset] = calls[0]
    return _awaited(text, list(chosen.values()))


def _awaited(text: str, calls: list[_Call]) -> tuple[str, list[Fix]]:
    offsets = Offsets(text)
    fixes = []
    for call in sorted(calls, key=lambda c: (-c.node.lineno, -c.node.col_offset)):
        begin, end = offsets.start(call.node), offsets.end(call.node)
        if not text.startswith(call.receiver, begin):
            continue  # places inside f-strings are not to be trusted before 3.12
        inner = f"await {text[begin:end]}"
        if call.context == "primary":
            inner = f"({inner})"
        text = text[:begin] + inner + text[end:]
        fixes.append(Fix("await", call.node.lineno, "awaited a coroutine that was left alone"))
    return text, fixes[::-1]


def _meant(tree: ast.Module, said: str) -> list[_Call]:
    """Return the calls that an error with this qualified name can mean."""
    # What is after the last `<locals>` is a name of a function's own: nobody reaches it by a dot.
    parts = said.rpartition("<locals>.")[2].split(".")
    name, owner = parts[-1], parts[-2] if len(parts) > 1 else ""
    classes = {n.name: n for n in ast.walk(tree) if isinstance(n, ast.ClassDef)}
    calls = _loose_calls(tree, name)
    if owner in classes:
        family = _family(classes, owner)
        own = [c for c in calls if c.receiver in {"self", "cls"} and c.klass in family]
        own += [c for c in calls if c.receiver in {"super", owner}]
        others = [c for c in calls if c.receiver not in {"self", "cls", name}]
        # Of what class another object is nobody says: one call can only be meant, several need a sign.
        made = _made_of(tree, owner) if len(others) > 1 else set()
        return own or (others if len(others) < 2 or all(c.receiver in made for c in others) else [])
    if owner:
        others = [c for c in calls if c.receiver != name and c.context in {"statement", "value"}]
        return others if len({c.receiver for c in others}) < 2 else []
    bare = [c for c in calls if c.receiver == name]
    return bare or [c for c in calls if c.receiver != name]


def _made_of(tree: ast.Module, owner: str) -> set[str]:
    """Return names that get an instance of a class somewhere: `x = Owner(...)`, `x: Owner`."""
    made: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            if getattr(node.value.func, "id", "") == owner:
                made |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.arg) and getattr(node.annotation, "id", "") == owner:
            made.add(node.arg)
    return made


def _family(classes: dict[str, ast.ClassDef], owner: str) -> set[str]:
    """Return a class, and the classes of the file that inherit from it or that it inherits from."""
    family = {owner}
    for _ in range(len(classes)):
        grown = set(family)
        for name, node in classes.items():
            bases = {b.id for b in node.bases if isinstance(b, ast.Name)}
            if bases & family:
                grown.add(name)
        if grown == family:
            break
        family = grown
    for base in classes[owner].bases:
        if isinstance(base, ast.Name):
            family.add(base.id)
    return family


def _loose_calls(tree: ast.Module, name: str) -> list[_Call]:
    """Return calls of a name, in async functions, whose value is used or dropped and not awaited."""
    found: list[_Call] = []
    kept: dict[int, set[str]] = {}
    work: list[tuple[ast.AST, tuple[ast.AST, ...], ast.AST | None, str]] = [(tree, (), None, "")]
    while work:
        node, parents, function, klass = work.pop()
        if isinstance(node, ast.Call) and isinstance(function, ast.AsyncFunctionDef):
            receiver = _receiver(node.func, name)
            if receiver:
                if id(function) not in kept:
                    kept[id(function)] = _used_as_coroutines(function)
                context = _context(node, parents, kept[id(function)])
                if context:
                    found.append(_Call(node, receiver, klass, context))
        if isinstance(node, _Function | ast.Lambda):
            function = node
        elif isinstance(node, ast.ClassDef):
            klass, function = node.name, None
        above = (*parents[-3:], node)
        work.extend((child, above, function, klass) for child in ast.iter_child_nodes(node))
    return found


def _receiver(function: ast.expr, name: str) -> str:
    """Return what the call is made on: the first word of `self.client.name(...)`."""
    if isinstance(function, ast.Name):
        return name if function.id == name else ""
    if not isinstance(function, ast.Attribute) or function.attr != name:
        return ""
    inner: ast.expr = function.value
    direct = True
    while isinstance(inner, ast.Attribute | ast.Subscript | ast.Call):
        direct = direct and isinstance(inner, ast.Call)
        inner = inner.func if isinstance(inner, ast.Call) else inner.value
    if not isinstance(inner, ast.Name):
        return ""
    return inner.id if direct or inner.id not in {"self", "cls"} else f"{inner.id}."


def _context(node: ast.Call, parents: tuple[ast.AST, ...], kept: set[str]) -> str:
    """Say how the value of a call is used; empty if a coroutine may be meant there."""
    parent = parents[-1]
    if isinstance(parent, (ast.Await, *_HOLDS)):
        return ""
    if isinstance(parent, ast.Expr):
        return "statement"
    if isinstance(parent, ast.Assign | ast.AnnAssign | ast.NamedExpr):
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        names = {t.id for t in targets if isinstance(t, ast.Name)}
        return "" if names & kept else "value"
    if isinstance(parent, ast.Call):
        if parent.func is node:
            return "primary"
        taker = parent.func
        word = taker.attr if isinstance(taker, ast.Attribute) else getattr(taker, "id", "")
        return "" if word in _TAKES else "value"
    if isinstance(parent, ast.keyword):
        return ""
    if isinstance(parent, ast.Attribute | ast.Subscript) and parent.value is node:
        return "primary"
    return "value"


def _used_as_coroutines(function: ast.AsyncFunctionDef) -> set[str]:
    """Return names that are awaited later, or handed to something that takes coroutines."""
    names: set[str] = set()
    for node in ast.walk(function):
        taken: list[ast.expr] = []
        if isinstance(node, ast.Await):
            taken = [node.value]
        elif isinstance(node, ast.Call):
            word = (
                node.func.attr
                if isinstance(node.func, ast.Attribute)
                else getattr(node.func, "id", "")
            )
            taken = [*node.args, node.func] if word in _TAKES else []
        for value in taken:
            inner = value.value if isinstance(value, ast.Starred | ast.Attribute) else value
            if isinstance(inner, ast.Name):
                names.add(inner.id)
    return names
