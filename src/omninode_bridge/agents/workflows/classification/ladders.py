"""Which strategies are tried for which error, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

if TYPE_CHECKING:
    from .matcher import PatternMatch

__all__ = ["TYPE_LADDERS", "Ladder", "ladder_for"]

Ladder = tuple[RecoveryStrategy, ...]

_RETRY = RecoveryStrategy.RETRY
_OTHER = RecoveryStrategy.ALTERNATIVE_PATH
_LESS = RecoveryStrategy.GRACEFUL_DEGRADATION
_CORRECT = RecoveryStrategy.ERROR_CORRECTION
_HUMAN = RecoveryStrategy.ESCALATION

# By type and transience (True: it passes, False: it stays, None: nobody knows). From the "Best For"
# lists of the guide. What stays is never retried; of what may stay, only the transport's errors are.
TYPE_LADDERS: Mapping[tuple[ErrorType, bool | None], Ladder] = MappingProxyType(
    {
        (ErrorType.NETWORK, True): (_RETRY, _OTHER, _HUMAN),
        (ErrorType.NETWORK, None): (_RETRY, _OTHER, _HUMAN),
        (ErrorType.NETWORK, False): (_OTHER, _HUMAN),
        (ErrorType.TIMEOUT, True): (_RETRY, _OTHER, _LESS, _HUMAN),
        (ErrorType.TIMEOUT, None): (_RETRY, _OTHER, _LESS, _HUMAN),
        (ErrorType.TIMEOUT, False): (_LESS, _OTHER, _HUMAN),
        (ErrorType.RATE_LIMIT, True): (_RETRY, _OTHER, _HUMAN),
        (ErrorType.RATE_LIMIT, None): (_RETRY, _OTHER, _HUMAN),
        (ErrorType.RATE_LIMIT, False): (_OTHER, _HUMAN),
        (ErrorType.AI_SERVICE, True): (_RETRY, _OTHER, _LESS, _HUMAN),
        (ErrorType.AI_SERVICE, None): (_OTHER, _LESS, _HUMAN),
        (ErrorType.AI_SERVICE, False): (_OTHER, _LESS, _HUMAN),
        (ErrorType.VALIDATION, True): (_RETRY, _OTHER, _CORRECT, _LESS, _HUMAN),
        (ErrorType.VALIDATION, None): (_OTHER, _CORRECT, _LESS, _HUMAN),
        (ErrorType.VALIDATION, False): (_OTHER, _CORRECT, _LESS, _HUMAN),
        (ErrorType.SYNTAX, True): (_CORRECT, _OTHER, _HUMAN),
        (ErrorType.SYNTAX, None): (_CORRECT, _OTHER, _HUMAN),
        (ErrorType.SYNTAX, False): (_CORRECT, _OTHER, _HUMAN),
        (ErrorType.GENERATION, True): (_RETRY, _OTHER, _LESS, _HUMAN),
        (ErrorType.GENERATION, None): (_OTHER, _LESS, _HUMAN),
        (ErrorType.GENERATION, False): (_OTHER, _LESS, _HUMAN),
        (ErrorType.CONTRACT, True): (_HUMAN,),
        (ErrorType.CONTRACT, None): (_HUMAN,),
        (ErrorType.CONTRACT, False): (_HUMAN,),
        (ErrorType.SECURITY, True): (_HUMAN,),
        (ErrorType.SECURITY, None): (_HUMAN,),
        (ErrorType.SECURITY, False): (_HUMAN,),
        (ErrorType.CUSTOM, True): (_RETRY, _HUMAN),
        (ErrorType.CUSTOM, None): (_HUMAN,),
        (ErrorType.CUSTOM, False): (_HUMAN,),
        (ErrorType.UNKNOWN, True): (_RETRY, _HUMAN),
        (ErrorType.UNKNOWN, None): (_HUMAN,),
        (ErrorType.UNKNOWN, False): (_HUMAN,),
    }
)


def ladder_for(
    error_type: ErrorType,
    transient: bool | None,  # noqa: FBT001 - the second half of a key
    *,
    syntax_in_causes: bool = False,
    match: PatternMatch | None = None,
    vetoed: bool = False,
    prefer: RecoveryStrategy | None = None,
) -> Ladder:
    """Return the strategies in the order in which they are tried, a human last.

    Args:
        error_type: what the error is.
        transient: whether it passes.
        syntax_in_causes: a cause is code that does not parse, so correction comes first.
        match: a built-in pattern; its strategy comes first, then the type's.
        vetoed: a fact forbids that strategy, so it is left out.
        prefer: what the facts call for, before everything else.
    """
    first: list[RecoveryStrategy] = []
    if prefer is not None:
        first.append(prefer)
    if match is not None and not vetoed:
        first.append(match.pattern.recovery_strategy)
    if syntax_in_causes and error_type in (ErrorType.VALIDATION, ErrorType.GENERATION):
        first.append(_CORRECT)
    ladder = dict.fromkeys([*first, *TYPE_LADDERS[error_type, transient]])
    if transient is False and not (match is not None and not vetoed):
        ladder.pop(_RETRY, None)
    return tuple(ladder)
