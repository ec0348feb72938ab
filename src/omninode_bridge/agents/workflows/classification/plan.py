"""From what an error is to the steps that are tried."""

from __future__ import annotations

from omninode_bridge.agents.workflows.recovery_models import RecoveryStrategy, parse_kind

from .evidence import Classification
from .ladders import Ladder, ladder_for
from .matcher import PatternMatch
from .policy import BUILT_IN_POLICY, Policy

__all__ = ["plan_ladder"]


def plan_ladder(found: Classification, policy: Policy = BUILT_IN_POLICY) -> tuple[Ladder, bool]:
    """Return the ladder for a classified error, and whether the user declared it.

    A user's pattern declares: its strategy, then its ``metadata["fallback_strategies"]``, nothing
    else. Where a fact vetoes a declared retry and nothing else was declared, the type's ladder
    takes its place. A ladder of the user's policy is the whole one; what a built-in pattern or a
    fact prefers changes only the built-in ladders.
    """
    match = found.match
    if match is not None and not match.built_in:
        declared = _declared(match)
        if found.vetoed:
            declared = tuple(step for step in declared if step is not RecoveryStrategy.RETRY)
        if declared:
            return declared, True
        match = None
    own = policy.ladders.get((found.error_type, found.transient))
    if own is not None:
        return own, False
    ladder = ladder_for(
        found.error_type,
        found.transient,
        syntax_in_causes=found.syntax_in_causes,
        match=match,
        vetoed=found.vetoed,
        prefer=found.facts.prefer,
    )
    return ladder, False


def _declared(match: PatternMatch) -> Ladder:
    fallbacks = match.pattern.metadata.get("fallback_strategies") or ()
    if isinstance(fallbacks, str):
        fallbacks = (fallbacks,)
    chosen = [match.pattern.recovery_strategy]
    chosen += [parse_kind(RecoveryStrategy, name, what="fallback_strategies") for name in fallbacks]
    return tuple(dict.fromkeys(chosen))
