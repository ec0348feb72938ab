"""What a caller can say about one call: each option, and each wrong one refused at once."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    RecoveryBudget,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.errors import AttemptTimeoutError, ConfigurationError, UnusableResultError
from omninode_bridge.testing import FakeClock, ScriptedCall, fails_then

Make = Callable[..., ErrorRecoveryOrchestrator]

BAD = [
    {"retries": 3},
    {"strategy": "again"},
    {"strategy": 5},
    {"strategy": "custom"},
    {"fallback_strategies": ["retry"]},
    {"strategy": "retry", "fallback_strategies": "escalation"},
    {"strategy": "retry", "fallback_strategies": ["again"]},
    {"strategy": "retry", "fallback_strategies": ["custom"]},
    {"alternatives": []},
    {"alternatives": "node_v1"},
    {"alternatives": [("a", "b", "c")]},
    {"alternatives": 5},
    {"model_alternatives": {}},
    {"degradation": []},
    {"degradation": "remove_all_mixins"},
    {"degradation": ["remove_everything"]},
    {"degradation": {"level_1": ["remove_all_mixins"]}},
    {"degradation": {"level_1": {"remove_everything": True}}},
    {"degradation": {"level_one": {"remove_all_mixins": True}}},
    {"degradation": {"stage": {"remove_all_mixins": True}}},
    {"max_degradation": -1},
    {"max_degradation": "2"},
    {"max_degradation": True},
    {"fallback": "plain"},
    {"corrections": 5},
    {"corrections": ["missing_async"]},
    {"retry": 3},
    {"retry": {"max_retries": -1}},
    {"retry": {"max_retries": 10**9}},
    {"retry": {"max_retrys": 3}},
    {"retry": {"max_delay": math.nan}},
    {"retry": {"force": 1}},
    {"escalation": "slack"},
    {"escalation": {"priority": "urgent"}},
    {"escalation": {"channel": "slack"}},
    {"escalation": {"timeout": -1}},
    {"escalation": {"pause_workflow": "yes"}},
    {"validate": "yes"},
    {"rerun": "twice"},
    {"attempt_timeout": 0},
    {"attempt_timeout": math.inf},
    {"attempt_timeout": "5"},
    {"attempt_timeout": True},
    {"budget": 5},
    {"budget": {"attempts": 5}},
    {"never": ValueError("x")},
    {"never": "ValueError"},
    {"on_result": []},
    {"on_result": 5},
    {"workflow_id": 5},
    {"node_name": b"node"},
]


@pytest.mark.parametrize("options", BAD, ids=str)
def test_a_wrong_option_is_refused_when_it_is_given(make: Make, options: dict[str, Any]) -> None:
    """One sentence that names the option or its value; not at the first failure, but now."""
    orchestrator = make()
    name, value = list(options.items())[-1]

    with pytest.raises(ConfigurationError) as by_options:
        orchestrator.with_options(**options)  # type: ignore[misc]
    rest = {key: given for key, given in options.items() if key != "strategy"}
    with pytest.raises(ConfigurationError) as by_decorator:
        orchestrator.recoverable(None, options.get("strategy"), **rest)(print)

    for refused in (by_options, by_decorator):
        text = str(refused.value)
        assert "\n" not in text
        named = {name, repr(value), *(str(value).strip("{}[]()'\"").split("'"))}
        assert any(word and word in text for word in named)


@pytest.mark.parametrize("error_type", ["weather", 5, ["network", "weather"], ValueError])
def test_a_wrong_filter_is_refused(make: Make, error_type: Any) -> None:
    """The filter takes the error types, one or several; the refusal lists them."""
    with pytest.raises(ConfigurationError, match="'network'"):
        make().recoverable(error_type)


@pytest.mark.parametrize(
    "budget",
    [{"attempts": -1}, {"seconds": math.nan}, {"tokens": "5"}, {"money": True}],
)
def test_a_budget_that_cannot_be(budget: dict[str, Any]) -> None:
    """A limit is a number from zero up, or None."""
    with pytest.raises(ConfigurationError, match=next(iter(budget))):
        RecoveryBudget(**budget)


def run(runs: Any, call: Any, *args: Any, **kwargs: Any) -> Any:
    return asyncio.run(runs.run(call, *args, **kwargs))


def test_the_declared_strategies_run_in_order_and_no_other(make: Make) -> None:
    """`strategy` and `fallback_strategies` are the whole ladder."""
    results: list[RecoveryResult] = []
    call = ScriptedCall([ConnectionError("down")])
    runs = make(base_delay=0, max_retries=2).with_options(
        strategy="alternative_path",
        fallback_strategies=[RecoveryStrategy.RETRY],
        alternatives=["other"],
        on_result=results.append,
    )

    with pytest.raises(ConnectionError):
        run(runs, call)

    tried = [str(record.strategy) for record in results[0].attempts]
    assert tried == ["alternative_path", "retry", "retry"]
    assert results[0].skipped == ()


def test_what_the_caller_offers_is_tried_for_any_error(make: Make) -> None:
    """A fallback that was given counts even where the error's type has no such step."""

    class OddError(Exception):
        pass

    def fail(x: int) -> str:
        raise OddError("?")

    runs = make().with_options(fallback=lambda x: f"plain {x}")

    assert run(runs, fail, 5) == "plain 5"


