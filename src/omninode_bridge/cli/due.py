"""End the questions whose time is over, before a command does something to what is open."""

from __future__ import annotations

import asyncio
from pathlib import Path

__all__ = ["expire_due"]


def expire_due(where: Path) -> None:
    """End every open escalation whose time is over, in the way that it says for that case.

    Perhaps nobody was there then, and nobody has written it down.
    """
    from omninode_bridge.agents.workflows.journal import JournalFile
    from omninode_bridge.agents.workflows.journal.escalations import JournalEscalationStore
    from omninode_bridge.generation.answers import ANSWER_CHECKS

    file = JournalFile(where)
    try:
        asyncio.run(JournalEscalationStore(file, checks=ANSWER_CHECKS).expire_due())
    finally:
        file.close()
