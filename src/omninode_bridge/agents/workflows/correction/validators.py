"""Validators: who has the last word on a correction."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from types import MappingProxyType

from omninode_bridge.agents.workflows._foreign import passes_through

from .source import parse

__all__ = ["SHIPPED_VALIDATORS", "Validator", "check_for_async_methods", "refusal"]

Validator = Callable[[str], object]


def check_for_async_methods(code: str) -> str:
    """Return which `execute*` function is not `async`; empty if all are, or the code has no tree."""
    tree = parse(code)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.FunctionDef) and node.name.startswith("execute"):
            return f"{node.name!r} is not async"
    return ""


SHIPPED_VALIDATORS: Mapping[str, Validator] = MappingProxyType(
    {"check_for_async_methods": check_for_async_methods}
)


def refusal(validator: Validator, code: str) -> str:
    """Return why a validator refuses code, or an empty string.

    A validator refuses by raising, by returning False, or by returning a text that says why.
    None, True and an empty text accept; of other values the truth counts, or what their
    `success`, `is_valid`, `valid` or `passed` says.
    """
    try:
        answer = validator(code)
        for attribute in ("success", "is_valid", "valid", "passed"):
            said = getattr(answer, attribute, None)
            if isinstance(said, bool):
                answer = said
                break
        if isinstance(answer, str):
            return answer
        accepted = answer is None or bool(answer)
    except Exception as error:
        if passes_through(error):
            raise
        return f"{type(error).__name__}: {error}"
    return "" if accepted else "the validator refused it"
