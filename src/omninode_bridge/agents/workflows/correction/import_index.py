"""The shipped index of modules and their names, and which of them a name most likely means."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache

from .scopes import Use

__all__ = ["Import", "choose_import", "looks_imported"]

# One object, several homes: the file's own habit decides.
_TYPING = ("collections.abc", "typing", "typing_extensions")
_SHORT = 6


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """One import: `import module as alias` if `name` is empty, else `from module import name`."""

    module: str
    name: str = ""
    alias: str = ""

    @property
    def binds(self) -> str:
        """The name that it binds."""
        return self.alias or self.name or self.module.split(".")[0]

    def __str__(self) -> str:
        text = f"from {self.module} import {self.name}" if self.name else f"import {self.module}"
        return f"{text} as {self.alias}" if self.alias else text


@dataclass(frozen=True, slots=True)
class _Index:
    names: dict[str, frozenset[str]]
    homes: dict[str, tuple[str, ...]]
    third_party: frozenset[str]
    prefer: dict[str, str]
    ordinary: frozenset[str]
    words: frozenset[str]
    common: frozenset[str]
    values: frozenset[str]
    aliases: dict[str, str]


@lru_cache(maxsize=1)
def _index() -> _Index:
    # Needed once and by few: importing this module should not cost what reading the index costs.
    import json
    from importlib import resources

    lines = resources.files(__package__).joinpath("import_index.jsonl").read_text("utf-8")
    raw: dict[str, dict[str, str]] = {}
    for line in lines.splitlines():
        kind, key, value = json.loads(line)
        raw.setdefault(kind, {})[key] = value
    whole = raw["whole_only"].keys()
    both = {**raw["stdlib"], **raw["third_party"]}
    names = {module: frozenset(text.split()) for module, text in both.items()}
    homes: dict[str, list[str]] = {}
    for module, members in names.items():
        for member in () if module in whole else members:
            homes.setdefault(member, []).append(module)
    for module in whole:
        names.setdefault(module, frozenset())
    return _Index(
        names,
        {name: tuple(modules) for name, modules in homes.items()},
        frozenset(raw["third_party"]),
        raw["prefer"],
        frozenset(raw["ordinary"]),
        frozenset(raw["words"]),
        frozenset(raw["common"]),
        frozenset(raw["values"]),
        raw["aliases"],
    )


def choose_import(name: str, uses: list[Use], tree: ast.Module) -> tuple[Import, ...]:
    """Return the imports that a name needs, judged by how it is used; empty if that is not clear."""
    # A name that is a method of a class in the file more likely lost its `self.`.
    if name in _members(tree):
        return ()
    return _chosen(name, uses, tree)


def looks_imported(name: str, uses: list[Use], tree: ast.Module) -> bool:
    """Say whether an import would be chosen for a name if no class of the file had such a member."""
    return bool(_chosen(name, uses, tree))


def _chosen(name: str, uses: list[Use], tree: ast.Module) -> tuple[Import, ...]:
    index = _index()
    shape = _shape(name, uses, tree)
    if name in index.aliases and shape.attributes:
        return (Import(index.aliases[name], alias=name),)
    habit = _habit(tree)
    if shape.attributes:
        whole = _whole(index, name, shape, habit)
        if whole:
            return whole
    member = _member(index, name, shape, habit)
    return (member,) if member else ()


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a name is used: `name.attribute` (dotted as far as it goes), alone, awaited, called.

    An annotation counts as a call: a variable does not stand there.
    """

    attributes: frozenset[str]
    bare: bool
    awaited: bool
    called: bool


def _shape(name: str, uses: list[Use], tree: ast.Module) -> _Shape:
    nodes = {id(use.node) for use in uses}
    attributes: set[str] = set()
    dotted: set[int] = set()
    awaited = called = False
    for node in ast.walk(tree):
        called |= any(id(part) in nodes for part in _callees(node))
        if isinstance(node, ast.Attribute):
            chain, inner = [node.attr], node.value
            while isinstance(inner, ast.Attribute):
                chain.append(inner.attr)
                inner = inner.value
            if id(inner) in nodes or (isinstance(inner, ast.Name) and inner.id == name):
                attributes.add(".".join(reversed(chain)))
                dotted.add(id(inner))
        elif isinstance(node, ast.Await):
            inner = node.value.func if isinstance(node.value, ast.Call) else node.value
            awaited |= isinstance(inner, ast.Name) and inner.id == name
        elif isinstance(node, ast.AsyncWith):
            awaited |= any(_calls(item.context_expr, name) for item in node.items)
    in_text = [use for use in uses if use.annotation and id(use.node) not in dotted]
    attributes |= {a for use in in_text for a in _string_attributes(use, tree, name)}
    bare = any(id(use.node) not in dotted for use in uses) and not (
        attributes and all(use in in_text for use in uses if id(use.node) not in dotted)
    )
    return _Shape(
        frozenset(attributes), bare, awaited, called or any(use.annotation for use in uses)
    )


