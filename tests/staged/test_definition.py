"""Definitions: wrong ones are refused before anything runs, in a sentence that names the fault."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from omninode_bridge.agents.workflows.staged_execution import (
    StagedParallelExecutor,
    StepInputs,
    WorkflowStage,
    WorkflowStep,
)
from omninode_bridge.errors import ConfigurationError, WorkflowDefinitionError

RAN: list[str] = []


async def operation() -> None:
    """Say that it ran."""
    RAN.append("ran")


def step(step_id: str, *dependencies: str) -> WorkflowStep:
    """Return a step that does nothing."""
    return WorkflowStep(step_id, operation, dependencies)


def stage(stage_id: str, *steps: WorkflowStep, after: Sequence[str] = ()) -> WorkflowStage:
    """Return a stage of these steps."""
    return WorkflowStage(stage_id, steps, after)


WRONG = [
    ([stage("a"), stage("a")], "two stages are called 'a'"),
    (
        [stage("a", step("x")), stage("b", step("x"))],
        "two steps are called 'x', in the stages 'a' and 'b'",
    ),
    (
        [stage("a", after=["b"])],
        "stage 'a' depends on 'b', but there is no such stage; there are 'good', 'a'",
    ),
    (
        [stage("a", step("x", "y"))],
        "step 'x' depends on 'y', but there is no such step; there are 'good step', 'x'",
    ),
    ([stage("a", after=["a"])], "cycle: stage 'a' needs stage 'a'$"),
    ([stage("a", step("x", "x"))], "cycle: step 'x' needs step 'x'$"),
    (
        [stage("a", after=["c"]), stage("b", after=["a"]), stage("c", after=["b"])],
        "cycle: stage '[abc]' needs stage '[abc]' needs stage '[abc]' needs stage '[abc]'$",
    ),
    (
        [stage("a", step("x", "y"), step("y", "x"))],
        "cycle: step '[xy]' needs step '[xy]' needs step",
    ),
    (
        [stage("a", step("x", "y")), stage("b", step("y"), after=["a"])],
        "cycle: .*step 'x' needs step 'y'",
    ),
    (["a"], "the workflow has the stage 'a'; it must be a WorkflowStage"),
]


@pytest.mark.parametrize(("stages", "message"), WRONG, ids=[message[:40] for _, message in WRONG])
async def test_a_wrong_definition_runs_nothing(stages: list[Any], message: str) -> None:
    """The error comes at once, also where a good stage stands first."""
    RAN.clear()

    with pytest.raises(WorkflowDefinitionError, match=message):
        await StagedParallelExecutor().execute_workflow(
            "w", [stage("good", step("good step")), *stages]
        )

    assert RAN == []


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WorkflowStage(""), "stage_id is ''; it must be a non-empty text"),
        (lambda: WorkflowStep(3, operation), "step_id is 3; it must be a non-empty text"),  # type: ignore[arg-type]
        (lambda: WorkflowStep("x", None), "operation of step 'x' is None; it must be callable"),  # type: ignore[arg-type]
        (
            lambda: WorkflowStep("x", operation, timeout_seconds=0),
            "timeout_seconds of step 'x' is 0",
        ),
        (
            lambda: WorkflowStage("a", timeout_seconds=float("nan")),
            "timeout_seconds of stage 'a' is nan",
        ),
        (lambda: WorkflowStage("a", timeout_seconds=True), "timeout_seconds of stage 'a' is True"),
        (
            lambda: WorkflowStep("x", operation, "yz"),
            "dependencies of step 'x' is 'yz'; it must be a list",
        ),
        (lambda: WorkflowStage("a", dependencies=[1]), r"dependencies of stage 'a' is \[1\]"),  # type: ignore[list-item]
        (
            lambda: WorkflowStage("a", ["x"]),
            "stage 'a' has the step 'x'; it must be a WorkflowStep",
        ),  # type: ignore[list-item]
        (lambda: WorkflowStage("a", 5), "steps of stage 'a' is a int"),  # type: ignore[arg-type]
        (
            lambda: WorkflowStage("a", allow_partial_failure="yes"),  # type: ignore[arg-type]
            "allow_partial_failure of stage 'a' is 'yes'",
        ),
    ],
)
def test_wrong_values_are_refused_where_they_are_given(
    make: Callable[[], Any], message: str
) -> None:
    """Stages and steps check themselves."""
    with pytest.raises(WorkflowDefinitionError, match=message):
        make()


async def test_an_operation_that_wants_too_much_is_refused() -> None:
    """An operation takes nothing or its inputs."""

    def two(a: int, b: int) -> None: ...

    with pytest.raises(WorkflowDefinitionError, match="operation of step 'x' requires 'a', 'b'"):
        await StagedParallelExecutor().execute_workflow("w", [stage("s", WorkflowStep("x", two))])


class Callables:
    """Ways to take inputs."""

    def method(self, given: StepInputs) -> Any:
        return given["a"]

    async def __call__(self, given: StepInputs) -> Any:
        return given["a"]


async def keyword(*, given: StepInputs) -> Any:
    return given["a"]


def optional(number: int = 1, inputs: StepInputs | None = None) -> Any:
    return inputs["a"] if inputs is not None else number


def nothing(number: int = 7, *rest: int, **named: int) -> Any:
    return number, rest, named


async def bound(number: int, inputs: StepInputs) -> Any:
    return number, inputs["a"]


@pytest.mark.parametrize(
    ("operation", "result"),
    [
        (Callables().method, "A"),
        (Callables(), "A"),
        (keyword, "A"),
        (optional, "A"),
        (lambda given: given["a"], "A"),
        (functools.partial(bound, 3), (3, "A")),
        (functools.partial(bound, 3, inputs={"a": "mine"}), (3, "mine")),
        (nothing, (7, (), {})),
        (lambda i=5: i, 5),
        (dict, {}),
    ],
)
async def test_operations_are_given_what_they_take(operation: Any, result: object) -> None:
    """A required parameter, or one named inputs, gets the inputs; defaults are left alone."""
    done = await StagedParallelExecutor().execute_workflow(
        "w", [stage("s", WorkflowStep("a", lambda: "A"), WorkflowStep("x", operation, ["a"]))]
    )

    assert done.results["x"] == result


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "4"])
def test_a_wrong_limit_is_refused(value: Any) -> None:
    """The limit is a positive integer."""
    with pytest.raises(
        ConfigurationError, match=r"max_parallel is .*; it must be a positive integer"
    ):
        StagedParallelExecutor(max_parallel=value)


def test_an_async_progress_callback_is_refused() -> None:
    """Nobody would await it."""

    async def callback(event: object) -> None: ...

    with pytest.raises(ConfigurationError, match="must be a plain function"):
        StagedParallelExecutor(on_progress=callback)


def test_a_definition_keeps_its_order_and_drops_repeats() -> None:
    """Dependencies named twice count once; steps may come from a generator."""
    made = WorkflowStage("a", (step(name) for name in "xy"), ["c", "b", "c"])  # type: ignore[arg-type]

    assert [one.step_id for one in made.steps] == ["x", "y"]
    assert made.dependencies == ("c", "b")


async def test_a_very_long_chain_is_no_trouble() -> None:
    """Neither laying out nor skipping five thousand steps recurses."""
    steps = [step("s0", "bad"), *(step(f"s{n}", f"s{n - 1}") for n in range(1, 5_000))]

    async def fail() -> None:
        raise ValueError

    done = await StagedParallelExecutor().execute_workflow(
        "w",
        [
            WorkflowStage(
                "s", [WorkflowStep("bad", fail), step("ok"), *steps], allow_partial_failure=True
            )
        ],
    )

    assert len(done.with_status("skipped")) == 5_000
