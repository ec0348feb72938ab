"""Random workflows: order and limit kept, each step run once, blocked exactly when it must be."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from omninode_bridge.agents.workflows.staged_execution import (
    StagedParallelExecutor,
    StepEscalatedError,
    StepInputs,
    WorkflowFailedError,
    WorkflowStage,
    WorkflowStep,
)

from ._clock import JumpingClock


@dataclass(frozen=True)
class Plan:
    """A workflow without cycles: everything depends on what was drawn before it."""

    stages: list[tuple[tuple[int, ...], bool, list[int]]]
    steps: list[tuple[int, tuple[int, ...], str, int]]
    order: list[int]
    limit: int


@st.composite
def plans(draw: Any) -> Plan:
    """Draw stages with dependencies, steps with dependencies, ends and durations."""
    stages: list[tuple[tuple[int, ...], bool, list[int]]] = []
    steps: list[tuple[int, tuple[int, ...], str, int]] = []
    before: list[set[int]] = []
    for index in range(draw(st.integers(1, 5))):
        needs = tuple(draw(st.sets(st.integers(0, index - 1), max_size=3))) if index else ()
        before.append(set(needs).union(*(before[n] for n in needs)))
        own: list[int] = []
        for _ in range(draw(st.integers(0, 4))):
            # Steps of stages that this one follows, or of its own, can be waited for.
            known = [
                i for i, step in enumerate(steps) if step[0] in before[index] or step[0] == index
            ]
            some = draw(st.sets(st.sampled_from(known), max_size=3)) if known else set()
            end = draw(st.sampled_from(["done"] * 4 + ["failed", "escalated"]))
            own.append(len(steps))
            steps.append((index, tuple(sorted(some)), end, draw(st.integers(0, 9))))
        stages.append((needs, draw(st.booleans()), own))
    order = draw(st.permutations(range(len(stages))))
    return Plan(stages, steps, list(order), draw(st.integers(1, 5)))


def expected(plan: Plan) -> dict[str, str]:
    """Say how each step must end, by the rules alone."""
    ends: dict[int, str] = {}
    passes: list[bool] = []
    for needs, partial, own in plan.stages:
        open_ = all(passes[n] for n in needs)
        for i in own:
            _, some, end, _ = plan.steps[i]
            ends[i] = end if open_ and all(ends[s] == "done" for s in some) else "skipped"
        found = {ends[i] for i in own}
        failed = "failed" in found and not (partial and "done" in found)
        passes.append(open_ if not own else open_ and not failed and "done" in found)
    return {f"s{i}": end for i, end in ends.items()}


@settings(max_examples=100)
@given(plans())
def test_random_workflows_follow_the_rules(plan: Plan) -> None:
    """A model of the rules agrees on every step, and nothing ran that should not have."""
    clock = JumpingClock()
    starts: Counter[str] = Counter()
    ended: set[str] = set()
    running = 0
    most = 0

    def operation(index: int) -> Any:
        _, some, end, seconds = plan.steps[index]

        async def run(inputs: StepInputs) -> int:
            nonlocal running, most
            starts[f"s{index}"] += 1
            running += 1
            most = max(most, running)
            assert {f"s{s}" for s in some} <= ended
            assert all(inputs[f"s{s}"] == s for s in some)
            await clock.sleep(seconds)
            running -= 1
            ended.add(f"s{index}")
            if end == "failed":
                raise ValueError
            if end == "escalated":
                raise StepEscalatedError
            return index

        return run

    stages = []
    for index in plan.order:
        needs, partial, own = plan.stages[index]
        steps = [
            WorkflowStep(f"s{i}", operation(i), [f"s{s}" for s in plan.steps[i][1]]) for i in own
        ]
        stages.append(
            WorkflowStage(
                f"g{index}", steps, [f"g{n}" for n in needs], allow_partial_failure=partial
            )
        )

    async def execute() -> Any:
        executor = StagedParallelExecutor(max_parallel=plan.limit, clock=clock)
        try:
            result = await executor.execute_workflow("w", stages)
        except WorkflowFailedError as error:
            return error.result, True
        return result, False

    result, raised = asyncio.run(execute())

    want = expected(plan)
    assert {key: str(o.status) for key, o in result.steps.items()} == want
    assert list(result.steps) == [step.step_id for stage in stages for step in stage.steps]
    assert starts == Counter(key for key, end in want.items() if end != "skipped")
    assert most <= plan.limit
    assert raised == any(stage.status == "failed" for stage in result.stages)
    assert result.success == (not raised and "escalated" not in want.values())
    assert result.results == {key: int(key[1:]) for key, end in want.items() if end == "done"}
    for outcome in result.with_status("skipped"):
        assert outcome.blocked_by
