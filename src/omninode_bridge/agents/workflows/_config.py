"""The configuration of an orchestrator: one immutable snapshot, swapped whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from omninode_bridge.errors import ConfigurationError, PatternError

from ._hooks import Hooks
from .classification import (
    DEFAULT_PROVIDERS,
    PatternSet,
    Policy,
    Provider,
    RegisteredProvider,
)
from .classification.plain import Outline
from .classification.policy import BUILT_IN_POLICY
from .recovery_models import (
    ErrorAnalysis,
    ErrorPattern,
    RecoveryStrategy,
    Rerun,
    parse_kind,
)
from .recovery_patterns import is_library_pattern
from .recovery_strategies import BaseRecoveryStrategy, SteppedStrategy

__all__ = ["Config", "configure", "fallbacks_of", "require_registered"]

Strategies = Mapping[RecoveryStrategy, BaseRecoveryStrategy]


@dataclass(frozen=True, slots=True)
class Config:
    """Patterns, strategies, operations and hooks at one moment.

    Attributes:
        patterns: in order of priority.
        strategies: one for each kind that is registered.
        pattern_strategies: by pattern id: that pattern's strategies, configured by its metadata.
        operations: callables by node name.
        hooks: what is told.
        own_providers: of facts, the user's own, asked before ours.
        policy: ladders of the user's own.
    """

    patterns: PatternSet
    strategies: Strategies
    pattern_strategies: Mapping[str, Strategies] = field(default_factory=dict)
    operations: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    hooks: Hooks = field(default_factory=Hooks)
    own_providers: tuple[RegisteredProvider, ...] = ()
    policy: Policy = BUILT_IN_POLICY
    providers: tuple[Provider, ...] = field(default=DEFAULT_PROVIDERS, init=False, compare=False)
    # analyses of plain errors; a new snapshot begins without any, see _analysis.py
    memo: dict[tuple[object, ...], ErrorAnalysis] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    # what kinds of chains tell apart from their words, see classification/plain.py
    outlines: dict[tuple[object, ...], Outline] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    # whether a filter leaves errors of a class, or of a class and a text, alone
    declined: dict[tuple[object, ...], bool] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    # the user's own patterns of one priority; see own_of()
    _by_priority: dict[int, PatternSet] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def own_of(self, priority: int) -> PatternSet:
        """Return the user's own patterns of this priority, in order."""
        found = self._by_priority.get(priority)
        if found is None:
            same = (one for one in self.patterns.own if one.priority == priority)
            found = self._by_priority[priority] = PatternSet.of(same)
        return found

    def __post_init__(self) -> None:
        if self.own_providers:
            object.__setattr__(self, "providers", (*self.own_providers, *DEFAULT_PROVIDERS))

    def with_pattern(self, pattern: ErrorPattern) -> Config:
        """Return a snapshot in which `pattern` is added, or replaces the one of its id.

        Raises:
            PatternError: its regex or its metadata cannot be used.
        """
        configured = _for_pattern(self.strategies, pattern)
        return replace(
            self,
            patterns=self.patterns.with_pattern(pattern, built_in=is_library_pattern(pattern)),
            pattern_strategies={**self.pattern_strategies, pattern.pattern_id: configured},
        )

    def without_pattern(self, pattern_id: str) -> Config:
        """Return a snapshot without this pattern.

        Raises:
            ConfigurationError: there is none of this id.
        """
        if all(pattern.pattern_id != pattern_id for pattern in self.patterns.in_order):
            raise ConfigurationError(f"there is no pattern {pattern_id!r} to remove")
        rest = {key: value for key, value in self.pattern_strategies.items() if key != pattern_id}
        return replace(self, patterns=self.patterns.without(pattern_id), pattern_strategies=rest)

    def with_strategy(self, strategy: BaseRecoveryStrategy) -> Config:
        """Return a snapshot in which `strategy` stands for its kind."""
        strategies = {**self.strategies, strategy.strategy_type: strategy}
        again = {
            pattern.pattern_id: _for_pattern(strategies, pattern)
            for pattern in self.patterns.in_order
            if pattern.pattern_id in self.pattern_strategies
        }
        return replace(self, strategies=strategies, pattern_strategies=again)

    def check(
        self,
        ladder: Iterable[RecoveryStrategy],
        settings: Mapping[RecoveryStrategy, Mapping[str, Any]],
    ) -> None:
        """Refuse what a caller declared for its calls where it cannot be carried out.

        Raises:
            ConfigurationError: a strategy that is not registered, or a setting that cannot be.
        """
        require_registered(self.strategies, (*ladder, *settings))
        for kind, values in settings.items():
            strategy = self.strategies[kind]
            if isinstance(strategy, SteppedStrategy):
                require_known((strategy,), values)
            configure(strategy, values)

    def strategies_for(self, pattern: ErrorPattern) -> Strategies:
        """Return the strategies as this pattern configures them."""
        configured = self.pattern_strategies.get(pattern.pattern_id)
        return configured if configured is not None else _for_pattern(self.strategies, pattern)


