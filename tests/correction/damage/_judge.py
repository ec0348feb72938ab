"""Say whether what came back is what was there before, as far as anybody could know it."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from omninode_bridge.agents.workflows.correction import Correction, correct_code
from omninode_bridge.agents.workflows.correction.names import names_of

from ._source import tree_of

__all__ = ["MARK", "Damaged", "Verdict", "judge", "run"]

MARK = "ZZUNFILLED"
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Damaged:
    """One damaged file.

    `check` is one of ast, imports, wild (MARK stands for what a template left open), body, params,
    escape, truncated, intact, garbage. `keep` is how much of a cut text has to survive.
    """

    cls: str
    kind: str
    original: str
    broken: str
    check: str = "ast"
    error: BaseException | str | None = None
    accept: tuple[str, ...] = ()
    keep: int = 0
    state: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What became of one: repaired, declined, false (claimed and wrong), clean or harmful."""

    outcome: str
    hard: bool = False


def run(case: Damaged) -> tuple[Correction, Verdict]:
    """Correct one damaged file and judge the outcome."""
    error = case.error
    if error is None and case.check != "intact":
        error = compile_error(case.broken)
    found = correct_code(case.broken, error)
    return found, judge(case, found)


def compile_error(text: str) -> BaseException | None:
    """Return what `compile()` raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "<generated>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return error.with_traceback(None)
    return None


def judge(case: Damaged, found: Correction) -> Verdict:
    """Compare the outcome of a correction with the file before it was damaged."""
    code = found.code
    if case.check == "intact":
        changed = found.success and code != case.broken
        return Verdict("harmful" if changed else "clean", changed)
    if case.check == "garbage":
        return Verdict("false" if found.success else "declined", found.success)
    good = _good(case, found)
    if not found.success:
        return Verdict("declined")
    return Verdict("repaired") if good else Verdict("false", _hard(case, code))


def _good(case: Damaged, found: Correction) -> bool:
    tree = tree_of(found.code)
    if tree is None:
        return False
    if case.check == "truncated":
        head = _words(case.original[: case.keep])
        extra = _words(found.code) - _words(case.broken)
        kept = (head & _words(found.code)).total() >= 0.98 * head.total()
        return found.truncated and kept and extra.total() <= 24 and not names_of(tree).undefined
    if case.check == "ast":
        wanted = [case.original, *case.accept]
        return any(ast.dump(tree) == ast.dump(ast.parse(text)) for text in wanted)
    if case.check == "escape":
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                compile(found.code, "<text>", "exec", dont_inherit=True)
            except (SyntaxError, Warning):
                return False
        return ast.dump(tree) == ast.dump(ast.parse(case.original))
    if names_of(tree).undefined and case.check != "wild":
        return False
    return _LOOSE[case.check](ast.parse(case.original), tree)


def _hard(case: Damaged, code: str) -> bool:
    tree = tree_of(code)
    if tree is None or (case.check != "wild" and names_of(tree).undefined):
        return True
    had, has = _words(case.original), _words(code)
    return (had & has).total() < 0.98 * had.total() or bool(
        _definitions(ast.parse(case.original)) - _definitions(tree)
    )


def _words(text: str) -> Counter[str]:
    return Counter(_TOKEN.findall(re.sub(r"(?m)^\s*#.*$", "", text)))


def _definitions(tree: ast.Module) -> Counter[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return Counter(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def _same_imports(old: ast.Module, new: ast.Module) -> bool:
    """Compare all but the imports, and the names that these bind."""

    def split(tree: ast.Module) -> tuple[str, set[str]]:
        bound: set[str] = set()
        rest: list[str] = []
        for node in tree.body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                    rest.append(ast.dump(node))
                    continue
                bound |= {a.asname or a.name.split(".")[0] for a in node.names}
            else:
                rest.append(ast.dump(node))
        return "\n".join(rest), bound

    return split(old) == split(new)


class _Emptied(ast.NodeTransformer):
    """Make every body that does nothing the same nothing."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and len(block) == 1 and _does_nothing(block[0]):
                setattr(node, name, [ast.Pass()])
        return node


def _does_nothing(node: ast.AST) -> bool:
    if isinstance(node, ast.Raise):
        return "NotImplementedError" in ast.dump(node)
    if isinstance(node, ast.Return):
        return node.value is None or (
            isinstance(node.value, ast.Constant) and node.value.value is None
        )
    stands = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Pass) or stands


def _same_but_bodies(old: ast.Module, new: ast.Module) -> bool:
    return ast.dump(_Emptied().visit(old)) == ast.dump(_Emptied().visit(new))


class _Unordered(ast.NodeTransformer):
    """Forget the order of parameters and which have a default None."""

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        self.generic_visit(node)
        names = sorted(a.arg for a in (*node.posonlyargs, *node.args, *node.kwonlyargs))
        given = [*node.defaults, *(d for d in node.kw_defaults if d is not None)]
        values = sorted(
            ast.dump(d) for d in given if not (isinstance(d, ast.Constant) and d.value is None)
        )
        stars = [a.arg if a else "" for a in (node.vararg, node.kwarg)]
        return ast.Constant(value=repr((names, values, stars)))


def _same_parameters(old: ast.Module, new: ast.Module) -> bool:
    return ast.dump(_Unordered().visit(old)) == ast.dump(_Unordered().visit(new))


def _same_but_holes(old: ast.Module, new: ast.Module) -> bool:
    """Let MARK stand for one identifier, used alike everywhere, or for any text in a string."""
    names: set[str] = set()

    def alike(one: object, other: object) -> bool:
        if isinstance(one, ast.Name) and one.id == MARK and isinstance(other, ast.expr):
            if isinstance(other, ast.Name):
                names.add(other.id)
            return True
        if type(one) is not type(other):
            return False
        if isinstance(one, ast.AST):
            return all(alike(getattr(one, f, None), getattr(other, f, None)) for f in one._fields)
        if isinstance(one, list) and isinstance(other, list):
            return len(one) == len(other) and all(map(alike, one, other))
        if isinstance(one, str) and MARK in one:
            found = re.fullmatch(re.escape(one).replace(MARK, "(.*)"), str(other), re.DOTALL)
            if found and found[1].isidentifier():
                names.add(found[1])
            return found is not None
        return one == other

    return alike(old, new) and len(names) <= 1


_LOOSE: dict[str, Callable[[ast.Module, ast.Module], bool]] = {
    "imports": _same_imports,
    "body": _same_but_bodies,
    "params": _same_parameters,
    "wild": _same_but_holes,
}
