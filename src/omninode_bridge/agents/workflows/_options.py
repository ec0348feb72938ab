"""What a caller can say about one call: the options of `recoverable()` and `with_options()`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from typing import Any, TypedDict

from omninode_bridge.errors import ConfigurationError

from .recovery_models import (
    ErrorType,
    RecoveryBudget,
    RecoveryResult,
    RecoveryStrategy,
    Rerun,
    parse_kind,
)

__all__ = [
    "ADMITTED",
    "DEFAULT_OPTIONS",
    "DecoratorArguments",
    "OptionArguments",
    "RunOptions",
    "parse_options",
]

# A filter for one type lets these through too, as the guide files them: transient timeouts are
# network errors, and a language model's rate limits and timeouts are errors of its service.
ADMITTED: Mapping[ErrorType, frozenset[ErrorType]] = {
    ErrorType.NETWORK: frozenset({ErrorType.TIMEOUT}),
    ErrorType.AI_SERVICE: frozenset({ErrorType.RATE_LIMIT, ErrorType.TIMEOUT}),
    ErrorType.GENERATION: frozenset({ErrorType.TIMEOUT}),
}


class DecoratorArguments(TypedDict, total=False):
    """Keyword arguments of `ErrorRecoveryOrchestrator.recoverable()`; all are optional.

    Keys:
        fallback_strategies: tried after `strategy`, in order, and nothing else.
        alternatives: for `AlternativePathStrategy`.
        model_alternatives: for `AlternativePathStrategy`.
        degradation: a list of steps, or a mapping of levels, for `GracefulDegradationStrategy`.
        max_degradation: how many degradation stages may be tried.
        fallback: a callable that makes the plainest result; tried last, with the same arguments.
        corrections: for `ErrorCorrectionStrategy`.
        retry: settings of `RetryStrategy`, as a mapping.
        escalation: settings of `EscalationStrategy`, as a mapping.
        ask_human: False leaves out the step that asks a human; the caller does it.
        validate: returns False, or raises, for a result that cannot be used.
        rerun: what a second run does: ``pure``, ``idempotent``, ``unknown`` or ``never``.
        attempt_timeout: seconds that one run of a coroutine may take.
        budget: limits of one recovery.
        never: exception types that are not recovered.
        on_result: called with the `RecoveryResult` of each recovery.
        workflow_id: in records and escalations; a new one for each recovery by default.
        node_name: in records and escalations; the callable's name by default.
    """

    fallback_strategies: Sequence[RecoveryStrategy | str]
    alternatives: Any
    model_alternatives: Any
    degradation: Any
    max_degradation: int
    fallback: Callable[..., Any]
    corrections: Any
    retry: Mapping[str, Any]
    escalation: Mapping[str, Any]
    ask_human: bool
    validate: Callable[[Any], Any]
    rerun: Rerun | str
    attempt_timeout: float
    budget: RecoveryBudget
    never: type[BaseException] | tuple[type[BaseException], ...]
    on_result: Callable[[RecoveryResult], Any]
    workflow_id: str
    node_name: str


class OptionArguments(DecoratorArguments, total=False):
    """Keyword arguments of `ErrorRecoveryOrchestrator.with_options()`; all are optional.

    Keys:
        strategy: tried for every error, instead of the one that the error calls for.
    """

    strategy: RecoveryStrategy | str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Options after they were checked.

    Attributes:
        error_types: only these are recovered; None for all.
        ladder: the declared strategy and its fallbacks; empty where the error decides.
        settings: what was said about single strategies, as their metadata.
        said_rerun: `rerun` was given and is not the default.
    """

    error_types: frozenset[ErrorType] | None = None
    ladder: tuple[RecoveryStrategy, ...] = ()
    settings: Mapping[RecoveryStrategy, Mapping[str, Any]] = field(default_factory=dict)
    validate: Callable[[Any], Any] | None = None
    rerun: Rerun = Rerun.IDEMPOTENT
    said_rerun: bool = False
    ask_human: bool = True
    attempt_timeout: float | None = None
    budget: RecoveryBudget | None = None
    never: tuple[type[BaseException], ...] = ()
    on_result: Callable[[RecoveryResult], Any] | None = None
    workflow_id: str | None = None
    node_name: str | None = None

    def admits(self, error_type: ErrorType, *, transient: bool | None) -> bool:
        """Whether an error of this type is recovered."""
        if self.error_types is None or error_type in self.error_types:
            return True
        for wanted in self.error_types:
            if error_type in ADMITTED.get(wanted, frozenset()):
                return wanted is not ErrorType.NETWORK or transient is not False
        return False


DEFAULT_OPTIONS = RunOptions()


