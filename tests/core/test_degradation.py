"""Less and less until it works: what each step drops, and that it is told."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    DegradationStep,
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    GracefulDegradationStrategy,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.agents.workflows.recovery_strategies._degradation_steps import BUILT_IN_STEPS
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import ScriptedCall

Make = Callable[..., ErrorRecoveryOrchestrator]
GUIDE_STEPS = [
    "remove_optional_mixins",
    "simplify_validation",
    "skip_ai_quorum",
    "disable_performance_profiling",
    "use_basic_templates",
]
STATE: dict[str, Any] = {
    "contract": {"name": "c"},
    "mixins": [{"name": "Logging", "required": True}, "Caching"],
    "enable_ai_quorum": True,
    "enable_profiling": True,
    "validation_level": "full",
    "template_id": "node_effect_v2",
}


def context(**fields: Any) -> RecoveryContext:
    return RecoveryContext("w", "n", **{"exception": TimeoutError("too complex"), **fields})


class Generator:
    """Works once it is given little enough; remembers what it was given."""

    def __init__(self, works: Callable[[dict[str, Any]], bool] = lambda given: False) -> None:
        self.works = works
        self.given: list[dict[str, Any]] = []

    async def generate(
        self,
        contract: dict[str, Any],
        mixins: list[Any],
        enable_ai_quorum: bool,
        enable_profiling: bool,
        validation_level: str,
        template_id: str,
    ) -> str:
        given = {k: v for k, v in locals().items() if k not in {"self", "contract"}}
        self.given.append(given)
        if not self.works(given):
            raise TimeoutError("too complex")
        return "generated"


async def test_steps_pile_up_until_it_works() -> None:
    """Each step adds to those before; what was dropped is listed, and the result is the run's."""
    generator = Generator(lambda given: not given["enable_ai_quorum"])

    result = await GracefulDegradationStrategy(GUIDE_STEPS).execute(
        context(state=STATE), operation=generator.generate
    )

    assert result.success
    assert result.result == "generated"
    assert result.dropped == (
        "remove_optional_mixins: Caching",
        "simplify_validation: full to basic",
        "skip_ai_quorum",
    )
    required = [{"name": "Logging", "required": True}]
    assert [given["mixins"] for given in generator.given] == [required] * 3
    assert [given["validation_level"] for given in generator.given] == ["full", "basic", "basic"]
    assert generator.given[-1]["enable_profiling"] is True


async def test_each_step_alone() -> None:
    """Without `progressive` a step takes the place of the one before."""
    generator = Generator()

    result = await GracefulDegradationStrategy(GUIDE_STEPS[:3], progressive=False).execute(
        context(state=STATE), operation=generator.generate
    )

    assert not result.success
    assert [
        (len(g["mixins"]), g["validation_level"], g["enable_ai_quorum"]) for g in generator.given
    ] == [
        (1, "full", True),
        (2, "basic", True),
        (2, "full", False),
    ]


async def test_a_level_takes_the_place_of_the_one_before() -> None:
    """Levels come in order of their numbers, each by itself, and the last is the plainest."""
    levels = {
        "level_10": {
            "use_basic_template": True,
            "skip_all_validation": True,
            "remove_all_mixins": True,
        },
        "level_2": {"remove_optional_mixins": True, "skip_ai_quorum": True},
        "level_1": {"remove_optional_mixins": True, "skip_ai_quorum": False},
    }
    generator = Generator(lambda given: given["template_id"] == "node_effect_basic")

    result = await GracefulDegradationStrategy(levels=levels).execute(
        context(state=STATE), operation=generator.generate
    )

    assert result.dropped == (
        "use_basic_template: node_effect_v2 to node_effect_basic",
        "skip_all_validation: full to basic",
        "remove_all_mixins: Logging, Caching",
    )
    assert result.metadata["degradation"] == "level_10"
    assert [(len(g["mixins"]), g["enable_ai_quorum"]) for g in generator.given] == [
        (1, True),
        (1, False),
        (0, True),
    ]
    assert generator.given[-1]["validation_level"] == "basic"


