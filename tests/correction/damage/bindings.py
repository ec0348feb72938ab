"""Names, `self`, `async` and `await` that were forgotten."""

from __future__ import annotations

import ast
import random
import re

from omninode_bridge.agents.workflows.correction.names import names_of

from ._judge import Damaged
from ._source import Source, tree_of

__all__ = ["MAKERS"]


def _asyncs(source: Source) -> list[ast.AsyncFunctionDef]:
    return [n for n in ast.walk(source.tree) if isinstance(n, ast.AsyncFunctionDef)]


def _own(node: ast.AST) -> list[ast.AST]:
    """Return the nodes of a function without those of functions inside of it."""
    found, work = [], list(ast.iter_child_nodes(node))
    while work:
        one = work.pop()
        found.append(one)
        if not isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            work += ast.iter_child_nodes(one)
    return found


def missing_async(rng: random.Random, source: Source) -> Damaged | None:
    """Lose the `async` of functions that await."""
    waits = (ast.Await, ast.AsyncFor, ast.AsyncWith)
    nodes = [n for n in _asyncs(source) if any(isinstance(x, waits) for x in _own(n))]
    if not nodes:
        return None
    chosen = nodes if rng.random() < 0.15 else rng.sample(nodes, 1)
    text = source.text
    for node in sorted(chosen, key=lambda n: n.lineno, reverse=True):
        at = source.span(node)[0]
        text = text[:at] + text[at + len("async ") :]
    return Damaged("missing_async", f"x{len(chosen)}", source.text, text)


