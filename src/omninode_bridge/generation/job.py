"""The work on one contract: its steps, each a call with a ladder, and what came of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    RecoveryContext,
    RecoveryResult,
)
from omninode_bridge.agents.workflows.staged_execution import StepEscalatedError
from omninode_bridge.errors import ContractReadError, NotAContractError
from omninode_bridge.generation.accounts import escalation_settings, note_of, step_report
from omninode_bridge.generation.contract import Contract
from omninode_bridge.generation.placing import PlacingError, WriteFailedError
from omninode_bridge.generation.report import ContractReport, EscalationNote, Outcome, StepReport
from omninode_bridge.generation.validation import PackageInvalidError

__all__ = ["Job"]

# The input is of the wrong kind, or its place is taken: nothing that a workflow could wait for.
REFUSALS = (ContractReadError, NotAContractError, PlacingError)
# A person who corrects a contract step by step is asked so often.
MAX_QUESTIONS = 100


@dataclass(slots=True)
class Job:
    """One contract on its way to a package.

    Attributes:
        path: the file, as the user named it.
        root: the folder that the file and its references must stay in.
        orchestrator: recovers its steps; None lets the first error end the job.
        wait: seconds to wait for a human; None does not wait.
        contract: once it was read.
        models: source of ``models.py``.
        node: source of ``node.py``.
        files: the package, by path.
        placed: what the report says of the package on disk.
        verdict: of the check together with others: True, or what is wrong; False without one.
        shared_ms: its share of work that was done for many.
    """

    path: Path
    root: Path
    orchestrator: ErrorRecoveryOrchestrator | None
    monotonic: Callable[[], float]
    wait: float | None = None
    contract: Contract | None = None
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
    shared_ms: float = 0.0

    @property
    def key(self) -> str:
        """What identifies the job within its run."""
        return self.path.as_posix()

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
            self.steps.append(step_report(step, None, duration_ms=self._since(begun)))
            return value
        account: list[RecoveryResult] = []
        runs = self.orchestrator.with_options(
            **options,
            on_result=account.append,
            workflow_id=self.key,
            node_name=step,
            ask_human=False,
        )
        try:
            value = await runs.run(fn, *args, **kwargs)
        except Exception as error:
            self._tell(step, account, begun, error)
            raise
        self._tell(step, account, begun, None)
        return value

    async def step(
        self, name: str, work: Callable[[], Any], *, again: Callable[[], Any] | None = None
    ) -> None:
        """Run a whole step; ask a human where nothing else helped.

        Args:
            name: of the step.
            work: what it does.
            again: what is run when a human says that the contract was corrected; `work` by default.

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
            elif self.orchestrator is not None:
                await self._ask(name, again or work, error)
                return
            self.error = self._sentence(error)
            self.steps.append(StepReport(step=name, outcome="failed", error=self.error))
            raise

    async def _ask(self, name: str, work: Callable[[], Any], error: Exception) -> None:
        """Ask a human, and ask again as long as the answer is a retry that does not help."""
        assert self.orchestrator is not None  # noqa: S101 -- step() asks only then
        for _ in range(MAX_QUESTIONS):
            begun = self.monotonic()
            context = RecoveryContext(
                workflow_id=self.key,
                node_name=name,
                step_count=len(self.steps),
                exception=error,
                metadata=escalation_settings(error, wait=self.wait),
            )
            result = await self.orchestrator.handle_error(context, operation=partial(work))
            report = step_report(name, result, duration_ms=self._since(begun), error=error)
            self.steps.append(report)
            if result.success:
                return
            newer = result.error
            if result.metadata.get("decision") != "retry" or not isinstance(newer, Exception):
                break
            error = newer
        self.error = self._sentence(error)
        if not result.escalated:
            raise error
        self.escalation = note_of(error, result)
        answered = self.escalation.answer in ("skip", "abort")
        self.outcome = Outcome.SKIPPED if answered else Outcome.ESCALATED
        raise StepEscalatedError(self.error, escalation_id=result.escalation_id) from error

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
        self.steps.append(step_report(step, result, duration_ms=self._since(begun), error=first))
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

    def _since(self, begun: float) -> float:
        return (self.monotonic() - begun) * 1000

    @staticmethod
    def _sentence(error: BaseException) -> str:
        return f"{error}"[:1000] or type(error).__name__
