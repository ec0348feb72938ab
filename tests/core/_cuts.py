"""Recoveries in a step of a workflow that is kept, cut off at any write and run again."""

from __future__ import annotations

import asyncio
import inspect
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, JournalEngine
from omninode_bridge.agents.workflows._climb import Climb
from omninode_bridge.agents.workflows.recovery_models import Attempt, RecoveryResult
from omninode_bridge.agents.workflows.staged_execution import (
    StagedParallelExecutor,
    WorkflowFailedError,
    WorkflowResult,
    WorkflowStage,
    WorkflowStep,
)
from omninode_bridge.testing import FakeClock

__all__ = ["Cut", "Cutter", "Work", "World", "unowned"]


class Cut(BaseException):
    """Stands for the death of the process: nothing may keep it."""


class Cutter:
    """Counts boundaries and dies at one of them; whatever comes after it dies as well.

    Args:
        at: the boundary to die at, from 1; 0 for never.
    """

    def __init__(self, at: int = 0) -> None:
        self.at = at
        self.count = 0
        self.names: list[str] = []

    def __call__(self, name: str) -> None:
        self.count += 1
        self.names.append(name)
        if self.at and self.count >= self.at:
            raise Cut(f"{name} {self.count}")


def unowned(path: Path) -> None:
    """Make the process that runs workflows look like a dead one whose number was given away."""
    connection = sqlite3.connect(path)
    connection.execute("UPDATE workflows SET owner_started = 'long ago'")
    connection.commit()
    connection.close()


@dataclass
class Work:
    """A call that fails or not as its attempt's number says, whichever process makes it.

    Attributes:
        script: what the n-th attempt brings; exceptions are raised, the last entry repeats.
        takes: seconds of each.
        runs: the numbers of the attempts that ran, in order, over all processes.
        given: the arguments of each.
    """

    climbs: list[Climb]
    script: list[Any]
    clock: FakeClock
    takes: float = 0.0
    runs: list[int] = field(default_factory=list)
    given: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(
        self,
        template_id: str = "node_v2",
        model: str = "big",
        mixins: tuple[str, ...] = ("a", "b"),
        validation_level: str = "full",
        enable_ai_quorum: bool = True,
    ) -> Any:
        last = self.climbs[-1].log[-1] if self.climbs else None
        number = last.n if isinstance(last, Attempt) else 0
        self.runs.append(number)
        arguments = inspect.currentframe().f_locals  # type: ignore[union-attr]
        self.given.append({k: v for k, v in arguments.items() if k not in ("self", "last")})
        self.clock.advance(self.takes)
        found = self.script[min(number, len(self.script) - 1)]
        if callable(found):
            found = found()
        if isinstance(found, Exception):
            raise found
        return found


@dataclass
class World:
    """What outlives the processes of a test: the file, the clock, what the outside has seen."""

    path: Path
    clock: FakeClock
    climbs: list[Climb]
    settings: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    results: list[RecoveryResult] = field(default_factory=list)

    def _one(self, sql: str) -> Any:
        if not self.path.exists():
            return None
        with closing(sqlite3.connect(self.path)) as connection:
            row = connection.execute(sql).fetchone()
        return None if row is None else row[0]

    @property
    def begun(self) -> bool:
        """Whether a recovery is recorded."""
        return bool(self._one("SELECT count(*) FROM recoveries"))

    @property
    def step(self) -> str | None:
        """How the step is recorded."""
        found: str | None = self._one("SELECT status FROM steps")
        return found

    @property
    def recovery(self) -> str | None:
        """How the recovery is recorded."""
        found: str | None = self._one("SELECT status FROM recoveries")
        return found

    @property
    def outcomes(self) -> int:
        """How many attempts are recorded as ended."""
        found: int = self._one(
            "SELECT count(DISTINCT json_extract(data, '$.n')) FROM entries WHERE kind = 'outcome'"
        )
        return found

    def live(
        self,
        work: Callable[..., Any],
        cutter: Cutter | None = None,
        *,
        before: Callable[[JournalEngine], Any] | None = None,
    ) -> WorkflowResult | None:
        """Be one process that runs the workflow; None where it was cut off."""
        self.climbs.clear()
        draw = (
            0.9 if self.begun else 0.4
        )  # a later process draws another number, and goes by the first
        engine = JournalEngine(self.path, clock=self.clock)
        engine.file.boundary = cutter or Cutter()
        orchestrator = ErrorRecoveryOrchestrator(
            clock=self.clock, engine=engine, draw=lambda: draw, **self.settings
        )
        runs = orchestrator.with_options(
            **self.options, on_result=self.results.append, workflow_id="w", node_name="n"
        )

        async def step() -> Any:
            return await runs.run(work)

        stages = [WorkflowStage("stage", [WorkflowStep("step", step, version="1")])]

        async def main() -> WorkflowResult:
            if before is not None:
                found = before(engine)
                if inspect.isawaitable(found):
                    await found
            executor = StagedParallelExecutor(clock=self.clock, engine=engine)
            try:
                return await executor.execute_workflow("w", stages)
            except WorkflowFailedError as error:
                return error.result

        try:
            return asyncio.run(main())
        except Cut:
            return None
        finally:
            engine.file.boundary = Cutter()
            engine.close()
            unowned(self.path)
