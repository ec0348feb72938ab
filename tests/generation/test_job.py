"""The steps of one contract, and what a person's answers do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows.escalation.stores import InMemoryEscalationStore
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt
from omninode_bridge.agents.workflows.staged_execution import StepEscalatedError
from omninode_bridge.errors import ContractInvalidError, ContractReadError
from omninode_bridge.generation.job import Job
from omninode_bridge.generation.placing import PlacingError, WriteFailedError
from omninode_bridge.generation.report import Outcome
from omninode_bridge.testing import FakeClock


class Answering:
    """A channel on which a person answers at once, from a list."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.orchestrator: Any = None

    async def send(self, report: EscalationReport) -> Receipt:
        self.asked.append(report.error_message)
        if self.answers:
            await self.orchestrator.escalations.resolve(
                report.escalation_id, self.answers.pop(0), by="somebody"
            )
        return Receipt(delivered=True, channel="answering")


def job_of(answers: Answering | None = None, *, wait: float | None = None) -> Job:
    clock = FakeClock()
    orchestrator = ErrorRecoveryOrchestrator(
        escalation={},
        escalations=InMemoryEscalationStore(clock=clock, fold_window=0),
        notifiers={"answering": answers} if answers is not None else None,
        clock=clock,
    )
    if answers is not None:
        answers.orchestrator = orchestrator
    return Job(Path("a.yaml"), Path(), orchestrator, clock.monotonic, wait)


def failing(*errors: Exception) -> Any:
    """Return work that raises these errors, one at a time, and then succeeds."""
    left = list(errors)

    async def work() -> None:
        if left:
            raise left.pop(0)

    return work


INVALID = ContractInvalidError("no type", path="a.yaml", line=3, column=5, hint="add one")


async def test_a_step_that_works_asks_nobody() -> None:
    """Nothing is noted beyond what the step notes itself."""
    answers = Answering()
    job = job_of(answers)

    await job.step("contract", failing())

    assert answers.asked == []
    assert job.report().escalation is None


async def test_an_error_is_escalated_with_its_place() -> None:
    """The note has what a person needs to find and correct the fault."""
    job = job_of()

    with pytest.raises(StepEscalatedError):
        await job.step("contract", failing(INVALID))

    report = job.report()
    assert report.outcome is Outcome.ESCALATED
    assert report.escalation is not None
    assert (report.escalation.line, report.escalation.column) == (3, 5)
    assert (report.escalation.kind, report.escalation.hint) == ("invalid_contract", "add one")
    assert report.escalation.answer is None
    assert report.error == "a.yaml:3:5: no type (add one)"


async def test_a_retry_runs_the_step_again() -> None:
    """The answer is in the account, and the contract goes on."""
    job = job_of(Answering("retry"), wait=60)

    await job.step("contract", failing(INVALID))

    step = job.report().recoveries[0]
    assert (step.kind, step.outcome) == ("escalation", "recovered")
    assert step.change == ("somebody answered 'retry'",)
    assert job.report().escalation is None


async def test_a_retry_that_does_not_help_is_asked_about_again() -> None:
    """The next question is about the new error."""
    second = ContractInvalidError("no name", path="a.yaml", line=1)
    answers = Answering("retry", "retry")
    job = job_of(answers, wait=60)

    await job.step("contract", failing(INVALID, second))

    assert ["no type" in answers.asked[0], "no name" in answers.asked[1]] == [True, True]
    assert job.report().escalation is None


async def test_the_same_error_after_a_retry_is_asked_about_again() -> None:
    """A person who has not corrected the right thing gets another question, not silence."""
    answers = Answering("retry", "retry", "retry")
    job = job_of(answers, wait=60)

    await job.step("contract", failing(INVALID, INVALID, INVALID))

    assert len(answers.asked) == 3


@pytest.mark.parametrize("answer", ["skip", "abort"])
async def test_a_contract_may_be_left_out(answer: str) -> None:
    """That is a decision, not an open question."""
    job = job_of(Answering(answer), wait=60)

    with pytest.raises(StepEscalatedError):
        await job.step("contract", failing(INVALID))

    report = job.report()
    assert report.outcome is Outcome.SKIPPED
    assert report.escalation is not None
    assert report.escalation.answer == answer


async def test_silence_ends_with_the_time() -> None:
    """The escalation stays open in the report."""
    answers = Answering()
    job = job_of(answers, wait=3600)

    with pytest.raises(StepEscalatedError):
        await job.step("contract", failing(INVALID))

    assert len(answers.asked) == 1
    assert job.report().outcome is Outcome.ESCALATED
    assert job.monotonic() >= 3600


async def test_again_is_what_a_retry_runs() -> None:
    """A later step that failed is taken up from the corrected contract."""
    job = job_of(Answering("retry"), wait=60)
    ran: list[str] = []

    async def from_the_start(*, text: str | None = None) -> None:
        ran.append("from the start")

    await job.step("node", failing(INVALID), again=from_the_start)

    assert ran == ["from the start"]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ContractReadError("is binary", path="a.yaml"), Outcome.REFUSED),
        (PlacingError("out/a was not written by this generator"), Outcome.REFUSED),
        (WriteFailedError("out/a cannot be written"), Outcome.FAILED),
    ],
)
async def test_nobody_is_asked_what_nobody_can_decide(error: Exception, outcome: Outcome) -> None:
    """Unreadable files, taken places and full disks end in a sentence."""
    answers = Answering("retry")
    job = job_of(answers, wait=60)

    with pytest.raises(type(error)):
        await job.step("place", failing(error))

    assert answers.asked == []
    assert job.report().outcome is outcome
    assert job.report().error == str(error)


async def test_without_recovery_the_first_error_ends_it() -> None:
    """The error itself comes out, and the account has its sentence."""
    job = Job(Path("a.yaml"), Path(), None, FakeClock().monotonic)

    with pytest.raises(ContractInvalidError):
        await job.step("contract", failing(INVALID))

    assert job.report().outcome is Outcome.FAILED
    assert job.report().recoveries == ()


async def test_cancellation_is_no_error_of_the_contract() -> None:
    """It passes, and nothing is noted."""
    job = job_of(Answering("retry"), wait=60)

    async def cancelled() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await job.step("contract", cancelled)

    assert job.report().steps == ()
