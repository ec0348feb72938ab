"""Pass signals from workflows to whoever listens."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, TypeVar

from omninode_bridge.errors import ConfigurationError

from ._delivery import Listener
from ._history import History
from ._plain import plain_data, plain_name
from ._tally import Tally
from .state import SharedState, view_of
from .stream import SignalStream
from .types import EventLike, MetricsLike, Signal, Subscription

__all__ = ["SignalCoordinator"]

C = TypeVar("C", bound=Callable[[Signal], Any])

_MAX_NESTED: Final = 8


def _now() -> datetime:
    return datetime.now(UTC)


class SignalCoordinator:
    """Take events, tell the listeners, and remember what was said.

    Any number of threads and event loops may share one. `emit()` never waits: plain functions are
    called at once and must be quick; coroutine functions run later, one signal after the other, on
    the loop where they were subscribed. A listener that fails is logged and counted, and the others
    are told.

    Args:
        state: what the workflows share, any mapping; listeners may look at it. A new `SharedState`
            where None.
        metrics: counts signals (``signals``), failures (``signal_failures``) and losses
            (``signals_dropped``), by name.
        history: signals that are kept of one workflow.
        workflows: workflows that are remembered; the one that was silent longest goes first.
        max_listeners: subscriptions at one time.
        max_pending: signals that may wait for one coroutine function or stream; the oldest go first.
        now: tells the time.

    Example:
        >>> signals = SignalCoordinator({})
        >>> seen = []
        >>> receipt = signals.subscribe(seen.append, "recovery_succeeded")
        >>> signals.send("recovery_succeeded", "w-1", strategy="retry").number
        1
        >>> [signal.get("strategy") for signal in seen]
        ['retry']
    """

    def __init__(
        self,
        state: Any = None,
        metrics: MetricsLike | None = None,
        *,
        history: int = 100,
        workflows: int = 1_000,
        max_listeners: int = 1_000,
        max_pending: int = 1_000,
        now: Callable[[], datetime] = _now,
    ) -> None:
        for what, value in (
            ("history", history),
            ("workflows", workflows),
            ("max_listeners", max_listeners),
            ("max_pending", max_pending),
        ):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ConfigurationError(f"{what} is {value!r}; it must be a positive integer")
        if state is not None and not (hasattr(state, "keys") and hasattr(state, "__getitem__")):
            raise ConfigurationError(
                f"state is a {type(state).__name__}; it must be a mapping or None"
            )
        if metrics is not None and not isinstance(metrics, MetricsLike):
            raise ConfigurationError(
                f"metrics is a {type(metrics).__name__}; it must have increment(), as "
                "MetricsCollector has, or be None"
            )
        self._state = SharedState() if state is None else state
        self._tally = Tally(metrics)
        self._max_listeners = max_listeners
        self._max_pending = max_pending
        self._now = now
        self._lock = threading.RLock()  # a finalizer may call in at any moment
        self._history = History(history, workflows)
        self._listeners: Mapping[Subscription, Listener] = MappingProxyType({})
        self._emitted = self._subscribed = 0
        self._nesting = threading.local()

    # -- saying --------------------------------------------------------------------------------

    def emit(self, event: EventLike) -> None:
        """Tell everybody who listens; returns at once.

        Args:
            event: has ``name``, ``workflow_id`` and ``data``; a `Signal` gets a new time and number.

        Raises:
            ConfigurationError: it has no name.
        """
        self.send(getattr(event, "name", None), getattr(event, "workflow_id", ""), _data_of(event))

    def send(
        self,
        name: str | None,
        workflow_id: str = "",
        data: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Signal:
        """Make a signal of these words, tell everybody who listens, and return it.

        Raises:
            ConfigurationError: `name` is no text, or empty.
        """
        if not isinstance(name, str) or not name.strip():
            raise ConfigurationError(f"the name of a signal is {name!r}; it must be a text")
        who = plain_name("" if workflow_id is None else workflow_id)
        content = plain_data({**(data or {}), **more})  # before the lock: it may run others' code
        at = self._now()
        with self._lock:
            number = self._emitted = self._emitted + 1
            signal = Signal(plain_name(name), who, content, at, number)
            self._history.add(signal)
            listeners = self._listeners
        self._tally.said(signal.name)
        self._tell(signal, listeners)
        return signal

    def _tell(self, signal: Signal, listeners: Mapping[Subscription, Listener]) -> None:
        depth = getattr(self._nesting, "depth", 0)
        if depth >= _MAX_NESTED:
            # listeners that answer signals with signals must come to an end
            self._tally.lost(signal.name)
            return
        self._nesting.depth = depth + 1
        try:
            for subscription, listener in listeners.items():
                if subscription.wants(signal):
                    listener.hear(signal)
        finally:
            self._nesting.depth = depth

    # -- hearing -------------------------------------------------------------------------------

    def subscribe(
        self,
        callback: Callable[[Signal], Any],
        name: str | None = None,
        *,
        workflow_id: str | None = None,
    ) -> Subscription:
        """Call `callback(signal)` for every signal from now on.

        Args:
            callback: a plain function, which must be quick, or a coroutine function.
            name: only signals of this name; all by default.
            workflow_id: only signals of this workflow; all by default.

        Raises:
            ConfigurationError: `callback` cannot be called, or there are `max_listeners` already.
        """
        if not callable(callback):
            raise ConfigurationError(
                f"callback is {callback!r}; it must be callable: subscribe(callback, name)"
            )
        label = name if name is not None else "*"
        listener = Listener(
            callback,
            max_pending=self._max_pending,
            failed=lambda error: self._tally.failed(label, callback, error),
            dropped=lambda: self._tally.lost(label),
        )
        with self._lock:
            if len(self._listeners) >= self._max_listeners:
                raise ConfigurationError(
                    f"{self._max_listeners} callbacks are subscribed and no more are taken; "
                    "unsubscribe some, or raise max_listeners"
                )
            self._subscribed += 1
            subscription = Subscription(name, workflow_id, self._subscribed)
            self._listeners = MappingProxyType({**self._listeners, subscription: listener})
        return subscription

    def on(self, name: str | None = None, *, workflow_id: str | None = None) -> Callable[[C], C]:
        """Subscribe the decorated function."""

        def register(callback: C) -> C:
            self.subscribe(callback, name, workflow_id=workflow_id)
            return callback

        return register

    def unsubscribe(self, subscription: Subscription) -> bool:
        """End a subscription; return whether there was one. What waits for it is dropped."""
        with self._lock:
            kept = dict(self._listeners)
            listener = kept.pop(subscription, None)
            self._listeners = MappingProxyType(kept)
        if listener is not None:
            listener.close()
        return listener is not None

    def stream(self, name: str | None = None, *, workflow_id: str | None = None) -> SignalStream:
        """Return the signals from this moment on, for ``async for``.

        A stream that nobody refers to any more ends with the next signal.
        """
        receipt: list[Subscription] = []
        stream = SignalStream(self._max_pending, lambda _: self._end(receipt))
        reference = weakref.ref(stream)

        def take(signal: Signal) -> None:
            there = reference()
            if there is None:
                self._end(receipt)
            elif there.put(signal):
                self._tally.lost(signal.name)

        receipt.append(self.subscribe(take, name, workflow_id=workflow_id))
        return stream

    def _end(self, receipt: list[Subscription]) -> None:
        for subscription in receipt:
            self.unsubscribe(subscription)

    # -- looking back --------------------------------------------------------------------------

    def history(
        self, workflow_id: str | None = None, name: str | None = None
    ) -> tuple[Signal, ...]:
        """Return the signals that are remembered, oldest first: of one workflow, of one name, or all."""
        with self._lock:
            kept = self._history.read(workflow_id)
        return tuple(signal for signal in kept if name is None or signal.name == name)

    def workflows(self) -> tuple[str, ...]:
        """Return the workflows that are remembered; the one that spoke last is last."""
        with self._lock:
            return self._history.workflows()

    def forget(self, workflow_id: str | None = None) -> None:
        """Forget the history of one workflow, or of all."""
        with self._lock:
            self._history.forget(workflow_id)

    @property
    def state(self) -> Any:
        """What the workflows share, as it was given."""
        return self._state

    def state_now(self) -> Mapping[str, Any]:
        """Return the entries of the shared state at this moment, read-only."""
        return view_of(self._state)

    @property
    def failures(self) -> int:
        """How often a listener, or the metrics, raised."""
        return self._tally.failures

    @property
    def dropped(self) -> int:
        """How many signals a listener did not get, because too many waited or nested."""
        return self._tally.dropped


def _data_of(event: object) -> Mapping[str, Any]:
    data = getattr(event, "data", None)
    return data if isinstance(data, Mapping) else {}
