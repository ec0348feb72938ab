"""``kill -9`` around a notice: one row, never a third post, and the second says that it is one."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal.escalations import JournalEscalationStore
from omninode_bridge.agents.workflows.recovery_models import Won

TELLING = Path(__file__).with_name("_telling.py")
# commit and committed of the opening, notice, posted, noticed, commit and committed of its end
MOMENTS = range(1, 8)


def run(folder: Path, kill_at: int = 0) -> bool:
    """Run the process; return whether it was killed."""
    paths = [str(folder / "journal.db"), str(folder / "posts")]
    done = subprocess.run([sys.executable, str(TELLING), *paths, str(kill_at)], check=False)
    assert done.returncode in (0, -signal.SIGKILL)
    return done.returncode != 0


def posts(folder: Path) -> list[str]:
    path = folder / "posts"
    return path.read_text(encoding="utf-8").split() if path.exists() else []


def answered(folder: Path) -> bool:
    """Answer the one escalation that there must be."""

    async def answer() -> bool:
        store = JournalEscalationStore(file)
        (row,) = await store.list()
        return isinstance(await store.resolve(row.id, "skip", by="ann"), Won)

    file = JournalFile(folder / "journal.db")
    try:
        return asyncio.run(answer())
    finally:
        file.close()


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_once_the_notice_arrives(tmp_path: Path, moment: int) -> None:
    """It is posted, at most twice, and the second post is marked."""
    assert run(tmp_path, moment)
    assert not run(tmp_path)

    told = posts(tmp_path)
    assert told in (["first"], ["repeat"], ["first", "repeat"])
    assert answered(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("again", [1, 4])
def test_killed_twice_nobody_is_told_three_times(tmp_path: Path, moment: int, again: int) -> None:
    """Two sends of unknown end are the last; the question can be answered all the same."""
    assert run(tmp_path, moment)
    run(tmp_path, again)
    assert not run(tmp_path)

    told = posts(tmp_path)
    assert len(told) <= 2
    assert told[1:] in ([], ["repeat"])
    assert answered(tmp_path)


@pytest.mark.slow
def test_the_moments_are_all_there_are(tmp_path: Path) -> None:
    """No boundary is left out above."""
    assert not run(tmp_path, MOMENTS.stop)
