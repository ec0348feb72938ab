"""Section 3, Graceful Degradation Strategy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    DegradationStep,
    ErrorRecoveryOrchestrator,
    GracefulDegradationStrategy,
    RecoveryStrategy,
)

from ._blocks import sentences
from ._reader import Reader
from ._steps import CONTEXT, handle, set_up

OWN_ORCHESTRATOR = """
    from omninode_bridge.agents.workflows import (
        ErrorPattern, ErrorRecoveryOrchestrator, ErrorType, RecoveryContext, RecoveryStrategy
    )

    orchestrator = ErrorRecoveryOrchestrator()
"""

# What each call was asked to do, and how simple it has to be until it ends in time.
GENERATOR = """
    seen = []

    def too_much(arguments):
        return True

    async def generate_complex_model(
        contract,
        mixins=("LoggingMixin", "MetricsMixin", "CachingMixin"),
        enable_ai_quorum=True,
        enable_profiling=True,
        enable_metrics=True,
        validation_level="full",
        template_id="node_effect_v2",
        model="large",
        degradation=None,
    ):
        arguments = dict(locals())
        seen.append(arguments)
        if too_much(arguments):
            raise TimeoutError("Generation timeout: exceeded the time limit of 60 s")
        return f"{contract['name']} with {len(mixins)} mixins"
"""


def generator(reader: Reader, too_much: str) -> None:
    reader.write(GENERATOR)
    reader.write(f"too_much = lambda a: {too_much}\ncontract = {{'name': 'User'}}\nstate = {{}}")


def recover(reader: Reader, strategy: GracefulDegradationStrategy) -> tuple[Any, Any]:
    """Generate with this strategy; return the value and the account."""
    told: list[Any] = []
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.register_strategy(RecoveryStrategy.GRACEFUL_DEGRADATION, strategy)
    run = orchestrator.with_options(strategy="graceful_degradation", on_result=told.append).run
    return reader.wait_for(run(reader["generate_complex_model"], {"name": "User"})), told[0]


def test_configuration(reader: Reader) -> None:
    """The five steps of the block are taken one after the other, each on top of those before."""
    generator(reader, "a['template_id'] != 'node_effect_basic'")

    reader.run(9)
    value, result = recover(reader, reader["strategy"])

    assert value == "User with 0 mixins"
    stages = [
        (
            len(call["mixins"]),
            call["validation_level"],
            call["enable_ai_quorum"],
            call["enable_profiling"],
            call["template_id"],
        )
        for call in reader["seen"]
    ]
    assert stages == [
        (3, "full", True, True, "node_effect_v2"),
        (0, "full", True, True, "node_effect_v2"),
        (0, "basic", True, True, "node_effect_v2"),
        (0, "basic", False, True, "node_effect_v2"),
        (0, "basic", False, False, "node_effect_v2"),
        (0, "basic", False, False, "node_effect_basic"),
    ]
    assert reader["seen"][-1]["degradation"] == dict.fromkeys(reader["degradation_steps"], True)
    assert result.dropped


def test_usage_example(reader: Reader) -> None:
    """On a timeout features are removed level by level until the generation ends in time."""
    reader.write(OWN_ORCHESTRATOR)
    generator(reader, "a['mixins'] or a['enable_ai_quorum']")

    reader.run(10, {"handle_error(...)": CONTEXT})

    result = reader["recovery_result"]
    assert reader["result"] == "User with 0 mixins"
    assert result.strategy_used is RecoveryStrategy.GRACEFUL_DEGRADATION
    assert result.pattern_matched == "complex_generation_timeout"
    assert [len(call["mixins"]) for call in reader["seen"]] == [3, 0, 0]
    assert [call["enable_ai_quorum"] for call in reader["seen"]] == [True, True, False]
    assert {call["contract"]["name"] for call in reader["seen"]} == {"User"}
    assert result.dropped == (
        "remove_optional_mixins: LoggingMixin, MetricsMixin, CachingMixin",
        "simplify_validation: full to basic",
        "skip_ai_quorum",
    )


def test_usage_example_after_the_setup(reader: Reader) -> None:
    """On the orchestrator of "Basic Setup" its pattern retries first, and then features are removed.

    The setup's `api_timeout` matches any TimeoutError and has the same priority, so the two take
    turns: whoever copies the whole guide gets the output too.
    """
    set_up(reader)
    generator(reader, "a['mixins'] or a['enable_ai_quorum']")

    reader.run(10, {"handle_error(...)": CONTEXT})

    result = reader["recovery_result"]
    assert reader["result"] == "User with 0 mixins"
    assert result.pattern_matched == "complex_generation_timeout"
    assert result.retry_count == 5
    assert [len(call["mixins"]) for call in reader["seen"]] == [3] * 6 + [0, 0]
    assert "skip_ai_quorum" in result.dropped


# What each line of the three dictionaries does to a call that has everything.
EFFECTS = {
    11: {
        "mixins": (),
        "enable_profiling": False,
        "enable_metrics": False,
        "validation_level": "standard",
    },
    12: {"mixins": (), "validation_level": "basic", "enable_ai_quorum": False},
    13: {
        "template_id": "node_effect_basic",
        "validation_level": "basic",
        "enable_profiling": False,
        "enable_metrics": False,
        "mixins": (),
    },
}


def level(reader: Reader, number: int) -> dict[str, Any]:
    """Return the arguments of the degraded call after this block's level."""
    generator(reader, "not a['degradation']")
    reader.run(number)
    name = f"degradation_level_{number - 10}"
    value, result = recover(reader, GracefulDegradationStrategy(levels={"level_1": reader[name]}))
    full, degraded = reader["seen"]
    assert value
    assert result.dropped
    assert degraded["degradation"] == reader[name]
    expected = {**full, **EFFECTS[number], "degradation": reader[name]}
    assert {**degraded, "mixins": tuple(degraded["mixins"])} == expected
    return degraded


