"""Calls that follow a script, and a channel that remembers what it was told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt

__all__ = ["RecordingNotifier", "ScriptedCall", "fails_then"]


class ScriptedCall:
    """An async callable that works through a script: exceptions are raised, the rest is returned.

    The last entry repeats. `sync()` is the same script for plain functions.

    Attributes:
        calls: positional and keyword arguments of every call, in order.
    """

    def __init__(self, script: Iterable[Any]) -> None:
        self._script = list(script)
        if not self._script:
            raise ValueError("the script of a ScriptedCall is empty; it needs at least one entry")
        self.calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        self.__qualname__ = "scripted"

    async def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Do what the script says next."""
        return self.sync(*args, **kwargs)

    def sync(self, /, *args: Any, **kwargs: Any) -> Any:
        """Do what the script says next, as a plain function."""
        step = self._script[min(len(self.calls), len(self._script) - 1)]
        self.calls.append((args, kwargs))
        if isinstance(step, BaseException) or (
            isinstance(step, type) and issubclass(step, BaseException)
        ):
            raise step
        return step


def fails_then(error: BaseException, result: Any, *, times: int = 1) -> ScriptedCall:
    """Return a call that raises `error` so many times and returns `result` after that."""
    return ScriptedCall([error] * times + [result])


class RecordingNotifier:
    """A channel that takes every notice, or refuses as told.

    Args:
        channel: its name in receipts.
        error: raised instead of taking the notice.
        delivers: what its receipts say.

    Attributes:
        sent: the reports, in order.
    """

    def __init__(
        self, channel: str = "recording", *, error: Exception | None = None, delivers: bool = True
    ) -> None:
        self.channel = channel
        self.error = error
        self.delivers = delivers
        self.sent: list[EscalationReport] = []

    async def send(self, report: EscalationReport) -> Receipt:
        """Remember the report."""
        self.sent.append(report)
        if self.error is not None:
            raise self.error
        return Receipt(delivered=self.delivers, channel=self.channel)
