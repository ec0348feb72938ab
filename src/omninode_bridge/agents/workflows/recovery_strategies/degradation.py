"""Run the call with less: give up what is optional, and say what was given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from omninode_bridge.agents.workflows._call import Call, change_hash
from omninode_bridge.agents.workflows._ladder import FixedMoves, Move
from omninode_bridge.agents.workflows.recovery_models import Attempt, RecoveryStrategy, Rerun
from omninode_bridge.errors import ConfigurationError

from ._changes import DegradationStep
from ._degradation_steps import BUILT_IN_STEPS, Level, parse_levels, parse_named_steps, parse_steps
from ._stepped import Performed, PreparedStep, SteppedStrategy, StepView, check_flags, check_keys

__all__ = ["GracefulDegradationStrategy"]

# What each step took away, in words, by the step's name.
Lost = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Stage:
    """One degraded run: which arguments differ, and what is lost."""

    name: str
    changes: dict[str, Any]
    dropped: tuple[str, ...]


class GracefulDegradationStrategy(SteppedStrategy):
    """Run the call with fewer features, a little less each time.

    A stage that changes nothing about the call is passed over. A parameter named ``degradation``
    is given the flags that are set, as a mapping.

    Args:
        degradation_steps: names of steps, or `DegradationStep` objects.
        progressive: each step adds to those before it; False tries each alone.
        levels: ``{"level_1": {step: True, ...}, ...}``; a level replaces the one before.
        fallback: a callable that makes the plainest result of all, tried last with the same
            arguments.
        max_level: how many stages may be tried; None for all.
        steps: further steps by name, beside the built-in ones.
    """

    keys = frozenset({"degradation_steps", "progressive", "levels", "fallback", "max_level"})

    def __init__(
        self,
        degradation_steps: Any = None,
        *,
        progressive: bool = True,
        levels: Mapping[str, Any] | None = None,
        fallback: Any = None,
        max_level: int | None = None,
        steps: Mapping[str, DegradationStep] | None = None,
    ) -> None:
        super().__init__(RecoveryStrategy.GRACEFUL_DEGRADATION)
        check_flags(progressive=progressive)
        if fallback is not None and not callable(fallback):
            raise ConfigurationError(f"fallback is {fallback!r}; it must be callable")
        whole = isinstance(max_level, int) and not isinstance(max_level, bool)
        if max_level is not None and not (whole and max_level >= 0):
            raise ConfigurationError(
                f"max_level is {max_level!r}; it must be a number of stages, 0 or more, or None"
            )
        self.progressive = progressive
        self.fallback = fallback
        self.max_level = max_level
        self.steps = {**BUILT_IN_STEPS, **parse_named_steps(steps)}
        self._settings = {"degradation_steps": degradation_steps, "levels": levels}
        self.stages: tuple[Level, ...] = ()
        if degradation_steps is not None:
            self.stages += parse_steps(degradation_steps, self.steps)
        self.levels: tuple[Level, ...] = parse_levels(levels, self.steps) if levels else ()

    def knows(self, key: str) -> bool:
        """Whether the key is a setting, a level or the name of a step."""
        if not isinstance(key, str):
            return False  # metadata of a context may have any keys
        return super().knows(key) or key.startswith("level_") or key in self.steps

    def names(self) -> frozenset[str]:
        """Return the settings and the names of the steps."""
        return super().names() | self.steps.keys()

    def configured(self, metadata: Mapping[str, Any]) -> GracefulDegradationStrategy:
        """Return a strategy with these settings over its own; ``level_n`` keys are levels."""
        levels = {key: value for key, value in metadata.items() if key.startswith("level_")}
        rest = {key: value for key, value in metadata.items() if key not in levels}
        # a bare step name set to True asks for that step
        flags = {key: value for key, value in rest.items() if key in self.steps}
        own = check_keys(self, {key: value for key, value in rest.items() if key not in flags})
        if levels:
            own["levels"] = levels
        check_flags(**flags)
        if flags:
            own.setdefault("degradation_steps", [name for name, on in flags.items() if on] or None)
        if not own:
            return self
        settings: dict[str, Any] = {
            **self._settings,
            "progressive": self.progressive,
            "fallback": self.fallback,
            "max_level": self.max_level,
            "steps": self.steps,
        }
        return GracefulDegradationStrategy(**(settings | own))

    def prepare(self, view: StepView) -> PreparedStep | str:
        """Offer every stage that changes something about the call."""
        call = view.call
        if call is None:
            return "there is no call to run with less"
        if call.rerun is Rerun.NEVER:
            return "the call must not run twice"
        if not self.stages and not self.levels and self.fallback is None:
            return "no degradation steps are configured"
        stages = self._stages(call)
        plainest = len(stages)
        if self.max_level is not None:
            stages = stages[: self.max_level]
        offers_fallback = self.fallback is not None and self.max_level != 0
        if not stages and not offers_fallback:
            return "no degradation step changes anything about this call"

        async def perform(attempt: Attempt) -> Performed:
            if attempt.move >= len(stages):
                fallback = call.replace(
                    fn=self.fallback, complete=call.complete and not call.changes
                )
                value = await view.environment.rerun(fallback)
                return Performed(value, details={"dropped": ("everything but the fallback",)})
            stage = stages[attempt.move]
            value = await view.environment.rerun(call.changed(stage.changes))
            details = {"dropped": stage.dropped, "metadata": {"degradation": stage.name}}
            return Performed(value, details=details)

        moves = [Move(change_hash(stage.changes), stage.name) for stage in stages]
        if offers_fallback:
            moves.append(Move(f"fallback-{plainest}", "fallback"))
        return PreparedStep(FixedMoves(tuple(moves)), perform)

    def _stages(self, call: Call) -> list[_Stage]:
        """Return the degraded runs that differ from the call and from one another."""
        stages: list[_Stage] = []
        seen = {""}
        before: dict[str, Any] = {}
        lost: Lost = {}
        flags: dict[str, Any] = {}
        for name, level_flags, steps in self.stages:
            if not self.progressive:
                before, lost, flags = {}, {}, {}
            flags = {**flags, **level_flags}
            before, lost = _apply(steps, call, before, lost, flags)
            _add(stages, seen, name, before, lost)
        for name, level_flags, steps in self.levels:
            changes, lost = _apply(steps, call, {}, {}, dict(level_flags))
            _add(stages, seen, name, changes, lost)
        return stages


def _apply(
    steps: tuple[DegradationStep, ...],
    call: Call,
    before: dict[str, Any],
    lost: Lost,
    flags: dict[str, Any],
) -> tuple[dict[str, Any], Lost]:
    """Return the changes and the losses after these steps, on top of those before."""
    changes = dict(before)
    lost = dict(lost)
    takes_flags = call.accepts("degradation")
    for step in steps:
        arguments = call.changed(changes).arguments()
        new = {name: value for name, value in step.changes(arguments).items() if call.accepts(name)}
        if new:
            lost[step.name] = lost.get(step.name, ()) + step.words(arguments, {**arguments, **new})
            changes.update(new)
        elif takes_flags:
            lost.setdefault(step.name, (step.name,))
    if takes_flags:
        changes["degradation"] = {name: value for name, value in flags.items() if value}
    return changes, lost


def _add(
    stages: list[_Stage], seen: set[str], name: str, changes: dict[str, Any], lost: Lost
) -> None:
    key = change_hash(changes)
    if key not in seen:
        seen.add(key)
        words = dict.fromkeys(word for several in lost.values() for word in several)
        stages.append(_Stage(name, dict(changes), tuple(words)))
