"""A validator as the pipeline keeps it, and what its answer means."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import Any, TypeVar

from omninode_bridge.agents.workflows.correction.validators import check_for_async_methods
from omninode_bridge.errors import ConfigurationError

from . import _coroutines, _form
from ._security import security
from .models import Severity, ValidationFinding, ValidationLevel

__all__ = [
    "ALWAYS",
    "BUILT_IN",
    "MAX_FINDINGS",
    "Validator",
    "checked_seconds",
    "choice",
    "finding",
    "findings_in",
    "make_validator",
]

K = TypeVar("K", bound=StrEnum)

MAX_FINDINGS = 100
_MOST_CHARS = 500
_REFUSED = "the validator refused it"
#: Cannot be taken out, whatever the level is.
ALWAYS = frozenset({"syntax", "security"})


@dataclass(frozen=True, slots=True)
class Validator:
    """One named check.

    Attributes:
        check: of the code, or of code and context; a built-in one takes a `Source`.
        level: the lowest one at which it runs.
        severity: of findings that do not say theirs.
        timeout_seconds: after which it is not waited for; None for the pipeline's.
        built_in: it belongs to the pipeline.
        takes_context: it is called with the context too.
        needs_tree: it is skipped where the code does not parse.
    """

    name: str
    check: Callable[..., Any]
    level: ValidationLevel = ValidationLevel.STANDARD
    severity: Severity = Severity.ERROR
    timeout_seconds: float | None = None
    built_in: bool = False
    takes_context: bool = False
    needs_tree: bool = True


def _shipped(name: str, check: Callable[..., Any], level: str, *, tree: bool = True) -> Validator:
    return Validator(name, check, ValidationLevel(level), built_in=True, needs_tree=tree)


BUILT_IN: tuple[Validator, ...] = (
    _shipped("syntax", _form.syntax, "basic", tree=False),
    _shipped("template_residue", _form.template_residue, "basic", tree=False),
    _shipped("security", security, "basic"),
    _shipped("undefined_names", _form.undefined_names, "basic"),
    _shipped(check_for_async_methods.__name__, _form.async_methods, "standard"),
    _shipped("unawaited_calls", _coroutines.unawaited_calls, "full"),
    _shipped("blocking_calls", _coroutines.blocking_calls, "full"),
)


def make_validator(
    name: object,
    check: object,
    *,
    level: ValidationLevel | str,
    severity: Severity | str,
    timeout_seconds: float | None,
) -> Validator:
    """Return a user's validator.

    Raises:
        ConfigurationError: in one sentence, what is wrong and what would be right.
    """
    if not isinstance(name, str) or not name.strip():
        raise ConfigurationError(f"the validator's name is {name!r}; it must be a text")
    if not callable(check):
        raise ConfigurationError(f"validator {name!r} is {check!r}; it must be callable")
    return Validator(
        name,
        check,
        choice(ValidationLevel, level, what="level"),
        choice(Severity, severity, what="severity"),
        checked_seconds(timeout_seconds),
        takes_context=_takes_two(check),
    )


def choice(kind: type[K], value: Any, *, what: str) -> K:
    """Return the member that `value` names.

    Raises:
        ConfigurationError: it names none; the message lists them.
    """
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(repr(str(member)) for member in kind)
        raise ConfigurationError(f"{what} is {value!r}; it must be one of {known}") from None


def checked_seconds(seconds: float | None) -> float | None:
    """Return a time limit that can be used.

    Raises:
        ConfigurationError: no positive number.
    """
    number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if seconds is not None and not (number and 0 < seconds < float("inf")):
        raise ConfigurationError(
            f"timeout_seconds is {seconds!r}; it must be a positive number or None"
        )
    return seconds


def _takes_two(check: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(check).parameters.values()
    except (TypeError, ValueError):
        return False
    places = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [p for p in parameters if p.kind in places]
    return len(needed) >= 2 and (
        needed[1].default is inspect.Parameter.empty or needed[1].name == "context"
    )


def findings_in(validator: Validator, answer: object) -> tuple[ValidationFinding, ...]:
    """Return what a validator's answer says.

    None, True and an empty text or collection accept, and so does what says so in `success`,
    `is_valid`, `valid` or `passed`; False refuses; a text says why; a collection holds texts and
    findings.
    """
    errors = getattr(answer, "findings", None)
    if errors and isinstance(errors, tuple | list):
        answer = errors
    for attribute in ("success", "is_valid", "valid", "passed"):
        said = getattr(answer, attribute, None)
        if isinstance(said, bool):
            answer = said
            break
    if isinstance(answer, ValidationFinding):
        answer = (answer,)
    if isinstance(answer, str):
        return (finding(validator, answer),) if answer.strip() else ()
    if isinstance(answer, Iterable) and not isinstance(answer, Mapping | bytes):
        several = (_entry(validator, entry) for entry in islice(answer, MAX_FINDINGS))
        return tuple(entry for entry in several if entry is not None)
    return () if answer is None or bool(answer) else (finding(validator, _REFUSED),)


def finding(validator: Validator, message: str, line: int | None = None) -> ValidationFinding:
    """Return a finding of this validator, on one line."""
    text = " ".join(message.split())[:_MOST_CHARS] or _REFUSED
    return ValidationFinding(validator.name, text, line, validator.severity)


def _entry(validator: Validator, entry: object) -> ValidationFinding | None:
    if isinstance(entry, ValidationFinding):
        text = " ".join(str(entry.message).split())[:_MOST_CHARS]
        return replace(entry, validator=validator.name, message=text)
    return finding(validator, str(entry)) if entry not in (None, True, "") else None
