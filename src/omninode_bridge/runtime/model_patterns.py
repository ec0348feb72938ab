"""Regular expressions of contracts: searched anywhere, and never for long.

Simple expressions run in the standard library. One whose shape can take exponential or high
polynomial time, or that the standard library does not know, runs in `regex` with a timeout. Texts
longer than `MAX_TEXT` are refused.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

__all__ = ["MAX_TEXT", "TIMEOUT", "compile_pattern"]

MAX_TEXT = 100_000
"""Characters of the longest text that is searched."""
TIMEOUT = 1.0
"""Seconds that one search may take."""
_SHORT = 512
_FEW = 8
_SHORT_REPEAT = 0.1
_HOPELESS = 99.0
_MODEST = 2.0

Found = Callable[[str], bool]


def compile_pattern(pattern: str) -> Found:
    """Make a predicate that searches `pattern` in a text.

    Raises:
        ValueError: the pattern is no regular expression.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            plain = re.compile(pattern)
        except (re.error, RecursionError, OverflowError):
            return _guarded(pattern)
        degree = _degree(_parse(pattern))
    if degree < 1:
        return lambda text: len(text) <= MAX_TEXT and plain.search(text) is not None
    careful: list[Found] = []

    def found(text: str) -> bool:
        if degree <= _MODEST and len(text) <= _SHORT:
            return plain.search(text) is not None
        if not careful:
            careful.append(_guarded(pattern))
        return careful[0](text)

    return found


def _guarded(pattern: str) -> Found:
    import regex

    try:
        compiled = regex.compile(pattern, flags=regex.VERSION0)
    except (regex.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None

    def found(text: str) -> bool:
        if len(text) > MAX_TEXT:
            return False
        try:
            return compiled.search(text, timeout=TIMEOUT) is not None
        except TimeoutError:
            return False

    return found


def _parse(pattern: str) -> Any:
    from re import _parser  # type: ignore[attr-defined]

    return _parser.parse(pattern)


def _degree(node: Any, *, repeated: bool = False) -> float:
    """Estimate how many repeats may compete for the same text; `_HOPELESS` for a repeat in a repeat."""
    total = 0.0
    for operator, argument in node:
        name = str(operator)
        if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            low, high, body = argument
            if low != high and repeated:
                return _HOPELESS
            weight = 0.0 if low == high else _SHORT_REPEAT if int(high) <= _FEW else 1.0
            total += weight + _degree(body, repeated=repeated or int(high) > 1)
        elif name == "SUBPATTERN":
            total += _degree(argument[3], repeated=repeated)
        elif name == "ATOMIC_GROUP":
            total += _degree(argument, repeated=repeated)
        elif name == "BRANCH":
            inner = max((_degree(branch, repeated=repeated) for branch in argument[1]), default=0)
            total += _HOPELESS if repeated else inner + _SHORT_REPEAT
        elif name in {"ASSERT", "ASSERT_NOT"}:
            total += _degree(argument[1], repeated=repeated)
        elif name in {"GROUPREF", "GROUPREF_EXISTS"}:
            total += _HOPELESS
    return total
