"""A process that answers every open escalation of a journal and says what it was told."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal.escalations import JournalEscalationStore
from omninode_bridge.agents.workflows.recovery_models import Won


def be_there(ready: str, start: str) -> None:
    """Say that we are ready, and wait until all are."""
    Path(ready).touch()
    while not Path(start).exists():
        time.sleep(0.001)


async def answer(path: str, name: str, ready: str, start: str) -> None:
    """Answer all rows in order, once everybody is there."""
    file = JournalFile(path, busy_timeout=60)
    store = JournalEscalationStore(file)
    ids = [row.id for row in await store.list("open")]
    be_there(ready, start)
    told: dict[str, list[str | None]] = {}
    for one in ids:
        outcome = await store.resolve(one, "retry", by=name)
        if isinstance(outcome, Won):
            told[one] = ["won", name, None]
        else:
            at = outcome.at.isoformat() if outcome.at else None
            told[one] = ["lost", outcome.by, at]
    file.close()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(answer(*sys.argv[1:]))
