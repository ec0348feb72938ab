"""What `validate` may answer, wherever it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import Decision, ErrorRecoveryOrchestrator
from omninode_bridge.errors import DecisionRefusedError, UnusableResultError
from omninode_bridge.testing import FakeClock, RecordingNotifier

Make = Callable[..., ErrorRecoveryOrchestrator]


class NumpyBool:
    """Is false, and is not False."""

    def __bool__(self) -> bool:
        return False


class Ambiguous:
    """Is neither true nor false, as an array of numpy."""

    def __bool__(self) -> bool:
        raise ValueError("the truth value is ambiguous")


REFUSALS = [False, 0, "", [], {}, NumpyBool(), Ambiguous()]
ACCEPTED = [True, None, 1, "yes", [1], object()]


@pytest.mark.parametrize("verdict", REFUSALS, ids=lambda value: type(value).__name__)
async def test_what_is_false_refuses(make: Make, verdict: Any) -> None:
    """A result that its check calls empty, zero or false is no success, from every way in."""
    runs = make().with_options(validate=lambda result: verdict)

    @make().recoverable(validate=lambda item: verdict)
    async def stream() -> AsyncIterator[int]:
        yield 1

    with pytest.raises(UnusableResultError, match="failed validation"):
        runs.run_sync(lambda: 1)
    with pytest.raises(UnusableResultError, match="failed validation"):
        await runs.run(lambda: 1)
    with pytest.raises(UnusableResultError, match="failed validation"):
        await anext(stream())


@pytest.mark.parametrize("verdict", ACCEPTED, ids=lambda value: type(value).__name__)
async def test_what_is_true_or_nothing_accepts(make: Make, verdict: Any) -> None:
    """A check that only raises answers None."""
    runs = make().with_options(validate=lambda result: verdict)

    assert runs.run_sync(lambda: 1) == 1
    assert await runs.run(lambda: 1) == 1


@pytest.mark.parametrize("verdict", REFUSALS, ids=lambda value: type(value).__name__)
async def test_the_value_of_a_human_is_held_against_it(make: Make, verdict: Any) -> None:
    """It is refused while the question is open."""
    team = RecordingNotifier("team")
    orchestrator = make(
        clock=FakeClock(), notifiers={"team": team}, escalation={"pause_workflow": True}
    )

    async def fails() -> None:
        raise ValueError("broken")

    checked = orchestrator.with_options(validate=lambda result: verdict)
    waiting = asyncio.ensure_future(checked.run(fails))
    while not team.sent:  # noqa: ASYNC110 -- a notifier has no event to wait for
        await asyncio.sleep(0)
    sentence = r"^the value failed validation(: ValueError: the truth value is ambiguous)?$"
    with pytest.raises(DecisionRefusedError, match=sentence):
        await orchestrator.escalations.resolve(
            team.sent[0].escalation_id, Decision.value(7), by="ada"
        )
    await orchestrator.escalations.resolve(team.sent[0].escalation_id, "skip", by="ada")
    with pytest.raises(ValueError, match="broken"):
        await waiting
