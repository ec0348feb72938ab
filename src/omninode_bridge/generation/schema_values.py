"""Whether a value fits a schema, within bounds that hold for any schema and any value."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import regex

from omninode_bridge.generation.schema_shapes import load_jsonschema
from omninode_bridge.runtime.model_patterns import compile_pattern

__all__ = ["ValueChecker", "is_pattern"]

PATTERN_SECONDS = 0.05
MAX_TIMEOUTS = 4
MAX_SEARCHES = 500
MAX_PATTERN = 5_000
MAX_VALUE = 2_000
"""Parts of a value; a larger one is not checked."""
MAX_STEPS = 20_000
"""Keywords that one check looks at."""
MAX_ALL_STEPS = 200_000
"""Keywords that all checks of one schema look at."""

Check = Callable[[Any, Any, Any, Any], Iterator[Any] | None]


def is_pattern(text: str) -> bool:
    """Whether the models can search for the text: `re` compiles it, or `regex` does."""
    if len(text) > MAX_PATTERN:
        return False
    try:
        compile_pattern(text)
    except ValueError:
        return False
    return True


class _TooManySteps(Exception):
    """A check that would not end soon."""


class ValueChecker:
    """Checks values against parts of one self-contained schema.

    Patterns run in the `regex` module under a timeout, and the formats that the generated models
    check are checked as well. What cannot be said within the bounds counts as accepted.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        library = load_jsonschema()
        self._error: Any = library.ValidationError
        self._defs = schema.get("$defs", {})
        self._timeouts = 0
        self._searches = 0
        self._steps = 0
        self._limit = 0
        plain: dict[str, Check] = dict(library.Draft202012Validator.VALIDATORS)
        own: dict[str, Check] = {
            "pattern": self._pattern,
            "patternProperties": self._pattern_properties,
            "additionalProperties": self._additional(plain["additionalProperties"]),
            "uniqueItems": self._unique,
            "format": self._format,
        }
        checks = {name: self._counted(check) for name, check in {**plain, **own}.items()}
        self._class = library.validators.extend(library.Draft202012Validator, checks)

    def refusal(self, value: Any, schema: Any) -> str:
        """Return why `schema` refuses `value`, in a clause; empty if it accepts it."""
        if not isinstance(schema, Mapping) or _size(value) > MAX_VALUE:
            return ""
        self._limit = min(self._steps + MAX_STEPS, MAX_ALL_STEPS)
        whole = {**schema, "$defs": self._defs}
        try:
            error = next(self._class(whole).iter_errors(value), None)
        except (_TooManySteps, RecursionError, OverflowError, ZeroDivisionError):
            return ""
        return "" if error is None else str(error.message)[:160]

    def _counted(self, check: Check) -> Check:
        def counted(validator: Any, keyword: Any, value: Any, schema: Any) -> Iterator[Any] | None:
            self._steps += 1 + (len(keyword) if isinstance(keyword, list | dict) else 0)
            if self._steps > self._limit:
                raise _TooManySteps
            return check(validator, keyword, value, schema)

        return counted

    def _search(self, pattern: str, text: str) -> bool | None:
        """Return whether the pattern is found; None where that cannot be said in time."""
        self._searches += 1
        if self._timeouts >= MAX_TIMEOUTS or self._searches > MAX_SEARCHES:
            return None
        if not is_pattern(pattern):
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return regex.search(pattern, text, timeout=PATTERN_SECONDS) is not None
        except TimeoutError:
            self._timeouts += 1
        except (regex.error, RecursionError, ValueError):
            pass
        return None

    def _pattern(self, _validator: Any, pattern: Any, value: Any, _schema: Any) -> Iterator[Any]:
        if isinstance(value, str) and self._search(pattern, value) is False:
            yield self._error(f"{value!r} does not match {pattern!r}")

    def _pattern_properties(
        self, validator: Any, patterns: Any, value: Any, _schema: Any
    ) -> Iterator[Any]:
        if not isinstance(value, Mapping):
            return
        for pattern, below in patterns.items():
            for key, item in value.items():
                if self._search(pattern, key):
                    yield from validator.descend(item, below, path=key, schema_path=pattern)

    @staticmethod
    def _additional(original: Check) -> Check:
        def check(validator: Any, others: Any, value: Any, schema: Any) -> Iterator[Any]:
            if "patternProperties" not in schema:
                yield from original(validator, others, value, schema) or ()

        return check

    def _unique(self, _validator: Any, unique: Any, value: Any, _schema: Any) -> Iterator[Any]:
        if unique is True and isinstance(value, list):
            texts = {json.dumps(_normal(item), sort_keys=True) for item in value}
            if len(texts) < len(value):
                yield self._error(f"{value!r} has equal items")

    def _format(self, _validator: Any, name: Any, value: Any, _schema: Any) -> Iterator[Any]:
        from omninode_bridge.runtime.model_texts import FORMATS

        holds = FORMATS.get(name) if isinstance(name, str) else None
        if holds is not None and isinstance(value, str) and not holds(value):
            yield self._error(f"{value!r} is no {name}")


def _normal(value: Any) -> Any:
    """Write whole floats as integers, at any depth: JSON knows one kind of number."""
    if isinstance(value, Mapping):
        return {key: _normal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_normal(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _size(value: Any) -> int:
    total, todo = 0, [value]
    while todo and total <= MAX_VALUE:
        item = todo.pop()
        total += 1
        if isinstance(item, Mapping):
            todo.extend(item.values())
        elif isinstance(item, list):
            todo.extend(item)
    return total
