"""After the fact: where the call is found, whose settings win, and what is told in the end."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    Call,
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.errors import ConfigurationError, PatternError
from omninode_bridge.testing import FakeClock, ScriptedCall, fails_then

Make = Callable[..., ErrorRecoveryOrchestrator]
RETRY = RecoveryStrategy.RETRY


def context(**fields: Any) -> RecoveryContext:
    return RecoveryContext("flow", "node", **{"exception": ConnectionError("reset"), **fields})


def pattern(strategy: RecoveryStrategy = RETRY, **metadata: Any) -> ErrorPattern:
    return ErrorPattern("mine", ErrorType.NETWORK, "ConnectionError|OddError", strategy, metadata)


def saying(word: str) -> Callable[..., str]:
    def say() -> str:
        return word

    return say


async def test_the_call_is_found_in_the_documented_order(make: Make) -> None:
    """Argument, context, pattern, node, exception: the first that has one gives it."""
    orchestrator = make(base_delay=0)
    orchestrator.add_error_pattern(pattern(operation=saying("pattern")))
    orchestrator.operation("node")(saying("node"))
    error = ConnectionError("reset")

    async def failing() -> str:
        raise error

    with pytest.raises(ConnectionError):
        await orchestrator.with_options(retry={"max_retries": 0}).run(failing)
    error_and_context = context(exception=error, operation=saying("context"))

    found = []
    first = await orchestrator.handle_error(error_and_context, operation=saying("argument"))
    second = await orchestrator.handle_error(error_and_context)
    third = await orchestrator.handle_error(context(exception=error))
    orchestrator.remove_error_pattern("mine")
    fourth = await orchestrator.handle_error(context(exception=error))
    other = RecoveryContext("flow", "other node", exception=error)
    fifth = await orchestrator.handle_error(other)
    for result in (first, second, third, fourth, fifth):
        assert result.analysis is not None
        found.append((result.result, result.analysis.call_source))

    assert found == [
        ("argument", "the operation argument"),
        ("context", "RecoveryContext.operation"),
        ("pattern", "the pattern's metadata"),
        ("node", "the operation registered for 'node'"),
        (None, "the exception"),
    ]
    assert fifth.error is error


async def test_a_pattern_that_matches_a_base_class_gives_its_operation(make: Make) -> None:
    """The pattern that chose the strategy is the one whose operation is run."""

    class OddError(ConnectionError):
        pass

    class OddestError(OddError):
        pass

    orchestrator = make(base_delay=0)
    orchestrator.add_error_pattern(pattern(operation=saying("pattern")))

    result = await orchestrator.handle_error(context(exception=OddestError("x")))

    assert result.pattern_matched == "mine"
    assert result.result == "pattern"


async def test_nothing_found_names_the_ways(make: Make) -> None:
    """Without a call there is no success, and the sentence says how to give one."""
    result = await make().handle_error(context())

    assert not result.success
    assert result.strategy_used is None
    assert result.attempts == ()
    assert result.error_message is not None
    for way in (
        "operation=",
        "RecoveryContext(",
        "metadata['operation']",
        "@orchestrator.operation",
        "run()",
    ):
        assert way in result.error_message
    assert {step.strategy for step in result.skipped} >= {RETRY}


async def test_arguments_come_from_the_state_by_name(make: Make) -> None:
    """What the callable asks for is looked up; what it does not ask for is left."""

    async def fetch(contract_id: str, timeout: int = 3, *, deep: bool) -> Any:
        return contract_id, timeout, deep

    state = {"contract_id": "c1", "deep": True, "unrelated": 1}

    result = await make(base_delay=0).handle_error(context(state=state), operation=fetch)

    assert result.result == ("c1", 3, True)


async def test_a_missing_argument_is_named(make: Make) -> None:
    """The sentence says which argument nobody knows, and the original error stays in reach."""

    async def fetch(contract_id: str, version: int) -> None:
        raise AssertionError("it was called")

    error = ConnectionError("reset")
    result = await make(base_delay=0).handle_error(
        context(exception=error, state={"contract_id": "c1"}), operation=fetch
    )

    assert not result.success
    assert "'version'" in (result.error_message or "")
    assert len(result.attempts) <= 1
    assert result.error is error


@pytest.mark.parametrize("name", ["state", "ctx"])
async def test_the_whole_state_is_a_copy(make: Make, name: str) -> None:
    """A parameter named state, or the only positional one, gets a copy that it may write to."""
    scope: dict[str, Any] = {}
    exec(f"def op({name}):\n    {name}['new'] = 1\n    return {name}", scope)
    state = {"a": [1]}
    before = copy.deepcopy(state)

    result = await make(base_delay=0).handle_error(context(state=state), operation=scope["op"])

    assert result.result == {"a": [1], "new": 1}
    assert state == before


async def test_state_may_be_any_mapping(make: Make) -> None:
    """A read-only mapping is enough."""
    from types import MappingProxyType

    state: Mapping[str, Any] = MappingProxyType({"a": 1})

    result = await make(base_delay=0).handle_error(context(state=state), operation=lambda a: a)

    assert result.result == 1


async def test_metadata_wins_in_order(make: Make) -> None:
    """The recovery's own metadata over the pattern's, that over the registered strategy's."""
    from omninode_bridge.agents.workflows import RetryStrategy

    async def count(metadata: dict[str, Any], in_pattern: dict[str, Any], registered: bool) -> int:
        orchestrator = make(max_retries=1, base_delay=0)
        if registered:
            orchestrator.register_strategy(RETRY, RetryStrategy(2, 0.0))
        orchestrator.add_error_pattern(pattern(**in_pattern))
        result = await orchestrator.handle_error(
            context(metadata=metadata), operation=ScriptedCall([ConnectionError("again")])
        )
        return result.retry_count

    assert await count({}, {}, False) == 1
    assert await count({}, {}, True) == 2
    assert await count({}, {"max_retries": 3}, True) == 3
    assert await count({"max_retries": 4}, {"max_retries": 3}, True) == 4
    assert await count({"max_retries": 4}, {}, False) == 4