@pytest.mark.parametrize(
    ("name", "arguments", "changed"),
    [
        (
            "remove_optional_mixins",
            {"mixins": ("A", {"required": True})},
            {"mixins": ({"required": True},)},
        ),
        ("remove_all_mixins", {"mixins": ["A"]}, {"mixins": []}),
        (
            "skip_performance_metrics",
            {"enable_metrics": True, "enable_profiling": True},
            {"enable_metrics": False, "enable_profiling": False},
        ),
        ("disable_performance_profiling", {"enable_profiling": True}, {"enable_profiling": False}),
        ("disable_profiling", {"enable_profiling": True}, {"enable_profiling": False}),
        ("reduce_validation_depth", {"validation_level": "full"}, {"validation_level": "standard"}),
        ("reduce_validation_depth", {"validation_level": "basic"}, {}),
        ("simplify_validation", {"validation_level": "full"}, {"validation_level": "basic"}),
        ("skip_all_validation", {"validation_level": "full"}, {"validation_level": "basic"}),
        ("skip_all_validation", {"validation_level": "basic"}, {}),
        ("skip_ai_quorum", {"enable_ai_quorum": True}, {"enable_ai_quorum": False}),
        ("skip_ai_quorum", {}, {}),
        (
            "use_basic_template",
            {"template_id": "node_compute_v1"},
            {"template_id": "node_compute_basic"},
        ),
        ("use_basic_templates", {"template_id": "node_compute_basic"}, {}),
        ("remove_optional_mixins", {"mixins": None}, {}),
        ("use_basic_template", {"template_id": 5}, {}),
    ],
)
def test_what_a_named_step_does(
    name: str, arguments: dict[str, Any], changed: dict[str, Any]
) -> None:
    """Each printed name changes the conventional argument, never below basic, and no other."""
    before = copy.deepcopy(arguments)

    assert BUILT_IN_STEPS[name].changes(arguments) == changed
    assert arguments == before


class Tracing:
    """A mixin that somebody gives as a class."""


class Audit:
    """A mixin that somebody gives as an object without a name."""


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        (
            "remove_all_mixins",
            {"mixins": ["Logging", {"name": "Caching", "ttl": 5}, Tracing, Audit()]},
            "remove_all_mixins: Logging, Caching, Tracing, Audit",
        ),
        (
            "remove_optional_mixins",
            {"mixins": ["Logging", {"name": "Caching", "required": True}, "Logging"]},
            "remove_optional_mixins: Logging, Logging",
        ),
        (
            "remove_all_mixins",
            {"mixins": [f"M{n}" for n in range(12)]},
            "remove_all_mixins: M0, M1, M2, M3, M4, M5, M6, M7, M8, M9, 2 more",
        ),
        (
            "disable_profiling",
            {"enable_profiling": True, "enable_metrics": True},
            "disable_profiling: enable_profiling, enable_metrics",
        ),
        ("disable_profiling", {"enable_profiling": True}, "disable_profiling"),
        (
            "reduce_validation_depth",
            {"validation_level": "full"},
            "reduce_validation_depth: full to standard",
        ),
        ("remove_all_mixins", {"mixins": [{"ttl": 5}, {}]}, "remove_all_mixins: dict, dict"),
    ],
)
def test_a_named_step_tells_what_is_gone(name: str, arguments: dict[str, Any], told: str) -> None:
    """Each feature by its own name, so that a reader of the result need not guess; bounded."""
    step = BUILT_IN_STEPS[name]

    assert step.words(arguments, {**arguments, **step.changes(arguments)}) == (told,)


async def test_secrets_and_novels_are_not_told() -> None:
    """What the caller's own values are called is cut, kept on one line, and redacted."""
    secret = "sk-abcdefghijklmnopqrstuvwx12345678"

    def generate(mixins: list[str]) -> str:
        if mixins:
            raise TimeoutError("no")
        return "done"

    mixins = [f"api_key={secret}", "two\nlines", "x" * 1000]
    result = await GracefulDegradationStrategy(["remove_all_mixins"]).execute(
        context(state={"mixins": mixins}), operation=generate
    )

    (words,) = result.dropped
    assert secret not in words
    assert "two lines" in words
    assert len(words) < 300


async def test_a_step_that_is_listed_twice_is_told_once() -> None:
    """The second time it changes nothing, and takes nothing more away."""
    generator = Generator(lambda given: not given["enable_ai_quorum"])
    steps = ["remove_all_mixins", "remove_all_mixins", "skip_ai_quorum"]

    async def generate(mixins: list[str], enable_ai_quorum: bool, degradation: Any = None) -> str:
        return await generator.generate({}, mixins, enable_ai_quorum, True, "full", "x")

    result = await GracefulDegradationStrategy(steps).execute(
        context(state={"mixins": ["Caching"], "enable_ai_quorum": True}), operation=generate
    )

    assert result.dropped == ("remove_all_mixins: Caching", "skip_ai_quorum")


