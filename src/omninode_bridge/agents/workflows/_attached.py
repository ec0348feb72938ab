"""What travels: the failed call with its exception, the way to repeat it with its function.

With the exception goes also what a human has to do with it: asked and not answered yet, or answered
that the work be left out or given up.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ._call import Call
from .recovery_models import DecisionKind, RecoveryResult, Rerun

__all__ = [
    "FinalAnswer",
    "answer_of",
    "attach_answer",
    "attach_call",
    "attach_question",
    "attached_answer",
    "attached_call",
    "attached_question",
    "mark_rerun",
    "rerun_of",
]

_ATTRIBUTE = "__omninode_call__"
_QUESTION = "__omninode_escalation__"
_ANSWER = "__omninode_answer__"
_FINAL = (DecisionKind.SKIP, DecisionKind.ABORT)
_LOOPS = frozenset({"asyncio", "concurrent", "contextlib", "functools", "threading"})
_MAX_FRAMES = 100


class _Carried:
    """A call on an exception; it stays behind when the exception is pickled or copied in depth.

    Its function and arguments may not go where the exception goes, to the parent of a worker
    process for example, and must not keep it from arriving; neither must a missing package there.
    """

    __slots__ = ("call",)

    def __init__(self, call: Call) -> None:
        self.call = call

    def __reduce__(self) -> tuple[type[bool], tuple[()]]:
        return (bool, ())


def attach_call(error: BaseException, call: Call) -> None:
    """Remember on the exception which call raised it; the innermost one stays."""
    if not isinstance(_attribute(error, _ATTRIBUTE), _Carried):
        with suppress(Exception):  # an exception with slots, or one that refuses, carries nothing
            setattr(error, _ATTRIBUTE, _Carried(call))


#: Which answer it was (``skip`` or ``abort``), who gave it, when (ISO 8601, or empty), to what.
FinalAnswer = tuple[str, str, str, str]


def answer_of(result: RecoveryResult) -> FinalAnswer | None:
    """Return the human's answer after which nothing more was to be tried; None where there is none."""
    said = result.metadata
    if result.success or said.get("decision") not in _FINAL:
        return None
    who, when = said.get("decided_by"), said.get("decided_at")
    return str(said["decision"]), str(who or ""), str(when or ""), result.escalation_id or ""


def attach_question(error: BaseException, escalation_id: str | None) -> None:
    """Remember on the exception that a human has been asked about it and has not answered.

    None takes back what an earlier recovery of the same exception has left there.
    """
    _mark(error, _QUESTION, escalation_id)


def attached_question(error: BaseException) -> str | None:
    """Return the id of the escalation that waits for an answer about this exception, or None."""
    found = _attribute(error, _QUESTION)
    return found if isinstance(found, str) else None


def attach_answer(error: BaseException, answer: FinalAnswer | None) -> None:
    """Remember on the exception that a human wants the work left out, or given up; None forgets it."""
    _mark(error, _ANSWER, answer)


def attached_answer(error: BaseException | None) -> FinalAnswer | None:
    """Return what a human has answered about this exception for good, or None."""
    found = _attribute(error, _ANSWER)
    return found if isinstance(found, tuple) else None


def _mark(error: BaseException, name: str, value: object) -> None:
    if value is None and _attribute(error, name) is None:
        return
    with suppress(Exception):
        setattr(error, name, value)


def mark_rerun(fn: Any, rerun: Rerun) -> None:
    """Let a decorated function carry what running it a second time does."""
    fn.__omninode_rerun__ = rerun


def rerun_of(fn: Any) -> Rerun:
    """Return what was said where the function was decorated; idempotent where nothing was."""
    said = getattr(fn, "__omninode_rerun__", None)
    return said if isinstance(said, Rerun) else Rerun.IDEMPOTENT


def attached_call(error: BaseException | None) -> Call | None:
    """Return the call that travels with the exception, or None.

    It counts only where the frame that caught the exception made that very call: where another
    function stood between the two, the call's value would pass for that function's.
    """
    carried = _attribute(error, _ATTRIBUTE)
    if error is None or not isinstance(carried, _Carried):
        return None
    return carried.call if _is_called_by_catcher(error) else None


def _attribute(error: BaseException | None, name: str) -> object:
    """Read an attribute of ours without running the exception's own code, which may raise."""
    with suppress(AttributeError):
        return object.__getattribute__(error, name)
    return None


def _is_called_by_catcher(error: BaseException) -> bool:
    """Whether the first frame below the catching one is ours, event loops and the like left out."""
    place = error.__traceback__.tb_next if error.__traceback__ is not None else None
    for _ in range(_MAX_FRAMES):
        if place is None:
            return error.__traceback__ is None  # raised anew from a record: nothing says otherwise
        module = str(place.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
        if module not in _LOOPS:
            return module == __name__.partition(".")[0]
        place = place.tb_next
    return False
