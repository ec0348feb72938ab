"""What is said, and who listens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

from ._plain import plain_data

__all__ = ["EventLike", "MetricsLike", "Signal", "Subscription"]


@runtime_checkable
class EventLike(Protocol):
    """Anything that says what happened, and where."""

    @property
    def name(self) -> str:
        """What happened, in the past tense."""
        ...

    @property
    def workflow_id(self) -> str:
        """The workflow in which it happened."""
        ...

    @property
    def data(self) -> Mapping[str, Any]:
        """What else there is to know."""
        ...


@runtime_checkable
class MetricsLike(Protocol):
    """Something that counts."""

    def increment(
        self, name: str, value: float = 1, *, labels: Mapping[str, object] | None = None
    ) -> None:
        """Add to a counter."""
        ...


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that happened in a workflow.

    Attributes:
        name: what happened, in the past tense.
        workflow_id: where; empty for what belongs to none.
        data: what else there is to know: a bounded copy, plain values only; what is none is there
            as the name of its type.
        at: when it was emitted.
        number: 1-based number among all signals of its coordinator.
    """

    name: str
    workflow_id: str
    data: Mapping[str, Any]
    at: datetime
    number: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", MappingProxyType(plain_data(self.data)))

    def get(self, key: str, default: Any = None) -> Any:
        """Return an entry of `data`."""
        return self.data.get(key, default)


@dataclass(frozen=True, slots=True, eq=False)
class Subscription:
    """The receipt of `SignalCoordinator.subscribe()`; hand it to `unsubscribe()`.

    Attributes:
        name: of the signals that are heard; None for all.
        workflow_id: of their workflow; None for all.
    """

    name: str | None = None
    workflow_id: str | None = None
    number: int = field(default=0)

    def wants(self, signal: Signal) -> bool:
        """Whether the signal is one of those."""
        return (self.name is None or self.name == signal.name) and (
            self.workflow_id is None or self.workflow_id == signal.workflow_id
        )
