"""The channel of last resort: a few lines on a text stream."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TextIO

from omninode_bridge.agents.workflows._clock import Clock
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt

from ._edge import cleaned
from ._text import brief

__all__ = ["ConsoleNotifier", "from_environment"]


class ConsoleNotifier:
    """Write notices to a text stream.

    Args:
        stream: where to; standard error, as it is at that moment, where None.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    async def send(self, report: EscalationReport) -> Receipt:
        """Write the notice in one piece."""
        stream = self._stream if self._stream is not None else sys.stderr
        if stream is None:  # a process without a console
            return Receipt(delivered=False, channel="console", detail="there is no standard error")
        # Only what is shown is cleaned: the rest is long, and this runs in the loop.
        shown = replace(report, code=None, diff=None, context={}, state_keys=())
        text = render(cleaned(shown))
        encoding = getattr(stream, "encoding", None) or "utf-8"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
        return Receipt(delivered=True, channel="console")


def from_environment(environ: Mapping[str, str], clock: Clock) -> ConsoleNotifier:
    """Return the notifier; nothing needs to be configured."""
    del environ, clock
    return ConsoleNotifier()


def render(report: EscalationReport) -> str:
    """Return the notice as plain lines, the last one empty."""
    return "\n".join(_plain(line) for line in brief(report)) + "\n"


def _plain(line: str) -> str:
    """Keep what a report holds from steering the terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in line)
