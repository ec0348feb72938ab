"""Check a workflow's definition and lay out what waits for what."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from omninode_bridge.errors import WorkflowDefinitionError

from ._staged_definition import WorkflowStage, WorkflowStep

__all__ = ["MAX_STEPS", "Handing", "Plan", "PlannedStage", "PlannedStep", "make_plan"]

MAX_STEPS: Final = 100_000
MAX_STAGES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Handing:
    """How an operation takes its inputs: by position, by the name of a parameter, or not at all."""

    by_position: bool = False
    by_name: str | None = None


@dataclass(slots=True)
class PlannedStep:
    """A step in its place; `needs` and `wanted_by` are indexes into the plan's steps."""

    index: int
    stage: int
    step: WorkflowStep
    handing: Handing
    needs: tuple[int, ...] = ()
    wanted_by: list[int] = field(default_factory=list)


@dataclass(slots=True)
class PlannedStage:
    """A stage in its place; `needs` and `wanted_by` are indexes into the plan's stages."""

    index: int
    stage: WorkflowStage
    steps: range
    needs: tuple[int, ...] = ()
    wanted_by: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """A definition that can be run: no double names, no unknown ones, no cycle."""

    stages: tuple[PlannedStage, ...]
    steps: tuple[PlannedStep, ...]


def make_plan(stages: Sequence[WorkflowStage]) -> Plan:
    """Lay out the stages.

    Raises:
        WorkflowDefinitionError: a double id, an unknown dependency, a cycle (the sentence names
            it), or an operation that cannot be called with its inputs.
    """
    planned_stages, planned_steps = _lay_out(stages)
    stage_index = {planned.stage.stage_id: planned.index for planned in planned_stages}
    step_index = {planned.step.step_id: planned.index for planned in planned_steps}
    for stage in planned_stages:
        who = f"stage {stage.stage.stage_id!r}"
        stage.needs = _look_up(who, "stage", stage.stage.dependencies, stage_index)
        for needed in stage.needs:
            planned_stages[needed].wanted_by.append(stage.index)
    for step in planned_steps:
        step.needs = _look_up(
            f"step {step.step.step_id!r}", "step", step.step.dependencies, step_index
        )
        for needed in step.needs:
            planned_steps[needed].wanted_by.append(step.index)
    _refuse_cycles(planned_stages, planned_steps)
    return Plan(tuple(planned_stages), tuple(planned_steps))


def _lay_out(stages: Sequence[WorkflowStage]) -> tuple[list[PlannedStage], list[PlannedStep]]:
    planned_stages: list[PlannedStage] = []
    planned_steps: list[PlannedStep] = []
    seen_stages: set[str] = set()
    owners: dict[str, str] = {}
    for stage in stages:
        if not isinstance(stage, WorkflowStage):
            raise WorkflowDefinitionError(
                f"the workflow has the stage {stage!r}; it must be a WorkflowStage"
            )
        if stage.stage_id in seen_stages:
            raise WorkflowDefinitionError(f"two stages are called {stage.stage_id!r}")
        seen_stages.add(stage.stage_id)
        first = len(planned_steps)
        for step in stage.steps:
            if step.step_id in owners:
                raise WorkflowDefinitionError(
                    f"two steps are called {step.step_id!r}, in the stages {owners[step.step_id]!r} and "
                    f"{stage.stage_id!r}; an id is unique in the whole workflow"
                )
            owners[step.step_id] = stage.stage_id
            handing = _handing(step)
            planned_steps.append(
                PlannedStep(len(planned_steps), len(planned_stages), step, handing)
            )
        steps = range(first, len(planned_steps))
        planned_stages.append(PlannedStage(len(planned_stages), stage, steps))
        if len(planned_steps) > MAX_STEPS or len(planned_stages) > MAX_STAGES:
            raise WorkflowDefinitionError(
                f"the workflow is too large; it may have {MAX_STEPS} steps in {MAX_STAGES} stages"
            )
    return planned_stages, planned_steps


def _look_up(who: str, kind: str, names: Sequence[str], known: dict[str, int]) -> tuple[int, ...]:
    for name in names:
        if name not in known:
            some = ", ".join(repr(other) for other in list(known)[:10])
            more = ", ..." if len(known) > 10 else ""
            raise WorkflowDefinitionError(
                f"{who} depends on {name!r}, but there is no such {kind}; there are {some}{more}"
            )
    return tuple(known[name] for name in names)


def _refuse_cycles(stages: Sequence[PlannedStage], steps: Sequence[PlannedStep]) -> None:
    """Look at starts and ends of stages apart: a step may wait for a step of another stage."""
    graph: dict[Hashable, list[Hashable]] = {}
    for stage in stages:
        graph["start", stage.index] = [("end", needed) for needed in stage.needs]
        graph["end", stage.index] = [("start", stage.index), *(("step", i) for i in stage.steps)]
    for step in steps:
        graph["step", step.index] = [("start", step.stage), *(("step", i) for i in step.needs)]
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        names = [_name(node, stages, steps) for node in reversed(error.args[1])]
        circle = [name for i, name in enumerate(names) if i == 0 or name != names[i - 1]]
        if len(circle) == 1:
            circle *= 2
        raise WorkflowDefinitionError(
            f"the dependencies form a cycle: {' needs '.join(circle)}"
        ) from None


def _name(node: Any, stages: Sequence[PlannedStage], steps: Sequence[PlannedStep]) -> str:
    kind, index = node
    if kind == "step":
        return f"step {steps[index].step.step_id!r}"
    return f"stage {stages[index].stage.stage_id!r}"


def _handing(step: WorkflowStep) -> Handing:
    try:
        signature = inspect.signature(step.operation)
    except (TypeError, ValueError):  # some functions written in C say nothing
        return Handing()
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    _refuse_unknown_arguments(step, signature)
    parameters = [p for p in signature.parameters.values() if p.name not in step.arguments]
    required = [p for p in parameters if p.default is p.empty and p.kind not in variable]
    if len(required) > 1:
        raise WorkflowDefinitionError(
            f"operation of step {step.step_id!r} requires {', '.join(repr(p.name) for p in required)}; "
            "it may require one parameter, which is given StepInputs"
        )
    if required:
        only = required[0]
        if only.kind is inspect.Parameter.KEYWORD_ONLY or (
            step.arguments and only.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        ):
            return Handing(by_name=only.name)
        return Handing(by_position=True)
    bound = step.operation.keywords if isinstance(step.operation, functools.partial) else {}
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    for parameter in parameters:
        if parameter.name == "inputs" and parameter.kind in named and "inputs" not in bound:
            return Handing(by_name="inputs")
    return Handing()


def _refuse_unknown_arguments(step: WorkflowStep, signature: inspect.Signature) -> None:
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = signature.parameters
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()):
        return
    for name in step.arguments:
        if name not in parameters or parameters[name].kind not in by_name:
            raise WorkflowDefinitionError(
                f"operation of step {step.step_id!r} has no parameter {name!r}, which arguments names"
            )
