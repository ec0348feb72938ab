"""What is known about an error when a recovery is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from omninode_bridge.errors import ConfigurationError

__all__ = ["RecoveryContext"]

_FIELDS = (
    "workflow_id",
    "node_name",
    "step_count",
    "state",
    "exception",
    "error_message",
    "operation",
    "correlation_id",
    "metadata",
)


class RecoveryContext:
    """One error and where it happened; does not change after it was made.

    Strategies read `state` and hand changed copies to the call; the mapping itself is never
    written to.

    Args:
        workflow_id: the workflow, any text that is unique to it.
        node_name: the node or step that failed.
        step_count: how many steps the workflow had done.
        state: what the failed step worked on; arguments of the call are looked up here by name.
        exception: the error itself; best given, since it tells more than its text.
        error_message: its text, where there is no exception at hand.
        operation: the callable to run again.
        correlation_id: passed on to logs, events and reports.
        metadata: settings for this recovery alone; they win over those of the pattern.
    """

    __slots__ = _FIELDS

    workflow_id: str
    node_name: str
    step_count: int
    state: Mapping[str, Any]
    exception: BaseException | None
    error_message: str | None
    operation: Callable[..., Any] | None
    correlation_id: str | None
    metadata: Mapping[str, Any]

    def __init__(
        self,
        workflow_id: str,
        node_name: str,
        step_count: int = 0,
        state: Mapping[str, Any] | None = None,
        exception: BaseException | None = None,
        error_message: str | None = None,
        operation: Callable[..., Any] | None = None,
        correlation_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        if not isinstance(workflow_id, str) or not isinstance(node_name, str):
            raise ConfigurationError(
                f"workflow_id is {workflow_id!r} and node_name is {node_name!r}; both must be texts"
            )
        if exception is not None and not isinstance(exception, BaseException):
            raise ConfigurationError(f"exception is {exception!r}; it must be an exception or None")
        if state is not None and not isinstance(state, Mapping):
            raise ConfigurationError(
                f"state is a {type(state).__name__}; it must be a mapping or None"
            )
        if metadata is not None and not isinstance(metadata, Mapping):
            raise ConfigurationError(
                f"metadata is a {type(metadata).__name__}; it must be a mapping or None"
            )
        if isinstance(step_count, bool) or not isinstance(step_count, int):
            raise ConfigurationError(f"step_count is {step_count!r}; it must be an integer")
        for name, text in (("error_message", error_message), ("correlation_id", correlation_id)):
            if text is not None and not isinstance(text, str):
                raise ConfigurationError(f"{name} is {text!r}; it must be a text or None")
        if operation is not None and not callable(operation):
            raise ConfigurationError(f"operation is {operation!r}; it must be callable or None")
        put = object.__setattr__
        put(self, "workflow_id", workflow_id)
        put(self, "node_name", node_name)
        put(self, "step_count", step_count)
        put(self, "state", state if state is not None else MappingProxyType({}))
        put(self, "exception", exception)
        put(self, "error_message", error_message)
        put(self, "operation", operation)
        put(self, "correlation_id", correlation_id)
        put(self, "metadata", metadata if metadata is not None else MappingProxyType({}))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"RecoveryContext does not change; use replace({name}=...) for a copy")

    def __reduce__(self) -> tuple[Any, ...]:
        values = {name: getattr(self, name) for name in _FIELDS}
        plain = {name: dict(values[name]) for name in ("state", "metadata")}
        return (RecoveryContext, tuple((values | plain).values()))

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"RecoveryContext does not change; {name!r} cannot be deleted")

    def replace(self, **changes: Any) -> RecoveryContext:
        """Return a copy with other values for the named fields."""
        return RecoveryContext(**{name: getattr(self, name) for name in _FIELDS} | changes)

    def __repr__(self) -> str:
        error = type(self.exception).__name__ if self.exception is not None else None
        return (
            f"RecoveryContext(workflow_id={self.workflow_id!r}, node_name={self.node_name!r}, "
            f"step_count={self.step_count}, exception={error}, state={sorted(map(str, self.state))})"
        )
