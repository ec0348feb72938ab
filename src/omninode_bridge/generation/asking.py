"""Ask a human about a contract, and go on from the answer, in this process or a later one."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omninode_bridge.agents.workflows import RecoveryContext, RecoveryResult
from omninode_bridge.agents.workflows.staged_execution import StepEscalatedError
from omninode_bridge.errors import EngineError
from omninode_bridge.generation.accounts import escalation_settings, note_of, step_report
from omninode_bridge.generation.answers import ANSWER_CHECK, document_text
from omninode_bridge.generation.plain import plain
from omninode_bridge.generation.report import EscalationNote, Outcome

if TYPE_CHECKING:
    from omninode_bridge.generation.job import Job

__all__ = ["Work", "abort", "ask", "sentence_of", "without_text"]

Work = Callable[..., Awaitable[None]]

# A person who corrects a contract step by step is asked so often.
MAX_QUESTIONS = 100
# Answers after which the work goes on.
_GOES_ON = ("retry", "edit", "value")


async def ask(job: Job, name: str, again: Work, error: Exception) -> None:
    """Ask a human, and ask again as long as the answer is one that does not help.

    Args:
        job: whose step failed; it gets the account.
        name: of the step.
        again: repeats what was done up to there; takes ``text``, which stands in for the file.
        error: what ended the step.

    Raises:
        StepEscalatedError: there is no usable answer, or the answer was to leave the contract out.
        Exception: nobody could be asked.
    """
    assert job.orchestrator is not None  # noqa: S101 -- the job asks only then
    workflow_id, node_name = job.names_in(name)
    for asked in range(MAX_QUESTIONS):
        if not job.questions.may_ask(node_name, asked):
            _leave_out(job, error)
        begun = job.monotonic()
        applied: list[str | None] = []
        rerun = _rerun(again, applied)

        context = RecoveryContext(
            workflow_id=workflow_id,
            node_name=node_name,
            step_count=asked,
            exception=error,
            metadata=escalation_settings(error, wait=job.questions.wait_of(job.wait))
            | _answer_settings(job),
        )
        result = await job.orchestrator.handle_error(context, operation=rerun)
        decision = result.metadata.get("decision")
        if decision is None and result.escalation_id in job.questions.expired:
            continue  # its time was over in an earlier process: asked anew
        newer = None if result.success else result.error
        if decision in _GOES_ON and not applied:
            # A document is not applied by the recovery, and neither is an answer that has been
            # applied in an earlier process: the job has to get to where that had brought it.
            newer = await _error_of(again, await _text_of(job, result))
        report = step_report(name, result, duration_ms=job.since(begun), error=error)
        if newer is not None and result.success:
            report = replace(report, outcome="failed", change=())
        job.steps.append(report)
        if decision in _GOES_ON and newer is None:
            return
        if decision not in _GOES_ON or not isinstance(newer, Exception):
            break
        # Where it was met is no part of it: in a later process that is another place.
        newer.__context__ = None
        error = newer
    job.error = sentence_of(error)
    if not result.escalated:
        raise error
    job.escalation = note_of(error, result)
    answered = job.escalation.answer in ("skip", "abort")
    job.outcome = Outcome.SKIPPED if answered else Outcome.ESCALATED
    if job.escalation.answer == "abort":
        await job.questions.end(str(result.metadata.get("decided_by") or "somebody"))
    elif job.escalation.answer is None and job.questions.ended_by is not None:
        await job.questions.answer_abort(result.escalation_id)
        abort(job, job.escalation)
    raise StepEscalatedError(job.error, escalation_id=result.escalation_id) from error


def abort(job: Job, note: EscalationNote) -> None:
    """Say of an open question that the answer to another one was to ask no more."""
    job.outcome, job.escalation = Outcome.SKIPPED, replace(note, answer="abort")


def sentence_of(error: BaseException) -> str:
    """Return what an error says, or what it is where it says nothing."""
    return f"{error}"[:1000] or type(error).__name__


def without_text(work: Work) -> Work:
    """Return work that can be repeated, whatever text is given."""

    async def again(*, text: str | None = None) -> None:
        del text
        await work()

    return again


def _leave_out(job: Job, error: Exception) -> None:
    """End the job without a question: somebody wants to be asked no more.

    Raises:
        StepEscalatedError: always.
    """
    abort(job, note_of(error, None))
    job.error = sentence_of(error)
    raise StepEscalatedError(job.error) from error


def _rerun(again: Callable[..., Any], applied: list[str | None]) -> Callable[..., Any]:
    """Return what an answer runs; it remembers that it was run, and with which text."""

    async def rerun(*, text: str | None = None) -> None:
        applied.append(text)
        await again(text=text)

    return rerun


def _answer_settings(job: Job) -> dict[str, Any]:
    """Return what an answer is held against, also in another process."""
    subject = {
        "path": str(job.path.absolute()),
        "root": str(job.root.absolute()),
        "name": job.contract.name if job.contract is not None else None,
        "content": _content_of(job),
    }
    return {"answer_check": ANSWER_CHECK, "answer_subject": plain(subject)}


def _content_of(job: Job) -> str:
    """Return the hash of the contract's file: an answer is for what was in it when it was asked."""
    try:
        return hashlib.sha256(job.path.read_bytes()).hexdigest()
    except OSError:
        return ""


async def _text_of(job: Job, result: RecoveryResult) -> str | None:
    """Return the text of a contract that an answer gives; None where it is the file's."""
    assert job.orchestrator is not None  # noqa: S101 -- it has given the result
    if result.metadata.get("decision") == "value":
        return document_text(result.result)
    if result.escalation_id is None or result.metadata.get("decision") != "edit":
        return None
    row = await job.orchestrator.escalations.get(result.escalation_id)
    return str(row.decision.payload["text"]) if row.decision is not None else None


async def _error_of(again: Work, text: str | None) -> Exception | None:
    """Go on with the text that a human gave, or the file's, and return what that ended in."""
    try:
        await again(text=text)
    except EngineError:
        raise
    except Exception as error:  # noqa: BLE001 - the human is asked about it
        return error
    return None
