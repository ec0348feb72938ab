"""A channel that is a function of the user's."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from omninode_bridge.agents.workflows._threads import run_in_thread
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt
from omninode_bridge.errors import ConfigurationError

__all__ = ["CallbackNotifier"]


class CallbackNotifier:
    """Call a function with each report.

    Args:
        function: takes the report; sync functions run in a worker thread. What it raises counts as
            not delivered, so does False; a `Receipt` is passed on; anything else is delivered.
        name: the channel's name in receipts.
    """

    def __init__(
        self,
        function: Callable[[EscalationReport], Awaitable[Any] | Any],
        *,
        name: str = "callback",
    ) -> None:
        if not callable(function):
            raise ConfigurationError(f"function is {function!r}; it must be callable")
        self._function = function
        self._name = name

    async def send(self, report: EscalationReport) -> Receipt:
        """Call the function once."""
        if _is_async(self._function):
            answer = self._function(report)
        else:
            answer = await run_in_thread(self._function, report)
        if inspect.isawaitable(answer):
            answer = await answer
        if isinstance(answer, Receipt):
            return answer
        if answer is False:
            return Receipt(
                delivered=False, channel=self._name, detail="the callback returned False"
            )
        return Receipt(delivered=True, channel=self._name)


def _is_async(function: Callable[..., Any]) -> bool:
    call = getattr(type(function), "__call__", None)  # noqa: B004 - an object with an async __call__
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)
