"""Which answers can be applied: what every store holds one against before it accepts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from omninode_bridge.agents.workflows._redaction_errors import error_text
from omninode_bridge.agents.workflows.recovery_models import (
    TIMEOUT,
    Decision,
    DecisionKind,
    EscalationReport,
)
from omninode_bridge.errors import ConfigurationError, DecisionRefusedError

__all__ = [
    "MAX_BY",
    "AnswerCheck",
    "check_answer",
    "checked_checks",
    "parse_answer",
    "parse_by",
    "timeout_answer",
]

#: Given the report and an edited input or a value; raises `DecisionRefusedError` where it cannot be applied.
AnswerCheck = Callable[[EscalationReport, Decision], None]

MAX_BY: Final = 200
_CHECKED: Final = (DecisionKind.EDIT, DecisionKind.VALUE)


def parse_answer(decision: Decision | str) -> Decision:
    """Return the decision, whoever made it.

    Raises:
        DecisionRefusedError: it is none.
    """
    answer = Decision.parse(decision)
    if answer.kind == DecisionKind.EDIT:
        return Decision.edit(answer.payload)  # a decision made by hand is looked at too
    if answer.kind not in tuple(DecisionKind):
        raise DecisionRefusedError(f"the answer is {answer.kind!r}; it must be a DecisionKind")
    if answer.kind != DecisionKind.VALUE and answer.payload is not None:
        raise DecisionRefusedError(f"the answer {str(answer.kind)!r} has a payload; it takes none")
    return Decision(DecisionKind(answer.kind), answer.payload)


def parse_by(by: str) -> str:
    """Return the name of who answers.

    Raises:
        DecisionRefusedError: it names nobody, or is no one line of text.
    """
    if not isinstance(by, str) or not by.strip():
        raise DecisionRefusedError(f"by is {by!r}; it must name who answers")
    if len(by) > MAX_BY or not by.isprintable():
        raise DecisionRefusedError(
            f"by is {by[:40]!r}...; it must be one line of up to {MAX_BY} printable characters"
        )
    if by.strip().lower() == TIMEOUT:
        raise DecisionRefusedError(
            f"by is {by!r}, which stands for nobody; it must name who answers"
        )
    return by


def check_answer(
    report: EscalationReport, decision: Decision, checks: Mapping[str, AnswerCheck]
) -> None:
    """Refuse what the report says cannot be applied.

    Raises:
        DecisionRefusedError: the kind of answer, an argument or the check does not allow it.
    """
    kind = decision.kind
    if report.answers and kind not in report.answers:
        missing = kind in (DecisionKind.RETRY, DecisionKind.EDIT)
        missing = missing and DecisionKind.RETRY not in report.answers
        why = ", but there is no call to run again" if missing else ", which cannot be applied"
        raise DecisionRefusedError(
            f"the answer is {str(kind)!r}{why}; answer {_choice(report.answers)}"
        )
    if kind is DecisionKind.EDIT and report.edits:
        wrong = next((name for name in decision.payload if name not in report.edits), None)
        if wrong is not None:
            right = ", ".join(repr(name) for name in report.edits[:20])
            raise DecisionRefusedError(f"the answer edits {wrong!r}; it may edit {right}")
    if not report.check or kind not in _CHECKED:
        return
    check = checks.get(report.check)
    if check is None:
        raise DecisionRefusedError(
            f"the answer {str(kind)!r} is held against {report.check!r}, which is not known here; "
            "answer where the work runs, or 'retry', 'skip' or 'abort'"
        )
    try:
        check(report, decision)
    except DecisionRefusedError:
        raise
    except Exception as error:
        raise DecisionRefusedError(
            f"the answer failed the check {report.check!r}: {error_text(error)}"
        ) from error


def timeout_answer(report: EscalationReport, check: Callable[[Decision], None]) -> Decision | None:
    """Return what counts as the answer where the time is over; None where the row just expires.

    Args:
        report: says what happens then.
        check: raises `DecisionRefusedError` for an answer that cannot be applied.
    """
    if report.on_timeout not in ("retry", "skip", "abort"):
        return None
    answer = Decision.parse(report.on_timeout)
    try:
        check(answer)
    except DecisionRefusedError:
        return None
    return answer


def _choice(kinds: Sequence[str]) -> str:
    written = {"edit": "Decision.edit(state)", "value": "Decision.value(result)"}
    *words, last = (written.get(kind, repr(str(kind))) for kind in kinds)
    return f"{', '.join(words)} or {last}" if words else last


def checked_checks(checks: Mapping[str, AnswerCheck] | None) -> dict[str, AnswerCheck]:
    """Return the checks by name.

    Raises:
        ConfigurationError: one cannot be called, or its name is no text.
    """
    found = dict(checks or {})
    for name, check in found.items():
        if not isinstance(name, str) or not name or not callable(check):
            raise ConfigurationError(
                f"checks has {name!r}: {check!r}; it must have callables under their names"
            )
    return found
