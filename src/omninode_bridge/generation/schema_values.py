"""Whether a value fits a schema, within bounds that hold for any schema and any value."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import regex

from omninode_bridge.errors import MissingExtraError
from omninode_bridge.runtime.model_patterns import compile_pattern

__all__ = ["ValueChecker", "is_pattern", "metaschema_errors"]

PATTERN_SECONDS = 0.02
MAX_PATTERN = 5_000
MAX_ERRORS = 50
MAX_VALUE = 2_000
"""Parts of a value; a larger one is not checked."""
MAX_PATTERN_RUNS = 500


def _jsonschema() -> Any:
    try:
        import jsonschema
    except ImportError as error:
        raise MissingExtraError("checking contracts", extra="codegen") from error
    return jsonschema


def is_pattern(text: str) -> bool:
    """Whether the models can search for the text: `re` compiles it, or `regex` does."""
    if len(text) > MAX_PATTERN:
        return False
    try:
        compile_pattern(text)
    except ValueError:
        return False
    return True


def metaschema_errors(schema: Mapping[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    """Return path and message of what JSON Schema 2020-12 itself says against `schema`.

    Messages never quote more than a clause. At most `MAX_ERRORS`.
    """
    validator = _jsonschema().Draft202012Validator
    checker = validator(validator.META_SCHEMA)
    found = []
    for error in checker.iter_errors(schema):
        found.append((tuple(error.absolute_path), _clause(error)))
        if len(found) >= MAX_ERRORS:
            break
    return found


def _clause(error: Any) -> str:
    name = next((part for part in reversed(error.absolute_path) if isinstance(part, str)), "schema")
    shown = repr(error.instance)[:80]
    if error.validator == "type":
        wanted = error.validator_value
        words = wanted if isinstance(wanted, str) else " or ".join(wanted)
        return f"{name!r} is {shown}, which is no {words}"
    return f"{name!r}: {error.message[:160]}"


class ValueChecker:
    """Checks values against parts of one self-contained schema.

    Patterns run in the `regex` module under a timeout, and the formats that the generated models
    check are checked as well.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        library = _jsonschema()
        self._runs = 0
        self._defs = schema.get("$defs", {})
        self._class = library.validators.extend(
            library.Draft202012Validator,
            {
                "pattern": self._pattern,
                "patternProperties": self._pattern_properties,
                "format": self._format,
                "additionalProperties": self._additional(library.Draft202012Validator),
            },
        )

    def refusal(self, value: Any, schema: Any) -> str:
        """Return why `schema` refuses `value`, in a clause; empty if it accepts it."""
        if not isinstance(schema, Mapping) or _size(value) > MAX_VALUE:
            return ""
        whole = {**schema, "$defs": {**self._defs, **schema.get("$defs", {})}}
        try:
            error = next(self._class(whole).iter_errors(value), None)
        except (re.error, RecursionError, OverflowError, ZeroDivisionError):
            return ""
        return "" if error is None else str(error.message)[:160]

    def _search(self, pattern: str, text: str) -> bool | None:
        """Return whether the pattern is found; None where that cannot be said in time."""
        self._runs += 1
        if self._runs > MAX_PATTERN_RUNS or not is_pattern(pattern):
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return regex.search(pattern, text, timeout=PATTERN_SECONDS) is not None
        except (TimeoutError, regex.error, RecursionError, ValueError):
            return None

    def _pattern(self, _validator: Any, pattern: Any, value: Any, _schema: Any) -> Iterator[Any]:
        texts = isinstance(value, str) and isinstance(pattern, str)
        if texts and self._search(pattern, value) is False:
            yield _jsonschema().ValidationError(f"{value!r} does not match {pattern!r}")

    def _pattern_properties(
        self, validator: Any, patterns: Any, value: Any, _schema: Any
    ) -> Iterator[Any]:
        if not isinstance(value, Mapping):
            return
        for pattern, below in patterns.items():
            for key, item in value.items():
                if self._search(pattern, key):
                    yield from validator.descend(item, below, path=key, schema_path=pattern)

    def _additional(self, plain: Any) -> Any:
        original = plain.VALIDATORS["additionalProperties"]

        def check(validator: Any, others: Any, value: Any, schema: Any) -> Iterator[Any]:
            if "patternProperties" not in schema:
                yield from original(validator, others, value, schema)

        return check

    def _format(self, _validator: Any, name: Any, value: Any, _schema: Any) -> Iterator[Any]:
        from omninode_bridge.runtime.formats import FORMATS

        holds = FORMATS.get(name) if isinstance(name, str) else None
        if holds is not None and isinstance(value, str) and not holds(value):
            yield _jsonschema().ValidationError(f"{value!r} is no {name}")


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
