"""Refuse an orchestrator whose parts cannot be used, when it is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omninode_bridge.errors import ConfigurationError

from ._clock import Clock
from ._ports import EscalationStore, MetricsSink, Notifier, SignalSink

__all__ = ["check_parts"]


def provides(part: object, protocol: type) -> bool:
    """Whether an object has the methods of a protocol, also where it makes them when asked.

    `isinstance` does not see those of a proxy or a mock from Python 3.12 on.
    """
    if isinstance(part, type):
        return False
    try:
        return all(callable(getattr(part, name, None)) for name in vars(protocol) if name[0] != "_")
    except Exception:  # noqa: BLE001 - a stranger's object may do anything
        return False


def check_parts(
    *, notifiers: Any, clock: Any, store: Any, metrics: Any, signals: Any, **callables: Any
) -> None:
    """Check what a caller handed in.

    Raises:
        ConfigurationError: a part that is not what it has to be; the message names it.
    """
    if not isinstance(notifiers, Mapping):
        raise ConfigurationError(
            f"notifiers is {notifiers!r}; it must be a mapping of names to notifiers"
        )
    for name, notifier in notifiers.items():
        if not isinstance(name, str) or not provides(notifier, Notifier):
            raise ConfigurationError(
                f"notifiers has {name!r}: {notifier!r}; it takes names and objects with send()"
            )
    wanted: tuple[tuple[str, object, type], ...] = (
        ("clock", clock, Clock),
        ("escalations", store, EscalationStore),
        ("metrics_collector", metrics, MetricsSink),
        ("signal_coordinator", signals, SignalSink),
    )
    for what, part, protocol in wanted:
        optional = what in ("metrics_collector", "signal_coordinator")
        if not (optional and part is None) and not provides(part, protocol):
            raise ConfigurationError(f"{what} is {part!r}; it must be a {protocol.__name__}")
    for what, source in callables.items():
        if not callable(source):
            raise ConfigurationError(f"{what} is {source!r}; it must be callable")
