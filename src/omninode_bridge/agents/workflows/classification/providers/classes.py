"""Facts by class: its qualified name, then the words of its name, then its package; nearest first."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from omninode_bridge.agents.workflows.classification.facts import Facts
from omninode_bridge.agents.workflows.recovery_models import ErrorType

from ._class_tables import BY_NAME, BY_PACKAGE, LEADING_PACKAGES, LLM_PACKAGES, is_model_service
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
    label = f"the class {rest if package == 'builtins' and rest else name}"
    found = BY_NAME.get(f"{package}.{short}")
    if found is None and package in LEADING_PACKAGES:
        found, label = BY_PACKAGE[package], f"the package {package}"
    if found is None:
        found = facts_of_words(short)
        if found is not None:
            label = f"the name of the class {short}"
    if found is None:
        found, label = BY_PACKAGE.get(package), f"the package {package}"
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
