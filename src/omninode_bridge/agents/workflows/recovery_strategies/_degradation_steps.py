"""The degradation steps that have a name, and how levels and lists of them are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from omninode_bridge.errors import ConfigurationError

from ._changes import Arguments, DegradationStep
from ._degradation_words import words_of

__all__ = ["BUILT_IN_STEPS", "Level", "parse_levels", "parse_named_steps", "parse_steps"]

# A named stage of degradation: its flags and the steps that carry them out.
Level = tuple[str, Mapping[str, Any], tuple[DegradationStep, ...]]

MAX_STEPS = 50
_VERSION = re.compile(r"_v\d+(?:_[a-z0-9]+)*$|_(?:simple|full|standard)$")
_LEVEL = re.compile(r"level_(\d+)\Z")
_VALIDATION_LEVELS = ("basic", "standard", "full")


def _set(name: str, *, value: Any) -> Callable[[Arguments], Arguments]:
    def apply(arguments: Arguments) -> Arguments:
        return {name: value} if name in arguments else {}

    return apply


def _is_required(mixin: Any) -> bool:
    """A mixin given by its bare name says nothing of being required, so it is optional."""
    if isinstance(mixin, Mapping):
        return bool(mixin.get("required", False))
    return bool(getattr(mixin, "required", False))


def _keep_required_mixins(arguments: Arguments) -> Arguments:
    mixins = arguments.get("mixins")
    if not isinstance(mixins, (list, tuple)):
        return {}
    return {"mixins": type(mixins)(mixin for mixin in mixins if _is_required(mixin))}


def _drop_all_mixins(arguments: Arguments) -> Arguments:
    mixins = arguments.get("mixins")
    return {"mixins": type(mixins)()} if isinstance(mixins, (list, tuple)) else {}


def _lower_validation(*, to_basic: bool) -> Callable[[Arguments], Arguments]:
    def apply(arguments: Arguments) -> Arguments:
        level = arguments.get("validation_level")
        if level not in _VALIDATION_LEVELS:
            return {}
        below = _VALIDATION_LEVELS[max(0, _VALIDATION_LEVELS.index(level) - 1)]
        return {"validation_level": "basic" if to_basic else below}

    return apply


def _use_basic_template(arguments: Arguments) -> Arguments:
    template_id = arguments.get("template_id")
    if not isinstance(template_id, str) or template_id.endswith("_basic"):
        return {}
    return {"template_id": _VERSION.sub("", template_id) + "_basic"}


def _stop_profiling(arguments: Arguments) -> Arguments:
    return {name: False for name in ("enable_profiling", "enable_metrics") if name in arguments}


def _only_flag(arguments: Arguments) -> Arguments:
    """Change nothing but the flag that a parameter named ``degradation`` is given."""
    del arguments
    return {}


_EFFECTS: Mapping[str, Callable[[Arguments], Arguments]] = {
    "remove_optional_mixins": _keep_required_mixins,
    "remove_all_mixins": _drop_all_mixins,
    "skip_performance_metrics": _stop_profiling,
    "disable_performance_profiling": _stop_profiling,
    "disable_profiling": _stop_profiling,
    "reduce_validation_depth": _lower_validation(to_basic=False),
    "simplify_validation": _lower_validation(to_basic=True),
    # validation never falls below basic, whatever the name says
    "skip_all_validation": _lower_validation(to_basic=True),
    "skip_ai_quorum": _set("enable_ai_quorum", value=False),
    "use_smaller_model": _only_flag,
    "use_basic_template": _use_basic_template,
    "use_basic_templates": _use_basic_template,
}

BUILT_IN_STEPS: Mapping[str, DegradationStep] = MappingProxyType(
    {name: DegradationStep(name, effect, words_of(name)) for name, effect in _EFFECTS.items()}
)


def _named(name: object, known: Mapping[str, DegradationStep], what: str) -> DegradationStep:
    if isinstance(name, DegradationStep):
        return name
    if isinstance(name, str) and name in known:
        return known[name]
    raise ConfigurationError(
        f"{what} names the step {name!r}; known steps: {', '.join(sorted(known))}"
    )


def parse_named_steps(steps: Any) -> Mapping[str, DegradationStep]:
    """Return the user's own steps by name.

    Raises:
        ConfigurationError: no mapping of names to `DegradationStep` objects.
    """
    if steps is None:
        return {}
    right = isinstance(steps, Mapping) and all(
        isinstance(name, str) and isinstance(step, DegradationStep) for name, step in steps.items()
    )
    if not right:
        raise ConfigurationError(
            f"degradation_steps is {steps!r}; it must be a mapping of names to DegradationStep objects"
        )
    return dict(steps)


def parse_steps(entries: Any, known: Mapping[str, DegradationStep]) -> tuple[Level, ...]:
    """Return one stage per entry of a list of names or steps.

    Raises:
        ConfigurationError: no list, an unknown name, nothing in it or far too much.
    """
    if isinstance(entries, (str, bytes, Mapping)) or not isinstance(entries, Iterable):
        raise ConfigurationError(
            f"degradation_steps is {entries!r}; it must be a list of step names"
        )
    stages: list[Level] = []
    for entry in entries:
        step = _named(entry, known, "degradation_steps")
        stages.append((step.name, {step.name: True}, (step,)))
        if len(stages) > MAX_STEPS:
            raise ConfigurationError(f"degradation_steps has more than {MAX_STEPS} entries")
    if not stages:
        raise ConfigurationError("degradation_steps is empty; leave it out where there are none")
    return tuple(stages)


def parse_levels(
    levels: Mapping[str, Any], known: Mapping[str, DegradationStep]
) -> tuple[Level, ...]:
    """Return one stage per ``level_n``, in order of n; each replaces the one before.

    Raises:
        ConfigurationError: a level that is no mapping of step names to True or False.
    """
    if not isinstance(levels, Mapping):
        raise ConfigurationError(f"levels is {levels!r}; it must be a mapping of level_n to steps")
    stages: list[tuple[int, Level]] = []
    for key, flags in levels.items():
        match = _LEVEL.match(str(key))
        if match is None or not isinstance(flags, Mapping):
            raise ConfigurationError(
                f"degradation level {key!r} is {flags!r}; it must be a mapping of step names to True"
            )
        for name, on in flags.items():
            if not isinstance(on, bool):
                raise ConfigurationError(f"{name} of {key} is {on!r}; it must be True or False")
        steps = tuple(_named(name, known, key) for name, on in flags.items() if on)
        stages.append((int(match[1]), (key, dict(flags), steps)))
    return tuple(level for _, level in sorted(stages, key=lambda item: item[0]))