def test_level_1(reader: Reader) -> None:
    """Minor: no optional mixins, no metrics, a shallower validation."""
    assert level(reader, 11)["enable_ai_quorum"] is True


def test_level_2(reader: Reader) -> None:
    """Moderate: basic validation, no quorum; the smaller model is asked for by its flag."""
    assert level(reader, 12)["degradation"]["use_smaller_model"] is True


def test_level_2_with_the_readers_models(reader: Reader) -> None:
    """Who says which model is the faster one gets it as an argument."""
    generator(reader, "a['model'] == 'large'")
    reader.run(12)
    smaller = DegradationStep(
        "use_smaller_model", lambda arguments: {"model": "small"} if "model" in arguments else {}
    )

    _, result = recover(
        reader,
        GracefulDegradationStrategy(
            levels={"level_2": reader["degradation_level_2"]}, steps={"use_smaller_model": smaller}
        ),
    )

    assert [call["model"] for call in reader["seen"]] == ["large", "small"]
    assert "use_smaller_model" in result.dropped


def test_level_3(reader: Reader) -> None:
    """Major: the simplest template, no mixins; validation falls to basic and never below."""
    assert level(reader, 13)["validation_level"] == "basic"


def seconds_of(call: Mapping[str, Any]) -> int:
    """Return what a call takes in a generator whose time goes into features: 100 s with all of them."""
    small = (call["degradation"] or {}).get("use_smaller_model", False)
    return (
        30
        + 40 * (not call["template_id"].endswith("_basic"))
        + 12 * call["enable_ai_quorum"]
        + {"full": 9, "standard": 6, "basic": 0}[call["validation_level"]]
        + 4 * (not small)
        + len(call["mixins"])
        + call["enable_profiling"]
        + call["enable_metrics"]
    )