@pytest.mark.parametrize("verdict", [False, ValueError("bad")])
def test_an_answer_that_does_not_pass_is_an_error_too(make: Make, verdict: Any) -> None:
    """`validate` turns a bad answer into a failure that recovers; None and 0 from it pass."""

    def validate(value: Any) -> Any:
        if value == "bad":
            if isinstance(verdict, Exception):
                raise verdict
            return verdict
        return None

    call = ScriptedCall(["bad", "good"])
    runs = make().with_options(validate=validate, alternatives=["other"])

    assert run(runs, call) == "good"
    assert call.calls[1] == ((), {"template_id": "other"})


def test_a_bad_answer_that_stays_is_told(make: Make) -> None:
    """Where no answer passes, the error says so and holds the answer."""
    runs = make().with_options(validate=lambda value: False)

    with pytest.raises(UnusableResultError) as raised:
        run(runs, lambda: "bad")

    assert raised.value.result == "bad"
    assert raised.value.__notes__


async def test_an_async_check(make: Make) -> None:
    """The check may be a coroutine function; without a loop it runs on one of its own."""

    async def check(value: str) -> bool:
        await asyncio.sleep(0)
        return value == "good"

    runs = make().with_options(validate=check, alternatives=["other"])
    script = ScriptedCall(["bad", "good", "bad", "good"])

    assert await runs.run(script) == "good"
    script.calls.clear()
    assert await asyncio.to_thread(runs.run_sync, lambda template_id="a": script.sync()) == "good"


@pytest.mark.parametrize(
    ("rerun", "error", "runs"),
    [
        ("pure", ConnectionError("x"), 4),
        ("idempotent", ConnectionError("x"), 4),
        ("unknown", ConnectionError("x"), 4),
        ("never", ConnectionError("x"), 1),
    ],
)
def test_rerun(make: Make, rerun: str, error: Exception, runs: int) -> None:
    """A call that must not run twice runs once; a passing error lets the others run again."""
    call = ScriptedCall([error])

    with pytest.raises(ConnectionError):
        run(make(base_delay=0).with_options(rerun=rerun), call)

    assert len(call.calls) == runs


def test_never_twice_asks_a_human_about_the_unknown_outcome(make: Make) -> None:
    """Where somebody can be asked, a call that must not run twice ends with the question."""
    results: list[RecoveryResult] = []
    call = ScriptedCall([ConnectionError("x")])
    runs = make(escalation={}, enable_notifications=False).with_options(
        rerun="never", strategy="retry", on_result=results.append
    )

    with pytest.raises(ConnectionError):
        run(runs, call)

    assert len(call.calls) == 1
    assert results[0].escalated
    assert [str(step.strategy) for step in results[0].skipped] == ["retry"]


async def test_an_attempt_that_takes_too_long_is_cut_off(make: Make) -> None:
    """The run is cancelled after its time, and the next one may be quicker."""
    cancelled = []

    async def slow(delays: list[float]) -> str:
        try:
            await asyncio.sleep(delays.pop(0))
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        return "in time"

    runs = make(base_delay=0).with_options(attempt_timeout=0.02)

    assert await runs.run(slow, [60.0, 60.0, 0.0]) == "in time"
    assert cancelled == [True, True]


async def test_a_timeout_of_the_attempt_is_told_as_such(make: Make) -> None:
    """What comes out in the end says which call took how long."""

    async def slow() -> None:
        await asyncio.Event().wait()  # for ever

    runs = make(max_retries=1, base_delay=0).with_options(attempt_timeout=0.01)

    with pytest.raises(AttemptTimeoutError, match=r"slow\(\) took longer than 0\.01 s"):
        await runs.run(slow)


