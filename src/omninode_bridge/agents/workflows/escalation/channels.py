"""From the name of a channel to the notifier behind it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from omninode_bridge.agents.workflows._clock import Clock
from omninode_bridge.agents.workflows._ports import Notifier
from omninode_bridge.agents.workflows._redaction_errors import error_text

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["CONSOLE", "GROUP", "UNSET", "NotifierFactory", "find_notifier", "names_of"]

logger = logging.getLogger(__name__)

GROUP: Final = "omninode_bridge.notifiers"
CONSOLE: Final = "console"
#: Why nobody answers for a channel of which the environment says nothing.
UNSET: Final = "it is not configured"

#: What an entry point of the group names: given the environment and a clock for its waits, a
#: notifier, or None where the environment does not configure one.
NotifierFactory = Callable[[Mapping[str, str], Clock], Notifier | None]

# Ours are found in the same way as anybody's, also where no package metadata is installed.
_BUILT_IN: Final = {
    name: f"omninode_bridge.notifiers.{name}:from_environment"
    for name in (CONSOLE, "apprise", "email", "pagerduty", "slack")
}
# A channel of any name is one of apprise's where the variable of that name holds addresses.
_APPRISE: Final = "apprise"
_APPRISE_VARIABLE: Final = "OMNINODE_BRIDGE_APPRISE"


def names_of(notifiers: Mapping[str, Notifier]) -> tuple[str, ...]:
    """Return the channels that are told where nobody names any."""
    return tuple(notifiers) or (CONSOLE,)


def find_notifier(
    name: str, notifiers: Mapping[str, Notifier], environ: Mapping[str, str], clock: Clock
) -> Notifier | str:
    """Return who answers for the channel, or one clause saying why nobody does.

    The mapping is asked first, then the entry points of the group, then the notifiers that come
    with this package; the last two configure themselves from the environment.
    """
    if name in notifiers:
        return notifiers[name]
    for entry, settings in _entries(name, environ):
        try:
            found = entry.load()(settings, clock)
        except Exception as error:  # noqa: BLE001 - a broken plug-in must not lose the notice
            logger.warning("escalation.channel_broken", extra={"channel": name})
            return error_text(error, limit=300)
        if isinstance(found, Notifier):
            return found
    return UNSET


def _entries(name: str, environ: Mapping[str, str]) -> list[tuple[EntryPoint, Mapping[str, str]]]:
    """Return who may answer for the name, with the environment as each is to see it."""
    # Imported here, since it costs more than the rest of the core together.
    from importlib.metadata import EntryPoint, entry_points

    found: list[tuple[EntryPoint, Mapping[str, str]]] = [
        (entry, environ) for entry in entry_points(group=GROUP, name=name)
    ]
    if name in _BUILT_IN:
        found.append((EntryPoint(name=name, value=_BUILT_IN[name], group=GROUP), environ))
    addresses = environ.get(_variable_of(name))
    if addresses:
        entry = EntryPoint(name=name, value=_BUILT_IN[_APPRISE], group=GROUP)
        found.append((entry, {**environ, _APPRISE_VARIABLE: addresses}))
    return found


def _variable_of(name: str) -> str:
    """Return the variable for a channel of apprise's: ``ops-chat`` has ``..._OPS_CHAT``."""
    plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in name)
    return f"{_APPRISE_VARIABLE}_{plain.upper()}"