def saved(reader: Reader, flags: Mapping[str, bool]) -> int:
    """Return how many of the 100 s a level with these flags saves."""
    generator(reader, "not a['degradation']")
    recover(reader, GracefulDegradationStrategy(levels={"level_1": flags}))
    full, degraded = map(seconds_of, reader["seen"])
    assert full == 100
    return full - degraded


def printed_range(level: int) -> tuple[int, int]:
    """Return the percentages that the guide prints beside a level."""
    (text,) = (one.text for one in sentences() if one.label.startswith(f"Level {level}"))
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    return numbers[0], numbers[1] if len(numbers) > 1 else 100


@pytest.mark.parametrize("number", [11, 12, 13])
def test_levels_save_time(reader: Reader, number: int) -> None:
    """In one generator all three levels save what is printed, and every line of a level saves a part."""
    reader.run(number)
    flags = reader[f"degradation_level_{number - 10}"]

    whole = saved(reader, flags)
    without = {name: saved(reader, {**flags, name: False}) for name in flags}

    least, most = printed_range(number - 10)
    assert least <= whole <= most
    assert all(part < whole for part in without.values()), without


def test_levels_give_up_more_and_more(reader: Reader) -> None:
    """One level after the other is tried, and each takes less time than the one before."""
    generator(reader, "a['template_id'] != 'node_effect_basic'")
    for number in (11, 12, 13):
        reader.run(number)
    levels = {f"level_{n}": reader[f"degradation_level_{n}"] for n in (1, 2, 3)}

    _, result = recover(reader, GracefulDegradationStrategy(levels=levels))

    spent = [seconds_of(call) for call in reader["seen"]]
    assert spent == sorted(set(spent), reverse=True)
    assert len(spent) == 4
    assert {words.partition(":")[0] for words in result.dropped} == set(levels["level_3"])


def test_always_produces_output(reader: Reader) -> None:
    """With a fallback there is an output however hard the generation is."""
    generator(reader, "True")
    strategy = GracefulDegradationStrategy(
        ["remove_optional_mixins", "use_basic_template"],
        fallback=lambda contract: "class User: ...",
    )

    value, result = recover(reader, strategy)

    assert value == "class User: ..."
    assert result.success
    assert result.dropped == ("everything but the fallback",)


def test_says_so_where_even_the_plainest_fails(reader: Reader) -> None:
    """Where the plainest fails too, the result says so instead of making something up."""
    generator(reader, "True")
    set_up(reader)
    reader["orchestrator"].register_strategy(
        RecoveryStrategy.GRACEFUL_DEGRADATION, GracefulDegradationStrategy(["use_basic_template"])
    )

    result = handle(
        reader,
        MemoryError("out of memory"),
        operation=reader["generate_complex_model"],
        state={"contract": {"name": "User"}},
    )

    assert not result.success
    assert isinstance(result.error, TimeoutError)
    assert result.result is None


def test_every_removed_feature_is_documented(reader: Reader) -> None:
    """The result lists each feature that was removed, and none that the result still has."""
    generator(reader, "a['enable_ai_quorum']")
    strategy = GracefulDegradationStrategy(
        ["remove_all_mixins", "skip_ai_quorum", "disable_profiling"]
    )

    _, result = recover(reader, strategy)

    assert result.dropped == (
        "remove_all_mixins: LoggingMixin, MetricsMixin, CachingMixin",
        "skip_ai_quorum",
    )


def test_a_degraded_result_can_be_refused(reader: Reader) -> None:
    """What does not meet the caller's requirements is not passed off as a success."""
    generator(reader, "a['mixins']")
    orchestrator = ErrorRecoveryOrchestrator()
    run = orchestrator.with_options(
        strategy="graceful_degradation",
        degradation=["remove_all_mixins"],
        validate=lambda value: "3 mixins" in value,
    ).run

    with pytest.raises(TimeoutError) as caught:
        reader.wait_for(run(reader["generate_complex_model"], {"name": "User"}))

    assert any("graceful_degradation" in note for note in caught.value.__notes__)
