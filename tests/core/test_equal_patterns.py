"""Several patterns of the user's match one error: priority decides, and equal ones take turns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.testing import RecordingNotifier

Make = Callable[..., ErrorRecoveryOrchestrator]
RETRY = RecoveryStrategy.RETRY
OTHER = RecoveryStrategy.ALTERNATIVE_PATH
LESS = RecoveryStrategy.GRACEFUL_DEGRADATION
HUMAN = RecoveryStrategy.ESCALATION
SETTINGS: dict[RecoveryStrategy, dict[str, Any]] = {
    RETRY: {"max_retries": 2},
    OTHER: {"alternatives": ["small"], "parameter": "model"},
    LESS: {"degradation_steps": ["skip_ai_quorum"]},
}


def pattern(kind: RecoveryStrategy, regex: str = "boom", **fields: Any) -> ErrorPattern:
    metadata = {**SETTINGS.get(kind, {}), **fields.pop("metadata", {})}
    return ErrorPattern(f"{kind} of {regex}", "timeout", regex, kind, metadata, **fields)  # type: ignore[arg-type]


def told(
    orchestrator: ErrorRecoveryOrchestrator, *patterns: ErrorPattern
) -> ErrorRecoveryOrchestrator:
    for one in patterns:
        orchestrator.add_error_pattern(one)
    return orchestrator


class Call:
    """Works with the small model, or without the quorum, as it is told; remembers how it ran."""

    def __init__(self, works: Callable[[str, bool], bool] = lambda model, quorum: False) -> None:
        self.works = works
        self.ran: list[tuple[str, bool]] = []

    async def __call__(self, model: str = "large", enable_ai_quorum: bool = True) -> str:
        self.ran.append((model, enable_ai_quorum))
        if not self.works(model, enable_ai_quorum):
            raise TimeoutError("boom")
        return "done"


async def handle(
    orchestrator: ErrorRecoveryOrchestrator, call: Call, error: Exception | None = None
) -> RecoveryResult:
    context = RecoveryContext("w", "n", exception=error or TimeoutError("boom"))
    return await orchestrator.handle_error(context, operation=call)


async def test_the_steps_of_each_run_in_order(make: Make) -> None:
    """Two retries by the first pattern, then less by the second, each with its own settings."""
    orchestrator = told(make(), pattern(RETRY), pattern(LESS))
    call = Call(lambda model, quorum: not quorum)

    result = await handle(orchestrator, call)

    assert result.success
    assert call.ran == [("large", True)] * 2 + [("large", False)]
    assert result.strategy_used is LESS
    assert result.pattern_matched == "graceful_degradation of boom"
    assert result.analysis is not None
    assert result.analysis.pattern is not None
    assert result.analysis.pattern.pattern_id == "retry of boom"
    assert [one.pattern_id for one in result.analysis.on_a_par] == ["graceful_degradation of boom"]
    assert "pattern 'graceful_degradation of boom' of the same priority does too" in (
        result.analysis.reasons
    )


async def test_the_first_is_enough(make: Make) -> None:
    """Where the first pattern's step helps, no other runs, and the account names the first."""
    orchestrator = told(make(), pattern(OTHER), pattern(LESS))
    call = Call(lambda model, quorum: model == "small")

    result = await handle(orchestrator, call)

    assert call.ran == [("small", True)]
    assert result.pattern_matched == "alternative_path of boom"


async def test_the_first_of_two_with_one_strategy_configures_it(make: Make) -> None:
    """A strategy runs once, with the settings of the pattern that was first."""
    orchestrator = told(
        make(), pattern(RETRY), pattern(RETRY, "bo+m", metadata={"max_retries": 9}), pattern(LESS)
    )

    result = await handle(orchestrator, Call())

    assert result.retry_count == 2
    assert result.pattern_matched == "graceful_degradation of boom"


