"""Which names a module uses and never binds, and how it uses them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from .scopes import Names, Scope, Use, resolves

__all__ = ["names_of"]

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_MOST_NODES = 2_000_000


@dataclass(frozen=True, slots=True)
class _Item:
    node: ast.AST
    scope: Scope
    annotation: bool = False
    guarded: bool = False


def names_of(tree: ast.Module) -> Names:
    """Resolve every name of a module; iterative, so depth does not matter."""
    walk = _Walk(tree)
    walk.run()
    return walk.result()


class _Walk:
    """A worklist over the tree; nothing here recurses."""

    def __init__(self, tree: ast.Module) -> None:
        self.module = Scope("module", None)
        self.scopes = [self.module]
        self.uses: list[tuple[Use, Scope]] = []
        self.star = False
        self.work = [_Item(node, self.module) for node in tree.body]

    def run(self) -> None:
        done = 0
        while self.work and done < _MOST_NODES:
            done += 1
            item = self.work.pop()
            handler = _HANDLERS.get(type(item.node))
            if handler is None:
                self.push(ast.iter_child_nodes(item.node), item)
            else:
                handler(self, item)

    def result(self) -> Names:
        for scope in self.scopes:
            self.module.bound |= scope.global_names
            scope.bound -= scope.global_names | scope.outer_names
        undefined: dict[str, list[Use]] = {}
        for use, scope in self.uses:
            if not use.guarded and not resolves(use.name, scope):
                undefined.setdefault(use.name, []).append(use)
        for uses in undefined.values():
            uses.sort(key=lambda use: (use.node.lineno, use.node.col_offset))
        bound = frozenset().union(*(scope.bound for scope in self.scopes))
        return Names({} if self.star else undefined, bound, self.star)

    def push(
        self,
        nodes: Iterable[ast.AST],
        item: _Item,
        scope: Scope | None = None,
        *,
        annotation: bool | None = None,
        guarded: bool | None = None,
    ) -> None:
        where = scope or item.scope
        noted = item.annotation if annotation is None else annotation
        kept = item.guarded if guarded is None else guarded
        self.work.extend(_Item(node, where, noted, kept) for node in nodes)

    def inner(self, kind: str, parent: Scope) -> Scope:
        scope = Scope(kind, parent)
        self.scopes.append(scope)
        return scope

    def parameters(self, item: _Item, node: ast.AST) -> Scope:
        """Open a scope for type parameters (3.12), if there are any."""
        given: list[ast.AST] = getattr(node, "type_params", [])
        if not given:
            return item.scope
        scope = self.inner("function", item.scope)
        for parameter in given:
            scope.bound.add(getattr(parameter, "name", ""))
            self.push(ast.iter_child_nodes(parameter), item, scope, annotation=True)
        return scope

    def function(self, item: _Item) -> None:
        node = item.node
        assert isinstance(node, (*_FUNCTIONS, ast.Lambda))  # noqa: S101 - narrows for the type checker
        outer = self.parameters(item, node)
        body = self.inner("function", outer)
        arguments = node.args
        self.push([*arguments.defaults, *(d for d in arguments.kw_defaults if d)], item)
        extra = [a for a in (arguments.vararg, arguments.kwarg) if a]
        for arg in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *extra):
            body.bound.add(arg.arg)
            if arg.annotation:
                self.push([arg.annotation], item, outer, annotation=True)
        if isinstance(node, ast.Lambda):
            self.push([node.body], item, body, annotation=False)
            return
        item.scope.bound.add(node.name)
        self.push(node.decorator_list, item)
        if node.returns:
            self.push([node.returns], item, outer, annotation=True)
        self.push(node.body, item, body, annotation=False)

    def klass(self, item: _Item) -> None:
        node = item.node
        assert isinstance(node, ast.ClassDef)  # noqa: S101
        item.scope.bound.add(node.name)
        outer = self.parameters(item, node)
        self.push(node.decorator_list, item)
        self.push([*node.bases, *(k.value for k in node.keywords)], item, outer)
        self.push(node.body, item, self.inner("class", outer))

    def comprehension(self, item: _Item) -> None:
        node = item.node
        assert isinstance(node, _COMPREHENSIONS)  # noqa: S101
        scope = self.inner("comprehension", item.scope)
        first, *others = node.generators
        self.push([first.iter], item)
        self.push([first.target, *first.ifs, *others], item, scope)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self.push(parts, item, scope)

    def walrus(self, item: _Item) -> None:
        node = item.node
        assert isinstance(node, ast.NamedExpr)  # noqa: S101
        scope: Scope | None = item.scope
        while scope and scope.kind == "comprehension":
            scope = scope.parent
        (scope or item.scope).bound.add(node.target.id)
        self.push([node.value], item)

    def name(self, item: _Item) -> None:
        node = item.node
        assert isinstance(node, ast.Name)  # noqa: S101
        if isinstance(node.ctx, ast.Load):
            use = Use(node.id, node, item.annotation, item.guarded)
            self.uses.append((use, item.scope))
        else:
            item.scope.bound.add(node.id)

    def imported(self, item: _Item) -> None:
        node = item.node
        assert isinstance(node, (ast.Import, ast.ImportFrom))  # noqa: S101
        for alias in node.names:
            if alias.name == "*":
                self.star = True
            plain = alias.name.split(".")[0] if isinstance(node, ast.Import) else alias.name
            item.scope.bound.add(alias.asname or plain)

    def declared(self, item: _Item) -> None:
        node = item.node
        if isinstance(node, ast.Global):
            item.scope.global_names.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            item.scope.outer_names.update(node.names)

    def captured(self, item: _Item) -> None:
        for attribute in ("name", "rest"):
            name = getattr(item.node, attribute, None)
            if isinstance(name, str):
                item.scope.bound.add(name)
        self.push(ast.iter_child_nodes(item.node), item)

    def attempt(self, item: _Item) -> None:
        node = item.node
        handlers: list[ast.ExceptHandler] = getattr(node, "handlers", [])
        caught = {
            n.id for h in handlers if h.type for n in ast.walk(h.type) if isinstance(n, ast.Name)
        }
        shielded = item.guarded or "NameError" in caught
        body: list[ast.stmt] = getattr(node, "body", [])
        self.push(body, item, guarded=shielded)
        rest = [*handlers, *getattr(node, "orelse", []), *getattr(node, "finalbody", [])]
        self.push(rest, item)

    def annotated(self, item: _Item) -> None:
        node = item.node
        assert isinstance(node, ast.AnnAssign)  # noqa: S101
        self.push([node.target], item)
        self.push([node.annotation], item, annotation=True)
        if node.value:
            alias = _last_name(node.annotation) == "TypeAlias"
            self.push([node.value], item, annotation=alias)

    def constant(self, item: _Item) -> None:
        node = item.node
        assert isinstance(node, ast.Constant)  # noqa: S101
        if not item.annotation or not isinstance(node.value, str) or len(node.value) > 500:
            return
        try:
            inside = ast.parse(node.value.strip(), mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return
        for part in ast.walk(inside):
            if isinstance(part, ast.expr):
                part.lineno, part.col_offset = node.lineno, node.col_offset
        self.push([inside], item)

    def subscript(self, item: _Item) -> None:
        node = item.node
        assert isinstance(node, ast.Subscript)  # noqa: S101
        head = _last_name(node.value)
        self.push([node.value], item)
        if head == "Literal":
            self.push([node.slice], item, annotation=False)
        elif head == "Annotated" and isinstance(node.slice, ast.Tuple):
            self.push(node.slice.elts[:1], item)
            self.push(node.slice.elts[1:], item, annotation=False)
        else:
            self.push([node.slice], item)

    def call(self, item: _Item) -> None:
        node = item.node
        assert isinstance(node, ast.Call)  # noqa: S101
        typed = _last_name(node.func) == "cast" and len(node.args) == 2
        self.push([node.func], item, annotation=False)
        self.push(node.args[:1], item, annotation=typed)
        self.push([*node.args[1:], *(k.value for k in node.keywords)], item, annotation=False)


_HANDLERS = {
    ast.FunctionDef: _Walk.function, ast.AsyncFunctionDef: _Walk.function,
    ast.Lambda: _Walk.function, ast.ClassDef: _Walk.klass, ast.ListComp: _Walk.comprehension,
    ast.SetComp: _Walk.comprehension, ast.DictComp: _Walk.comprehension,
    ast.GeneratorExp: _Walk.comprehension, ast.NamedExpr: _Walk.walrus, ast.Name: _Walk.name,
    ast.Import: _Walk.imported, ast.ImportFrom: _Walk.imported, ast.Global: _Walk.declared,
    ast.Nonlocal: _Walk.declared, ast.ExceptHandler: _Walk.captured, ast.MatchAs: _Walk.captured,
    ast.MatchStar: _Walk.captured, ast.MatchMapping: _Walk.captured, ast.Try: _Walk.attempt,
    ast.TryStar: _Walk.attempt, ast.AnnAssign: _Walk.annotated, ast.Constant: _Walk.constant,
    ast.Subscript: _Walk.subscript, ast.Call: _Walk.call,
}  # fmt: skip


def _last_name(node: ast.expr) -> str:
    """Return `Literal` for `Literal`, `t.Literal` and `typing_extensions.Literal`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
