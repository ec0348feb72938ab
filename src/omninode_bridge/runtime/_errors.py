"""What a node raises on its own behalf."""

from __future__ import annotations

import inspect

from omninode_bridge.errors import OmninodeBridgeError

__all__ = ["LogicNotWrittenError"]


class LogicNotWrittenError(OmninodeBridgeError, NotImplementedError):
    """An operation was called whose body nobody has written yet.

    Attributes:
        node: name of the node's class.
        operation: the method without logic.
        file: the file to edit, or the module's name where no file is known.
    """

    def __init__(self, node: object, operation: str) -> None:
        kind = node if isinstance(node, type) else type(node)
        self.node = kind.__qualname__
        self.operation = operation
        self.file = _file_of(kind)
        super().__init__(
            f"the logic of {operation!r} of node {self.node!r} is not written; "
            f"write it in {self.file}"
        )

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes as plain text."""
        return (_restored, (self.node, self.operation, self.file, str(self)))


def _file_of(kind: type) -> str:
    try:
        return inspect.getfile(kind)
    except (OSError, TypeError):
        return kind.__module__


def _restored(node: str, operation: str, file: str, message: str) -> LogicNotWrittenError:
    error = LogicNotWrittenError.__new__(LogicNotWrittenError, message)
    error.args = (message,)
    error.node, error.operation, error.file = node, operation, file
    return error
