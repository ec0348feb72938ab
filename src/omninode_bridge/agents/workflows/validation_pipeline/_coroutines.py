"""Coroutines that are forgotten, and what holds up the event loop."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ._source import Source, dotted
from .models import Severity, ValidationFinding

__all__ = ["blocking_calls", "unawaited_calls"]

_BLOCKING = frozenset(
    {
        "input",
        "os.system",
        "os.wait",
        "shutil.copytree",
        "shutil.rmtree",
        "socket.create_connection",
        "socket.getaddrinfo",
        "sqlite3.connect",
        "subprocess.call",
        "subprocess.check_call",
        "subprocess.check_output",
        "subprocess.run",
        "time.sleep",
        "urllib.request.urlopen",
        "urllib.request.urlretrieve",
    }
    | {
        f"{library}.{verb}"
        for library in ("requests", "httpx")
        for verb in ("get", "post", "put", "patch", "delete", "head", "options", "request")
    }
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def unawaited_calls(source: Source) -> Iterator[ValidationFinding]:
    """Find calls of the code's own coroutine functions whose coroutine is dropped."""
    tree = source.tree
    if tree is None:
        return
    free = {n.name for n in tree.body if isinstance(n, ast.AsyncFunctionDef)}
    free -= {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
    yield from _dropped(tree, free)
    for owner in ast.walk(tree):
        if isinstance(owner, ast.ClassDef):
            methods = {n.name for n in owner.body if isinstance(n, ast.AsyncFunctionDef)}
            yield from _dropped(owner, {f"self.{name}" for name in methods})


def _dropped(inside: ast.AST, coroutines: set[str]) -> Iterator[ValidationFinding]:
    for node in ast.walk(inside):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            name = dotted(node.value.func)
            if name in coroutines:
                said = f"coroutine {name.rpartition('.')[2]!r} is never awaited"
                yield ValidationFinding("unawaited_calls", said, node.lineno)


def blocking_calls(source: Source) -> Iterator[ValidationFinding]:
    """Find calls in coroutines during which nothing else on the loop can go on."""
    for function in ast.walk(source.tree) if source.tree is not None else ():
        if not isinstance(function, ast.AsyncFunctionDef):
            continue
        work: list[ast.AST] = list(function.body)
        while work:
            node = work.pop()
            if isinstance(node, _FUNCTIONS):
                continue  # judged by itself, or run elsewhere
            if isinstance(node, ast.Call) and source.name_of(node.func) in _BLOCKING:
                said = f"{source.name_of(node.func)}() holds up the event loop in {function.name!r}"
                yield ValidationFinding("blocking_calls", said, node.lineno, Severity.WARNING)
            work.extend(ast.iter_child_nodes(node))