async def test_the_options_of_a_call_rank_below_a_pattern(make: Make) -> None:
    """Pattern metadata wins over what the call's options say, those over the orchestrator's."""
    orchestrator = make(max_retries=1, base_delay=0)
    call = ScriptedCall([ConnectionError("again")])
    runs = orchestrator.with_options(retry={"max_retries": 2})

    with pytest.raises(ConnectionError):
        await runs.run(call)
    assert len(call.calls) == 3

    orchestrator.add_error_pattern(pattern(max_retries=4))
    call.calls.clear()
    with pytest.raises(ConnectionError):
        await runs.run(call)
    assert len(call.calls) == 5


async def test_a_declared_ladder_runs_nothing_else(make: Make) -> None:
    """A user's pattern and its fallbacks are tried in order, and no step of the type."""
    orchestrator = make(base_delay=0, max_retries=1)
    orchestrator.add_error_pattern(
        pattern(
            RecoveryStrategy.ALTERNATIVE_PATH,
            alternatives=["b"],
            fallback_strategies=["retry"],
        )
    )
    call = ScriptedCall([ConnectionError("again")])

    result = await orchestrator.handle_error(
        context(), operation=lambda template_id="a": call.sync(template_id)
    )

    assert [str(record.strategy) for record in result.attempts] == ["alternative_path", "retry"]
    assert result.skipped == ()
    assert [args for args, _ in call.calls] == [("b",), ("a",)]


async def test_a_permanent_fact_vetoes_a_declared_retry(make: Make) -> None:
    """A class that says permanent is not retried because a pattern asks for it, unless forced."""

    async def tries(**metadata: Any) -> int:
        orchestrator = make(base_delay=0)
        orchestrator.add_error_pattern(
            ErrorPattern("mine", ErrorType.NETWORK, "FileNotFoundError", RETRY, metadata)
        )
        call = fails_then(FileNotFoundError(2, "gone"), "found", times=1)
        await orchestrator.handle_error(
            context(exception=FileNotFoundError(2, "gone")), operation=call
        )
        return len(call.calls)

    assert await tries() == 0
    assert await tries(force=True) == 2


@pytest.mark.parametrize(
    ("rerun", "error", "runs"),
    [
        ("pure", TimeoutError("slow"), 1),
        ("idempotent", TimeoutError("slow"), 1),
        ("unknown", TimeoutError("slow"), 1),
        ("never", TimeoutError("slow"), 0),
    ],
)
async def test_rerun_in_the_metadata_of_the_recovery(
    make: Make, rerun: str, error: Exception, runs: int
) -> None:
    """`rerun` says whether the call may run twice, in the context and in a pattern."""
    for where in ("context", "pattern"):
        orchestrator = make(base_delay=0)
        call = ScriptedCall(["done"])
        metadata = {"rerun": rerun} if where == "context" else {}
        if where == "pattern":
            orchestrator.add_error_pattern(
                ErrorPattern("mine", ErrorType.TIMEOUT, "TimeoutError", RETRY, {"rerun": rerun})
            )

        result = await orchestrator.handle_error(
            context(exception=error, metadata=metadata), operation=call
        )

        assert len(call.calls) == runs, where
        assert result.success is bool(runs)


