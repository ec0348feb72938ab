"""The stores of escalations that one suite defines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows.escalation import InMemoryEscalationStore
from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal.escalations import JournalEscalationStore
from omninode_bridge.testing import FakeClock

Make = Callable[..., Any]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["memory", "journal"])
def make(request: pytest.FixtureRequest, clock: FakeClock, tmp_path: Path) -> Iterator[Make]:
    """Make a store on the fake clock; arguments are those that all have."""
    files: list[JournalFile] = []

    def memory(**settings: Any) -> Any:
        return InMemoryEscalationStore(**{"clock": clock, **settings})

    def journal(**settings: Any) -> Any:
        path, time = tmp_path / f"{len(files)}.db", settings.pop("clock", clock)
        files.append(JournalFile(path, clock=time))
        return JournalEscalationStore(files[-1], **settings)

    yield {"memory": memory, "journal": journal}[request.param]
    for file in files:
        file.close()


@pytest.fixture
def store(make: Make) -> Any:
    return make()
