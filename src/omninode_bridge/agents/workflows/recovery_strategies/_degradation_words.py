"""What a degradation step with a name took away from one call, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from omninode_bridge.agents.workflows._redaction import redact

from ._changes import Arguments, same

__all__ = ["words_of"]

MAX_NAMED = 10
MAX_NAME = 80


def words_of(step: str) -> Callable[[Arguments, Arguments], tuple[str, ...]]:
    """Return a function that tells what the step changed: its name, then what is gone.

    ``remove_all_mixins: CachingMixin, LoggingMixin`` and ``simplify_validation: full to basic``; a
    step that turns off the one thing that it is called after is told by its name alone.
    """

    def describe(before: Arguments, after: Arguments) -> tuple[str, ...]:
        changed = [name for name in before if not same(before[name], after.get(name))]
        gone = [word for name in changed for word in _gone(name, before[name], after.get(name))]
        if len(gone) == 1 and gone[0] == changed[0]:
            gone = []
        if len(gone) > MAX_NAMED:
            gone[MAX_NAMED:] = [f"{len(gone) - MAX_NAMED} more"]
        return (f"{step}: {', '.join(gone)}" if gone else step,)

    return describe


def _gone(name: str, before: Any, after: Any) -> Iterator[str]:
    if isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
        kept = list(after)
        for item in before:
            place = next((n for n, other in enumerate(kept) if same(item, other)), None)
            if place is None:
                yield _name_of(item)
            else:
                del kept[place]
    elif isinstance(before, str) and isinstance(after, str):
        yield f"{_text(before)} to {_text(after)}"
    else:
        yield name


def _name_of(item: Any) -> str:
    """Name a mixin; its settings are the caller's own."""
    name = item.get("name") if isinstance(item, Mapping) else getattr(item, "name", None)
    for candidate in (item, name, getattr(item, "__name__", None)):
        if isinstance(candidate, str) and candidate.strip():
            return _text(candidate)
    return type(item).__name__


def _text(text: str) -> str:
    return redact(" ".join(text.split()), limit=MAX_NAME)
