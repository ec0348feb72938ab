"""Facts by class: its qualified name, then the words of its name, then its package; nearest first."""

from __future__ import annotations

from functools import lru_cache

from omninode_bridge.agents.workflows.classification.facts import Facts

from ._class_tables import BY_NAME, BY_PACKAGE, LEADING_PACKAGES
from ._class_words import facts_of_words

__all__ = ["class_facts", "facts_of_name"]

_TELLS_NOTHING = frozenset({"Exception", "BaseException", "object", "RuntimeError"})


def class_facts(exception: BaseException) -> Facts | None:
    """Tell by the class, then by its bases in order of distance."""
    return facts_of_class(type(exception))  # type: ignore[arg-type]  # mypy doubts that classes hash


@lru_cache(maxsize=2048)
def facts_of_class(cls: type[BaseException]) -> Facts | None:
    """Tell by a class and its bases; one answer per class."""
    weak: Facts | None = None
    for base in cls.__mro__:
        module = getattr(base, "__module__", "") or ""
        facts = facts_of_name(f"{module}.{base.__qualname__}")
        if facts is None:
            continue
        if not facts.weak:
            return facts
        weak = weak or facts
    return weak


@lru_cache(maxsize=4096)
def facts_of_name(name: str) -> Facts | None:
    """Tell by one qualified name, as a class has it or as a log prints it."""
    package, _, rest = name.partition(".")
    short = (rest or package).rpartition(".")[2]
    if not rest or package == "builtins":
        package = "builtins"
        if short in _TELLS_NOTHING:
            return None
    found = BY_NAME.get(f"{package}.{short}")
    if found is None and package in LEADING_PACKAGES:
        found = BY_PACKAGE[package]
    if found is None:
        found = facts_of_words(short)
    if found is None:
        found = BY_PACKAGE.get(package)
    return found
