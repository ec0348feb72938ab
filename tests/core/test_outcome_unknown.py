"""A call that must not run twice goes to a human, and options reach errors that were caught before."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    RecoveryContext,
    RecoveryResult,
)
from omninode_bridge.errors import OutcomeUnknownError
from omninode_bridge.testing import FakeClock, RecordingNotifier, ScriptedCall


async def test_a_call_that_must_not_run_twice_is_escalated_as_outcome_unknown() -> None:
    """It is not run again; the notice says what has to be found out; the first error is the cause."""
    notifier = RecordingNotifier()
    orchestrator = ErrorRecoveryOrchestrator(notifiers={"recording": notifier}, clock=FakeClock())
    charge = ScriptedCall([ConnectionError("reset by peer"), "charged twice"])
    results: list[RecoveryResult] = []

    with pytest.raises(ConnectionError, match="reset by peer"):
        await orchestrator.with_options(rerun="never", on_result=results.append).run(charge)

    (result,) = results
    assert len(charge.calls) == 1
    assert result.escalated
    assert not result.success
    assert isinstance(result.error, OutcomeUnknownError)
    assert isinstance(result.error.__cause__, ConnectionError)
    assert notifier.sent[0].description.startswith("Outcome unknown: ")


async def test_it_is_escalated_even_where_nobody_is_configured() -> None:
    """Whoever says that a call must not run twice has chosen that a human looks at it."""
    orchestrator = ErrorRecoveryOrchestrator(enable_notifications=False, clock=FakeClock())

    with pytest.raises(TimeoutError):
        await orchestrator.with_options(rerun="never").run(ScriptedCall([TimeoutError("slow")]))

    (row,) = await orchestrator.escalations.list()
    assert row.report.description.startswith("Outcome unknown: ")


async def test_options_hold_for_an_error_that_was_caught_before() -> None:
    """An alternative whose result fails the check does not count."""
    orchestrator = ErrorRecoveryOrchestrator(clock=FakeClock())
    runs = orchestrator.with_options(
        model_alternatives=["mute", "talkative"], validate=lambda answer: bool(answer)
    )

    def ask(model: str) -> str:
        return "" if model == "mute" else f"{model} says hello"

    context = RecoveryContext(
        "w", "ask", exception=ValueError("empty answer"), state={"model": "first"}
    )
    result = await runs.handle_error(context, operation=ask)

    assert result.result == "talkative says hello"
    assert [attempt.ok for attempt in result.attempts] == [False, True]
