"""A process that opens an escalation and tells a channel, and is killed at a numbered moment."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

from omninode_bridge.agents.workflows.escalation import deliver, deliver_due
from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal.escalations import JournalEscalationStore
from omninode_bridge.testing import sample_report

REPORT = sample_report(escalation_id="esc_1", workflow_id="w", timeout=None)


class Channel:
    """Writes every notice into a file that outlives the process."""

    def __init__(self, posts: str, moment: Any) -> None:
        self.posts, self.moment = posts, moment

    async def send(self, report: Any) -> None:
        """Post it, then reach a moment before anybody hears that it was taken."""
        out = os.open(self.posts, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        os.write(out, b"repeat\n" if report.repeat else b"first\n")
        os.close(out)
        self.moment("posted")


async def tell(path: str, posts: str, kill_at: str) -> None:
    """Open the escalation under a key, and tell the channel what is due."""
    left = int(kill_at)

    def moment(name: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    file = JournalFile(path, boundary=moment)
    store = JournalEscalationStore(file, retry_delay=0)
    channels = {"c": Channel(posts, moment)}
    await store.open(REPORT, key="k", claim=True)
    await deliver(store, channels, REPORT, environ={})
    await deliver_due(store, channels, environ={})
    file.close()


if __name__ == "__main__":
    asyncio.run(tell(*sys.argv[1:]))
