"""Where the call that is to run again comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from omninode_bridge.errors import ConfigurationError

from ._attached import attached_call, rerun_of
from ._call import Call
from ._config import Config
from ._inference import Inference
from .recovery_models import ErrorPattern, RecoveryContext, Rerun, parse_kind

__all__ = ["find_call"]


def find_call(
    context: RecoveryContext,
    operation: Callable[..., Any] | None,
    config: Config,
    pattern: ErrorPattern | None,
    inference: Inference,
) -> Call | None:
    """Return the first call that is given, in the documented order."""
    metadata = pattern.metadata if pattern is not None else {}
    rerun = context.metadata.get("rerun") or metadata.get("rerun")
    again = {"rerun": parse_kind(Rerun, rerun, what="rerun")} if rerun else {}
    found = (
        (operation, "the operation argument"),
        (context.operation, "RecoveryContext.operation"),
        (_operation_of(context), "RecoveryContext.metadata"),
        (metadata.get("operation"), "the pattern's metadata"),
        (
            config.operations.get(context.node_name),
            f"the operation registered for {context.node_name!r}",
        ),
    )
    for fn, source in found:
        if fn is None:
            continue
        call = fn if isinstance(fn, Call) else Call(fn, rerun=rerun_of(fn))
        state = {**context.state, **call.state}
        call = inference.bind(call, context.exception)
        return call.replace(state=state, source=source, **again)
    travelling = attached_call(context.exception)
    if travelling is not None:
        return travelling.replace(source="the exception", **again)
    inferred = inference.call_of(context.exception)
    return inferred.replace(**again) if inferred is not None else None


def _operation_of(context: RecoveryContext) -> Callable[..., Any] | None:
    operation: Callable[..., Any] | None = context.metadata.get("operation")
    if operation is not None and not callable(operation):
        raise ConfigurationError(
            f"operation in metadata of the context is {operation!r}; it must be callable"
        )
    return operation
