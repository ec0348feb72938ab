"""The four kinds of node that a generated class subclasses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar, Generic, TypeVar, cast

from omninode_bridge.errors import ConfigurationError
from omninode_bridge.runtime._core import NodeCore

__all__ = ["Node", "NodeCompute", "NodeEffect", "NodeOrchestrator", "NodeReducer"]

RequestT = TypeVar("RequestT")
ResultT = TypeVar("ResultT")


class Node(NodeCore, Generic[RequestT, ResultT]):
    """A node: asynchronous operations from one request type to one result type.

    Generated classes add one ``async`` method per operation and fill in the class attributes.
    """

    async def perform(self, operation: str, request: RequestT) -> ResultT:
        """Run the operation that the contract calls `operation`.

        Raises:
            ConfigurationError: the node has no such operation.
        """
        method = self.operations.get(operation)
        if method is None:
            known = ", ".join(map(repr, self.operations)) or "none"
            raise ConfigurationError(
                f"node {self.node_name!r} has no operation {operation!r}; it has: {known}"
            )
        run = cast("Callable[[RequestT], Awaitable[ResultT]]", getattr(self, method))
        return await run(request)


class NodeEffect(Node[RequestT, ResultT]):
    """A node that touches the world outside: network, files, messages."""

    node_type: ClassVar[str] = "effect"


class NodeCompute(Node[RequestT, ResultT]):
    """A node whose result depends on its request alone."""

    node_type: ClassVar[str] = "compute"


class NodeReducer(Node[RequestT, ResultT]):
    """A node that folds many items into a summary."""

    node_type: ClassVar[str] = "reducer"


class NodeOrchestrator(Node[RequestT, ResultT]):
    """A node that runs other nodes in order.

    Attributes:
        workflow_steps: the contract's steps, as data, in the contract's order.
    """

    node_type: ClassVar[str] = "orchestrator"
    workflow_steps: ClassVar[tuple[Mapping[str, object], ...]] = ()
