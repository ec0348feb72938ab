"""The work on one contract: its steps, each a call with a ladder, and what came of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    RecoveryResult,
)
from omninode_bridge.errors import ContractReadError, EngineError, NotAContractError
from omninode_bridge.generation.accounts import step_report
from omninode_bridge.generation.asking import Work, ask, sentence_of, without_text
from omninode_bridge.generation.contract import Contract
from omninode_bridge.generation.placing import PlacingError, WriteFailedError
from omninode_bridge.generation.questions import Questions
from omninode_bridge.generation.report import ContractReport, EscalationNote, Outcome, StepReport
from omninode_bridge.generation.validation import PackageInvalidError

__all__ = ["Job"]

# The input is of the wrong kind, or its place is taken: nothing that a workflow could wait for.
REFUSALS = (ContractReadError, NotAContractError, PlacingError)


@dataclass(slots=True)
class Job:
    """One contract on its way to a package.

    Attributes:
        path: the file, as the user named it.
        root: the folder that the file and its references must stay in.
        orchestrator: recovers its steps; None lets the first error end the job.
        wait: seconds to wait for a human; None does not wait.
        questions: what the run's jobs share about asking.
        contract: once it was read.
        source: the text that a human gave in place of the file's; None for the file's own.
        models: source of ``models.py``.
        node: source of ``node.py``.
        files: the package, by path.
        placed: what the report says of the package on disk.
        verdict: of the check together with others: True, or what is wrong; False without one.
        on_disk: hash of each file of ours as it was when the package was in its place.
        shared_ms: its share of work that was done for many.
        have: steps whose results the job has.
        touched: one of its steps ran in this process.
        recorded: what its steps have returned so far, as `job_state.mark()` gives it.
    """

    path: Path
    root: Path
    orchestrator: ErrorRecoveryOrchestrator | None
    monotonic: Callable[[], float]
    wait: float | None = None
    questions: Questions = field(default_factory=Questions)
    contract: Contract | None = None
    source: str | None = None
    models: str = ""
    node: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    steps: list[StepReport] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    untested: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list)
    escalation: EscalationNote | None = None
    error: str = ""
    outcome: Outcome = Outcome.FAILED
    placed: dict[str, Any] = field(default_factory=dict)
    verdict: PackageInvalidError | bool = False
    on_disk: dict[str, str] = field(default_factory=dict)
    shared_ms: float = 0.0
    have: set[str] = field(default_factory=set)
    touched: bool = False
    recorded: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What identifies the job within its run; bytes of the path that are no text are escaped."""
        return self.path.as_posix().encode("utf-8", "backslashreplace").decode()

    def names_in(self, step: str) -> tuple[str, str]:
        """Return workflow and node of recoveries of this step: no other run's, no other contract's."""
        run = self.questions.run
        return (run, f"{step}: {self.key}") if run else (self.key, step)

    async def call(
        self,
        step: str,
        fn: Callable[..., Any],
        /,
        *args: Any,
        options: Mapping[str, Any],
        **kwargs: Any,
    ) -> Any:
        """Run one part of a step and recover it by what it offers; a human is not asked here."""
        begun = self.monotonic()
        if self.orchestrator is None:
            if iscoroutinefunction(fn):
                value = await fn(*args, **kwargs)
            else:  # not here: a signal could not interrupt it
                value = await asyncio.to_thread(fn, *args, **kwargs)
            self.steps.append(step_report(step, None, duration_ms=self.since(begun)))
            return value
        account: list[RecoveryResult] = []
        workflow_id, node_name = self.names_in(step)
        runs = self.orchestrator.with_options(
            **options,
            on_result=account.append,
            workflow_id=workflow_id,
            node_name=node_name,
            ask_human=False,
        )
        try:
            value = await runs.run(fn, *args, **kwargs)
        except Exception as error:
            self._tell(step, account, begun, error)
            raise
        self._tell(step, account, begun, None)
        return value

    async def step(self, name: str, work: Work, *, again: Work | None = None) -> None:
        """Run a whole step; ask a human where nothing else helped.

        Args:
            name: of the step.
            work: what it does.
            again: what is run when a human has corrected the contract; `work` by default. It takes
                the text that the human gave as ``text``, or nothing where that is in the file.

        Raises:
            StepEscalatedError: a human has been asked and has not given a usable answer.
            Exception: what ended the step, where recovery is off.
        """
        try:
            await work()
        except Exception as error:
            if isinstance(error, REFUSALS):
                failed = isinstance(error, WriteFailedError)
                self.outcome = Outcome.FAILED if failed else Outcome.REFUSED
            elif self.orchestrator is not None and not isinstance(error, EngineError):
                await ask(self, name, again or without_text(work), error)
                return
            self.error = sentence_of(error)
            self.steps.append(StepReport(step=name, outcome="failed", error=self.error))
            raise

    def refuse(self, step: str, message: str) -> None:
        """End the job with one sentence; nobody is asked."""
        self.outcome, self.error = Outcome.REFUSED, message
        self.steps.append(StepReport(step=step, outcome="failed", error=message))

    def _tell(
        self, step: str, account: list[RecoveryResult], begun: float, error: Exception | None
    ) -> None:
        result = account[-1] if account else None
        if result is None and error is not None:
            return
        if result is not None and not result.attempts:
            return  # nothing applied: what follows tells of the error
        first = result.error if result is not None else None
        self.steps.append(step_report(step, result, duration_ms=self.since(begun), error=first))
        if result is not None and result.success:
            self.dropped.extend(result.dropped)

    def report(self, **changes: Any) -> ContractReport:
        """Return the account of the job."""
        values: dict[str, Any] = {
            "contract": str(self.path),
            "name": self.contract.name if self.contract is not None else None,
            "outcome": self.outcome,
            "degraded": bool(self.dropped),
            "steps": tuple(self.steps),
            "dropped": tuple(self.dropped),
            "unchecked": tuple(self.unchecked),
            "untested": self.untested,
            "warnings": tuple(self.warnings),
            "escalation": self.escalation,
            "error": self.error,
            "duration_ms": self.shared_ms + sum(step.duration_ms for step in self.steps),
        }
        return ContractReport(**(values | self.placed | changes))

    def since(self, begun: float) -> float:
        """Return the milliseconds since a moment of `monotonic`."""
        return (self.monotonic() - begun) * 1000
