"""Generations of which one or two features are at fault, among steps that change nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from omninode_bridge.agents.workflows import (
    DegradationStep,
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.testing import FakeClock

from ._errors import stranger, with_fields
from ._tally import Verdict

WAYS = ("run", "run_sync", "recoverable", "declared", "pattern", "metadata")

# What is given up, and the steps that give it up.
STEPS: Mapping[str, tuple[str, ...]] = {
    "mixins": ("remove_optional_mixins", "remove_all_mixins"),
    "quorum": ("skip_ai_quorum",),
    "profiling": ("disable_profiling", "disable_performance_profiling", "skip_performance_metrics"),
    "validation": ("simplify_validation", "skip_all_validation"),
    "template": ("use_basic_template", "use_basic_templates"),
    "model": ("use_smaller_model",),
    "examples": ("drop_examples",),
}
LEVELS: tuple[Mapping[str, Any], ...] = (
    {"remove_optional_mixins": True, "skip_performance_metrics": True, "drop_examples": True},
    {"remove_optional_mixins": True, "simplify_validation": True, "skip_ai_quorum": True},
    {
        "use_basic_template": True,
        "skip_all_validation": True,
        "disable_profiling": True,
        "remove_all_mixins": True,
        "skip_ai_quorum": True,
        "use_smaller_model": True,
        "drop_examples": True,
    },
)


def _without_examples(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"examples": 0} if "examples" in arguments else {}


def _tired(rng: random.Random) -> Exception:
    """Return an error of the guide's list: too complex, too long, too much memory, too bad."""
    openai = stranger("openai", "BadRequestError")
    return rng.choice(
        (
            TimeoutError(),
            TimeoutError("generation exceeded its time limit"),
            stranger("shop.generation", "GenerationTimeout")("120 s"),
            RuntimeError("Generation timeout after 120 s"),
            stranger("shop.generation", "StepTimeLimitExceeded")(""),
            MemoryError(),
            RuntimeError("CUDA error: out of memory"),
            stranger("torch.cuda", "OutOfMemoryError", RuntimeError)("tried to allocate 2 GiB"),
            stranger("shop.quality", "QualityGateError")("quality score 61 is below 80"),
            RuntimeError("quality below threshold: 0.61 < 0.80"),
            RuntimeError("coverage 71 % is below 80 %"),
            RuntimeError("code generation failed: contract is too complex"),
            stranger("shop.generation", "CodeGenerationError")("too complex"),
            RecursionError("maximum recursion depth exceeded"),
            with_fields(
                openai("maximum context length is 8192 tokens"),
                status_code=400,
                code="context_length_exceeded",
            ),
            RuntimeError("the prompt is too long: 9000 tokens > 8192 maximum"),
            stranger("shop.llm", "ContextWindowExceededError")("8192"),
            with_fields(stranger("anthropic", "APIStatusError")("too large"), status_code=413),
        )
    )


class Generation:
    """A generator that fails as long as a feature at fault is asked for."""

    def __init__(self, faults: frozenset[str], first: Exception, rng: random.Random) -> None:
        self.faults, self.rng = faults, rng
        self.errors = [first]
        self.runs = 0

    def full(
        self,
        contract: str,
        mixins: list[str],
        enable_ai_quorum: bool = True,
        enable_profiling: bool = True,
        validation_level: str = "full",
        template_id: str = "node_effect_v2",
        examples: int = 3,
        degradation: Mapping[str, Any] | None = None,
    ) -> str:
        asked = {
            "mixins": bool(mixins),
            "quorum": enable_ai_quorum,
            "profiling": enable_profiling,
            "validation": validation_level != "basic",
            "template": not template_id.endswith("_basic"),
            "examples": examples > 0,
            "model": not (degradation or {}).get("use_smaller_model"),
        }
        return self.make(contract, {name for name, on in asked.items() if on})

    def few(
        self, contract: str, *, mixins: list[str], validation_level: str = "standard", **more: Any
    ) -> str:
        asked = {"mixins": bool(mixins), "validation": validation_level != "basic"}
        return self.make(contract, {name for name, on in asked.items() if on})

    def make(self, contract: str, asked: set[str]) -> str:
        self.runs += 1
        if not asked & self.faults:
            return f"{contract} without {sorted(self.faults)}"
        if self.errors:
            raise self.errors.pop()
        raise _tired(self.rng)