async def test_a_parameter_named_degradation_gets_the_flags() -> None:
    """It learns every step that is on, also those without an effect of their own."""
    given: list[Any] = []

    def generate(degradation: Any = None) -> None:
        given.append(degradation)
        raise TimeoutError("no")

    await GracefulDegradationStrategy(["use_smaller_model", "skip_ai_quorum"]).execute(
        context(), operation=generate
    )
    await GracefulDegradationStrategy(
        levels={"level_1": {"skip_ai_quorum": True, "use_smaller_model": False}}
    ).execute(context(), operation=generate)

    assert given == [
        {"use_smaller_model": True},
        {"use_smaller_model": True, "skip_ai_quorum": True},
        {"skip_ai_quorum": True},
    ]


async def test_flags_do_not_leak_into_keywords() -> None:
    """A call with `**kwargs` gets no argument that it did not have."""
    given: list[Any] = []

    def generate(template_id: str = "a_v2", **more: Any) -> str:
        given.append((template_id, more))
        return "ok"

    await GracefulDegradationStrategy(GUIDE_STEPS).execute(context(), operation=generate)

    assert given == [("a_basic", {})]


async def test_what_changes_nothing_is_passed_over() -> None:
    """Steps that would run the same call again are not run; where none is left it is said."""
    call = ScriptedCall([TimeoutError("no")])

    def only_quorum(enable_ai_quorum: bool = True) -> Any:
        return call.sync(enable_ai_quorum)

    result = await GracefulDegradationStrategy(GUIDE_STEPS).execute(
        context(), operation=only_quorum
    )
    nothing = await GracefulDegradationStrategy(GUIDE_STEPS).execute(context(), operation=lambda: 1)

    assert [args for args, _ in call.calls] == [(False,)]
    assert len(result.attempts) == 1
    assert nothing.attempts == ()
    assert "no degradation step changes anything" in (nothing.error_message or "")


async def test_the_last_level_may_fail_too() -> None:
    """Then the result says so: no success, nothing listed as dropped from a result that is not."""
    result = await GracefulDegradationStrategy(GUIDE_STEPS).execute(
        context(state=STATE), operation=Generator().generate
    )

    assert not result.success
    assert result.dropped == ()
    assert "TimeoutError: too complex" in (result.error_message or "")


async def test_the_fallback_is_the_plainest(make: Make) -> None:
    """It comes last with the same arguments, and everything counts as dropped."""
    told: list[RecoveryResult] = []

    def generate(name: str, enable_ai_quorum: bool = True) -> str:
        raise TimeoutError("no")

    runs = make().with_options(
        strategy="graceful_degradation",
        degradation=["skip_ai_quorum"],
        fallback=lambda name, **_: f"plain {name}",
        on_result=told.append,
    )

    assert await runs.run(generate, "n") == "plain n"
    assert told[0].dropped == ("everything but the fallback",)
    assert [record.label for record in told[0].attempts] == ["skip_ai_quorum", "fallback"]


@pytest.mark.parametrize(("most", "runs"), [(0, 0), (1, 1), (2, 2), (9, 5)])
async def test_how_far_it_may_go(most: int, runs: int) -> None:
    """`max_level` bounds the stages; none leaves nothing to do."""
    generator = Generator()

    await GracefulDegradationStrategy(GUIDE_STEPS, max_level=most).execute(
        context(state=STATE), operation=generator.generate
    )

    assert len(generator.given) == runs


