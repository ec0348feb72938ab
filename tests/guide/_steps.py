"""What several tests do before the block that they are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omninode_bridge.agents.workflows import RecoveryContext, RecoveryResult

from ._reader import Reader

__all__ = ["CONTEXT", "handle", "set_up", "waits"]

# In place of `handle_error(...)`: the guide's own names for what it leaves out.
CONTEXT = (
    'handle_error(RecoveryContext(workflow_id="session-1", node_name="node", exception=e, '
    "state=state))"
)


def set_up(reader: Reader) -> None:
    """Read "Basic Setup", which everything after it builds on."""
    reader.supply(state={"session": "codegen-session-1"})
    reader.run(1)


def waits(result: RecoveryResult) -> list[float]:
    """Return the seconds before each attempt."""
    return [record.attempt.wait for record in result.attempts]


def handle(
    reader: Reader,
    error: Exception | str,
    *,
    orchestrator: str = "orchestrator",
    state: Mapping[str, Any] | None = None,
    operation: Any = None,
) -> RecoveryResult:
    """Hand an error to the reader's orchestrator, after the fact."""
    context = RecoveryContext(
        workflow_id="session-1",
        node_name="node",
        state=state,
        exception=error if isinstance(error, Exception) else None,
        error_message=error if isinstance(error, str) else None,
    )
    result: RecoveryResult = reader.wait_for(
        reader[orchestrator].handle_error(context, operation=operation)
    )
    return result