def _settings(rng: random.Random, faults: frozenset[str]) -> tuple[str, Any]:
    """Write a list of steps in any order or the guide's levels; both hold what is not at fault."""
    if rng.random() < 0.35:
        return "levels", {f"level_{n}": flags for n, flags in enumerate(LEVELS, start=1)}
    names = [rng.choice(STEPS[fault]) for fault in faults]
    others = [name for fault in STEPS if fault not in faults for name in STEPS[fault]]
    names += rng.sample(others, rng.randint(0, 4))
    if rng.random() < 0.2:
        names.append(rng.choice(names))
    rng.shuffle(names)
    return "steps", names


async def degradation(rng: random.Random) -> Verdict:
    """Put one feature at fault, sometimes two, and offer steps of which some give it up."""
    shape = rng.choice(("full", "full", "few"))
    features = sorted(STEPS) if shape == "full" else ["mixins", "validation"]
    faults = frozenset(rng.sample(features, rng.choice((1, 1, 1, 2))))
    first = _tired(rng)
    generation = Generation(faults, first, rng)
    function = getattr(generation, shape)
    form, settings = _settings(rng, faults)
    own = {"drop_examples": DegradationStep("drop_examples", _without_examples)}
    orchestrator = ErrorRecoveryOrchestrator(
        clock=FakeClock(), draw=rng.random, degradation_steps=own
    )
    results: list[RecoveryResult] = []
    orchestrator.on_recovery_success(results.append)
    orchestrator.on_recovery_failure(results.append)
    given = {"contract": "order", "mixins": ["LoggingMixin", "CachingMixin"]}
    way = rng.choice(WAYS)
    try:
        value = await _go(orchestrator, function, way, form, settings, given)
    except Exception as error:
        value = error
    result = results[-1] if results else None
    kind = f"{shape}, {form}"
    story = f"{way}, {type(first).__name__}: {first}, at fault {sorted(faults)}, {settings}"
    if value != f"order without {sorted(faults)}":
        return Verdict(kind, f"{story}: {value!r}, {result and result.analysis}")
    if result is None or result.strategy_used is not RecoveryStrategy.GRACEFUL_DEGRADATION:
        return Verdict(kind, f"{story}: by {result}")
    told = {words.partition(":")[0] for words in result.dropped}
    lost = {feature for feature in STEPS if told.intersection(STEPS[feature])}
    if not faults <= lost:
        return Verdict(kind, f"{story}: it says that it dropped only {result.dropped}")
    if given["mixins"] != ["LoggingMixin", "CachingMixin"]:
        return Verdict(kind, f"{story}: the caller's list was changed")
    return Verdict(kind)


async def _go(
    orchestrator: ErrorRecoveryOrchestrator,
    function: Callable[..., Any],
    way: str,
    form: str,
    settings: Any,
    given: dict[str, Any],
) -> Any:
    if way in ("run", "run_sync"):
        runs = orchestrator.with_options(degradation=settings)
        if way == "run":
            return await runs.run(function, **given)
        return runs.run_sync(function, **given)
    if way == "recoverable":
        return orchestrator.recoverable(degradation=settings)(function)(**given)
    if way == "declared":
        strategy = RecoveryStrategy.GRACEFUL_DEGRADATION
        return orchestrator.recoverable(None, strategy, degradation=settings)(function)(**given)
    metadata = settings if form == "levels" else {"degradation_steps": settings}
    return await _afterwards(orchestrator, function, way, metadata, given)


async def _afterwards(
    orchestrator: ErrorRecoveryOrchestrator,
    function: Callable[..., Any],
    way: str,
    metadata: dict[str, Any],
    given: dict[str, Any],
) -> Any:
    try:
        return function(**given)
    except Exception as error:
        caught = error
    if way == "pattern":
        orchestrator.add_error_pattern(
            ErrorPattern(
                "mine",
                ErrorType.TIMEOUT,
                type(caught).__name__,
                RecoveryStrategy.GRACEFUL_DEGRADATION,
                metadata=metadata,
            )
        )
        metadata = {}
    context = RecoveryContext("w", "n", exception=caught, state=given, metadata=metadata)
    result = await orchestrator.handle_error(context, function)
    return result.result if result.success else result.error_message
