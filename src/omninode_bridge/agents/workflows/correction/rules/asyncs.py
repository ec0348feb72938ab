"""Functions that have to be `async`: their body awaits, or the error says so."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.complaint import Complaint
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Offsets, Problem

__all__ = ["make_async", "propose", "wanted"]

# `async def __init__` and the like return a coroutine where the protocol wants a value.
_NEVER = frozenset(
    {*dir(dict), *dir(int), *dir(str), "__enter__", "__exit__", "__next__", "__del__", "__getattr__", "__get__",
     "__set__", "__delete__", "__set_name__", "__missing__", "__post_init__", "__aiter__", "__length_hint__"}
) - {"__call__"}  # fmt: skip
_OUTSIDE = ("outside async function", "outside of an asynchronous function")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Make every function `async` whose own body awaits."""
    if problem.stage != 2 or not any(words in problem.message for words in _OUTSIDE):
        return
    tree = bench.tree(text)
    if tree is None:
        return
    needing = [node for node in _awaiting(tree) if _may(node)]
    if needing:
        done, fixes = make_async(text, needing)
        yield Proposal(done, fixes[0])


def wanted(bench: Bench, text: str, complaint: Complaint) -> tuple[str, list[Fix]]:
    """Make the functions `async` that the error names; nothing if it is not clear which it means."""
    tree = bench.tree(text)
    if tree is None or not complaint.wants_async:
        return text, []
    chosen: dict[int, ast.FunctionDef] = {}
    functions = list(_functions(tree))
    for said in complaint.wants_async:
        *path, name = said.split(".")
        same = [(node, owner) for node, owner in functions if node.name == name]
        if path:
            same = [pair for pair in same if pair[1] == path[-1]] or same
        plain = [n for n, _ in same if isinstance(n, ast.FunctionDef) and _may(n) and _real(n)]
        if len(same) > 1:
            plain = [n for n in plain if _holds(n, complaint.line)] or plain
        if len(plain) == 1:
            chosen[plain[0].lineno] = plain[0]
    if not chosen:
        return text, []
    return make_async(text, list(chosen.values()))


def make_async(text: str, nodes: Iterable[ast.FunctionDef]) -> tuple[str, list[Fix]]:
    """Write `async` before the given functions."""
    offsets = Offsets(text)
    fixes = []
    for node in sorted(nodes, key=lambda n: -n.lineno):
        at = offsets.start(node)
        if text[at : at + 3] != "def":
            continue
        text = f"{text[:at]}async {text[at:]}"
        fixes.append(Fix("async", node.lineno, f"made {node.name!r} async"))
    return text, fixes[::-1]


def _functions(tree: ast.Module) -> Iterator[tuple[_Function, str]]:
    """Yield every function with the name of the class or function that it stands in."""
    work: list[tuple[ast.AST, str]] = [(tree, "")]
    while work:
        node, owner = work.pop()
        if isinstance(node, _Function):
            yield node, owner
        name = node.name if isinstance(node, _Function | ast.ClassDef) else owner
        work.extend((child, name) for child in ast.iter_child_nodes(node))


def _awaiting(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node, _ in _functions(tree):
        if isinstance(node, ast.FunctionDef) and _awaits(node):
            yield node


def _awaits(function: ast.FunctionDef) -> bool:
    """Whether the function's own code awaits; what nested functions do does not count."""
    work: list[ast.AST] = list(function.body)
    while work:
        node = work.pop()
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            return True
        if isinstance(node, ast.comprehension) and node.is_async:
            return True
        if isinstance(node, _Function | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, ast.GeneratorExp):
            # A generator expression may await by itself, except for its first iterable.
            work.append(node.generators[0].iter)
            continue
        work.extend(ast.iter_child_nodes(node))
    return False


def _may(node: ast.FunctionDef) -> bool:
    return not (node.name.startswith("__") and node.name in _NEVER)


def _real(node: ast.FunctionDef) -> bool:
    """Whether this is the function and not one of its overloads."""
    names = {getattr(d, "attr", getattr(d, "id", "")) for d in node.decorator_list}
    return "overload" not in names


def _holds(node: ast.FunctionDef, line: int | None) -> bool:
    return line is not None and node.lineno <= line <= (node.end_lineno or node.lineno)
