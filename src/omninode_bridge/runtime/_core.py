"""What nodes and mixins share: identity, configuration, clock, and the hooks around an operation."""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType, TracebackType
from typing import ClassVar

from omninode_bridge.runtime._errors import LogicNotWrittenError

__all__ = ["NodeCore", "Tracked"]

logger = logging.getLogger("omninode_bridge.runtime")

NOTHING: Mapping[str, Mapping[str, object]] = MappingProxyType({})


class NodeCore:
    """Identity and hooks of a node, without its types.

    Attributes:
        node_name: the package's name.
        node_version: ``major.minor.patch`` of the contract.
        node_type: ``effect``, ``compute``, ``reducer`` or ``orchestrator``.
        operations: the contract's operation names, each with the method that carries it out.
        mixin_config: class name of a mixin -> its settings.
        clock: seconds since some fixed moment; never goes back.
    """

    node_name: ClassVar[str] = ""
    node_version: ClassVar[str] = ""
    node_type: ClassVar[str] = ""
    operations: ClassVar[Mapping[str, str]] = MappingProxyType({})
    mixin_config: ClassVar[Mapping[str, Mapping[str, object]]] = NOTHING

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock

    @classmethod
    def unwritten_operations(cls) -> tuple[str, ...]:
        """Name the operations whose method can still raise `LogicNotWrittenError`."""
        return tuple(
            name for name, method in cls.operations.items() if _unwritten(getattr(cls, method))
        )

    def track(self, operation: str) -> Tracked:
        """Time a ``with`` block as one run of `operation` and tell the hooks."""
        return Tracked(self, operation)

    def on_operation_started(self, operation: str) -> None:
        """Take note that `operation` starts; override and call ``super()``."""

    def on_operation_finished(
        self, operation: str, seconds: float, error: BaseException | None
    ) -> None:
        """Take note that `operation` ended after `seconds`; override and call ``super()``."""


class Tracked:
    """One timed run of an operation; errors pass through."""

    __slots__ = ("_node", "_operation", "_started")

    def __init__(self, node: NodeCore, operation: str) -> None:
        self._node = node
        self._operation = operation
        self._started = 0.0

    def __enter__(self) -> None:
        """Start the clock."""
        self._started = self._node.clock()
        try:
            self._node.on_operation_started(self._operation)
        except Exception as failure:  # noqa: BLE001 - a broken hook must not stop the operation
            _hook_failed(self._node, self._operation, failure)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the clock; the error, if any, goes on."""
        seconds = self._node.clock() - self._started
        try:
            self._node.on_operation_finished(self._operation, seconds, error)
        except Exception as failure:  # noqa: BLE001 - a broken hook must not hide the outcome
            _hook_failed(self._node, self._operation, failure)


def _hook_failed(node: NodeCore, operation: str, failure: Exception) -> None:
    from omninode_bridge.agents.workflows._redaction_errors import failure_fields

    fields = {"node_name": node.node_name, "operation": operation, **failure_fields(failure)}
    logger.error("node.hook_failed", extra=fields)


def _unwritten(method: object) -> bool:
    code = getattr(inspect.unwrap(method), "__code__", None) if callable(method) else None
    return LogicNotWrittenError.__name__ in getattr(code, "co_names", ())
