"""Plain YAML scalars as JSON values: YAML 1.2 readings, with dates and yes/no kept as text.

JSON Schema knows no dates, so a date stays the text that the author wrote. ``yes``, ``no``, ``on``
and ``off`` stay text too: where a boolean is expected, `as_flag` reads them.
"""

from __future__ import annotations

import math
import re

__all__ = ["MAX_DIGITS", "TooLargeNumberError", "as_flag", "plain_value"]

MAX_DIGITS = 300
"""More digits than this do not fit into a double, and no schema means them."""

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9][0-9_]*\Z")
_BASED = re.compile(r"0x[0-9a-fA-F]+\Z|0o[0-7]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_YES = frozenset({"true", "yes", "on", "y", "1"})
_NO = frozenset({"false", "no", "off", "n", "0", ""})


class TooLargeNumberError(ValueError):
    """A number with more digits than `MAX_DIGITS`."""


def plain_value(text: str) -> str | int | float | bool | None:
    """Read an unquoted scalar; what is not null, boolean or a finite number is text.

    Raises:
        TooLargeNumberError: the number has more than `MAX_DIGITS` digits.
    """
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if text[0] not in "+-.0123456789":
        return text
    if _BASED.match(text):
        return _whole(text, 0)
    if _INTEGER.match(text):
        return _whole(text.replace("_", ""), 10)
    if _FLOAT.match(text):
        number = float(text.replace("_", ""))
        return number if math.isfinite(number) else text
    return text


def _whole(text: str, base: int) -> int:
    if len(text) > MAX_DIGITS:
        raise TooLargeNumberError(text[:20])
    return int(text, base)


def as_flag(value: object) -> bool | None:
    """Read a boolean as people write it (``yes``, ``on``, ``1``); None where it is none."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | str):
        word = str(value).strip().lower()
        if word in _YES:
            return True
        if word in _NO:
            return False
    return None
