"""Fill in what a template left standing: variables whose values are known."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .models import Fix

__all__ = ["fill_variables"]

_VARIABLE = re.compile(r"\{\{[-+]?[ \t]*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)[ \t]*[-+]?\}\}")
_STRING = re.compile(
    r"(?P<prefix>(?<!\w)[A-Za-z]{1,2})?"
    r"(?P<body>\"\"\"(?:[^\\]|\\[\s\S])*?\"\"\"|'''(?:[^\\]|\\[\s\S])*?'''"
    r"|\"(?:[^\"\\\r\n]|\\.)*\"|'(?:[^'\\\r\n]|\\.)*')"
)
_DEEPEST = 5
_LONGEST = 500
_MOST = 200


def fill_variables(text: str, values: Mapping[str, object]) -> tuple[str, list[Fix]]:
    """Put values in place of ``{{ name }}``, in text that is not code as it stands.

    Two braces are good Python inside of strings. So a variable in a string is filled in only where
    the same one also stands outside of strings, and in no f-string.

    Args:
        text: of a template, partly rendered.
        values: by name; mappings inside are reached by dots.
    """
    found = list(_VARIABLE.finditer(text))
    if not found or not values or len(found) > _MOST:
        return text, []
    strings = [(one.span(), one["prefix"] or "") for one in _STRING.finditer(text)]

    def around(match: re.Match[str]) -> str | None:
        """Return the prefix of the string that the variable stands in, or None outside."""
        at = match.start()
        return next((prefix for (start, end), prefix in strings if start <= at < end), None)

    outside = {match[1] for match in found if around(match) is None}
    fixes: list[Fix] = []
    for match in reversed(found):
        name, prefix = match[1], around(match)
        value = _look_up(values, name)
        if value is None or name not in outside or (prefix is not None and "f" in prefix.lower()):
            continue
        fixes.append(Fix("template", text.count("\n", 0, match.start()) + 1, f"filled in {name!r}"))
        text = text[: match.start()] + value + text[match.end() :]
    return text, fixes[::-1]


def _look_up(values: Mapping[str, object], name: str) -> str | None:
    """Return the text of a value, or None where it is not known or not of one line."""
    value: object = values
    for part in name.split(".")[:_DEEPEST]:
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    if not isinstance(value, (str, int, float)):
        return None
    text = str(value)
    return text if text and len(text) <= _LONGEST and text.isprintable() else None
