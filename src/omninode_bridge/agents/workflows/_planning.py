"""From an analysis to a plan: which strategies, configured how, and which are passed over."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ._call import Call
from ._config import Config, configure, fallbacks_of, require_registered
from ._ladder import Plan
from ._options import RunOptions
from .recovery_models import (
    DEFAULT_BUDGET,
    ErrorAnalysis,
    ErrorPattern,
    ErrorType,
    RecoveryContext,
    RecoveryStrategy,
    Rerun,
)
from .recovery_strategies import BaseRecoveryStrategy, RetryBucket, RetryStrategy, SteppedStrategy
from .recovery_strategies._stepped import COMMON_KEYS, ESCALATION_KEYS

__all__ = ["PlannedRecovery", "ladder_of", "limit_of", "plan_recovery", "strategy_for"]

# Where the caller offers these, they are tried before a human is asked, whatever the type is.
_OFFERED = (
    RecoveryStrategy.ERROR_CORRECTION,
    RecoveryStrategy.ALTERNATIVE_PATH,
    RecoveryStrategy.GRACEFUL_DEGRADATION,
)


@dataclass(frozen=True, slots=True)
class PlannedRecovery:
    """A plan and what it needs to be carried out."""

    plan: Plan
    strategies: tuple[BaseRecoveryStrategy, ...]
    skips: Mapping[int, str]
    patterns: tuple[ErrorPattern, ...]
    pattern_strategies: tuple[BaseRecoveryStrategy, ...]


def ladder_of(
    analysis: ErrorAnalysis, options: RunOptions, offered: Collection[RecoveryStrategy] = ()
) -> tuple[RecoveryStrategy, ...]:
    """Return the strategies in order: the caller's, else the error's with what the caller offers.

    Args:
        analysis: of the error.
        options: of the call.
        offered: strategies that the caller gives settings for in other ways.
    """
    if options.ladder:
        return options.ladder
    if analysis.declared or analysis.error_type is ErrorType.SECURITY:
        return analysis.ladder
    missing = tuple(
        kind
        for kind in _OFFERED
        if (kind in options.settings or kind in offered) and kind not in analysis.ladder
    )
    if not missing:
        return analysis.ladder
    last = RecoveryStrategy.ESCALATION
    before = tuple(kind for kind in analysis.ladder if kind is not last)
    return (*before, *missing, *(kind for kind in analysis.ladder if kind is last))


def plan_recovery(
    config: Config,
    context: RecoveryContext,
    analysis: ErrorAnalysis,
    options: RunOptions,
    *,
    call: Call | None,
    text: Callable[[], str],
    seed: float,
    human_configured: bool,
) -> PlannedRecovery:
    """Return the plan of one recovery.

    Args:
        config: the snapshot at this moment.
        context: of the error.
        analysis: of the error.
        options: of the call.
        call: to run again, or None.
        text: gives the error's text, for the user's further patterns of the same strategy.
        seed: of the recovery's random numbers.
        human_configured: somebody is there to be asked.
    """
    ladder = ladder_of(analysis, options, _offered_by(context, config))
    ladder, declared = _declared_by(context, config, analysis, options, ladder)
    unknown_outcome = call is not None and call.rerun is Rerun.NEVER
    if unknown_outcome and RecoveryStrategy.ESCALATION not in ladder:
        ladder = (*ladder, RecoveryStrategy.ESCALATION)  # only a human can find out how far it came
    strategies: list[BaseRecoveryStrategy] = []
    kinds: list[RecoveryStrategy] = []
    skips: dict[int, str] = {}
    for kind in ladder:
        strategy = strategy_for(config, kind, context, analysis, options)
        if strategy is None:
            continue
        index = len(kinds)
        kinds.append(kind)
        strategies.append(strategy)
        if kind is RecoveryStrategy.ESCALATION and not options.ask_human:
            skips[index] = "asking a human is left to the caller"
        elif kind is RecoveryStrategy.ESCALATION and not (
            human_configured
            or unknown_outcome
            or analysis.declared
            or kind in declared
            or kind in options.ladder
            or kind in options.settings
            or (index == 0 and analysis.error_type is not ErrorType.UNKNOWN)
        ):
            skips[index] = "no escalation is configured"
    budget = options.budget or DEFAULT_BUDGET
    plan = Plan(
        tuple(kinds),
        budget,
        seed=seed,
        policy_version=_version(tuple(kinds), tuple(map(type, strategies))),
    )
    matching, matching_strategies = _matching_corrections(config, ladder, text)
    return PlannedRecovery(plan, tuple(strategies), skips, matching, matching_strategies)


def _declared_by(
    context: RecoveryContext,
    config: Config,
    analysis: ErrorAnalysis,
    options: RunOptions,
    ladder: tuple[RecoveryStrategy, ...],
) -> tuple[tuple[RecoveryStrategy, ...], tuple[RecoveryStrategy, ...]]:
    """Return the ladder as the context's metadata wants it, and what of it was named there."""
    retry, pattern = RecoveryStrategy.RETRY, analysis.pattern
    forced = context.metadata.get("force") is True and not options.ladder
    if forced and retry not in ladder and (pattern is None or pattern.recovery_strategy is retry):
        ladder = (retry, *ladder)  # a fact that says it stays had taken it off
    if "fallback_strategies" not in context.metadata:
        return ladder, ()
    declared = fallbacks_of(context.metadata)
    require_registered(config.strategies, declared)
    return tuple(dict.fromkeys((*ladder[:1], *declared))), declared