def _settings(options: Mapping[str, Any]) -> dict[RecoveryStrategy, dict[str, Any]]:
    settings: dict[RecoveryStrategy, dict[str, Any]] = {}

    def put(kind: RecoveryStrategy, key: str, value: Any) -> None:
        settings.setdefault(kind, {})[key] = value

    for name in ("alternatives", "model_alternatives"):
        if options.get(name) is not None:
            put(RecoveryStrategy.ALTERNATIVE_PATH, name, options[name])
    degradation = options.get("degradation")
    if degradation is not None and not _is_several(degradation):
        raise ConfigurationError(
            f"degradation is {degradation!r}; it must be a list of steps or a mapping of levels, "
            "with one at least"
        )
    if isinstance(degradation, Mapping):
        for level, flags in degradation.items():
            put(RecoveryStrategy.GRACEFUL_DEGRADATION, level, flags)
    elif degradation is not None:
        put(RecoveryStrategy.GRACEFUL_DEGRADATION, "degradation_steps", degradation)
    most = options.get("max_degradation")
    if most is not None:
        if isinstance(most, bool) or not isinstance(most, int) or most < 0:
            raise ConfigurationError(
                f"max_degradation is {most!r}; it must be a number of stages, 0 or more, or None"
            )
        put(RecoveryStrategy.GRACEFUL_DEGRADATION, "max_level", most)
    if options.get("fallback") is not None:
        put(RecoveryStrategy.GRACEFUL_DEGRADATION, "fallback", options["fallback"])
    if options.get("corrections") is not None:
        put(RecoveryStrategy.ERROR_CORRECTION, "corrections", options["corrections"])
    for name, kind in (
        ("retry", RecoveryStrategy.RETRY),
        ("escalation", RecoveryStrategy.ESCALATION),
    ):
        value = options.get(name)
        if value is None:
            continue
        if not isinstance(value, Mapping):
            raise ConfigurationError(f"{name} is {value!r}; it must be a mapping of settings")
        settings[kind] = dict(value)
    return settings


def _is_several(value: Any) -> bool:
    """Whether it is a collection with something in it; an iterator cannot be asked."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        return False
    return not isinstance(value, Sized) or len(value) > 0


def _number(value: Any, what: str) -> float | None:
    if value is None:
        return None
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not 0 < value < float("inf")
    ):
        raise ConfigurationError(f"{what} is {value!r}; it must be a positive number of seconds")
    return float(value)


def _types(value: Any) -> frozenset[ErrorType] | None:
    if value is None:
        return None
    many = value if isinstance(value, (tuple, list, set, frozenset)) else (value,)
    if not many:
        raise ConfigurationError(f"error_type is {value!r}; it must be one type, several, or None")
    return frozenset(parse_kind(ErrorType, one, what="error_type") for one in many)


def _flag(value: Any, name: str) -> bool:
    if value is not None and not isinstance(value, bool):
        raise ConfigurationError(f"{name} is {value!r}; it must be True or False")
    return value is not False


def _exceptions(value: Any) -> tuple[type[BaseException], ...]:
    many = value if isinstance(value, tuple) else (value,)
    for one in many:
        if not (isinstance(one, type) and issubclass(one, BaseException)):
            raise ConfigurationError(f"never has {one!r}; it takes exception types")
    return many


def parse_options(error_type: Any = None, **options: Any) -> RunOptions:
    """Check options and bring them into one shape.

    Raises:
        ConfigurationError: an option that does not exist, or a value that it cannot take.
    """
    known = OptionArguments.__annotations__
    for name in options:
        if name not in known:
            raise ConfigurationError(
                f"there is no option {name!r}; options: {', '.join(sorted(known))}"
            )
    for name in ("validate", "fallback", "on_result"):
        if options.get(name) is not None and not callable(options[name]):
            raise ConfigurationError(f"{name} is {options[name]!r}; it must be callable")
    for name in ("workflow_id", "node_name"):
        if options.get(name) is not None and not isinstance(options[name], str):
            raise ConfigurationError(f"{name} is {options[name]!r}; it must be a text")
    strategy = options.get("strategy")
    fallbacks = options.get("fallback_strategies") or ()
    if isinstance(fallbacks, str) or not isinstance(fallbacks, Iterable):
        raise ConfigurationError(
            f"fallback_strategies is {fallbacks!r}; it must be a list of strategies"
        )
    if fallbacks and strategy is None:
        raise ConfigurationError("fallback_strategies needs strategy; without it the error decides")
    ladder = () if strategy is None else (strategy, *fallbacks)
    budget = options.get("budget")
    if budget is not None and not isinstance(budget, RecoveryBudget):
        raise ConfigurationError(f"budget is {budget!r}; it must be a RecoveryBudget")
    return RunOptions(
        error_types=_types(error_type),
        ladder=tuple(parse_kind(RecoveryStrategy, kind, what="strategy") for kind in ladder),
        settings=_settings(options),
        validate=options.get("validate"),
        rerun=parse_kind(Rerun, options.get("rerun") or Rerun.IDEMPOTENT, what="rerun"),
        said_rerun=options.get("rerun") is not None,
        ask_human=_flag(options.get("ask_human"), "ask_human"),
        attempt_timeout=_number(options.get("attempt_timeout"), "attempt_timeout"),
        budget=budget,
        never=_exceptions(options.get("never") or ()),
        on_result=options.get("on_result"),
        workflow_id=options.get("workflow_id"),
        node_name=options.get("node_name"),
    )
