"""Answers from several processes at once: the file decides, and everybody is told."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal.escalations import JournalEscalationStore

from .._reports import report

PROCESSES, ROWS = 4, 300
SCRIPT = Path(__file__).with_name("_answering.py")


@pytest.mark.slow
def test_of_four_processes_one_wins_each_of_300_escalations(tmp_path: Path) -> None:
    """There are 300 winners, and 900 are told who was first and when."""
    path, start = tmp_path / "journal.db", tmp_path / "start"
    file = JournalFile(path)
    store = JournalEscalationStore(file)
    for n in range(ROWS):
        asyncio.run(store.open(report(f"esc_{n:03}")))
    ready = [tmp_path / f"ready{n}" for n in range(PROCESSES)]
    running = [
        subprocess.Popen(
            [sys.executable, str(SCRIPT), str(path), f"p{n}", str(one), str(start)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for n, one in enumerate(ready)
    ]
    try:
        until = time.monotonic() + 60
        while not all(one.exists() for one in ready):
            assert time.monotonic() < until
            time.sleep(0.01)
        start.touch()
        told = [json.loads(process.communicate(timeout=120)[0]) for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()

    rows = {row.id: row for row in asyncio.run(store.list())}
    won = Counter(one for part in told for one, (end, *_) in part.items() if end == "won")
    lost = [(one, *rest) for part in told for one, (end, *rest) in part.items() if end == "lost"]
    assert won == Counter(dict.fromkeys(rows, 1))
    assert len(won) == ROWS
    assert len(lost) == (PROCESSES - 1) * ROWS
    for one, by, at in lost:
        assert rows[one].at is not None
        assert (by, at) == (rows[one].by, rows[one].at.isoformat())
    file.close()
