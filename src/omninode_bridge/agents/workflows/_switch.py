"""The off switch: calls run once, and what they raise passes untouched."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from omninode_bridge.errors import ConfigurationError

__all__ = ["SWITCH_VARIABLE", "Switch"]

SWITCH_VARIABLE: Final = "OMNINODE_BRIDGE_RECOVERY"

_OFF: Final = frozenset({"off", "0", "false", "no"})
_ON: Final = frozenset({"", "on", "1", "true", "yes"})
# One variable for all: a context never lets go of a variable that was set in it.
_disabled: ContextVar[tuple[Switch, ...]] = ContextVar("omninode_bridge_disabled", default=())


class Switch:
    """Whether an orchestrator recovers at this moment, in this context.

    Args:
        environ: the process's environment where None; it is looked at whenever a call fails.

    Raises:
        ConfigurationError: no environment, or one whose variable says neither on nor off.
    """

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        if environ is not None and not isinstance(environ, Mapping):
            raise ConfigurationError(f"environ is {environ!r}; it must be a mapping or None")
        self._environ = os.environ if environ is None else environ
        said = self._environ.get(SWITCH_VARIABLE, "")
        if self._word() not in _OFF | _ON:
            raise ConfigurationError(f"{SWITCH_VARIABLE} is {said!r}; it must be 'on' or 'off'")

    def why_off(self) -> str:
        """Say in a few words why nothing is recovered; empty where it is."""
        if any(switch is self for switch in _disabled.get()):
            return "recovery is switched off by disabled()"
        # a word that came up after the start and means nothing must not replace the call's error
        if self._word() in _OFF:
            return f"recovery is switched off by {SWITCH_VARIABLE}"
        return ""

    @contextmanager
    def disabled(self) -> Iterator[None]:
        """Recover nothing in this context, and in the tasks and threads that get a copy of it."""
        token = _disabled.set((*_disabled.get(), self))
        try:
            yield
        finally:
            _disabled.reset(token)

    def _word(self) -> str:
        return str(self._environ.get(SWITCH_VARIABLE, "")).strip().lower()