@pytest.mark.parametrize("priority", [49, 51])
async def test_another_priority_takes_no_turn(make: Make, priority: int) -> None:
    """Priority decides: the pattern that ranks lower is for errors that the other does not match."""
    orchestrator = told(make(), pattern(RETRY), pattern(LESS, priority=priority))

    ladder = orchestrator.analyze(TimeoutError("boom")).ladder

    assert ladder == ((RETRY,) if priority < 50 else (LESS,))


@pytest.mark.parametrize(
    "first",
    [
        pattern(HUMAN),
        pattern(RecoveryStrategy.CIRCUIT_BREAKER),
        pattern(RETRY, metadata={"fallback_strategies": []}),
        pattern(RETRY, metadata={"fallback_strategies": ["alternative_path"]}),
    ],
    ids=["a human", "a circuit", "nothing declared to follow", "something declared to follow"],
)
async def test_who_has_the_last_word(make: Make, first: ErrorPattern) -> None:
    """No attempt goes behind the back of a human or a circuit, or against what was declared."""
    orchestrator = make()
    alone = told(orchestrator, first).analyze(TimeoutError("boom")).ladder

    both = told(orchestrator, pattern(LESS)).analyze(TimeoutError("boom"))

    assert both.ladder == alone
    assert both.on_a_par == ()


async def test_a_human_comes_last(make: Make) -> None:
    """An escalation that ties is made when the steps of all have failed, and only then."""
    notifier = RecordingNotifier()
    orchestrator = told(
        make(notifiers={"recording": notifier}), pattern(RETRY), pattern(HUMAN), pattern(LESS)
    )
    good, bad = Call(lambda model, quorum: not quorum), Call()

    assert (await handle(orchestrator, good)).success
    before = len(notifier.sent)
    result = await handle(orchestrator, bad)

    assert orchestrator.analyze(TimeoutError("boom")).ladder == (RETRY, LESS, HUMAN)
    assert before == 0
    assert result.escalated
    assert len(notifier.sent) == 1
    assert result.pattern_matched == notifier.sent[0].pattern_id == "escalation of boom"


async def test_a_fact_vetoes_the_retries_of_all(make: Make) -> None:
    """What stays is not retried by either pattern; the other's further step still runs."""

    class BadRequest(Exception):
        status_code = 400

    orchestrator = told(make(), pattern(RETRY), pattern(RETRY, "bo+m"), pattern(LESS))
    call = Call(lambda model, quorum: not quorum)

    result = await handle(orchestrator, call, BadRequest("boom"))

    assert call.ran == [("large", False)]
    assert result.success
    assert result.analysis is not None
    assert result.analysis.ladder == (LESS,)


async def test_patterns_of_the_library_take_no_turn(make: Make) -> None:
    """Only the user's own are asked; those that we ship say nothing beside them."""
    orchestrator = told(make(), pattern(LESS, "timed? ?out|timeout"))

    analysis = orchestrator.analyze(TimeoutError("read timeout"))

    assert (analysis.ladder, analysis.on_a_par) == ((LESS,), ())


async def test_what_the_caller_declares_stands_alone(make: Make) -> None:
    """Neither pattern adds anything to the strategy that the call was given."""
    orchestrator = told(make(), pattern(RETRY), pattern(LESS))
    call = Call(lambda model, quorum: not quorum)
    runs = orchestrator.with_options(strategy="retry")

    with pytest.raises(TimeoutError):
        await runs.run(call)

    assert {quorum for _, quorum in call.ran} == {True}


def test_the_analysis_says_the_same_twice(make: Make) -> None:
    """A pattern that is added or removed changes the answer at once."""
    orchestrator = told(make(), pattern(RETRY), pattern(LESS))
    error = TimeoutError("boom")

    ladders = [orchestrator.analyze(error).ladder for _ in range(2)]
    orchestrator.remove_error_pattern("graceful_degradation of boom")
    after = orchestrator.analyze(error)

    assert ladders == [(RETRY, LESS)] * 2
    assert after.ladder == (RETRY,)
    assert after.error_type is ErrorType.TIMEOUT
