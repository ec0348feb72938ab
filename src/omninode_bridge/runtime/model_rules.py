"""Checks for arrays, objects and combinations of schemas; see `model_checks` for what a check is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from omninode_bridge.runtime.model_checks import Check, Subject, as_check_error, refuse
from omninode_bridge.runtime.model_json import json_key
from omninode_bridge.runtime.model_patterns import compile_pattern

__all__ = [
    "AllOf",
    "AnyOf",
    "Contains",
    "DependentRequired",
    "If",
    "MaxProperties",
    "MinProperties",
    "Not",
    "OneOf",
    "OtherProperties",
    "PatternProperties",
    "PropertyNames",
    "Required",
    "TupleItems",
    "UniqueItems",
    "WhenPresent",
]


def _object(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, BaseModel):
        value = value.model_dump(by_alias=True)
    return value if isinstance(value, dict) else None


class AllOf(Check):
    """Fit every one of these types."""

    def __init__(self, *subjects: Any) -> None:
        self._subjects = tuple(map(Subject, subjects))

    def _test(self, value: Any) -> None:
        for subject in self._subjects:
            with as_check_error("all_of", "one of the required forms does not fit"):
                subject.test(value)


class AnyOf(AllOf):
    """Fit at least one of these types."""

    def _test(self, value: Any) -> None:
        if not any(subject.accepts(value) for subject in self._subjects):
            raise refuse(
                "any_of", "must fit at least one of {n} forms, fits none", n=len(self._subjects)
            )


class OneOf(AllOf):
    """Fit exactly one of these types."""

    def _test(self, value: Any) -> None:
        fits = sum(subject.accepts(value) for subject in self._subjects)
        if fits != 1:
            raise refuse(
                "one_of",
                "must fit exactly one of {n} forms, fits {fits}",
                n=len(self._subjects),
                fits=fits,
            )


class Not(Check):
    """Do not fit this type."""

    def __init__(self, subject: Any) -> None:
        self._subject = Subject(subject)

    def _test(self, value: Any) -> None:
        if self._subject.accepts(value):
            raise refuse("not", "must not have this form")


class If(Check):
    """Fit `then` where `condition` is fitted, else `otherwise`."""

    def __init__(self, condition: Any, *, then: Any = None, otherwise: Any = None) -> None:
        self._condition = Subject(condition)
        self._then = None if then is None else Subject(then)
        self._otherwise = None if otherwise is None else Subject(otherwise)

    def _test(self, value: Any) -> None:
        holds = self._condition.accepts(value)
        subject = self._then if holds else self._otherwise
        if subject is not None:
            where = "a condition holds, but" if holds else "a condition does not hold, and"
            with as_check_error("condition", where):
                subject.test(value)


class UniqueItems(Check):
    """Hold no two equal items, compared as JSON: 1 equals 1.0 but not true."""

    def _test(self, value: Any) -> None:
        if isinstance(value, list) and len({json_key(item) for item in value}) != len(value):
            raise refuse("unique_items", "must not hold equal items")


class Contains(Check):
    """Hold between `minimum` and `maximum` items that fit this type."""

    def __init__(self, subject: Any, *, minimum: int = 1, maximum: int | None = None) -> None:
        self._subject = Subject(subject)
        self._minimum = minimum
        self._maximum = maximum

    def _test(self, value: Any) -> None:
        if not isinstance(value, list):
            return
        count = sum(self._subject.accepts(item) for item in value)
        if count < self._minimum:
            raise refuse(
                "contains", "must contain at least {n} items of a certain form", n=self._minimum
            )
        if self._maximum is not None and count > self._maximum:
            raise refuse(
                "contains", "must contain at most {n} items of a certain form", n=self._maximum
            )


class TupleItems(Check):
    """Fit the type at each item's position, and `rest` after the last of them."""

    def __init__(self, *subjects: Any, rest: Any = None) -> None:
        self._subjects = tuple(map(Subject, subjects))
        self._rest = None if rest is None else Subject(rest)

    def _test(self, value: Any) -> None:
        if not isinstance(value, list):
            return
        for index, item in enumerate(value):
            known = index < len(self._subjects)
            subject = self._subjects[index] if known else self._rest
            if subject is not None:
                with as_check_error("tuple_items", f"item {index}"):
                    subject.test(item)


class Required(Check):
    """Have these properties."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def _test(self, value: Any) -> None:
        given = _object(value)
        for name in self._names if given is not None else ():
            if name not in given:  # type: ignore[operator]
                raise refuse("required", "property {name} is missing", name=repr(name))


class DependentRequired(Check):
    """Have the properties `needed` where the property `name` is present."""

    def __init__(self, name: str, *needed: str) -> None:
        self._name = name
        self._needed = Required(*needed)

    def _test(self, value: Any) -> None:
        given = _object(value)
        if given is not None and self._name in given:
            self._needed(given)


class WhenPresent(Check):
    """Fit a type as a whole where the property `name` is present (dependentSchemas)."""

    def __init__(self, name: str, subject: Any) -> None:
        self._name = name
        self._subject = Subject(subject)

    def _test(self, value: Any) -> None:
        given = _object(value)
        if given is not None and self._name in given:
            with as_check_error("dependent", f"property {self._name!r} is present, but"):
                self._subject.test(given)


class MinProperties(Check):
    """Have at least this many properties."""

    def __init__(self, minimum: int) -> None:
        self._minimum = minimum

    def _test(self, value: Any) -> None:
        given = _object(value)
        if given is not None and len(given) < self._minimum:
            raise refuse("min_properties", "must have at least {n} properties", n=self._minimum)


class MaxProperties(Check):
    """Have at most this many properties."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum

    def _test(self, value: Any) -> None:
        given = _object(value)
        if given is not None and len(given) > self._maximum:
            raise refuse("max_properties", "must have at most {n} properties", n=self._maximum)


class PropertyNames(Check):
    """Have only properties whose names fit this type."""

    def __init__(self, subject: Any) -> None:
        self._subject = Subject(subject)

    def _test(self, value: Any) -> None:
        for name in _object(value) or ():
            with as_check_error("property_names", f"property name {name!r}"):
                self._subject.test(name)


class PatternProperties(Check):
    """Fit the type of every pattern that is found in a property's name."""

    def __init__(self, types: Mapping[str, Any]) -> None:
        self._types = [(compile_pattern(pattern), Subject(of)) for pattern, of in types.items()]

    def _test(self, value: Any) -> None:
        for name, item in (_object(value) or {}).items():
            for found, subject in self._types:
                if found(name):
                    with as_check_error("pattern_properties", f"property {name!r}"):
                        subject.test(item)


class OtherProperties(Check):
    """Fit this type in all properties that are neither declared nor matched by a pattern."""

    def __init__(
        self, subject: Any, *, declared: Sequence[str] = (), patterns: Sequence[str] = ()
    ) -> None:
        self._subject = Subject(subject)
        self._declared = frozenset(declared)
        self._patterns = [compile_pattern(pattern) for pattern in patterns]

    def _test(self, value: Any) -> None:
        for name, item in (_object(value) or {}).items():
            if name in self._declared or any(found(name) for found in self._patterns):
                continue
            with as_check_error("other_properties", f"property {name!r}"):
                self._subject.test(item)
