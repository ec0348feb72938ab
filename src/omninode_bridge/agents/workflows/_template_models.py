"""What is told of templates: their kinds, how a rendering failed, and how much was rendered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from omninode_bridge.errors import OmninodeBridgeError

__all__ = ["TemplateRenderError", "TemplateStatistics", "TemplateType"]

_MAX_CAUSE = 500


class TemplateType(StrEnum):
    """What a template produces; also the folder in which such templates may stand together."""

    EFFECT = "effect"
    COMPUTE = "compute"
    REDUCER = "reducer"
    ORCHESTRATOR = "orchestrator"
    MODEL = "model"
    TEST = "test"


class TemplateRenderError(OmninodeBridgeError):
    """A template that is missing or could not be rendered; chained from Jinja's error.

    Attributes:
        template: the template's identifier.
        cause: why, on one line.
        line: 1-based line of `file`, or None.
        variable: the name that was undefined, or None.
        file: the template file that holds the line: `template` itself, or what it includes; None
            where no line is known.
    """

    def __init__(
        self,
        template: str,
        cause: str,
        *,
        line: int | None = None,
        variable: str | None = None,
        file: str | None = None,
    ) -> None:
        self.template = template
        self.line = line
        self.variable = variable
        self.file = file
        self.cause = " ".join(cause.split())[:_MAX_CAUSE]
        super().__init__(f"Template {template!r} render failed: {self.cause}")

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the place when it travels between processes."""
        return (_restored, (self.template, self.cause, self.line, self.variable, self.file))


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateStatistics:
    """What a manager has done so far.

    Attributes:
        renders: renderings that were asked for.
        failures: those that raised `TemplateRenderError`.
        hits: templates, parts included, that were ready in the cache.
        misses: templates that had to be read and compiled.
        reloads: those of them whose file had changed since it was read.
        cached: templates in the cache now.
        cache_size: how many it holds at most.
        render_ms: all renderings together.
    """

    renders: int = 0
    failures: int = 0
    hits: int = 0
    misses: int = 0
    reloads: int = 0
    cached: int = 0
    cache_size: int = 0
    render_ms: float = 0.0

    @property
    def hit_rate(self) -> float:
        """Share of lookups that the cache answered, 0 to 1; 0 where there were none."""
        lookups = self.hits + self.misses
        return self.hits / lookups if lookups else 0.0


def _restored(
    template: str, cause: str, line: int | None, variable: str | None, file: str | None
) -> TemplateRenderError:
    return TemplateRenderError(template, cause, line=line, variable=variable, file=file)