async def test_rerun_holds_for_a_call_that_travels_with_its_exception(make: Make) -> None:
    """The caller's word on running twice counts for every source of the call."""
    orchestrator = make(base_delay=0, max_retries=0)
    call = ScriptedCall([TimeoutError("slow")])
    with pytest.raises(TimeoutError) as raised:
        await orchestrator.run(call)
    ran = len(call.calls)

    await orchestrator.handle_error(
        context(exception=raised.value, metadata={"rerun": "never", "max_retries": 3})
    )

    assert len(call.calls) == ran


async def test_an_unknown_effect_is_not_repeated_without_reason(make: Make) -> None:
    """Where nothing says that the error passes, a call of unknown effect is left alone."""

    class OddError(Exception):
        pass

    orchestrator = make(base_delay=0)
    call = ScriptedCall(["done"])
    result = await orchestrator.handle_error(
        context(exception=OddError("?"), metadata={"rerun": "unknown"}), operation=call
    )

    assert not result.success
    assert call.calls == []


async def test_the_text_alone_is_enough(make: Make) -> None:
    """A message without an exception is classified and recovered like one."""
    result = await make(base_delay=0).handle_error(
        RecoveryContext("flow", "node", error_message="connection reset by peer"),
        operation=saying("ok"),
    )

    assert (result.success, result.result, result.error) == (True, "ok", None)


@pytest.mark.parametrize("value", [None, 0, "", [], False, {}])
async def test_what_the_call_returned_is_the_result(make: Make, value: Any) -> None:
    """An empty value is as good a result as any other."""
    result = await make(base_delay=0).handle_error(context(), operation=lambda: value)

    assert result.success
    assert result.result is value or result.result == value


async def test_the_caller_keeps_what_it_gave(make: Make) -> None:
    """Context, state and metadata are as they were, whatever the recovery did."""
    state = {"template_id": "a", "mixins": ["x"], "inner": {"k": [1]}}
    metadata = {"alternatives": ["b", "c"], "degradation_steps": ["remove_all_mixins"]}
    before = copy.deepcopy((state, metadata))

    def fail(template_id: str, mixins: list[str], inner: dict[str, Any]) -> None:
        raise ValueError("no")

    await make(base_delay=0).handle_error(
        context(exception=ValueError("no"), state=state, metadata=metadata), operation=fail
    )

    assert (state, metadata) == before


async def test_a_failure_tells_what_was_tried_and_why_it_ended(make: Make) -> None:
    """The message carries the last error and the reason of each step."""
    result = await make(base_delay=0, max_retries=2).handle_error(
        context(), operation=ScriptedCall([ConnectionError("still down")])
    )

    assert result.error_message is not None
    assert "still down" in result.error_message
    assert "retry: all 2 retries failed" in result.error_message
    assert isinstance(result.error, ConnectionError)
    assert [record.error for record in result.attempts] == ["ConnectionError: still down"] * 2


async def test_the_error_that_remains_is_the_last_of_the_call(make: Make) -> None:
    """What the last run raised is in the result; the caller has the first one in its context."""
    last = TimeoutError("second")
    first = context()

    result = await make(base_delay=0, max_retries=1).handle_error(
        first, operation=ScriptedCall([last])
    )

    assert result.error is last
    assert first.exception is not last


@pytest.mark.parametrize(
    ("settings", "metadata", "why"),
    [
        ({"max_retries": 0}, {}, "all 0 retries failed"),
        ({}, {"max_delay": 0.5, "after": 9}, "max_delay"),
    ],
)
async def test_a_step_that_tried_nothing_says_why(
    make: Make, settings: dict[str, Any], metadata: dict[str, Any], why: str
) -> None:
    """A step that was begun and found nothing to do gives its reason in the message."""
    error = ConnectionError("busy")
    error.retry_after = metadata.pop("after", None)  # type: ignore[attr-defined]

    result = await make(**settings).handle_error(
        context(exception=error, metadata=metadata), operation=saying("never")
    )

    assert result.attempts == ()
    assert why in (result.error_message or "")


async def test_a_reason_is_told_of_its_own_step(make: Make, clock: FakeClock) -> None:
    """A step that ends before its first attempt is not told as the end of the one before it."""
    from omninode_bridge.agents.workflows import RecoveryBudget

    results: list[RecoveryResult] = []
    call = ScriptedCall([ConnectionError("down")])
    runs = make(max_retries=1, base_delay=0).with_options(
        strategy="retry",
        fallback_strategies=["alternative_path"],
        alternatives=["x", "y"],
        budget=RecoveryBudget(attempts=1),
        on_result=results.append,
    )

    with pytest.raises(ConnectionError):
        await runs.run(call)

    message = results[0].error_message or ""
    assert "retry: all 1 retries failed" in message
    assert "alternative_path: the budget of 1 attempts is used up" in message