def _offered_by(context: RecoveryContext, config: Config) -> tuple[RecoveryStrategy, ...]:
    """Return the strategies that the context's metadata has settings for."""
    own = [key for key in context.metadata if key not in COMMON_KEYS | ESCALATION_KEYS]
    if not own:
        return ()
    known = ((kind, config.strategies.get(kind)) for kind in _OFFERED)
    return tuple(
        kind
        for kind, strategy in known
        if isinstance(strategy, SteppedStrategy) and any(strategy.knows(key) for key in own)
    )


def strategy_for(
    config: Config,
    kind: RecoveryStrategy,
    context: RecoveryContext | None,
    analysis: ErrorAnalysis,
    options: RunOptions,
) -> BaseRecoveryStrategy | None:
    """Return the strategy with the settings of options, pattern and context, the last the strongest."""
    strategy = config.strategies.get(kind)
    if strategy is None:
        return None
    overlay = options.settings.get(kind)
    pattern = analysis.pattern_for(kind)
    if overlay:
        strategy = configure(strategy, overlay)
        if pattern is not None and kind in config.strategies_for(pattern):
            strategy = configure(strategy, pattern.metadata)
    elif pattern is not None:
        strategy = config.strategies_for(pattern).get(kind, strategy)
    return configure(strategy, context.metadata) if context and context.metadata else strategy


def limit_of(config: Config, options: RunOptions) -> tuple[RetryBucket, str | None] | None:
    """Return the bucket that a success of these calls fills, and the dependency that was named."""
    strategy = config.strategies.get(RecoveryStrategy.RETRY)
    overlay = options.settings.get(RecoveryStrategy.RETRY)
    if strategy is not None and overlay:
        strategy = configure(strategy, overlay)
    if not isinstance(strategy, RetryStrategy) or strategy.bucket is None:
        return None
    return strategy.bucket, strategy.dependency


def _matching_corrections(
    config: Config, ladder: tuple[RecoveryStrategy, ...], describe: Callable[[], str]
) -> tuple[tuple[ErrorPattern, ...], tuple[BaseRecoveryStrategy, ...]]:
    """Return the correction patterns that match, with their strategies; all of them are candidates."""
    kind = RecoveryStrategy.ERROR_CORRECTION
    if kind not in ladder or not config.pattern_strategies:
        return (), ()
    text = describe()
    patterns: list[ErrorPattern] = []
    strategies: list[BaseRecoveryStrategy] = []
    for match in config.patterns.match_all(text, strategy=kind):
        configured = config.strategies_for(match.pattern).get(kind)
        if configured is not None:
            patterns.append(match.pattern)
            strategies.append(configured)
    return tuple(patterns), tuple(strategies)


@lru_cache(maxsize=256)
def _version(kinds: tuple[RecoveryStrategy, ...], types: tuple[type, ...]) -> str:
    """Return 8 hex digits that change when the plan's strategies do."""
    names = ";".join(f"{kind}:{cls.__qualname__}" for kind, cls in zip(kinds, types, strict=True))
    return hashlib.blake2b(names.encode(), digest_size=4).hexdigest()
