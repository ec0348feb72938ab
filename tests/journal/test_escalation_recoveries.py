"""Recoveries that ask through a journal: with and without an event loop, from threads and others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import Decision, ErrorRecoveryOrchestrator, SystemClock
from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal.escalations import JournalEscalationStore
from omninode_bridge.errors import DecisionRefusedError
from omninode_bridge.testing import FakeClock, RecordingNotifier, ScriptedCall


@pytest.fixture
def file(tmp_path: Path) -> Iterator[JournalFile]:
    journal = JournalFile(tmp_path / "journal.db")
    yield journal
    journal.close()


def asking(store: JournalEscalationStore, **settings: Any) -> ErrorRecoveryOrchestrator:
    return ErrorRecoveryOrchestrator(
        escalations=store,
        notifiers={"team": RecordingNotifier("team")},
        escalation={"pause_workflow": True, "timeout": 60},
        **settings,
    )


class Answering(RecordingNotifier):
    """A human who answers from a thread of their own, through another store of the file."""

    def __init__(self, path: Path, answer: Any) -> None:
        super().__init__("team")
        self.path, self.answer = path, answer
        self.refused: list[str] = []

    async def send(self, report: Any) -> Any:
        def resolve() -> None:
            file = JournalFile(self.path)
            store = JournalEscalationStore(file)
            try:
                asyncio.run(store.resolve(report.escalation_id, self.answer, by="ann"))
            except DecisionRefusedError as error:
                self.refused.append(str(error))
                asyncio.run(store.resolve(report.escalation_id, "skip", by="ann"))
            file.close()

        thread = threading.Thread(target=resolve)
        thread.start()
        thread.join(30)
        return await super().send(report)


@pytest.mark.parametrize(
    ("answer", "value", "refused"),
    [
        (Decision.retry(), "ok a", ""),
        (Decision.edit({"x": "b"}), "ok b", ""),
        (Decision.value(["by hand"]), ["by hand"], ""),
        (Decision.edit({"y": 1}), None, "the answer edits 'y'; it may edit 'x'"),
        (Decision.value({1}), None, "the value is a set"),
    ],
)
@pytest.mark.parametrize("way", ["run", "run_sync", "run_sync under a loop"])
def test_an_answer_from_elsewhere_is_applied(
    file: JournalFile, answer: Decision, value: Any, refused: str, way: str
) -> None:
    """Another process's answer is checked by the report alone, and reaches the waiting call."""
    human = Answering(file.path, answer)
    orchestrator = ErrorRecoveryOrchestrator(
        escalations=JournalEscalationStore(file, poll=0.05),
        notifiers={"team": human},
        escalation={"pause_workflow": True, "timeout": 60},
    )
    script = ScriptedCall([PermissionError("not yours"), None])

    def op(x: str) -> str:
        script.sync()
        return f"ok {x}"

    async def under_a_loop() -> Any:
        return orchestrator.run_sync(op, "a")

    def run() -> Any:
        if way == "run":
            return asyncio.run(orchestrator.run(op, "a"))
        return orchestrator.run_sync(op, "a") if way == "run_sync" else asyncio.run(under_a_loop())

    if value is None:
        with pytest.raises(PermissionError):
            run()
    else:
        assert run() == value
    assert [one[: len(refused)] for one in human.refused] == ([refused] if refused else [])
    assert len(human.sent) == 1


def test_nobody_answers_in_time(tmp_path: Path) -> None:
    """The time passes on the clock of the file, and the row says how it ended."""
    clock = FakeClock()
    file = JournalFile(tmp_path / "journal.db", clock=clock)
    store = JournalEscalationStore(file)
    orchestrator = asking(store, clock=clock)

    with pytest.raises(PermissionError):
        asyncio.run(orchestrator.run(ScriptedCall([PermissionError("no")])))

    (row,) = asyncio.run(store.list())
    assert row.status == "expired"
    assert clock.monotonic() == pytest.approx(60)
    file.close()


def test_many_questions_at_once(file: JournalFile) -> None:
    """Fifty recoveries side by side get their own answers."""
    store = JournalEscalationStore(file)
    orchestrator = asking(store, clock=SystemClock())

    async def all_of_them() -> list[Any]:
        async def one(n: int) -> Any:
            runs = orchestrator.with_options(workflow_id=f"w{n}")
            return await runs.run(ScriptedCall([PermissionError("no")]))

        tasks = [asyncio.create_task(one(n)) for n in range(50)]
        answered: set[str] = set()
        while len(answered) < 50:
            for row in await store.list("open"):
                await store.resolve(row.id, Decision.value(row.report.workflow_id), by="ann")
                answered.add(row.id)
            await asyncio.sleep(0.01)
        return await asyncio.gather(*tasks)

    assert asyncio.run(asyncio.wait_for(all_of_them(), 60)) == [f"w{n}" for n in range(50)]
