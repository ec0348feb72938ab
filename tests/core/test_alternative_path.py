"""Another template, model or function: run, checked, and told."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    AlternativePathStrategy,
    ErrorRecoveryOrchestrator,
    RecoveryBudget,
    RecoveryContext,
    RecoveryResult,
)
from omninode_bridge.agents.workflows.recovery_strategies._alternatives import MAX_ALTERNATIVES
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import ScriptedCall

Make = Callable[..., ErrorRecoveryOrchestrator]
PAIRS = [("v2", "EFFECT"), ("v1", "EFFECT"), ("basic", "EFFECT")]


def context(**fields: Any) -> RecoveryContext:
    return RecoveryContext("w", "n", **{"exception": ValueError("template broke"), **fields})


class Renderer:
    """A template manager of which only some templates work; remembers what it was asked."""

    def __init__(self, *working: str) -> None:
        self.working = working
        self.asked: list[str] = []

    async def render(self, template_id: str, context: dict[str, Any]) -> str:
        self.asked.append(template_id)
        if template_id not in self.working:
            raise ValueError(f"Template {template_id!r} render failed: broken")
        return f"{template_id}: {context}"


async def test_the_first_that_works_is_run_and_counts(make: Make) -> None:
    """Each alternative is really run, in order, until one gives a result."""
    renderer = Renderer("basic")
    state = {"template_id": "v2", "context": {"name": "My"}}

    result = await AlternativePathStrategy(PAIRS).execute(
        context(state=state), operation=renderer.render
    )

    assert result.success
    assert result.result == "basic: {'name': 'My'}"
    assert result.fallback_used == "basic"
    assert result.metadata["label"] == "EFFECT"
    assert renderer.asked == ["v1", "basic"]  # v2 is the one that failed


async def test_all_fail(make: Make) -> None:
    """Exhausted alternatives are a failure with the last error and no result."""
    renderer = Renderer()

    result = await AlternativePathStrategy(PAIRS).execute(
        context(state={"template_id": "v2", "context": {}}), operation=renderer.render
    )

    assert (result.success, result.result, result.fallback_used) == (False, None, None)
    assert "'basic' render failed" in (result.error_message or "")
    assert [record.label for record in result.attempts] == ["v1", "basic"]


async def test_the_label_goes_only_where_it_is_asked_for(make: Make) -> None:
    """A parameter for the type takes the label; without one it is a note."""
    got: list[Any] = []

    def with_type(template_id: str, template_type: str = "?") -> str:
        got.append((template_id, template_type))
        return "ok"

    def without(template_id: str, **more: Any) -> str:
        got.append((template_id, more))
        return "ok"

    def model(prompt: str, model: str, tier: str = "?") -> str:
        got.append((model, tier))
        return "ok"

    state = {"template_id": "v2", "model": "gemini", "prompt": "p"}
    await AlternativePathStrategy([("v1", "T")]).execute(context(state=state), operation=with_type)
    await AlternativePathStrategy([("v1", "T")]).execute(context(state=state), operation=without)
    await AlternativePathStrategy(
        model_alternatives=[("gemini", "primary"), ("gpt-4", "secondary")]
    ).execute(context(state=state), operation=model)

    assert got == [("v1", "T"), ("v1", {}), ("gpt-4", "secondary")]


async def test_another_parameter(make: Make) -> None:
    """`parameter` says which argument a value replaces."""
    strategy = AlternativePathStrategy(["eu", "us"], parameter="region")

    result = await strategy.execute(
        context(state={"region": "eu"}), operation=lambda region: region
    )

    assert result.result == "us"


async def test_templates_then_models(make: Make) -> None:
    """Both kinds may be given; models come after, each change by itself."""
    seen: list[tuple[str, str]] = []

    def generate(template_id: str = "t0", model: str = "m0") -> None:
        seen.append((template_id, model))
        raise ValueError("no")

    strategy = AlternativePathStrategy(["t1"], model_alternatives=["m1"])
    await strategy.execute(context(), operation=generate)

    assert seen == [("t1", "m0"), ("t0", "m1")]


async def test_functions_are_called_instead(make: Make) -> None:
    """With the same arguments, as far as they take them; the failed one is passed over."""

    def failing(a: int, b: int = 2) -> str:
        raise ValueError("no")

    def same(a: int, b: int = 2) -> str:
        return f"same {a} {b}"

    def fewer(b: int) -> str:
        return f"fewer {b}"

    def none() -> str:
        return "none"

    async def later(a: int) -> str:
        await asyncio.sleep(0)
        return f"later {a}"

    for fn, value in ((same, "same 5 7"), (fewer, "fewer 7"), (none, "none"), (later, "later 5")):
        orchestrator = make().with_options(alternatives=[failing, fn])
        assert await orchestrator.run(failing, 5, b=7) == value


async def test_only_the_failed_one_is_left(make: Make) -> None:
    """Where there is nothing else the step is skipped with that reason, and nothing runs."""
    renderer = Renderer("v2")

    result = await AlternativePathStrategy(["v2"]).execute(
        context(state={"template_id": "v2", "context": {}}), operation=renderer.render
    )

    assert renderer.asked == []
    assert "the only alternative is the one that failed" in (result.error_message or "")


@pytest.mark.parametrize(
    ("strategy", "fields", "reason"),
    [
        (AlternativePathStrategy(["a"]), {}, "no call to run another way"),
        (
            AlternativePathStrategy(),
            {"operation": lambda template_id: 1},
            "no alternatives are configured",
        ),
        (
            AlternativePathStrategy(["a"]),
            {"operation": lambda x: 1},
            "has no parameter 'template_id'",
        ),
        (
            AlternativePathStrategy(["a"]),
            {"operation": lambda template_id: 1, "metadata": {"rerun": "never"}},
            "must not run twice",
        ),
    ],
)
async def test_what_is_missing_is_said(
    strategy: AlternativePathStrategy, fields: dict[str, Any], reason: str
) -> None:
    """A step that cannot be climbed says why, and there is no success."""
    result = await strategy.execute(context(**fields))

    assert not result.success
    assert result.attempts == ()
    assert reason in (result.error_message or "")


@pytest.mark.parametrize("rerun", ["pure", "idempotent", "unknown"])
async def test_a_changed_call_may_run_whatever_its_effects(rerun: str) -> None:
    """Another input is another call; only `never` forbids it."""
    result = await AlternativePathStrategy(["b"]).execute(
        context(metadata={"rerun": rerun}), operation=lambda template_id="a": template_id
    )

    assert result.result == "b"


async def test_results_are_validated_before_they_count(make: Make) -> None:
    """An alternative whose result does not pass is passed over; unless checks are off."""
    told: list[RecoveryResult] = []
    orchestrator = make()

    def generate(template_id: str = "broken") -> str:
        if template_id == "broken":
            raise ValueError("no")
        return template_id

    runs = orchestrator.with_options(
        alternatives=["bad", "good"], validate=lambda value: value == "good", on_result=told.append
    )

    assert await runs.run(generate) == "good"
    assert [record.ok for record in told[0].attempts] == [False, True]
    unchecked = AlternativePathStrategy(["bad", "good"], validate_alternatives=False)
    orchestrator.register_strategy("alternative_path", unchecked)
    runs = orchestrator.with_options(validate=lambda value: value == "good")
    assert await runs.run(generate) == "bad"


async def test_all_of_them_for_comparison(make: Make) -> None:
    """Without stopping, the first usable one counts and the others are told, within the budget."""
    renderer = Renderer("a", "c")
    strategy = AlternativePathStrategy(["x", "a", "b", "c"], stop_on_first_success=False)
    state = {"template_id": "t", "context": {}}

    result = await strategy.execute(context(state=state), operation=renderer.render)

    assert result.result == "a: {}"
    others = result.metadata["others"]
    assert others["c"] == {"result": "c: {}"}
    assert "ValueError" in others["b"]["error"]
    assert renderer.asked == ["x", "a", "b", "c"]
    renderer.asked.clear()
    await strategy.execute(
        context(state=state), operation=renderer.render, budget=RecoveryBudget(attempts=3)
    )
    assert renderer.asked == ["x", "a", "b"]


async def test_control_flow_of_others_passes_while_comparing() -> None:
    """An interrupt that one of the others raises is not a part of the comparison."""

    class GraphInterrupt(Exception):
        pass

    GraphInterrupt.__module__, GraphInterrupt.__qualname__ = "langgraph.errors", "GraphInterrupt"
    strategy = AlternativePathStrategy(["a", "b"], stop_on_first_success=False)

    with pytest.raises(GraphInterrupt):
        await strategy.execute(
            context(),
            operation=lambda template_id="t": ScriptedCall(
                [1 if template_id == "a" else GraphInterrupt()]
            ).sync(),
        )


async def test_the_callers_state_is_untouched() -> None:
    """The changed argument is in a copy."""
    state = {"template_id": "v2", "context": {"deep": [1]}}
    before = copy.deepcopy(state)

    await AlternativePathStrategy(PAIRS).execute(context(state=state), operation=Renderer().render)

    assert state == before


async def test_one_strategy_serves_many_at_once() -> None:
    """Each recovery gets its own alternative."""
    strategy = AlternativePathStrategy(["b", "c"])

    async def one(n: int) -> Any:
        async def op(n: int, template_id: str = "a") -> str:
            await asyncio.sleep(0)
            if template_id == "b" and n % 2:
                raise ValueError("no")
            return f"{n}{template_id}"

        return (await strategy.execute(context(state={"n": n}), operation=op)).result

    expected = [f"{n}{'c' if n % 2 else 'b'}" for n in range(50)]
    assert await asyncio.gather(*(one(n) for n in range(50))) == expected


async def test_odd_values_are_values(make: Make) -> None:
    """Values that do not compare, or are empty, are tried like others."""

    class NoTruth:
        def __eq__(self, other: object) -> Any:
            raise RuntimeError("no")

        __hash__ = None  # type: ignore[assignment]

    value = NoTruth()
    strategy = AlternativePathStrategy([value, None, 0])

    result = await strategy.execute(
        context(state={"template_id": "a"}), operation=lambda template_id: template_id
    )

    assert result.result is value


@pytest.mark.parametrize(
    "settings",
    [
        {"alternatives": []},
        {"alternatives": "v1"},
        {"alternatives": {"a": 1}},
        {"alternatives": [("a",)]},
        {"alternatives": [("a", "b", "c")]},
        {"alternatives": 5},
        {"alternatives": range(MAX_ALTERNATIVES + 1)},
        {"model_alternatives": []},
        {"model_alternatives": b"gpt"},
        {"parameter": ""},
        {"validate_alternatives": None},
        {"stop_on_first_success": "yes"},
    ],
    ids=str,
)
def test_settings_that_cannot_be(settings: dict[str, Any]) -> None:
    """Each is refused at construction, by name, in one sentence."""
    name = next(iter(settings))

    with pytest.raises(ConfigurationError, match=name) as refused:
        AlternativePathStrategy(**settings)
    assert "\n" not in str(refused.value)
