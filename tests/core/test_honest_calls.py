"""No answer passes for another's: neither a call's for its caller's, nor an old one for a new question."""

from __future__ import annotations

from typing import Any

import pytest

from omninode_bridge.agents.workflows import Decision, ErrorRecoveryOrchestrator, RecoveryContext
from omninode_bridge.testing import FakeClock


async def test_a_decorated_call_does_not_pass_for_the_function_around_it() -> None:
    """What travels with the exception counts only where the catching frame made that call."""
    orchestrator = ErrorRecoveryOrchestrator(
        clock=FakeClock(), max_retries=0, infer_operation=False
    )
    answers: list[Any] = [ConnectionError("reset"), "the inner value", "the inner value"]

    @orchestrator.recoverable
    async def inner() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    async def outer() -> str:
        return f"outer of {await inner()}"

    try:
        await outer()
    except ConnectionError as error:
        around = await orchestrator.handle_error(RecoveryContext("w", "outer", exception=error))
    answers.insert(0, ConnectionError("reset"))
    try:
        await inner()
    except ConnectionError as error:
        itself = await ErrorRecoveryOrchestrator(clock=FakeClock()).handle_error(
            RecoveryContext("w", "inner", exception=error)
        )

    assert not around.success
    assert around.result is None
    assert itself.success
    assert itself.result == "the inner value"


async def test_an_old_answer_is_none_to_a_new_question() -> None:
    """An answer is applied once; the same trouble after that is put to a human again."""
    orchestrator = ErrorRecoveryOrchestrator(enable_notifications=False, clock=FakeClock())
    context = RecoveryContext("w", "n", exception=PermissionError(13, "denied"))

    first = await orchestrator.handle_error(context)
    assert first.escalation_id is not None
    await orchestrator.escalations.resolve(first.escalation_id, Decision.value("once"), by="ann")
    second = await orchestrator.handle_error(context)
    third = await orchestrator.handle_error(context)

    assert (second.success, second.result) == (True, "once")
    assert not third.success
    assert third.escalated
    assert third.escalation_id != first.escalation_id


async def test_the_only_parameter_gets_no_empty_state() -> None:
    """Where the state holds nothing, the missing argument is named instead."""
    orchestrator = ErrorRecoveryOrchestrator(clock=FakeClock())
    seen: list[object] = []

    result = await orchestrator.handle_error(
        RecoveryContext("w", "n", exception=ConnectionError("reset")),
        operation=lambda url: seen.append(url),
    )

    assert seen == []
    assert not result.success
    assert "'url'" in (result.error_message or "")


@pytest.mark.parametrize("decision", ["retry", "skip"])
async def test_an_open_question_is_joined(decision: str) -> None:
    """While it is open, the same trouble joins it."""
    orchestrator = ErrorRecoveryOrchestrator(enable_notifications=False, clock=FakeClock())
    context = RecoveryContext(
        "w", "n", exception=PermissionError(13, "denied"), operation=lambda: "fine"
    )

    first = await orchestrator.handle_error(context)
    second = await orchestrator.handle_error(context)
    won = await orchestrator.escalations.resolve(str(second.escalation_id), decision, by="ann")

    assert first.escalation_id == second.escalation_id
    assert won.by == "ann" if hasattr(won, "by") else won.row.by == "ann"


class Awkward(Exception):
    """Raises from every attribute that it does not have."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(f"no {name}")


async def test_an_exception_whose_attributes_raise_stays_itself() -> None:
    """What travels with an error is looked up without running the error's own code."""
    orchestrator = ErrorRecoveryOrchestrator(clock=FakeClock())
    error = Awkward("bad")

    def call() -> None:
        raise error

    with pytest.raises(Awkward):
        await orchestrator.run(call)
    result = await orchestrator.handle_error(RecoveryContext("w", "n", exception=error))

    assert not result.success
    assert result.error is error