async def test_no_live_exception_is_in_the_attempts(make: Make) -> None:
    """Attempts hold texts and fingerprints; nothing in them keeps frames alive."""
    result = await make(base_delay=0).handle_error(
        context(), operation=ScriptedCall([ConnectionError("down")])
    )

    for record in result.attempts:
        values = [getattr(record, name) for name in record.__slots__] + list(
            record.details.values()
        )
        assert not [value for value in values if isinstance(value, BaseException)]
        assert len(record.fingerprint) == 16


async def test_times(make: Make, clock: FakeClock) -> None:
    """The duration has waits and calls in it, the overhead neither."""

    async def slow() -> str:
        clock.advance(3.0)
        return "done"

    result = await make(base_delay=2.0).handle_error(context(), operation=slow)

    assert clock.sleeps == [2.0]
    assert result.duration_ms == pytest.approx(5000)
    assert result.overhead_ms == pytest.approx(0)
    assert result.attempts[0].duration_ms == pytest.approx(3000)


async def test_analyze_says_what_would_be_tried(make: Make) -> None:
    """The analysis of a context names the source of the call and tries nothing."""
    call = ScriptedCall(["x"])

    analysis = make().analyze(context(operation=call))

    assert analysis.call_source == "RecoveryContext.operation"
    assert analysis.strategy is RETRY
    assert call.calls == []
    assert make().analyze("ValueError: wrong").error_type is ErrorType.VALIDATION
    assert make().analyze(TimeoutError()).transient is True


async def test_a_users_own_call_object(make: Make) -> None:
    """A `Call` with bound arguments and its own contract is taken as it is."""
    call = Call(lambda a, b: (a, b), (1,), state={"b": 2}, rerun="idempotent")  # type: ignore[arg-type]

    result = await make(base_delay=0).handle_error(context(state={"b": 3}), operation=call)

    assert result.result == (1, 2)


@pytest.mark.parametrize(
    ("give", "named"),
    [
        (lambda o: o.handle_error(context(), operation=5), "operation is 5"),
        (lambda o: o.handle_error("context"), "'context'"),
        (lambda o: o.handle_error(context(metadata={"rerun": "twice"}), lambda: 1), "'twice'"),
        (lambda o: o.handle_error(context(metadata={"max_retries": -1}), lambda: 1), "-1"),
    ],
)
async def test_bad_arguments_are_one_sentence(make: Make, give: Any, named: str) -> None:
    """What cannot be used is refused by name before anything runs."""
    with pytest.raises(ConfigurationError) as refused:
        await give(make())

    assert named in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "fields",
    [
        {"workflow_id": 5},
        {"node_name": None},
        {"state": [1]},
        {"metadata": "x"},
        {"exception": "boom"},
        {"operation": "fetch"},
        {"step_count": "five"},
        {"error_message": 5},
    ],
)
def test_a_context_that_cannot_be(fields: dict[str, Any]) -> None:
    """A wrong field is refused when the context is made."""
    with pytest.raises(ConfigurationError) as refused:
        RecoveryContext(**{"workflow_id": "w", "node_name": "n", **fields})

    assert next(iter(fields)) in str(refused.value)


def test_a_context_does_not_change() -> None:
    """It is replaced, never written to."""
    one = context(step_count=5)

    with pytest.raises(AttributeError, match="replace"):
        one.step_count = 6  # type: ignore[misc]
    assert one.replace(step_count=6).step_count == 6
    assert one.step_count == 5
    assert "secret" not in repr(context(state={"k": "secret"}))


@pytest.mark.parametrize(
    "metadata",
    [
        {"operation": "fetch"},
        {"rerun": "twice"},
        {"max_retries": -1},
        {"max_retries": 2.5},
        {"max_retrys": 3},
        {"base_delay": "1"},
        {"jitter": "some"},
        {"force": "yes"},
        {"fallback_strategies": "retry"},
        {"fallback_strategies": ["custom"]},
        {"fallback_strategies": ["nonsense"]},
        {"fallback_strategies": 5},
    ],
)
def test_metadata_that_cannot_be_used_is_refused_at_registration(
    make: Make, metadata: dict[str, Any]
) -> None:
    """The refusal names the pattern, and the orchestrator is as it was."""
    orchestrator = make()
    before = orchestrator.patterns

    with pytest.raises(PatternError, match="'mine'") as refused:
        orchestrator.add_error_pattern(pattern(**metadata))

    assert refused.value.pattern_id == "mine"
    assert orchestrator.patterns == before
