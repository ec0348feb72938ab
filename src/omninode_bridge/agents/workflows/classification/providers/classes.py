"""Facts by class: its qualified name, then the words of its name, then its package; nearest first."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from omninode_bridge.agents.workflows.classification.facts import Facts
from omninode_bridge.agents.workflows.recovery_models import ErrorType

from ._class_tables import (
    LLM_PACKAGES,
    by_name,
    by_package,
    is_leading,
    is_listed,
    is_model_service,
)
from ._class_words import WORDS, facts_of_words, words_of
from ._known import Known

__all__ = ["KNOWN", "class_facts", "facts_of_class", "facts_of_name"]

# What was derived from these says more by that than by a word of its name.
_BASES = frozenset({TimeoutError, ConnectionError, PermissionError})
_LESS_THAN_BASE = (ErrorType.GENERATION, ErrorType.VALIDATION, ErrorType.SYNTAX)
# Not the source, but a value in it, is at fault.
_VALUES = (" type error", " value error", " key error", " index error", " not found", " validation")
# Forks that kept the names of what they were forked from.
_ALIASES = {"valkey": "redis", "aioredis": "redis", "motor": "pymongo", "niquests": "requests"}
_TELLS_NOTHING = frozenset(
    {
        "Exception",
        "BaseException",
        "object",
        "RuntimeError",
        "ExceptionGroup",
        "BaseExceptionGroup",
        "Warning",
    }
)


def class_facts(exception: BaseException) -> Facts | None:
    """Tell by the class, then by its bases in order of distance."""
    return facts_of_class(type(exception))  # type: ignore[arg-type]  # mypy doubts that classes hash


@lru_cache(maxsize=2048)
def facts_of_class(cls: type[BaseException]) -> Facts | None:
    """Tell by a class and its bases; one answer per class."""
    weak: Facts | None = None
    derived = not _BASES.isdisjoint(cls.__mro__)
    for base in cls.__mro__:
        module = getattr(base, "__module__", "") or ""
        facts = facts_of_name(f"{module}.{base.__qualname__}")
        if facts is None:
            continue
        if (
            derived
            and facts.error_type in _LESS_THAN_BASE
            and not is_listed(module, base.__qualname__)
        ):
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
    label = f"the class {rest if package == 'builtins' and rest else name}"
    table = by_name()
    found = table.get(f"{package}.{short}")
    if found is None and package in _ALIASES:
        found = table.get(f"{_ALIASES[package]}.{short}")
    if found is None and package[-1:].isdigit():  # elasticsearch8, httpx2
        found = table.get(f"{package.rstrip('0123456789')}.{short}")
    if found is None and is_leading(package):
        found, label = by_package()[package], f"the package {package}"
        if found.error_type is ErrorType.SYNTAX and any(
            word in words_of(short) for word in _VALUES
        ):
            found = replace(found, error_type=ErrorType.VALIDATION)
    if found is None:
        found = facts_of_words(short)
        if found is not None:
            label = f"the name of the class {short}"
    if found is None:
        found, label = by_package().get(package), f"the package {package}"
    if found is None:
        return None
    if package in LLM_PACKAGES or is_model_service(name):
        found = _of_vendor(found, short)
    return found.completed(Facts(reasons=(label,)))


def _of_vendor(found: Facts, short: str) -> Facts:
    """The own failures of a model's vendor are those of the AI service, not of the network."""
    if found.error_type is ErrorType.NETWORK and "Connection" not in short:
        return replace(found, error_type=ErrorType.AI_SERVICE)
    if found.error_type is ErrorType.VALIDATION and "NotFound" in short:
        return replace(found, error_type=ErrorType.AI_SERVICE)
    return found


def _rows() -> list[tuple[str, Facts]]:
    by_facts: dict[tuple[str, Facts], list[str]] = {}
    for kind, table in (("class", by_name()), ("package", by_package())):
        for name, facts in table.items():
            by_facts.setdefault((kind, facts), []).append(f"`{name}`")
    rows = [
        (f"{kind} {', '.join(sorted(names))}", facts) for (kind, facts), names in by_facts.items()
    ]
    words = [
        ("word " + ", ".join(f"*{phrase.strip()}*" for phrase in phrases), facts)
        for phrases, facts in WORDS
    ]
    return rows + words


KNOWN = Known(
    reads="the qualified name of the class, then those of its bases, nearest first: listed classes, then packages that "
    "have one subject, then the words of the name, then other packages",
    source="the reference pages of the libraries",
    rows=_rows,
)
