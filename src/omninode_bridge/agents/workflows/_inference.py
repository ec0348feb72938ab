"""The failed call, read from the traceback of its error: narrow on purpose.

A call is inferred only where running it again is the same call: the traceback begins in a function
that waits for `handle_error()`, the next frame is a plain function or method, found by its code
object, and its arguments are still those that were passed. Everything else is declined.
"""

from __future__ import annotations

import logging

from ._call import Call
from ._inference_arguments import read_arguments
from ._inference_frames import FailedFrame, failed_frame
from ._inference_functions import find_function, is_of
from .recovery_models import Rerun
from .recovery_strategies._stepped import check_flags

__all__ = ["Inference"]

logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")

_MOST_TOLD = 1000


class Inference:
    """Reads failed calls from tracebacks; warns once of each function.

    Args:
        enabled: False declines everything.
    """

    __slots__ = ("_told", "enabled")

    def __init__(self, *, enabled: bool = True) -> None:
        check_flags(infer_operation=enabled)
        self.enabled = enabled
        self._told: set[str] = set()

    def call_of(self, error: BaseException | None) -> Call | None:
        """Return the call that raised `error`, its ``rerun`` unknown, or None."""
        failed = self._failed(error)
        if failed is None:
            return None
        what = failed.frame.f_code.co_qualname
        if failed.owner != "user":
            _decline(f"{what}() belongs to {failed.owner}")
            return None
        function = find_function(failed)
        if isinstance(function, str):
            _decline(function)
            return None
        read = read_arguments(failed.frame)
        if isinstance(read, str):
            _decline(f"{what}(): {read}")
            return None
        args, kwargs = read
        if hasattr(function, "__self__"):
            args = args[1:]
        call = Call(function, args, kwargs, rerun=Rerun.UNKNOWN, complete=True)
        self._tell(call.name)
        return call.replace(source=f"traceback of {call.name}()")

    def bind(self, call: Call, error: BaseException | None) -> Call:
        """Give a call that has no arguments those that it had when it raised `error`."""
        if call.complete or call.args or call.kwargs:
            return call
        failed = self._failed(error)
        if failed is None or not is_of(call.fn, failed.frame):
            return call
        read = read_arguments(failed.frame, changed_too=True)
        if isinstance(read, str):
            _decline(f"{call.name}(): {read}")
            return call
        args, kwargs = read
        bound = getattr(call.fn, "__code__", None) is not failed.frame.f_code
        if bound or hasattr(call.fn, "__self__"):
            args = args[1:]
        return call.replace(args=args, kwargs=kwargs, complete=True)

    def _failed(self, error: BaseException | None) -> FailedFrame | None:
        if error is None or not self.enabled:
            return None
        failed = failed_frame(error)
        if isinstance(failed, str):
            _decline(failed)
            return None
        return failed

    def _tell(self, name: str) -> None:
        if name in self._told:
            return
        if len(self._told) < _MOST_TOLD:
            self._told.add(name)
        logger.warning(
            "recovery.call_inferred",
            extra={
                "call": f"{name}()",
                "fix": f"pass operation=functools.partial({name}, ...) to handle_error(), "
                "or infer_operation=False to the orchestrator",
            },
        )


def _decline(reason: str) -> None:
    logger.debug("recovery.call_not_inferred", extra={"reason": reason})
