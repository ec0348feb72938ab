"""Scopes of a module, and the names that are read in them."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field

__all__ = ["Names", "Scope", "Use", "resolves"]

_ALWAYS = frozenset(dir(builtins)) | {
    "__annotations__", "__builtins__", "__debug__", "__doc__", "__file__", "__loader__", "__name__",
    "__package__", "__path__", "__spec__", "WindowsError", "reveal_type", "reveal_locals",
}  # fmt: skip
_IN_CLASS = frozenset({"__module__", "__qualname__", "__class__"})


@dataclass(slots=True)
class Scope:
    """What one scope binds; `kind` is module, class, function or comprehension."""

    kind: str
    parent: Scope | None
    bound: set[str] = field(default_factory=set)
    global_names: set[str] = field(default_factory=set)
    outer_names: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a name is read.

    Attributes:
        node: the name in the tree; for a name in a string annotation, the name in that string.
        annotation: it stands in an annotation.
        guarded: inside a `try` that handles `NameError`.
    """

    name: str
    node: ast.Name
    annotation: bool
    guarded: bool


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one module.

    Attributes:
        undefined: name to the places that read it, for names that nothing binds; empty if the
            module imports everything from somewhere (`from x import *`).
        bound: every name that some scope binds.
        star: the module has a star import.
    """

    undefined: dict[str, list[Use]]
    bound: frozenset[str]
    star: bool


def resolves(name: str, scope: Scope) -> bool:
    """Say whether a name that is read in a scope is bound where it can be seen."""
    if name in _ALWAYS:
        return True
    here: Scope | None = scope
    own = True
    while here:
        if name in here.bound and (own or here.kind != "class"):
            return True
        if here.kind == "class" and name in _IN_CLASS:
            return True
        # A comprehension sees its class's names only in its first iterable, which is outside it.
        own = False
        here = here.parent
    return False