def missing_async_contract(rng: random.Random, source: Source) -> Damaged | None:
    """Lose the `async` of a function that awaits nothing, and say that it has to be one."""
    waits = (ast.Await, ast.AsyncFor, ast.AsyncWith)
    nodes = [n for n in _asyncs(source) if not any(isinstance(x, waits) for x in _own(n))]
    names = [
        n.name
        for n in ast.walk(source.tree)
        if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    nodes = [n for n in nodes if names.count(n.name) == 1]
    if not nodes:
        return None
    node = rng.choice(nodes)
    at = source.span(node)[0]
    said = rng.choice(
        (
            f"operation {node.name!r} must be async: 'def {node.name}' found",
            f"function {node.name} is not a coroutine function (missing async)",
            f"contract violation: expected 'async def {node.name}'",
        )
    )
    broken = source.replaced(at, at + len("async "), "")
    return Damaged("missing_async_contract", "said", source.text, broken, error=ValueError(said))


def missing_await(rng: random.Random, source: Source) -> Damaged | None:
    """Lose the `await` before the call of a coroutine of the same file."""
    own = {n.name: n for n in _asyncs(source)}
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            called = node.value.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in own:
                found.append((node, name))
    if not found:
        return None
    node, name = rng.choice(found)
    owner = next(
        (
            c.name
            for c in ast.walk(source.tree)
            if isinstance(c, ast.ClassDef) and own[name] in c.body
        ),
        "",
    )
    qualified = f"{owner}.{name}" if owner else name
    at = source.span(node)[0]
    said = rng.choice(
        (
            "coroutine '{}' was never awaited",
            "coroutine '{}' was never awaited",
            "sys:1: RuntimeWarning: coroutine '{}' was never awaited",
        )
    )
    error = RuntimeWarning(said.format(qualified))
    broken = re.sub(r"\Aawait\s+", "", source.text[at:])
    broken = source.text[:at] + broken
    return Damaged("missing_await", type(node).__name__, source.text, broken, error=error)


def _imports(source: Source) -> list[ast.Import | ast.ImportFrom]:
    return [n for n in source.tree.body if isinstance(n, (ast.Import, ast.ImportFrom))]


def _without(source: Source, gone: list[tuple[ast.stmt, ast.alias]]) -> str:
    """Return the text without some imported names."""
    rows = list(source.lines)
    for node in {id(n): n for n, _ in gone}.values():
        left = [a for a in node.names if not any(a is x for _, x in gone)]  # type: ignore[attr-defined]
        for n in range(node.lineno - 1, node.end_lineno or 0):
            rows[n] = ""
        if left:
            names = ", ".join(a.name + (f" as {a.asname}" if a.asname else "") for a in left)
            head = (
                f"from {'.' * node.level}{node.module or ''} import "
                if isinstance(node, ast.ImportFrom)
                else "import "
            )
            rows[node.lineno - 1] = head + names + "\n"
    return "".join(rows)


def _undefined(text: str, names: set[str]) -> bool:
    """Whether a text compiles and lacks all of the names."""
    tree = tree_of(text)
    return tree is not None and names <= names_of(tree).undefined.keys()


_KNOWN = {
    "json", "re", "os", "sys", "logging", "asyncio", "time", "math", "random", "itertools", "functools",
    "collections", "typing", "pathlib", "datetime", "dataclasses", "enum", "abc", "contextlib", "uuid",
    "hashlib", "base64", "io", "copy", "string", "threading", "subprocess", "tempfile", "shutil", "csv",
    "inspect", "types", "warnings", "traceback", "socket", "struct", "queue", "collections.abc", "operator",
    "weakref", "decimal", "fractions", "heapq", "bisect", "textwrap", "urllib.parse", "urllib.request",
}  # fmt: skip


def _missing(
    rng: random.Random, source: Source, cls: str, wanted: str, count: int
) -> Damaged | None:
    """Lose imports of the kind that `wanted` names: module, from, typing, any."""
    found = []
    uses = {n.id for n in ast.walk(source.tree) if isinstance(n, ast.Name)}
    for node in _imports(source):
        for alias in node.names:
            if alias.asname or alias.name == "*" or alias.name.split(".")[0] not in uses:
                continue
            if isinstance(node, ast.Import) and alias.name in _KNOWN and "." not in alias.name:
                found.append(("module", node, alias))
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module in _KNOWN:
                kind = "typing" if node.module in ("typing", "collections.abc") else "from"
                found.append((kind, node, alias))
    found = [f for f in found if wanted in ("any", f[0])]
    if len(found) < count:
        return None
    chosen = rng.sample(found, count)
    name = chosen[0][2].name
    error: object = rng.choice(
        (
            NameError(f"name '{name}' is not defined"),
            f"generated.py:6:20: F821 Undefined name `{name}`",
            ValueError(f"validation failed: undefined name '{name}' (pyflakes)"),
        )
    )
    broken = _without(source, [(n, a) for _, n, a in chosen])
    if not _undefined(broken, {a.name for _, _, a in chosen}):
        return None
    return Damaged(cls, wanted, source.text, broken, check="imports", error=error)  # type: ignore[arg-type]


def missing_import_module(rng: random.Random, source: Source) -> Damaged | None:
    """Lose `import x`."""
    return _missing(rng, source, "missing_import_module", "module", 1)


def missing_import_from(rng: random.Random, source: Source) -> Damaged | None:
    """Lose a name of `from x import y`."""
    return _missing(rng, source, "missing_import_from", "from", 1)


def missing_import_typing(rng: random.Random, source: Source) -> Damaged | None:
    """Lose a name of typing."""
    return _missing(rng, source, "missing_import_typing", "typing", 1)


_THIRD = {
    "numpy", "pandas", "requests", "yaml", "pytest", "pydantic", "attrs", "attr", "trio", "httpx", "aiohttp",
    "click", "rich", "networkx", "sqlalchemy", "jinja2", "fastapi", "starlette", "boto3", "typer", "scipy",
    "sympy", "botocore", "packaging", "cryptography", "jsonschema", "h11", "anyio", "matplotlib.pyplot", "tqdm",
    "msgpack", "redis", "lxml", "flask", "werkzeug", "structlog", "certifi", "urllib3",
}  # fmt: skip


def missing_import_third(rng: random.Random, source: Source) -> Damaged | None:
    """Lose the import of a whole module that is not of the standard library."""
    uses = {n.id for n in ast.walk(source.tree) if isinstance(n, ast.Name)}
    found = [
        (node, alias)
        for node in _imports(source)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name in _THIRD and (alias.asname or alias.name) in uses
    ]
    if not found:
        return None
    node, alias = rng.choice(found)
    name = alias.asname or alias.name
    error = NameError(f"name '{name}' is not defined")
    broken = _without(source, [(node, alias)])
    if tree_of(broken) is None:
        return None
    return Damaged("missing_import_third", name, source.text, broken, check="imports", error=error)


def missing_import_multi(rng: random.Random, source: Source) -> Damaged | None:
    """Lose two or three imports."""
    return _missing(rng, source, "missing_import_multi", "any", rng.choice((2, 3)))


def _methods(source: Source) -> list[tuple[ast.ClassDef, ast.FunctionDef | ast.AsyncFunctionDef]]:
    return [
        (c, f)
        for c in ast.walk(source.tree)
        if isinstance(c, ast.ClassDef)
        for f in c.body
        if isinstance(f, (ast.FunctionDef, ast.AsyncFunctionDef))
        and f.args.args
        and f.args.args[0].arg == "self"
        and not f.decorator_list
    ]


def missing_self(rng: random.Random, source: Source) -> Damaged | None:
    """Lose the parameter `self` of a method that uses it."""
    nodes = [
        f
        for _, f in _methods(source)
        if any(isinstance(n, ast.Name) and n.id == "self" for n in _own(f))
        and not f.args.posonlyargs
    ]
    if not nodes:
        return None
    node = rng.choice(nodes)
    first, last = source.span(node.args.args[0])
    rest = re.match(r",\s*", source.text[last:])
    end = last + (rest.end() if rest else 0)
    kind = "args" if rest else "noargs"
    broken = source.replaced(first, end, "")
    return Damaged(
        "missing_self", kind, source.text, broken, error=NameError("name 'self' is not defined")
    )


def missing_self_prefix(rng: random.Random, source: Source) -> Damaged | None:
    """Lose the `self.` before the call of a method."""
    found = []
    for klass, method in _methods(source):
        names = {
            f.name for f in klass.body if isinstance(f, (ast.FunctionDef, ast.AsyncFunctionDef))
        }
        for node in _own(method):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                if isinstance(owner, ast.Name) and owner.id == "self" and node.func.attr in names:
                    found.append(node.func)
    found = [
        n
        for n in found
        if n.attr not in source.names.bound - {n.attr} and not n.attr.startswith("__")
    ]
    if not found:
        return None
    node = rng.choice(found)
    at = source.span(node)[0]
    broken = source.replaced(at, at + len("self."), "")
    if not _undefined(broken, {node.attr}):
        return None
    error = NameError(f"name '{node.attr}' is not defined")
    return Damaged("missing_self_prefix", "call", source.text, broken, error=error)


MAKERS = (
    missing_async, missing_async_contract, missing_await, missing_import_module, missing_import_from,
    missing_import_typing, missing_import_third, missing_import_multi, missing_self, missing_self_prefix,
)  # fmt: skip
