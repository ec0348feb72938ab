"""The reference validator: what a schema accepts, and which constraint alone refuses a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from omninode_bridge.errors import MissingExtraError

if TYPE_CHECKING:
    from jsonschema import FormatChecker, ValidationError

    from omninode_bridge.generation.samples_head import Head

__all__ = ["Exhausted", "Reference", "finds"]

KINDS = frozenset({"const", "enum", "type"})
CLOSING = frozenset({"additionalProperties"})
MAX_CHECKS = 60_000
MAX_LOOKS = 5_000_000
"""Checks, each counted as often as the schema has values: that is what a check costs."""


class Exhausted(Exception):
    """The schema is so large that not everything in it can be sampled."""


@lru_cache(maxsize=512)
def _finder(pattern: str) -> Any:
    from omninode_bridge.runtime.model_patterns import compile_pattern

    try:
        return compile_pattern(pattern)
    except ValueError:
        return None


def finds(pattern: str, text: str) -> bool:
    """Whether `pattern` is found in `text`; one that is no regular expression finds nothing."""
    found = _finder(pattern)
    return found is not None and bool(found(text))


class Reference:
    """`jsonschema` with checked formats, patterns that cannot run for long, and no network."""

    def __init__(self, root: Mapping[str, object]) -> None:
        try:
            from jsonschema import Draft202012Validator, validators
            from referencing import Registry
        except ImportError as error:
            raise MissingExtraError("making samples of a schema", extra="codegen") from error
        extend: Any = validators.extend
        guarded = extend(Draft202012Validator, {"pattern": _pattern})
        self._validator: Any = guarded(root, registry=Registry(), format_checker=_formats())
        self._checks_left = min(MAX_CHECKS, MAX_LOOKS // _size(root))

    def accepts(self, instance: object) -> bool:
        """Whether the root schema accepts `instance`."""
        self._count()
        return bool(self._validator.is_valid(instance))

    def accepts_at(self, heads: Sequence[Head], instance: object) -> bool:
        """Whether all of `heads` accept `instance`."""
        self._count()
        return all(self._validator.evolve(schema=h.schema).is_valid(instance) for h in heads)

    def blamed(self, instance: object, schema: object, keyword: str) -> bool:
        """Whether `keyword` of `schema` is the one and only reason to refuse `instance`."""
        self._count()
        return _only(list(self._validator.iter_errors(instance)), schema, keyword)

    def place(self, instance: object) -> tuple[str | int, ...]:
        """Return where the outermost error of `instance` is."""
        return tuple(next(self._validator.iter_errors(instance)).absolute_path)

    def tells(self, instance: object, at: tuple[str | int, ...]) -> bool:
        """Whether what is wrong at `at` stands apart from everything else that is wrong.

        A missing property is wrong where it should be.
        """
        self._count()
        own = 0
        for error in self._validator.iter_errors(instance):
            path = tuple(error.absolute_path)
            if error.validator == "required" and at and at[:-1] == path:
                own += at[-1] not in error.instance
            elif path == at or (error.validator in CLOSING and path == at[:-1]):
                own += 1
            elif path[: len(at)] == at or at[: len(path)] == path:
                return False
        return own == 1

    def _count(self) -> None:
        self._checks_left -= 1
        if self._checks_left < 0:
            raise Exhausted


def _size(schema: object) -> int:
    """Count the values in a schema, enumerated ones too; never less than one."""
    size, waiting = 0, [schema]
    while waiting:
        value = waiting.pop()
        size += 1
        if isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value
    return size


def _only(errors: Sequence[ValidationError], schema: object, keyword: str) -> bool:
    if keyword in KINDS:
        errors = _one_for_all_kinds(errors, schema, keyword)
    if len(errors) != 1:
        return False
    error = errors[0]
    if error.validator == keyword and error.schema is schema:
        return True
    branches = groupby(
        error.context or (), key=lambda one: next(iter(one.relative_schema_path), None)
    )
    return any(_only(list(group), schema, keyword) for _, group in branches)


def _one_for_all_kinds(
    errors: Sequence[ValidationError], schema: object, keyword: str
) -> Sequence[ValidationError]:
    """Take complaints about the kind of one value for one: a null is neither text nor a member."""
    places = {tuple(error.absolute_path) for error in errors}
    if len(places) > 1 or any(error.validator not in KINDS for error in errors):
        return errors
    return [e for e in errors if e.validator == keyword and e.schema is schema] or errors


def _pattern(_validator: Any, pattern: str, instance: object, _schema: object) -> Any:
    from jsonschema import ValidationError

    if isinstance(instance, str) and _finder(pattern) and not finds(pattern, instance):
        yield ValidationError(f"{instance[:40]!r} does not match {pattern!r}")


def _formats() -> FormatChecker:
    from jsonschema import FormatChecker

    from omninode_bridge.runtime.model_texts import FORMATS

    checker = FormatChecker(formats=())
    for name, holds in FORMATS.items():
        checker.checkers = {**checker.checkers, name: (_only_text(holds), ())}
    return checker


def _only_text(holds: Any) -> Any:
    return lambda instance: not isinstance(instance, str) or bool(holds(instance))