async def test_a_timeout_inside_the_call_is_its_own_error(make: Make) -> None:
    """A TimeoutError of the call is not taken for ours."""

    async def fails() -> None:
        raise TimeoutError("their own")

    runs = make(max_retries=0).with_options(attempt_timeout=5)

    with pytest.raises(TimeoutError, match="their own"):
        await runs.run(fails)


def test_a_function_in_this_thread_cannot_be_cut_off(make: Make) -> None:
    """`run_sync` and decorated plain functions refuse a limit that they cannot keep."""
    orchestrator = make()

    with pytest.raises(ConfigurationError, match="attempt_timeout"):
        orchestrator.with_options(attempt_timeout=1).run_sync(int)
    with pytest.raises(ConfigurationError, match="attempt_timeout"):

        @orchestrator.recoverable(attempt_timeout=1)
        def plain() -> None: ...


def test_the_budget_is_shared_by_all_steps(make: Make, clock: FakeClock) -> None:
    """Attempts of every step come out of the same purse."""
    call = ScriptedCall([ConnectionError("down")])
    runs = make(base_delay=0).with_options(
        budget=RecoveryBudget(attempts=5), alternatives=list("abcdef")
    )

    with pytest.raises(ConnectionError):
        run(runs, call)

    assert len(call.calls) == 6


def test_no_wait_ends_past_the_deadline(make: Make, clock: FakeClock) -> None:
    """A hook that takes its time, and the call's own time, leave less for waiting."""
    orchestrator = make(base_delay=4.0, max_retries=10)
    orchestrator.on_recovery_attempt(lambda *_: clock.advance(5.0))
    call = ScriptedCall([ConnectionError("down")])

    with pytest.raises(ConnectionError):
        run(orchestrator.with_options(budget=RecoveryBudget(seconds=16.0)), call)
    assert clock.sleeps == [4.0]  # 5 + 4, and 8 more would end at 17

    clock.sleeps.clear()
    with pytest.raises(ConnectionError):
        run(orchestrator.with_options(budget=RecoveryBudget(seconds=8.9)), call)
    assert clock.sleeps == []


def test_what_is_never_recovered(make: Make) -> None:
    """Excluded types come out as they are, at the first run and at a later one, also in groups."""
    runs = make(base_delay=0).with_options(never=KeyError)
    first = KeyError("mine")
    group = ExceptionGroup("several", [ValueError(), KeyError("inner")])

    for error in (first, group):
        with pytest.raises(type(error)) as raised:
            run(runs, ScriptedCall([error, "value"]))
        assert raised.value is error
        assert not hasattr(error, "__notes__")
    with pytest.raises(KeyError) as raised:
        run(runs, ScriptedCall([ConnectionError("x"), first]))
    assert raised.value is first


@pytest.mark.parametrize("way", ["run", "run_sync"])
def test_on_result_is_told_of_every_recovery(make: Make, way: str) -> None:
    """It gets the account, sync or async; one that fails changes nothing and is counted."""
    told: list[RecoveryResult] = []

    async def later(result: RecoveryResult) -> None:
        await asyncio.sleep(0)
        told.append(result)

    def broken(result: RecoveryResult) -> None:
        raise RuntimeError("no")

    orchestrator = make(base_delay=0)
    for on_result in (told.append, later, broken):
        call = fails_then(ConnectionError("x"), "value")
        runs = orchestrator.with_options(on_result=on_result)
        value = run(runs, call) if way == "run" else runs.run_sync(call.sync)
        assert value == "value"

    assert [result.success for result in told] == [True, True]
    assert orchestrator.get_statistics().hook_failures == 1


def test_names_reach_the_records(make: Make) -> None:
    """The given names are in escalations and hooks; else the callable's name and a new id."""
    seen = []
    orchestrator = make(base_delay=0, new_id=lambda: "fresh")
    orchestrator.on_recovery_attempt(lambda c, s: seen.append((c.workflow_id, c.node_name)))

    run(
        orchestrator.with_options(workflow_id="w", node_name="n"),
        fails_then(ConnectionError("x"), 1),
    )
    run(orchestrator, fails_then(ConnectionError("x"), 1))

    assert seen[-1] == ("fresh", "scripted")
    assert ("w", "n") in seen or len(seen) == 1
