"""Jinja as the manager uses it: sandboxed, strict, metered; loaded with the first template."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2 import (
    BaseLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    UndefinedError,
    nodes,
    pass_environment,
)
from jinja2.filters import make_attrgetter
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ._template_catalog import Catalog
from ._template_limits import METER, Metered

__all__ = ["MeteredEnvironment", "line_of", "make_environment", "variable_of"]

_LOOPED = "omninode_looped"
_CHECKED = "omninode_checked"


class _Loader(BaseLoader):
    def __init__(self, catalog: Catalog, max_source: int) -> None:
        self._find = catalog.find
        self._max_source = max_source

    def get_source(self, environment: Any, template: str) -> tuple[str, str, Callable[[], bool]]:
        del environment
        found = self._find(template)
        if found is None:
            raise TemplateNotFound(template)
        text = found.read(self._max_source)
        METER.get().loads += 1

        def is_current() -> bool:
            now = self._find(template)
            if now is not None and now.stamp == found.stamp:
                return True
            METER.get().reloads += 1
            return False

        return text, found.file, is_current


class MeteredEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox in which every loop, call, filter and operator passes the meter."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    @staticmethod
    def concat(parts: Iterable[str]) -> str:
        """Join what a template, block or macro has printed."""
        return "".join(METER.get().pieces(parts))

    def get_template(self, name: Any, *args: Any, **kwargs: Any) -> Template:
        """Count, then look up."""
        METER.get().lookups += 1
        return super().get_template(name, *args, **kwargs)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call something for a template."""
        meter = METER.get()
        meter.tick()
        subject, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        if isinstance(subject, str):
            meter.before_call(name, subject, (*args, *kwargs.values()))
            if name == "join" and len(args) == 1:
                args = (meter.pieces(args[0], len(subject)),)
        elif name in {"format", "format_map"} and hasattr(obj, "__wrapped__"):
            # Jinja puts a function of its own around str.format
            meter.before_call(name, getattr(obj.__wrapped__, "__self__", None), ())
        return meter.checked(super().call(context, obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculate for a template."""
        meter = METER.get()
        meter.before_operation(operator, left, right)
        return meter.checked(super().call_binop(context, operator, left, right))

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,  # noqa: FBT001, FBT002 -- Jinja's hook has this signature
    ) -> str:
        for loop in source.find_all(nodes.For):
            loop.iter = self._through(_LOOPED, loop.iter)
        for parent in list(source.find_all(nodes.Node)):
            for field, value in list(parent.iter_fields()):
                if isinstance(value, nodes.Concat):
                    setattr(parent, field, self._through(_CHECKED, value))
                elif isinstance(value, list):
                    value[:] = [
                        self._through(_CHECKED, item) if isinstance(item, nodes.Concat) else item
                        for item in value
                    ]
        return super()._generate(source, name, filename, defer_init)

    def _through(self, name: str, node: nodes.Node) -> nodes.Filter:
        """Put a filter of ours around an expression."""
        around = nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
        around.set_environment(self)
        return around


def make_environment(
    catalog: Catalog,
    filters: Mapping[str, Callable[..., Any]],
    *,
    cache_size: int,
    max_source: int,
) -> MeteredEnvironment:
    """Return an environment that renders the templates of a catalog."""
    environment = MeteredEnvironment(
        loader=_Loader(catalog, max_source),
        undefined=StrictUndefined,
        autoescape=False,  # what is made is code, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        cache_size=cache_size,
    )
    # what they print is not the same each time
    environment.filters.pop("random", None)
    environment.globals.pop("lipsum", None)
    environment.filters["join"] = _join
    environment.filters.update(filters)
    for name, function in environment.filters.items():
        environment.filters[name] = _guarded(name, function)
    environment.filters[_LOOPED] = Metered
    environment.filters[_CHECKED] = lambda value: METER.get().checked(value)
    return environment


@pass_environment
def _join(environment: Any, value: Iterable[Any], d: str = "", attribute: Any = None) -> str:
    if attribute is not None:
        value = map(make_attrgetter(environment, attribute), value)
    texts = (str(item) for item in value)
    return str(d).join(METER.get().pieces(texts, len(str(d))))


def _guarded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    passes = 1 if hasattr(function, "jinja_pass_arg") else 0

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        meter = METER.get()
        meter.tick()
        subject = args[passes] if len(args) > passes else None
        meter.before_call(name, subject, (*args[passes + 1 :], *kwargs.values()))
        return meter.checked(function(*args, **kwargs))

    return run


def line_of(error: BaseException) -> tuple[int | None, str | None]:
    """Return line and file of the innermost template that an error went through."""
    line: int | None = getattr(error, "lineno", None)
    file: str | None = getattr(error, "name", None) if line is not None else None
    traceback = error.__traceback__
    while traceback is not None:
        # Jinja puts frames of its templates' lines in place of those of the compiled code
        if "__jinja_exception__" in traceback.tb_frame.f_globals:
            line, file = traceback.tb_lineno, traceback.tb_frame.f_code.co_filename
        traceback = traceback.tb_next
    return line, file


def variable_of(error: BaseException) -> str | None:
    """Return the name that was undefined, or None."""
    if not isinstance(error, UndefinedError):
        return None
    attribute = re.search(r"has no (?:attribute|element) ['\"]?([^'\"]+)", str(error))
    name = attribute or re.match(r"'([^']+)'", str(error))
    return name.group(1) if name else None
