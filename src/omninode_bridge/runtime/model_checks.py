"""JSON Schema keywords that pydantic has no constraint for, as checks for generated models.

A check looks at the value as it came in, under its wire names, and passes values of other JSON
types: ``Pattern`` has no opinion on numbers. Checks stand in ``Annotated`` or in the
``__checks__`` of a model. Where a check takes a type, it also takes another check, or a function
without arguments that returns one of them (for types that are defined later).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from omninode_bridge.runtime.model_json import json_key
from omninode_bridge.runtime.model_patterns import compile_pattern

__all__ = [
    "Check",
    "MultipleOf",
    "Nothing",
    "Pattern",
    "Subject",
    "Values",
]

_STRICT = ConfigDict(strict=True, allow_inf_nan=False)


def refuse(kind: str, message: str, **context: Any) -> PydanticCustomError:
    """Make the error of a check; braces in `message` name items of `context`."""
    return PydanticCustomError(kind, message, context or None)


class Check:
    """A condition on a JSON value."""

    def __call__(self, value: Any) -> None:
        """Raise PydanticCustomError unless `value` meets the condition."""
        self._test(value)

    def _test(self, value: Any) -> None:
        raise NotImplementedError

    def _before(self, value: Any) -> Any:
        self(value)
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._before, handler(source))


class Subject:
    """A type or check given to another check; resolved when first needed."""

    __slots__ = ("_given", "_passes")

    def __init__(self, given: Any) -> None:
        self._given = given
        self._passes: Callable[[Any], object] | None = None

    def test(self, value: Any) -> None:
        """Raise ValidationError or PydanticCustomError unless `value` fits."""
        if self._passes is None:
            self._passes = self._resolve()
        self._passes(value)

    def accepts(self, value: Any) -> bool:
        """Whether `value` fits."""
        try:
            self.test(value)
        except (ValidationError, PydanticCustomError):
            return False
        return True

    def _resolve(self) -> Callable[[Any], object]:
        given = self._given
        if callable(given) and getattr(given, "__name__", "") == "<lambda>":
            given = given()
        if isinstance(given, Check):
            return given
        if isinstance(given, type) and issubclass(given, BaseModel):
            return given.model_validate
        return TypeAdapter(given, config=_STRICT).validate_python


@contextmanager
def as_check_error(kind: str, where: str) -> Iterator[None]:
    """Turn the failure of a nested type into the failure of the check that asked."""
    try:
        yield
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise refuse(kind, "{where}: {reason}", where=where, reason=first["msg"]) from error


def is_number(value: Any) -> bool:
    """Whether `value` is a JSON number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Nothing(Check):
    """Refuse every value."""

    def _test(self, value: Any) -> None:
        raise refuse("not_allowed", "must be left out: no value is allowed here")


class Values(Check):
    """Accept only these values, compared as JSON (enum, const)."""

    def __init__(self, *values: Any) -> None:
        self._keys = frozenset(json_key(value) for value in values)
        shown = ", ".join(repr(value) for value in values[:10])
        self._shown = shown if len(values) <= 10 else f"{shown}, ..."

    def _test(self, value: Any) -> None:
        if json_key(value) not in self._keys:
            raise refuse("values", "must be one of: {values}", values=self._shown)


class Pattern(Check):
    """Find a regular expression anywhere in a text (pattern)."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._found = compile_pattern(pattern)

    def _test(self, value: Any) -> None:
        if isinstance(value, str) and not self._found(value):
            raise refuse("pattern", "must match {pattern}", pattern=repr(self._pattern))


class MultipleOf(Check):
    """Divide without remainder, by the decimal digits as written: 0.3 is a multiple of 0.1."""

    def __init__(self, divisor: float) -> None:
        self._divisor = divisor
        self._exact = Decimal(repr(divisor))

    def _test(self, value: Any) -> None:
        if is_number(value) and not self._divides(value):
            raise refuse("multiple_of", "must be a multiple of {divisor}", divisor=self._divisor)

    def _divides(self, value: float) -> bool:
        if isinstance(value, int) and isinstance(self._divisor, int):
            return value % self._divisor == 0
        exact = Decimal(repr(value))
        if not exact.is_finite():
            return False
        exponent = min(exact.as_tuple().exponent, self._exact.as_tuple().exponent)
        scale = -int(exponent) if int(exponent) < 0 else 0
        return _scaled(exact, scale) % _scaled(self._exact, scale) == 0


def _scaled(number: Decimal, places: int) -> int:
    sign, digits, exponent = number.as_tuple()
    whole: int = int("".join(map(str, digits))) * 10 ** (int(exponent) + places)
    return -whole if sign else whole
