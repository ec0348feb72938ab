"""Calls that follow a script, and a channel that remembers what it was told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from omninode_bridge.agents.workflows.recovery_models import (
    EscalationPriority,
    EscalationReport,
    EscalationRow,
    Receipt,
)

__all__ = ["RecordingNotifier", "ScriptedCall", "fails_then", "sample_report"]


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
    """A channel that takes every notice, or refuses as told; it can be told of the end, too.

    Args:
        channel: its name in receipts.
        error: raised instead of taking the notice.
        delivers: what its receipts say.

    Attributes:
        sent: the reports, in order.
        ended_rows: the rows of escalations that it was told have ended.
    """

    def __init__(
        self, channel: str = "recording", *, error: Exception | None = None, delivers: bool = True
    ) -> None:
        self.channel = channel
        self.error = error
        self.delivers = delivers
        self.sent: list[EscalationReport] = []
        self.ended_rows: list[EscalationRow] = []

    async def send(self, report: EscalationReport) -> Receipt:
        """Remember the report."""
        self.sent.append(report)
        return self._answer()

    async def ended(self, row: EscalationRow) -> Receipt:
        """Remember the row."""
        self.ended_rows.append(row)
        return self._answer()

    def _answer(self) -> Receipt:
        if self.error is not None:
            raise self.error
        return Receipt(delivered=self.delivers, channel=self.channel)


def sample_report(**changes: Any) -> EscalationReport:
    """Return a report with something in every field that a channel may show, to try a channel on.

    Args:
        changes: fields of `EscalationReport` to have otherwise.
    """
    values: dict[str, Any] = {
        "escalation_id": "esc_sample",
        "workflow_id": "nightly",
        "node_name": "contract_parser",
        "step_count": 3,
        "error_type": "contract",
        "fingerprint": "sample",
        "description": "Contract validation failed",
        "error_message": "ValueError: no field 'version' <&> `naïve` 雪",
        "timestamp": datetime(2030, 1, 1, 12, tzinfo=UTC),
        "priority": EscalationPriority.HIGH,
        "assignee": "contracts-team",
        "chain": ("KeyError: 'version'",),
        "code": "def parse(text):\n    return text['version']\n",
        "diff": "-text['version']\n+text.get('version')\n",
        "attempts": ("retry: ValueError: no field 'version'",),
        "state_keys": ("text",),
        "pauses": True,
        "answers": ("retry", "edit", "skip", "abort"),
        "edits": ("text",),
        "timeout": 3600.0,
    }
    return EscalationReport(**values | changes)
