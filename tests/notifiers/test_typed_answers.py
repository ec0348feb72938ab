"""What a notice says about how to answer works as it is printed."""

from __future__ import annotations

import asyncio
import io
import shlex
from pathlib import Path

import pytest

from omninode_bridge.agents.workflows import (
    Decision,
    ErrorRecoveryOrchestrator,
    JournalEngine,
    RecoveryContext,
)
from omninode_bridge.cli import main
from omninode_bridge.notifiers import ConsoleNotifier

CONTEXT = RecoveryContext("nightly", "vault", exception=PermissionError("no access"))


def answer_in(notice: str) -> str:
    """Return what the line about the answer says."""
    (line,) = [one for one in notice.splitlines() if one.startswith("  answer: ")]
    return line.removeprefix("  answer: ")


async def test_the_command_answers_what_is_in_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Typed anywhere, the command finds a journal that was given by a relative path."""
    (tmp_path / "my runs").mkdir()
    monkeypatch.chdir(tmp_path / "my runs")
    stream = io.StringIO()
    with JournalEngine("p.db") as engine:
        orchestrator = ErrorRecoveryOrchestrator(
            engine=engine, notifiers={"console": ConsoleNotifier(stream)}
        )
        result = await orchestrator.handle_error(CONTEXT)
        monkeypatch.chdir(tmp_path)
        words = shlex.split(answer_in(stream.getvalue()))
        words[words.index("value|skip|abort")] = "skip"
        await asyncio.to_thread(main, words[1:])
        assert result.escalation_id is not None
        row = await engine.escalations.get(result.escalation_id)

    assert row.decision == Decision.skip()


async def test_what_is_in_memory_is_answered_in_the_process() -> None:
    """No command is told that could not know of it; what is written there instead works."""
    stream = io.StringIO()
    orchestrator = ErrorRecoveryOrchestrator(notifiers={"console": ConsoleNotifier(stream)})
    result = await orchestrator.handle_error(CONTEXT)

    told = answer_in(stream.getvalue())
    call = told.partition(" in its process")[0].removeprefix("await ")
    known = {"orchestrator": orchestrator, "answer": Decision.skip()}
    await eval(call.replace("by=...", "by='ann'"), known)

    assert result.escalation_id is not None
    row = await orchestrator.escalations.get(result.escalation_id)
    assert row.by == "ann"
