"""Templates that produce Python, and the only ways for foreign text to get into it.

A template never sees contract text as a string: it sees `Text`, which refuses to be printed until
a filter has made a Python literal or a docstring of it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from omninode_bridge.agents.workflows.template_manager import TemplateManager, TemplateRenderError
from omninode_bridge.generation.literals import escaped, python_literal

__all__ = ["TemplateRenderError", "Text", "docstring", "render", "template_ids"]

PACKAGE = "omninode_bridge.generation"
WIDTH = 88


class Text:
    """Foreign text or data in a template context; print it through ``literal`` or ``docstring``."""

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value = value

    def __bool__(self) -> bool:
        return bool(self._value.strip() if isinstance(self._value, str) else self._value)

    def __str__(self) -> str:
        raise TypeError("foreign text must pass the filter 'literal' or 'docstring'")

    __html__ = __str__

    def reveal(self) -> object:
        """Return the value itself; for filters."""
        return self._value


def docstring(value: Text | str, indent: int = 4) -> str:
    """Quote `value` as a docstring: same text when read back, but for wrapped and stripped lines."""
    raw = str(value.reveal()) if isinstance(value, Text) else value
    # A class refuses a docstring with lone surrogates: they are spelled out.
    raw = raw.encode("utf-8", "backslashreplace").decode("utf-8")
    lines: list[str] = []
    for line in raw.expandtabs(4).strip().split("\n"):
        lines += textwrap.wrap(line, WIDTH - indent, drop_whitespace=True) or [""]
    body = f"\n{' ' * indent}".join(escaped(line) for line in lines)
    body = re.sub(r"\n +(?=\n|$)", "\n", body).replace('"""', r"\"\"\"")
    if body.startswith('"'):
        body = "\\" + body
    # A last quote that is escaped already stays: twice would end the docstring.
    body = re.sub(r'(?<!\\)((?:\\\\)*)"\Z', r'\1\\"', body)
    end = f"\n{' ' * indent}" if "\n" in body else ""
    return f'"""{body}{end}"""'


def template_ids(template_dir: Path | None = None) -> tuple[str, ...]:
    """List the templates that can be rendered, sorted."""
    return _manager(template_dir).template_ids()


def render(
    template_id: str, context: Mapping[str, object], *, template_dir: Path | None = None
) -> str:
    """Render ``<template_id>.py.j2`` or ``<template_id>.j2``, the user's before the packaged one.

    Args:
        template_id: name of the template, without folder and suffix.
        context: what the template may use; put foreign text into `Text`.
        template_dir: a folder whose templates replace packaged ones of the same name.

    Raises:
        TemplateRenderError: no such template, or it cannot be rendered.
        ConfigurationError: there is no such folder.
    """
    return _manager(template_dir).render(template_id, context)


def _manager(template_dir: Path | None) -> TemplateManager:
    return _manager_of(None if template_dir is None else template_dir.absolute())


@lru_cache(maxsize=16)
def _manager_of(template_dir: Path | None) -> TemplateManager:
    return TemplateManager(
        template_dir, packages=[PACKAGE], filters={"literal": _literal, "docstring": docstring}
    )


def _literal(value: object) -> str:
    return python_literal(value.reveal() if isinstance(value, Text) else value)
