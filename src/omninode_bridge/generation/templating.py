"""Templates that produce Python, and the only ways for foreign text to get into it.

A template never sees contract text as a string: it sees `Text`, which refuses to be printed until
a filter has made a Python literal or a docstring of it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from omninode_bridge.errors import OmninodeBridgeError
from omninode_bridge.generation.literals import escaped, python_literal

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

__all__ = ["TemplateRenderError", "Text", "docstring", "render", "template_ids"]

PACKAGED = Path(__file__).parent / "templates"
SUFFIXES = (".py.j2", ".j2")
MAX_CAUSE = 500
WIDTH = 88


class TemplateRenderError(OmninodeBridgeError):
    """A template that is missing or could not be rendered; chained from Jinja's error.

    Attributes:
        template: the template's identifier.
        line: 1-based line of the template, or None.
        variable: the name that was undefined, or None.
    """

    def __init__(
        self, template: str, cause: str, *, line: int | None = None, variable: str | None = None
    ) -> None:
        self.template = template
        self.line = line
        self.variable = variable
        self.cause = " ".join(cause.split())[:MAX_CAUSE]
        super().__init__(f"Template {template!r} render failed: {self.cause}")

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the place when it travels between processes."""
        return (_restored, (self.template, self.cause, self.line, self.variable))


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
    if body.endswith('"'):
        body = body[:-1] + r"\""
    end = f"\n{' ' * indent}" if "\n" in body else ""
    return f'"""{body}{end}"""'


def template_ids(template_dir: Path | None = None) -> tuple[str, ...]:
    """List the templates that can be rendered, sorted."""
    folders = [folder for folder in (template_dir, PACKAGED) if folder is not None]
    names = (path.name for folder in folders for path in folder.glob("*.j2"))
    known = {name.removesuffix(".j2").removesuffix(".py") for name in names}
    return tuple(sorted(name for name in known if not name.startswith("_")))


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
    """
    from jinja2 import TemplateError, TemplatesNotFound

    try:
        names = [template_id + suffix for suffix in SUFFIXES] if _is_plain(template_id) else []
        return _environment(template_dir).select_template(names or [""]).render(context)
    except TemplatesNotFound as error:
        known = ", ".join(template_ids(template_dir))
        cause = f"no such template; known: {known}"
        raise TemplateRenderError(template_id, cause) from error
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise TemplateRenderError(
            template_id,
            str(error) or type(error).__name__,
            line=_line_of(error),
            variable=_variable_of(error),
        ) from error


def _environment(template_dir: Path | None) -> SandboxedEnvironment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    folders = [folder for folder in (template_dir, PACKAGED) if folder is not None]
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        autoescape=False,  # the output is Python, not HTML; see Text
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["literal"] = _literal
    environment.filters["docstring"] = docstring
    return environment


def _literal(value: object) -> str:
    return python_literal(value.reveal() if isinstance(value, Text) else value)


def _is_plain(template_id: str) -> bool:
    return re.fullmatch(r"\w[\w.-]{0,127}", template_id) is not None


def _line_of(error: BaseException) -> int | None:
    line = getattr(error, "lineno", None)
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename.endswith(".j2"):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def _variable_of(error: BaseException) -> str | None:
    from jinja2 import UndefinedError

    if not isinstance(error, UndefinedError):
        return None
    attribute = re.search(r"has no attribute '([^']+)'", str(error))
    name = attribute or re.match(r"'([^']+)'", str(error))
    return name.group(1) if name else None


def _restored(
    template: str, cause: str, line: int | None, variable: str | None
) -> TemplateRenderError:
    return TemplateRenderError(template, cause, line=line, variable=variable)
