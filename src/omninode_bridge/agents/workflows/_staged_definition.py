"""What a staged workflow is made of, and what its steps are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from omninode_bridge.errors import WorkflowDefinitionError

__all__ = ["StepInputs", "WorkflowStage", "WorkflowStep"]


@dataclass(frozen=True, slots=True)
class WorkflowStep:
    """One piece of work.

    Attributes:
        step_id: unique in its workflow.
        operation: what is run, sync (in a worker thread) or async. One that has a required
            parameter, or one named ``inputs``, is given `StepInputs`.
        dependencies: ids of steps, of any stage, that must be done before.
        timeout_seconds: how long it may run; None for no limit of its own.
        arguments: handed to the operation by name; JSON values where an engine keeps results.
        version: stands for everything that the operation's result depends on besides its arguments,
            its inputs and its own code; an engine that keeps results runs the step again when it
            changes. A closure, a bound method or an object with state needs one there.
    """

    step_id: str
    operation: Callable[..., Any] = field(repr=False)
    dependencies: Sequence[str] = ()
    timeout_seconds: float | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)
    version: str | None = None

    def __post_init__(self) -> None:
        _check_id("step_id", self.step_id)
        who = f"step {self.step_id!r}"
        if not isinstance(self.arguments, Mapping) or not all(
            isinstance(name, str) for name in self.arguments
        ):
            raise WorkflowDefinitionError(
                f"arguments of {who} is {self.arguments!r}; it must be a mapping of parameter names"
            )
        if self.version is not None and not isinstance(self.version, str):
            raise WorkflowDefinitionError(
                f"version of {who} is {self.version!r}; it must be a text or None"
            )
        if not callable(self.operation):
            raise WorkflowDefinitionError(
                f"operation of {who} is {self.operation!r}; it must be callable"
            )
        _check_timeout(who, self.timeout_seconds)
        object.__setattr__(self, "dependencies", _names(who, self.dependencies))
        object.__setattr__(self, "arguments", dict(self.arguments))


@dataclass(frozen=True, slots=True)
class WorkflowStage:
    """Steps that belong together.

    Attributes:
        stage_id: unique in its workflow.
        steps: run side by side, as far as their dependencies allow.
        dependencies: ids of stages that must have ended before.
        timeout_seconds: how long the stage may take from the start of its first step on.
        allow_partial_failure: the workflow goes on when some of the steps fail; when none is done
            the stage has failed all the same.
    """

    stage_id: str
    steps: Sequence[WorkflowStep] = ()
    dependencies: Sequence[str] = ()
    timeout_seconds: float | None = None
    allow_partial_failure: bool = False

    def __post_init__(self) -> None:
        _check_id("stage_id", self.stage_id)
        who = f"stage {self.stage_id!r}"
        if isinstance(self.steps, (str, bytes)) or not isinstance(self.steps, (Sequence, Iterator)):
            raise WorkflowDefinitionError(
                f"steps of {who} is a {type(self.steps).__name__}; it must be a list of WorkflowStep"
            )
        steps = tuple(self.steps)
        for step in steps:
            if not isinstance(step, WorkflowStep):
                raise WorkflowDefinitionError(
                    f"{who} has the step {step!r}; it must be a WorkflowStep"
                )
        _check_timeout(who, self.timeout_seconds)
        if not isinstance(self.allow_partial_failure, bool):
            raise WorkflowDefinitionError(
                f"allow_partial_failure of {who} is {self.allow_partial_failure!r}; "
                "it must be True or False"
            )
        object.__setattr__(self, "steps", steps)
        object.__setattr__(self, "dependencies", _names(who, self.dependencies))


class StepInputs(Mapping[str, Any]):
    """What a step is given: the results of the steps that it depends on, by step id.

    Those are the steps it names, and all finished steps of the stages that its stage names.

    Attributes:
        workflow_id: of the workflow.
        stage_id: of the step's stage.
        step_id: of the step.
    """

    __slots__ = ("_named", "_of_stages", "_over", "stage_id", "step_id", "workflow_id")

    def __init__(
        self,
        workflow_id: str,
        stage_id: str,
        step_id: str,
        named: Mapping[str, Any],
        of_stages: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.workflow_id = workflow_id
        self.stage_id = stage_id
        self.step_id = step_id
        self._named = named
        self._of_stages = of_stages
        self._over = False

    @property
    def abandoned(self) -> bool:
        """Whether nobody waits for the step any more; long sync operations may ask and return."""
        return self._over

    def __getitem__(self, step_id: str) -> Any:
        return self._named[step_id] if step_id in self._named else self._of_stages[step_id]

    def __iter__(self) -> Iterator[str]:
        yield from self._named
        yield from (key for key in self._of_stages if key not in self._named)

    def __len__(self) -> int:
        return len(self._named) + sum(key not in self._named for key in self._of_stages)

    def __repr__(self) -> str:
        return f"StepInputs(step_id={self.step_id!r}, of={list(self)!r})"


def _check_id(name: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise WorkflowDefinitionError(f"{name} is {value!r}; it must be a non-empty text")


def _check_timeout(who: str, value: object) -> None:
    if value is None:
        return
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not 0 < value < float("inf")
    ):
        raise WorkflowDefinitionError(
            f"timeout_seconds of {who} is {value!r}; it must be a positive number or None"
        )


def _names(who: str, names: object) -> tuple[str, ...]:
    listed = (
        None
        if isinstance(names, (str, bytes)) or not isinstance(names, (Sequence, set, frozenset))
        else names
    )
    if listed is None or not all(isinstance(name, str) for name in listed):
        raise WorkflowDefinitionError(
            f"dependencies of {who} is {names!r}; it must be a list of ids"
        )
    ordered = sorted(listed) if isinstance(listed, (set, frozenset)) else listed
    return tuple(dict.fromkeys(ordered))