async def test_a_users_own_step(make: Make) -> None:
    """It is used by name, as an object, and told in its own words."""
    step = DegradationStep(
        "halve_batch",
        lambda arguments: {"batch": arguments["batch"] // 2},
        describe=lambda before, after: (f"batch {before['batch']} to {after['batch']}",),
    )
    told: list[RecoveryResult] = []

    def generate(batch: int) -> int:
        if batch > 25:
            raise TimeoutError("too big")
        return batch

    orchestrator = make(degradation_steps={"halve_batch": step})
    for steps in (["halve_batch", "skip_ai_quorum"], [step]):
        runs = orchestrator.with_options(
            strategy="graceful_degradation", degradation=steps, on_result=told.append
        )
        assert await runs.run(generate, 50) == 25
    assert [result.dropped for result in told] == [("batch 50 to 25",)] * 2


async def test_a_step_that_fails_is_skipped_with_its_reason() -> None:
    """A user's step that raises breaks neither the recovery nor the caller."""
    step = DegradationStep("broken", lambda arguments: {"x": 1 / 0})

    result = await GracefulDegradationStrategy([step]).execute(context(), operation=lambda x=1: x)

    assert not result.success
    assert "ZeroDivisionError" in (result.error_message or "")


async def test_never_and_no_call() -> None:
    """Both are said, and nothing runs."""
    strategy = GracefulDegradationStrategy(GUIDE_STEPS)
    generator = Generator(lambda given: True)

    never = await strategy.execute(
        context(state=STATE, metadata={"rerun": "never"}), operation=generator.generate
    )
    no_call = await strategy.execute(context(state=STATE))
    no_steps = await GracefulDegradationStrategy().execute(
        context(state=STATE), operation=generator.generate
    )

    assert generator.given == []
    assert "must not run twice" in (never.error_message or "")
    assert "no call to run with less" in (no_call.error_message or "")
    assert "no degradation steps are configured" in (no_steps.error_message or "")


async def test_the_callers_state_is_untouched() -> None:
    """Lists are replaced in a copy, not emptied."""
    state = copy.deepcopy(STATE)

    await GracefulDegradationStrategy([*GUIDE_STEPS, "remove_all_mixins"]).execute(
        context(state=state), operation=Generator().generate
    )

    assert state == STATE


async def test_one_strategy_serves_many_at_once() -> None:
    """What one recovery dropped is not dropped for another."""
    strategy = GracefulDegradationStrategy(GUIDE_STEPS)

    async def one(n: int) -> int:
        generator = Generator(lambda given: len(generator.given) > n % 4)
        result = await strategy.execute(context(state=STATE), operation=generator.generate)
        return len(result.dropped)

    assert await asyncio.gather(*(one(n) for n in range(40))) == [n % 4 + 1 for n in range(40)]


@pytest.mark.parametrize(
    "settings",
    [
        {"degradation_steps": []},
        {"degradation_steps": "skip_ai_quorum"},
        {"degradation_steps": ["skip_everything"]},
        {"degradation_steps": [5]},
        {"degradation_steps": ["skip_ai_quorum"] * 60},
        {"levels": {"level_x": {}}},
        {"levels": {"level_1": True}},
        {"levels": {"level_1": {"skip_everything": True}}},
        {"levels": ["level_1"]},
        {"levels": {1: {"skip_ai_quorum": True}}},
        {"progressive": 1},
        {"fallback": "plain"},
        {"max_level": -1},
        {"max_level": 1.5},
        {"max_level": True},
        {"steps": [print]},
        {"steps": {"mine": print}},
    ],
    ids=str,
)
def test_settings_that_cannot_be(settings: dict[str, Any]) -> None:
    """Each is refused at construction in one sentence that names the setting or the level."""
    name, value = next(iter(settings.items()))

    with pytest.raises(ConfigurationError) as refused:
        GracefulDegradationStrategy(**settings)

    text = str(refused.value)
    assert "\n" not in text
    inner = repr(next(iter(value))) if isinstance(value, dict) else name
    assert name in text or "degradation_steps" in text or inner.strip("'") in text


@pytest.mark.parametrize("fields", [("", print), (5, print), ("name", "apply")])
def test_a_step_that_cannot_be(fields: Any) -> None:
    """A step needs a name and something to apply."""
    with pytest.raises(ConfigurationError):
        DegradationStep(*fields)


@pytest.mark.parametrize("value", ["no", "yes", 1, 0, None])
def test_a_step_is_on_or_off(make: Make, value: Any) -> None:
    """Text that reads like a no must not switch it on; only True and False are taken."""
    orchestrator = make()
    metadata: list[dict[str, Any]] = [
        {"level_1": {"disable_profiling": value}},
        {"disable_profiling": value},
    ]

    for settings in metadata:
        with pytest.raises(ConfigurationError, match=r"disable_profiling.* must be True or False"):
            orchestrator.add_error_pattern(
                ErrorPattern(
                    pattern_id="slow",
                    error_type=ErrorType.TIMEOUT,
                    regex_pattern="slow",
                    recovery_strategy=RecoveryStrategy.GRACEFUL_DEGRADATION,
                    metadata=settings,
                )
            )
    with pytest.raises(ConfigurationError, match="disable_profiling of level_1 is"):
        orchestrator.with_options(degradation={"level_1": {"disable_profiling": value}})
