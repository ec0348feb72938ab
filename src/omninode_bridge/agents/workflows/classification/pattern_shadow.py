"""Which earlier pattern always wins instead of a later one: by proof, or by samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from omninode_bridge.agents.workflows.recovery_models import ErrorPattern, RecoveryStrategy

from .matcher import PatternSet
from .pattern_shape import holds_whole, needed_words
from .safety import analyse

__all__ = ["Shadow", "shadow_of"]

_LEAST_SAMPLES = 2
_CORRECTION = RecoveryStrategy.ERROR_CORRECTION


@dataclass(frozen=True, slots=True)
class Shadow:
    """Why a pattern never wins.

    Attributes:
        by: ids of the earlier patterns that win instead.
        is_proved: it holds for every text; else for all samples that were tried.
        sample: a text that the pattern matches and that an earlier one takes; empty for a proof by
            equal regexes.
    """

    by: tuple[str, ...]
    is_proved: bool
    sample: str = ""


def shadow_of(
    pattern: ErrorPattern,
    earlier: Sequence[ErrorPattern],
    everything: PatternSet,
    samples: Sequence[str],
) -> Shadow | None:
    """Return what hides the pattern, or None where some text is left to it.

    Corrections do not hide each other: all that match are candidates.

    Args:
        pattern: the later one.
        earlier: what is tried before it.
        everything: all patterns of the user, itself included.
        samples: texts that the pattern matches.
    """
    rivals = {
        other.pattern_id: other
        for other in earlier
        if not (other.recovery_strategy is pattern.recovery_strategy is _CORRECTION)
    }
    equal = next((o for o in rivals.values() if o.regex_pattern == pattern.regex_pattern), None)
    if equal is not None:
        return Shadow((equal.pattern_id,), is_proved=True)
    winners: dict[str, str] = {}
    for sample in samples:
        found = everything.search(sample, built_in=False)
        if found.skipped or found.match is None or found.match.pattern.pattern_id not in rivals:
            return None
        winners.setdefault(found.match.pattern.pattern_id, sample)
    if len(samples) < _LEAST_SAMPLES and not winners:
        return None
    proved = _proof(pattern.regex_pattern, [rivals[name] for name in winners])
    if proved is not None:
        return Shadow((proved,), is_proved=True, sample=winners[proved])
    if len(samples) < _LEAST_SAMPLES:
        return None
    return Shadow(tuple(winners), is_proved=False, sample=samples[0])


def _proof(regex: str, rivals: Sequence[ErrorPattern]) -> str | None:
    """Return the one pattern of which it is certain that it matches wherever the regex does."""
    chains = analyse(regex).chains
    if chains is not None:
        choices = [[tuple(text for _, text in chain) for chain in chains]]
    else:
        choices = [[(word,) for word in words] for words in needed_words(regex)]
    for rival in rivals:
        if holds_whole(regex, rival.regex_pattern):
            return rival.pattern_id
        other = analyse(rival.regex_pattern)
        if other.chains is None or any(gap for chain in other.chains for gap, _ in chain):
            continue
        wanted = [tuple(text for _, text in chain) for chain in other.chains]
        if any(
            all(any(_holds(have, want) for want in wanted) for have in needed) for needed in choices
        ):
            return rival.pattern_id
    return None


def _holds(have: Sequence[str], want: Sequence[str]) -> bool:
    """Whether every text with these literals in order has those in order too."""
    which, at = 0, 0
    for text in want:
        while which < len(have):
            found = have[which].find(text, at)
            if found >= 0:
                at = found + len(text)
                break
            which, at = which + 1, 0
        else:
            return False
    return True
