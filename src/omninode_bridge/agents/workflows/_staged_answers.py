"""What a human's answer does to a step and to its workflow: left out, given up, or still waited for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from ._attached import FinalAnswer, answer_of, attached_answer, attached_question
from ._redaction_errors import error_text
from ._workflow_models import HumanAnswer, StepStatus, WorkflowFailedError
from .recovery_models import DecisionKind, RecoveryResult

__all__ = [
    "aborted_words",
    "answered_before",
    "describe",
    "ended_by_answer",
    "final_answer",
    "how_it_failed",
    "human_answer",
]

_MOST: Final = 100


def describe(error: BaseException) -> str:
    """Return ``TypeName: message``, redacted and short."""
    return error_text(error, limit=1_000)


def how_it_failed(error: Exception) -> dict[str, Any]:
    """Return how a step ended that raised: failed, or by what a human did.

    What the step raises from the error of a call stands for it, and so does a group; a failure that no
    human was asked about counts first, unless a human gave the workflow up.

    Returns:
        Fields of `StepOutcome`.
    """
    found = list(_marks(error, _MOST))
    answers = [answer for _, answer in found if answer is not None]
    questions = [asked for asked, _ in found if asked is not None]
    given_up = next((answer for answer in answers if answer[0] == DecisionKind.ABORT), None)
    message = describe(error)
    if given_up is not None or (answers and len(answers) == len(found)):
        return {"error": error, **_ended(given_up or answers[0], message)}
    if questions and len(questions) + len(answers) == len(found):
        return {
            "status": StepStatus.ESCALATED,
            "error": error,
            "error_message": message,
            "escalation_id": questions[0],
        }
    return {"status": StepStatus.FAILED, "error": error, "error_message": message}


def answered_before(message: str, answer: Sequence[str]) -> dict[str, Any]:
    """Return how a step ended that a human's answer ended in an earlier run."""
    given = human_answer(answer)
    aborts = given.kind is DecisionKind.ABORT
    return {
        "status": StepStatus.ABORTED if aborts else StepStatus.SKIPPED,
        "error_message": message,
        "escalation_id": given.escalation_id,
        "answer": given,
    }


def ended_by_answer(recovery: RecoveryResult) -> dict[str, Any] | None:
    """Return how a step ended that returned this, where that is a human's answer; else None."""
    answer = answer_of(recovery)
    message = "" if recovery.error is None else describe(recovery.error)
    return None if answer is None else _ended(answer, message)


def _marks(error: BaseException, left: int) -> Iterator[tuple[str | None, FinalAnswer | None]]:
    """Yield what the errors carry that this one stands for: leaves of groups, and what it comes from.

    What a human said of a workflow within the step is about that workflow, and has ended it.
    """
    for _ in range(left):
        if isinstance(error, WorkflowFailedError):
            break
        mark = attached_question(error), attached_answer(error)
        if mark != (None, None):
            yield mark
            return
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions[:left]:
                yield from _marks(inner, left // 2)
            return
        if error.__cause__ is None:
            break
        error = error.__cause__
    yield None, None


def _ended(answer: FinalAnswer, message: str) -> dict[str, Any]:
    kind, by, _, escalation_id = answer
    verb = "aborted" if kind == DecisionKind.ABORT else "skipped"
    told = f"{verb} by {by} (escalation {escalation_id})"
    return answered_before(f"{told}: {message}" if message else told, answer)


def aborted_words(answer: HumanAnswer) -> str:
    """Return who gave the workflow up and when, and how to start over."""
    when = "" if answer.at is None else f" at {answer.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return (
        f"aborted by {answer.by}{when} (escalation {answer.escalation_id}); "
        "to start over, forget it with `omninode-bridge workflows restart`, or run it under another id"
    )


def final_answer(answer: HumanAnswer) -> FinalAnswer:
    """Return the answer as exceptions carry it, and journals keep it."""
    at = "" if answer.at is None else answer.at.isoformat()
    return str(answer.kind), answer.by, at, answer.escalation_id


def human_answer(answer: Sequence[str]) -> HumanAnswer:
    """Return the answer of these four texts; see `FinalAnswer`."""
    kind, by, at, escalation_id = answer
    return HumanAnswer(
        kind=DecisionKind(kind),
        by=by,
        at=datetime.fromisoformat(at) if at else None,
        escalation_id=escalation_id,
    )
