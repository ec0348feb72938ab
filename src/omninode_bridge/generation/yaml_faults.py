"""What PyYAML complains about, in the words and places of a contract error."""

from __future__ import annotations

import re
from typing import Any

from omninode_bridge.errors import (
    ContractError,
    ContractSecurityError,
    ContractSyntaxError,
    UnsupportedFeatureError,
)

__all__ = ["mark_place", "refuse_unprintable", "syntax_error", "tag_error"]

_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|(?<!\\A)\ufeff"
)
_STANDARD = "tag:yaml.org,2002:"
_HARMLESS = frozenset(
    {"binary", "bool", "float", "int", "map", "merge", "null", "omap", "pairs", "seq", "set"}
    | {"str", "timestamp", "value", "yaml"}
)


def mark_place(mark: Any) -> tuple[int, int]:
    """Return the 1-based line and column of a PyYAML mark."""
    return mark.line + 1, mark.column + 1


def refuse_unprintable(text: str, *, path: str) -> None:
    """Raise for the first character that YAML does not allow."""
    found = _UNPRINTABLE.search(text)
    if found is None:
        return
    before = text[: found.start()]
    raise ContractSyntaxError(
        f"character {found.group()!a} is not allowed in YAML",
        path=path,
        line=before.count("\n") + 1,
        column=found.start() - (before.rfind("\n") + 1) + 1,
        hint="is this a text file?" if found.group() == "\0" else "remove it",
    )


def syntax_error(error: Exception, text: str, *, path: str) -> ContractSyntaxError:
    """Translate an error of the YAML parser; text that just stops is called cut off."""
    problem = getattr(error, "problem", None) or "not YAML"
    mark = getattr(error, "problem_mark", None)
    start = getattr(error, "context_mark", None)
    last = _last_line(text)
    if mark is None:
        return ContractSyntaxError(f"not YAML: {problem}", path=path)
    line, column = mark_place(mark)
    at_end = line > last or (line == last and not _rest_of(text, line, column))
    related = (start.line + 1,) if start is not None and start.line != mark.line else ()
    if at_end:
        inside = _what(str(getattr(error, "context", None) or ""))
        return ContractSyntaxError(
            f"the file ends {inside}",
            path=path,
            line=min(line, last),
            column=column if line <= last else len(_line(text, last)) + 1,
            hint="it looks cut off: complete it",
            related_lines=tuple(number for number in related if number != min(line, last)),
        )
    message, hint = _plain_words(problem, _line(text, line), column)
    return ContractSyntaxError(
        message, path=path, line=line, column=column, hint=hint, related_lines=related
    )


def tag_error(tag: str, mark: Any, *, path: str) -> ContractError:
    """Return the error for a tag: security where it asks for an object of a language."""
    line, column = mark_place(mark)
    name = tag.removeprefix(_STANDARD)
    shown = f"!!{name}" if name != tag else tag
    if name != tag and name not in _HARMLESS:
        return ContractSecurityError(
            f"tag {shown!r} asks for an object of a programming language",
            path=path,
            line=line,
            column=column,
            hint="contracts hold plain data only",
        )
    return UnsupportedFeatureError(
        f"tag {shown!r} is not supported",
        path=path,
        line=line,
        column=column,
        hint="write the value itself; other files are reached by $ref",
    )


def _last_line(text: str) -> int:
    return max(1, text.rstrip().count("\n") + 1)


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _rest_of(text: str, line: int, column: int) -> str:
    return _line(text, line)[column - 1 :].strip()


def _what(context: str) -> str:
    if "quoted scalar" in context:
        return "inside quoted text"
    if "mapping" in context:
        return "inside a map"
    if "sequence" in context:
        return "inside a list"
    if "simple key" in context:
        return "in the middle of a key: no ':' follows"
    return "too early"


def _plain_words(problem: str, line: str, column: int) -> tuple[str, str]:
    """Return a message and a hint for the common faults, else the parser's own words."""
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        return "a tab in the indentation", "indent with spaces"
    if "cannot start any token" in problem:
        char = line[column - 1 : column]
        return f"{char!r} cannot start a value", "put the text in quotes"
    if "mapping values are not allowed" in problem:
        return "a ':' where no key can be", "put text with ': ' in quotes, or check the indentation"
    if "did not find expected key" in problem:
        return "no key where one should be", "check the indentation and the quotes above"
    if "could not find expected ':'" in problem:
        return "a key without ':'", "write 'key: value'"
    return problem, ""
