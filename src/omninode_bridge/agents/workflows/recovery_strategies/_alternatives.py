"""Alternatives as a user writes them, parsed once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from omninode_bridge.agents.workflows._call import Call
from omninode_bridge.errors import ConfigurationError

from ._changes import same

__all__ = ["Alternative", "parse_alternatives"]

MAX_ALTERNATIVES = 100

# Where an alternative's label goes, if the call has such a parameter.
_LABEL_PARAMETERS = {"template_id": ("template_type", "label"), "model": ("tier", "label")}


@dataclass(frozen=True, slots=True)
class Alternative:
    """One other way to get the result.

    Attributes:
        name: in records.
        parameter: the argument that takes `value`; empty for a callable.
        value: what replaces it.
        label: the second item of a pair; a note, unless the call has a parameter for it.
        fn: called instead of the original; None to call the original with `value`.
    """

    name: str
    parameter: str = ""
    value: Any = None
    label: Any = None
    fn: Callable[..., Any] | None = None

    def changes(self, call: Call) -> dict[str, Any]:
        """Return the argument values that it replaces."""
        if self.fn is not None:
            return {}
        changes = {self.parameter: self.value}
        if self.label is not None:
            for name in _LABEL_PARAMETERS.get(self.parameter, ("label",)):
                if call.accepts(name):
                    changes[name] = self.label
                    break
        return changes

    def apply(self, call: Call) -> Call:
        """Return the call that this alternative makes of `call`."""
        if self.fn is None:
            return call.changed(self.changes(call))
        return _instead(self.fn, call)

    def is_what_failed(self, call: Call) -> bool:
        """Whether the call that failed was this very alternative."""
        if self.fn is not None:
            return self.fn is call.fn
        values = call.arguments()
        return self.parameter in values and same(values[self.parameter], self.value)


def _instead(fn: Callable[..., Any], call: Call) -> Call:
    """Return a call of `fn` with the arguments of `call`, as far as it takes them."""
    try:
        signature = inspect.signature(fn)
    except (TypeError, ValueError):
        return call.replace(fn=fn)
    if not signature.parameters:
        return call.replace(fn=fn, args=(), kwargs={}, changes={}, complete=True)
    if call.complete and not call.changes:
        try:
            signature.bind(*call.args, **call.kwargs)
        except TypeError:
            pass
        else:
            return call.replace(fn=fn)
    known = {**call.state, **call.arguments()}
    return call.replace(fn=fn, args=(), kwargs={}, state=known, changes={}, complete=False)


def parse_alternatives(
    entries: Any, *, parameter: str, what: str = "alternatives"
) -> tuple[Alternative, ...]:
    """Return alternatives from what a user wrote.

    Args:
        entries: an iterable of values, ``(value, label)`` pairs, or callables.
        parameter: the argument that a value replaces.
        what: the name of the setting, for messages.

    Raises:
        ConfigurationError: no iterable, nothing in it, or far too much.
    """
    if isinstance(entries, (str, bytes, Mapping)) or not isinstance(entries, Iterable):
        raise ConfigurationError(
            f"{what} is {entries!r}; it must be a list of values, (value, label) pairs or callables"
        )
    parsed: list[Alternative] = []
    for entry in entries:
        if len(parsed) >= MAX_ALTERNATIVES:
            raise ConfigurationError(f"{what} has more than {MAX_ALTERNATIVES} entries")
        if isinstance(entry, Alternative):
            parsed.append(entry)
        elif callable(entry):
            name = getattr(entry, "__qualname__", None) or type(entry).__name__
            parsed.append(Alternative(name=name, fn=entry))
        elif isinstance(entry, (tuple, list)):
            if len(entry) != 2:
                raise ConfigurationError(
                    f"{what} has the entry {entry!r}; a pair is (value, label)"
                )
            value, label = entry
            parsed.append(Alternative(str(value), parameter, value, label))
        else:
            parsed.append(Alternative(str(entry), parameter, entry))
    if not parsed:
        raise ConfigurationError(f"{what} is empty; leave it out where there are none")
    return tuple(parsed)