def configure(strategy: BaseRecoveryStrategy, metadata: Mapping[str, Any]) -> BaseRecoveryStrategy:
    """Return the strategy with those of these settings that it knows."""
    if not isinstance(strategy, SteppedStrategy):
        return strategy.configured(metadata)
    known = {key: value for key, value in metadata.items() if strategy.knows(key)}
    return strategy.configured(known) if known else strategy


def fallbacks_of(metadata: Mapping[str, Any]) -> tuple[RecoveryStrategy, ...]:
    """Return the strategies that metadata declares for when the first one fails."""
    declared = metadata.get("fallback_strategies") or ()
    if isinstance(declared, str) or not isinstance(declared, Iterable):
        raise ConfigurationError(f"fallback_strategies is {declared!r}; it must be a list")
    return tuple(
        parse_kind(RecoveryStrategy, kind, what="fallback_strategies") for kind in declared
    )


def require_registered(strategies: Strategies, kinds: Iterable[RecoveryStrategy]) -> None:
    """Refuse a kind that no strategy stands for.

    Raises:
        ConfigurationError: it names the kind, and those that are registered.
    """
    for kind in kinds:
        if kind not in strategies:
            registered = ", ".join(repr(str(known)) for known in strategies)
            raise ConfigurationError(
                f"no strategy registered for {str(kind)!r}; registered: {registered}. "
                "Call register_strategy() first"
            )


def require_known(strategies: Iterable[SteppedStrategy], settings: Mapping[str, Any]) -> None:
    """Refuse a setting that none of these strategies knows.

    Raises:
        ConfigurationError: it names the setting, and those that exist.
    """
    several = tuple(strategies)
    for key in settings:
        if not any(strategy.knows(key) for strategy in several):
            known = ", ".join(sorted(set().union(*(s.known_keys() for s in several))))
            raise ConfigurationError(f"there is no setting {key!r}; settings: {known}")


def _for_pattern(strategies: Strategies, pattern: ErrorPattern) -> Strategies:
    metadata = pattern.metadata
    try:
        kinds = (pattern.recovery_strategy, *fallbacks_of(pattern.metadata))
        require_registered(strategies, kinds)
        stepped = [s for kind in kinds if isinstance(s := strategies[kind], SteppedStrategy)]
        if len(stepped) == len(kinds):
            require_known(stepped, metadata)
        operation = metadata.get("operation")
        if operation is not None and not callable(operation):
            raise ConfigurationError(f"operation is {operation!r}; it must be callable")
        if metadata.get("rerun") is not None:
            parse_kind(Rerun, metadata["rerun"], what="rerun")
        return {kind: configure(strategies[kind], metadata) for kind in kinds}
    except ConfigurationError as error:
        raise PatternError(
            f"pattern {pattern.pattern_id!r}: {error}", pattern_id=pattern.pattern_id
        ) from error
