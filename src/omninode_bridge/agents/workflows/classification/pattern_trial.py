"""Try a text on every pattern: which wins, which others match, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from omninode_bridge.agents.workflows._redaction import redact
from omninode_bridge.agents.workflows.recovery_models import ErrorPattern

from .matcher import PatternMatch, PatternSet
from .text import bounded

__all__ = ["Trial", "TrialMatch", "try_patterns"]

_EXCERPT_SECONDS = 0.025
_EXCERPT = 120


@dataclass(frozen=True, slots=True)
class TrialMatch:
    """A pattern that matches.

    Attributes:
        pattern: itself.
        groups: the named groups of its match, redacted.
        excerpt: what it matched, redacted and cut; empty where that cannot be told in time.
        why: why it wins, or why it does not.
    """

    pattern: ErrorPattern
    groups: Mapping[str, str]
    excerpt: str
    why: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What the patterns make of a text.

    Attributes:
        winner: the pattern that is used, or None.
        others: those that match too, in order.
        not_added: those that would match if somebody added their library.
        skipped: ids of those that got no answer in time.
    """

    winner: TrialMatch | None
    others: tuple[TrialMatch, ...]
    not_added: tuple[TrialMatch, ...]
    skipped: tuple[str, ...]


def try_patterns(
    text: str,
    own: Sequence[ErrorPattern],
    built_in: Sequence[ErrorPattern],
    not_added: Sequence[ErrorPattern] = (),
) -> Trial:
    """Say which patterns match a text, in the order in which they are tried."""
    ours, theirs = PatternSet.of(built_in, built_in=True), PatternSet.of(own)
    found = [*theirs.match_all(text), *ours.match_all(text)]
    skipped = [*theirs.search(text).skipped, *ours.search(text).skipped]
    skipped += [name for match in found for name in match.skipped]
    others = [_told(text, match, _lost(match, found[0])) for match in found[1:]]
    rest = PatternSet.of(not_added, built_in=True).match_all(text)
    winner = None
    if found:
        winner = _told(text, found[0], _won(found[0], found))
    return Trial(
        winner,
        tuple(others),
        tuple(_told(text, match, "its library is not added by itself") for match in rest),
        tuple(dict.fromkeys(skipped)),
    )


def _told(text: str, match: PatternMatch, why: str) -> TrialMatch:
    groups = {name: redact(value, limit=_EXCERPT) for name, value in match.groups.items()}
    return TrialMatch(match.pattern, groups, _excerpt(match.pattern.regex_pattern, text), why)


def _excerpt(source: str, text: str) -> str:
    """Return what the regex matches; the matcher itself often need not know."""
    import regex

    try:
        compiled = regex.compile(source, regex.IGNORECASE | regex.VERSION0)
        found = compiled.search(bounded(text), timeout=_EXCERPT_SECONDS)
    except (TimeoutError, regex.error, MemoryError, RecursionError):
        return ""
    return redact(found[0], limit=_EXCERPT) if found is not None else ""


def _won(match: PatternMatch, found: Iterable[PatternMatch]) -> str:
    rivals = [other for other in found if other is not match]
    if not rivals:
        return "no other pattern matches"
    second = rivals[0]
    return f"it comes before {second.pattern.pattern_id}: {_order(match, second)}"


def _lost(match: PatternMatch, winner: PatternMatch) -> str:
    return f"it comes later: {_order(winner, match)}"


def _order(first: PatternMatch, second: PatternMatch) -> str:
    if first.built_in is not second.built_in:
        return "patterns of your own are tried before ours"
    one, two = first.pattern.priority, second.pattern.priority
    if one != two:
        return f"priority {one} before {two}"
    return f"of equal priority {one} the one registered first"
