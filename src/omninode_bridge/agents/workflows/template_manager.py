"""Render templates by name: sandboxed, bounded, with other versions at hand."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omninode_bridge.errors import ConfigurationError

from ._attached import attach_call
from ._call import Call
from ._template_catalog import Catalog
from ._template_limits import METER, Meter
from ._template_models import TemplateRenderError, TemplateStatistics, TemplateType
from ._template_names import alternatives_among
from ._template_sources import MappingSource, Source, folder_source, package_source
from ._threads import run_in_thread
from .recovery_models import Rerun

if TYPE_CHECKING:  # Jinja is loaded with the first template
    from ._template_sandbox import MeteredEnvironment

__all__ = ["TemplateManager", "TemplateRenderError", "TemplateStatistics", "TemplateType"]

MAX_SOURCE: Final = 1_000_000
#: Beyond the time limit, for a single operation of a template that cannot be interrupted.
GRACE: Final = 1.0


class TemplateManager:
    """Renders Jinja templates to text that is not HTML.

    A template stands in ``<template_id>.py.j2``, else in ``<template_id>.j2``, of the first of
    these that has it: `templates`, `template_dir`, `packages`. Files whose names begin with ``_`` are
    parts that others include. Templates run in a sandbox with strict undefined names; they may
    read the context and never change it.

    Args:
        template_dir: a folder.
        packages: packages whose folder ``templates`` is read (``"package:folder"`` for another).
        templates: texts by template id or file name.
        filters: further filters by name.
        cache_size: how many compiled templates are kept.
        max_output: characters of an output, and of every text on the way to it.
        time_limit: seconds that one rendering may take.

    Raises:
        ConfigurationError: a folder or package that is not there, or a limit that is not positive.

    Example:
        >>> import asyncio
        >>> manager = TemplateManager(templates={"hello_v1": "hello {{ name }}"})
        >>> asyncio.run(manager.render_template("hello_v1", {"name": "world"}))
        'hello world'
    """

    def __init__(
        self,
        template_dir: str | Path | None = None,
        *,
        packages: Sequence[str] = (),
        templates: Mapping[str, str] | None = None,
        filters: Mapping[str, Callable[..., Any]] | None = None,
        cache_size: int = 128,
        max_output: int = 10_000_000,
        time_limit: float = 10.0,
    ) -> None:
        for name, value in (
            ("cache_size", cache_size),
            ("max_output", max_output),
            ("time_limit", time_limit),
        ):
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not 0 < value < float("inf"):
                raise ConfigurationError(f"{name} is {value!r}; it must be a positive number")
        if isinstance(packages, str):
            raise ConfigurationError(f"packages is {packages!r}; it must be a list of packages")
        sources: list[Source] = [MappingSource(templates)] if templates else []
        if template_dir is not None:
            sources.append(folder_source(template_dir))
        self._catalog = Catalog([*sources, *map(package_source, packages)])
        self._filters = _filters(filters or {})
        self._cache_size = int(cache_size)
        self._max_output = int(max_output)
        self._time_limit = float(time_limit)
        self._lock = threading.Lock()
        self._counts = {"renders": 0, "failures": 0, "hits": 0, "misses": 0, "reloads": 0}
        self._render_ms = 0.0

    async def render_template(
        self,
        template_id: str,
        context: Mapping[str, Any] | None = None,
        *,
        template_type: TemplateType | str | None = None,
    ) -> str:
        """Render a template in a worker thread, so that the event loop goes on.

        Args:
            template_id: name of the template, without folder and suffix.
            context: what the template may use, by name.
            template_type: a folder of this name, where there is one, is looked into first.

        Raises:
            TemplateRenderError: no such template, or it cannot be rendered within the limits. A
                recovery can run the call again with another template.
            ConfigurationError: the context is not a mapping of names.
        """
        values = _checked_context(template_id, context)
        meter = Meter(self._max_output, self._time_limit)
        call = _call(self.render_template, template_id, context, template_type)
        timer = asyncio.timeout(self._time_limit + GRACE)
        with self._accounted(meter, call):
            try:
                async with timer:
                    return await run_in_thread(
                        self._render, template_id, values, template_type, meter
                    )
            except TimeoutError as error:
                if not timer.expired():
                    raise
                cause = f"it took longer than {self._time_limit:g} s"
                raise TemplateRenderError(str(template_id), cause) from error

    def render(
        self,
        template_id: str,
        context: Mapping[str, Any] | None = None,
        *,
        template_type: TemplateType | str | None = None,
    ) -> str:
        """Do the same in this thread, without an event loop."""
        values = _checked_context(template_id, context)
        meter = Meter(self._max_output, self._time_limit)
        call = _call(self.render, template_id, context, template_type)
        with self._accounted(meter, call):
            return self._render(template_id, values, template_type, meter)

    def template_ids(self) -> tuple[str, ...]:
        """List the templates that can be rendered, sorted; parts and typed folders are left out."""
        return self._catalog.ids()

    def has_template(self, template_id: str) -> bool:
        """Whether there is a template of this name that may be used."""
        return self._catalog.has(template_id)

    def alternatives_for(self, template_id: str) -> tuple[str, ...]:
        """Return the other versions of a template, the one to be tried first in front.

        ``node_effect_v1``, ``node_effect`` and ``node_effect_basic`` are such of
        ``node_effect_v2``: older versions come first, then the plainer ones, then newer versions.
        Fit for the ``alternatives`` of a pattern or an `AlternativePathStrategy`.
        """
        return alternatives_among(template_id, self.template_ids())

    def get_statistics(self) -> TemplateStatistics:
        """Return what was done so far."""
        ready = self.__dict__.get("_environment")
        with self._lock:
            return TemplateStatistics(
                **self._counts,
                cached=len(ready.cache) if ready is not None and ready.cache is not None else 0,
                cache_size=self._cache_size,
                render_ms=self._render_ms,
            )

    def clear_cache(self) -> None:
        """Forget compiled templates; the statistics stay."""
        ready = self.__dict__.get("_environment")
        if ready is not None and ready.cache is not None:
            ready.cache.clear()

    @cached_property
    def _environment(self) -> MeteredEnvironment:
        from ._template_sandbox import make_environment

        return make_environment(
            self._catalog, self._filters, cache_size=self._cache_size, max_source=MAX_SOURCE
        )

    @contextmanager
    def _accounted(self, meter: Meter, call: Call) -> Iterator[None]:
        """Count a rendering, end it when nobody waits any more, and hand on how to run it again."""
        begun = time.perf_counter()
        failed = False
        try:
            yield
        except TemplateRenderError as error:
            failed = True
            attach_call(error, call)
            raise
        finally:
            meter.stopped = True
            with self._lock:
                self._counts["renders"] += 1
                self._counts["failures"] += failed
                self._counts["hits"] += max(0, meter.lookups - meter.loads)
                self._counts["misses"] += meter.loads
                self._counts["reloads"] += meter.reloads
                self._render_ms += (time.perf_counter() - begun) * 1000

    def _render(
        self,
        template_id: str,
        context: Mapping[str, Any],
        template_type: TemplateType | str | None,
        meter: Meter,
    ) -> str:
        token = METER.set(meter)
        try:
            file = self._catalog.file_of(template_id, template_type)
            if file is None:
                raise self._unknown(template_id) from _not_found(template_id)
            return self._environment.get_template(file).render(context)
        except TemplateRenderError:
            raise
        except Exception as error:
            raise _explained(template_id, error) from error
        finally:
            METER.reset(token)

    def _unknown(self, template_id: str) -> TemplateRenderError:
        known = ", ".join(self.template_ids()) or "none"
        return TemplateRenderError(str(template_id), f"no such template; known: {known}")


def _explained(template_id: str, error: Exception) -> TemplateRenderError:
    from ._template_sandbox import line_of, variable_of

    line, file = line_of(error)
    text = str(error) or type(error).__name__
    return TemplateRenderError(template_id, text, line=line, variable=variable_of(error), file=file)


def _call(
    method: Callable[..., Any],
    template_id: str,
    context: Mapping[str, Any] | None,
    template_type: TemplateType | str | None,
) -> Call:
    return Call(
        method,
        (template_id,),
        {"context": context, "template_type": template_type},
        rerun=Rerun.PURE,
        source="TemplateManager",
        complete=True,
    )


def _checked_context(template_id: object, context: object) -> Mapping[str, Any]:
    if context is None:
        return {}
    if not isinstance(context, Mapping) or not all(isinstance(key, str) for key in context):
        what = type(context).__name__ if not isinstance(context, Mapping) else "a mapping"
        raise ConfigurationError(
            f"the context of template {template_id!r} is {what}; it must map names to values"
        )
    return context


def _not_found(template_id: object) -> Exception:
    from jinja2 import TemplateNotFound

    return TemplateNotFound(str(template_id))


def _filters(given: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    if not isinstance(given, Mapping) or not all(map(callable, given.values())):
        raise ConfigurationError(f"filters is {given!r}; it must map names to functions")
    return dict(given)
