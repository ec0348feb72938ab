"""What no correction may do, whoever asked for it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from .bench import Bench
from .typography import folded

__all__ = ["KEPT", "lost_definitions", "new_undefined", "objection", "tokens"]

KEPT = 0.98
_TOKEN = re.compile(r"\w+|[^\w\s]")
_BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")
# What other languages call something that Python spells another way.
_RESPELLED = (
    "true", "false", "null", "nil", "undefined", "TRUE", "FALSE", "NULL",
    "let", "const", "var", "new", "function", "func", "fn", "throw", "catch",
    "extends", "implements", "instanceof", "foreach", "public", "private", "protected", "export", "ur",
)  # fmt: skip
_DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+)?(def|class)[ \t]+(\w+)", re.MULTILINE)


def tokens(text: str) -> Counter[str]:
    """Count words and signs; white space and order do not matter."""
    return Counter(_TOKEN.findall(folded(text)))


def lost_definitions(bench: Bench, before: str, after: str) -> list[str]:
    """Name the functions and classes that are gone; `def` and `async def` are the same thing."""
    old, new = bench.tree(before), bench.tree(after)
    if old is None or new is None:
        had, has = (Counter(name for _, name in _DEFINED.findall(t)) for t in (before, after))
        # A `def` that lost its bracket has its first parameter at the end of its name.
        cut = has - had
        grown = {name for name in had - has if any(name.startswith(new) for new in cut)}
        return sorted(had - has) if len(grown) > 1 else sorted((had - has) - Counter(grown))
    had, has = _definitions(old), _definitions(new)
    return sorted(had - has)


def _definitions(tree: ast.Module) -> Counter[str]:
    """Count functions, classes and the attributes of classes.

    Only statements hold any, so expressions are passed over.
    """
    found: Counter[str] = Counter()
    work: list[ast.AST] = [tree]
    while work:
        node = work.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found[node.name] += 1
        if isinstance(node, ast.ClassDef):
            found.update({f"{node.name}.{name}" for name in _attributes(node)})
        for name in _BLOCKS:
            work += getattr(node, name, ())
    return found


def _attributes(node: ast.ClassDef) -> Iterator[str]:
    """Yield the names that the body of a class binds itself."""
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            yield from (target.id for target in statement.targets if isinstance(target, ast.Name))
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield statement.name


def new_undefined(bench: Bench, before: str, after: str, dropped: str = "") -> list[str]:
    """Return names that `after` reads and does not bind, and that `before` did not lack.

    If `before` has no tree, a name was lacking there only if it stands in it and nothing in `after`
    binds it anywhere: then no edit can have cut it off from its binding.
    """
    names = bench.names(after)
    if names is None:
        return []
    old = bench.names(before)
    if old is not None:
        return [name for name in names.undefined if name not in old.undefined]
    words, lost = tokens(before), tokens(dropped)
    return [
        name for name in names.undefined if name in names.bound or name not in words or name in lost
    ]


def objection(bench: Bench, before: str, after: str, *, dropped: str = "", slack: int = 0) -> str:
    """Return why `after` must not replace `before`, or an empty string.

    Args:
        bench: compiles and remembers.
        before: the text after wrapping was taken off.
        after: the candidate.
        dropped: what was taken off, where names may have been bound.
        slack: tokens that may go beyond the 2 %.
    """
    problem = bench.problem(after)
    if problem is not None:
        return f"line {problem.line} does not compile: {problem.message}"
    gone = lost_definitions(bench, before, after)
    if gone:
        return f"{gone[0]!r} would be lost"
    lacking = new_undefined(bench, before, after, dropped)
    if lacking:
        return f"name {lacking[0]!r} would not be defined"
    had = tokens(before)
    gone_tokens = had - tokens(after)
    for word in _RESPELLED:
        gone_tokens.pop(word, None)
    # Other languages write with more signs: four of them weigh as much as one word.
    signs = sum(
        count for token, count in gone_tokens.items() if not (token[0].isalnum() or token[0] == "_")
    )
    lost = gone_tokens.total() - signs + signs // 4
    if lost > had.total() * (1 - KEPT) + slack:
        return f"{lost} of {had.total()} tokens would be lost"
    return ""