def _string_attributes(use: Use, tree: ast.Module, name: str) -> set[str]:
    """Return what follows the name in a string annotation at the place of a use."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and (node.lineno, node.col_offset) == (use.node.lineno, use.node.col_offset)
        ):
            for word in node.value.replace("[", " ").replace("]", " ").replace(",", " ").split():
                if word.startswith(f"{name}."):
                    found.add(word[len(name) + 1 :])
    return found


def _callees(node: ast.AST) -> list[ast.expr]:
    """Return what a node calls or tests for: functions, decorators, the classes of `isinstance`."""
    if isinstance(node, ast.Call):
        classes = (
            node.args[1:2] if getattr(node.func, "id", "") in {"isinstance", "issubclass"} else []
        )
        inner = [e for c in classes if isinstance(c, ast.Tuple) for e in c.elts]
        return [node.func, *classes, *inner]
    return list(getattr(node, "decorator_list", ()))


def _calls(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _members(tree: ast.Module) -> set[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        item.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for item in node.body
        if isinstance(item, kinds)
    }


@dataclass(frozen=True, slots=True)
class _Habit:
    """The modules that the file takes names from, and those that it imports whole."""

    named: frozenset[str]
    wholes: frozenset[str]


def _habit(tree: ast.Module) -> _Habit:
    named: set[str] = set()
    wholes: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            named.add(node.module)
        elif isinstance(node, ast.Import):
            wholes.update(alias.name for alias in node.names)
    return _Habit(frozenset(named), frozenset(wholes))


def _whole(index: _Index, name: str, shape: _Shape, habit: _Habit) -> tuple[Import, ...]:
    """Return imports of the module itself, if what is asked of the name is what the module has."""
    below = {
        f"{name}.{path}"
        for chain in shape.attributes
        for path in _prefixes(chain)
        if f"{name}.{path}" in index.names and not (name == "os" and path == "path")
    }
    firsts = {chain.split(".")[0] for chain in shape.attributes}
    if name not in index.names and not below:
        return ()
    if shape.bare and not (
        firsts <= index.names.get(name, frozenset() if name in index.third_party else firsts)
    ):
        return ()
    if name in index.third_party:
        sure = (
            name not in index.words
            or any(first[:1].isupper() for first in firsts)
            or firsts <= index.names[name]
            or any(module.split(".")[0] == name for module in habit.named | habit.wholes)
        )
        return (Import(name),) if sure else ()
    if name in index.names:
        members = index.names[name]
        known = {f for f in firsts if f in members or f"{name}.{f}" in index.names}
        unknown = {f for f in firsts - known if not f.startswith("_")}
        if not known and (unknown or name in index.words):
            return ()
        if unknown and (name in index.words or len(unknown) > len(known)):
            return ()
    plain = {f.split(".")[0] for f in firsts} - {path.split(".")[1] for path in below}
    needed = sorted(below)
    if plain or not needed:
        needed = [name] if not below else [name, *needed]
    # `import a.b` binds `a`: the package itself need not be imported beside it.
    return tuple(Import(module) for module in needed if module != name or not below)


def _prefixes(chain: str) -> list[str]:
    parts = chain.split(".")
    return [".".join(parts[: n + 1]) for n in range(len(parts))]


def _member(index: _Index, name: str, shape: _Shape, habit: _Habit) -> Import | None:
    """Return the import of the name from a module, if one module stands out."""
    homes = list(index.homes.get(name, ()))
    typing = [module for module in _TYPING if module in homes]
    if len(typing) > 1:
        used = [m for m in typing if m in habit.named]
        keep = used[0] if used else typing[0]
        homes = [m for m in homes if m not in typing or m == keep]
    if not homes:
        return None
    familiar = [module for module in homes if module in habit.named]
    if len(familiar) == 1 and (name not in index.prefer or index.prefer[name] in familiar):
        return Import(familiar[0], name)
    if set(familiar) - set(_TYPING) and index.prefer.get(name, familiar[0]) not in familiar:
        return None
    if shape.awaited:
        return Import("asyncio", name) if "asyncio" in homes else None
    # A lower-case name that is only read, never called, is more likely a lost variable.
    if name[:1].islower() and not (shape.called or name in index.values):
        return None
    if name in index.prefer:
        home = index.prefer[name]
        return Import(home if home not in _TYPING or home in homes else homes[0], name)
    plain_word = name[:1].isupper() and name[1:].islower()
    if plain_word and len(homes) == 1 and homes[0] not in index.common | index.third_party:
        return None
    distinct = name[:1].isupper() or "_" in name or len(name) >= _SHORT
    if len(homes) > 1 or name in index.ordinary or not distinct:
        return None
    # Where the whole module is at hand, a bare lower-case name of it is more likely a lost variable.
    if homes[0] in habit.wholes and not name[:1].isupper():
        return None
    return Import(homes[0], name)
