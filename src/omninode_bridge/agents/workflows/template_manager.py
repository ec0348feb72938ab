"""Render templates by name: sandboxed, bounded, with other versions at hand."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omninode_bridge.errors import ConfigurationError

from ._attached import attach_call
from ._call import Call
from ._template_limits import METER, Meter
from ._template_models import TemplateRenderError, TemplateStatistics, TemplateType
from ._template_names import alternatives_among, file_names, is_plain
from ._template_sources import (
    FolderSource,
    MappingSource,
    RefusedTemplateError,
    Source,
    package_source,
)
from ._threads import run_in_thread
from .recovery_models import Rerun

if TYPE_CHECKING:  # Jinja is loaded with the first template
    from ._template_sandbox import MeteredEnvironment

__all__ = ["TemplateManager", "TemplateRenderError", "TemplateStatistics", "TemplateType"]

logger = logging.getLogger(__name__)

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
        self._sources: list[Source] = []
        if templates:
            self._sources.append(MappingSource(templates))
        if template_dir is not None:
            self._sources.append(_folder(template_dir))
        self._sources += [package_source(spec) for spec in packages]
        self._filters = dict(filters or {})
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
        meter = self._meter()
        timer = asyncio.timeout(self._time_limit + GRACE)
        try:
            async with timer:
                return await run_in_thread(self._render, template_id, values, template_type, meter)
        except TemplateRenderError as error:
            attach_call(
                error, self._call(self.render_template, template_id, context, template_type)
            )
            raise
        except TimeoutError as error:
            if not timer.expired():
                raise
            late = self._failed(template_id, f"it took longer than {self._time_limit:g} s")
            attach_call(late, self._call(self.render_template, template_id, context, template_type))
            raise late from error
        finally:
            meter.stopped = True

    def render(
        self,
        template_id: str,
        context: Mapping[str, Any] | None = None,
        *,
        template_type: TemplateType | str | None = None,
    ) -> str:
        """Do the same in this thread, without an event loop."""
        values = _checked_context(template_id, context)
        try:
            return self._render(template_id, values, template_type, self._meter())
        except TemplateRenderError as error:
            attach_call(error, self._call(self.render, template_id, context, template_type))
            raise

    def template_ids(self) -> tuple[str, ...]:
        """List the templates that can be rendered, sorted; parts and typed folders are left out."""
        return tuple(sorted({name for source in self._sources for name in source.ids()}))

    def has_template(self, template_id: str) -> bool:
        """Whether there is a template of this name that may be used."""
        try:
            return self._file(template_id, None) is not None
        except RefusedTemplateError:
            return False

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
            self._sources, self._filters, cache_size=self._cache_size, max_source=MAX_SOURCE
        )

    def _meter(self) -> Meter:
        return Meter(self._max_output, self._time_limit)

    def _call(self, method: Any, template_id: str, context: Any, template_type: Any) -> Call:
        return Call(
            method,
            (template_id,),
            {"context": context, "template_type": template_type},
            rerun=Rerun.PURE,
            source="TemplateManager",
            complete=True,
        )

    def _render(
        self,
        template_id: str,
        context: Mapping[str, Any],
        template_type: TemplateType | str | None,
        meter: Meter,
    ) -> str:
        token = METER.set(meter)
        begun = time.perf_counter()
        try:
            file = self._file(template_id, template_type)
            if file is None:
                known = ", ".join(self.template_ids()) or "none"
                raise TemplateRenderError(
                    template_id, f"no such template; known: {known}"
                ) from _not_found(template_id)
            return self._environment.get_template(file).render(context)
        except TemplateRenderError:
            self._count(failures=1)
            raise
        except Exception as error:
            raise self._explained(template_id, error) from error
        finally:
            METER.reset(token)
            self._count(
                renders=1,
                hits=max(0, meter.lookups - meter.loads),
                misses=meter.loads,
                reloads=meter.reloads,
                milliseconds=(time.perf_counter() - begun) * 1000,
            )

    def _file(self, template_id: str, template_type: TemplateType | str | None) -> str | None:
        """Return the file that holds the template; ``.py.j2`` goes first, wherever it lies."""
        if not is_plain(template_id):
            return None
        folder = str(template_type) if is_plain(template_type) else None
        for name in file_names(template_id, folder):
            if any(source.find(name) is not None for source in self._sources):
                return name
        return None

    def _explained(self, template_id: str, error: Exception) -> TemplateRenderError:
        from ._template_sandbox import line_of, variable_of

        line, file = line_of(error)
        text = str(error) or type(error).__name__
        return self._failed(template_id, text, line=line, variable=variable_of(error), file=file)

    def _failed(self, template_id: str, cause: str, **place: Any) -> TemplateRenderError:
        self._count(failures=1)
        return TemplateRenderError(str(template_id), cause, **place)

    def _count(self, *, milliseconds: float = 0.0, **counts: int) -> None:
        with self._lock:
            self._render_ms += milliseconds
            for name, count in counts.items():
                self._counts[name] += count


def _folder(template_dir: object) -> FolderSource:
    if not isinstance(template_dir, str | Path) or not str(template_dir):
        raise ConfigurationError(f"template_dir is {template_dir!r}; it must be a folder's path")
    path = Path(template_dir)
    if not path.is_dir():
        raise ConfigurationError(f"template_dir is {str(template_dir)!r}; there is no such folder")
    return FolderSource(path)


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
