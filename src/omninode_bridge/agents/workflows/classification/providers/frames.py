"""Facts of the place: an error of Python itself that was raised while a template was rendered."""

from __future__ import annotations

from types import TracebackType

from omninode_bridge.agents.workflows.classification.facts import Facts, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType

from ._known import Known

__all__ = ["KNOWN", "frame_facts"]

_ENGINES = frozenset({"jinja2", "mako", "chameleon", "genshi"})
_TEMPLATE_CODE = ("<template>", "<unknown>", "memory:")
_MOST_FRAMES = 200
_FACTS = stays(ErrorType.GENERATION, reasons=("it was raised while a template was rendered",))


def frame_facts(exception: BaseException) -> Facts | None:
    """Tell by the last two frames of a built-in exception that anything may raise."""
    if type(exception).__module__ != "builtins" or isinstance(exception, (OSError, SyntaxError)):
        return None
    last: TracebackType | None = exception.__traceback__
    before: TracebackType | None = None
    for _ in range(_MOST_FRAMES):
        if last is None or last.tb_next is None:
            break
        before, last = last, last.tb_next
    for place in (last, before):
        if place is None:
            continue
        frame = place.tb_frame
        module = frame.f_globals.get("__name__")
        engine = isinstance(module, str) and module.partition(".")[0] in _ENGINES
        if engine or frame.f_code.co_filename.startswith(_TEMPLATE_CODE):
            return _FACTS
    return None


KNOWN = Known(
    reads="the last two frames of the traceback of a built-in error",
    asks=lambda cls: cls.__module__ == "builtins",
    source="the names that template engines give to their compiled templates",
    rows=lambda: [(", ".join(sorted(_ENGINES)), _FACTS)],
)
