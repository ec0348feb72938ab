"""Rank the evidence about an error and say what it is."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from omninode_bridge.agents.workflows.recovery_models import (
    ErrorType,
    EvidenceRank,
    RecoveryStrategy,
)

from .chain import Link, chain_facts, link_of_exception
from .codes import facts_of_line
from .facts import NOTHING, Facts, Provider
from .fingerprint import fingerprint_of
from .lazy_regex import LazyRegex
from .log_text import link_of_text
from .matcher import ANALYSIS_SECONDS, PatternMatch, PatternSet
from .plain import Outline
from .providers import DEFAULT_PROVIDERS
from .providers._durations import LONGEST_WAIT
from .providers.llm import is_spent
from .providers.waits import wait_in_words
from .text import base_names, bounded, describe, message_of, type_name

__all__ = ["Classification", "classify"]

_SOON = 300.0  # seconds
_MOST_NAME = 500
_RETRY, _LESS = RecoveryStrategy.RETRY, RecoveryStrategy.GRACEFUL_DEGRADATION
# "Resource exhausted" is said of requests, and of these.
_ROOM = LazyRegex(
    r"\boom\b|out of memory|memory limit exceeded|no space left|out of disk", re.IGNORECASE
)
_SETTINGS = ("Config", "Usage", "Setting", "Setup", "Argument", "Parameter", "Missing", "Option")
_KEYLESS = LazyRegex(
    r"\bapi[ _-]?key\b.{0,60}?\b(?:missing|invalid|required|not (?:been )?(?:set|found|provided|given|valid|configured)|must be set|incorrect|expired|revoked)\b"
    r"|\b(?:missing|invalid|incorrect|wrong|no|expired|without|provide|requires?|set) (?:\w+ ){0,4}api[ _-]?key\b|\b[A-Z_]*API_KEY\b.{0,60}?\b(?:missing|not set|required|must be set|invalid)\b",
    re.IGNORECASE,
)
_ROOMS = ("oom", "memory", "no space left", "out of disk")
_KINDRED = (ErrorType.NETWORK, ErrorType.TIMEOUT, ErrorType.RATE_LIMIT, ErrorType.AI_SERVICE)
_STAYING = frozenset(
    {
        ErrorType.VALIDATION,
        ErrorType.SYNTAX,
        ErrorType.GENERATION,
        ErrorType.CONTRACT,
        ErrorType.SECURITY,
    }
)


class Classification(NamedTuple):
    """What an error was found to be.

    Attributes:
        error_type: of the strongest evidence.
        transient: True, False, or None where nothing tells.
        retry_after: seconds that the other side asked us to wait.
        match: the pattern that matched and agrees with the facts, or None.
        rank: of the evidence that gave the type, see `EvidenceRank`.
        skipped_patterns: ids of patterns that got no answer in time.
        facts: what class, codes and causes told, merged.
        syntax_in_causes: code that does not parse is among the causes.
        vetoed: a permanent fact forbids the retry that the matched pattern asks for.
        text: what the patterns were matched against.
    """

    error_type: ErrorType
    transient: bool | None
    retry_after: float | None
    match: PatternMatch | None
    rank: int
    skipped_patterns: tuple[str, ...]
    facts: Facts
    syntax_in_causes: bool
    vetoed: bool
    text: str

    def reasons(self) -> tuple[str, ...]:
        """Say in words why, strongest first."""
        told = list(self.facts.reasons)
        if self.match is not None:
            whose = "built-in pattern" if self.match.built_in else "pattern"
            by_pattern = f"{whose} {self.match.pattern.pattern_id!r} matches the text"
            told.insert(len(told) if self.match.built_in else 0, by_pattern)
        if self.vetoed:
            told.append("a fact says that this error stays, so no retry")
        told += [
            f"pattern {name!r} took too long and was left out" for name in self.skipped_patterns
        ]
        return tuple(dict.fromkeys(told)) or ("nothing to go by",)

    def fingerprint(self) -> str:
        """Return sixteen hex digits that errors of one kind share."""
        return fingerprint_of(self.text)


def classify(
    error: BaseException | str,
    patterns: PatternSet,
    *,
    providers: Sequence[Provider] = DEFAULT_PROVIDERS,
    now: Callable[[], datetime] | None = None,
    outline: tuple[str, Outline] | None = None,
) -> Classification:
    """Say what an error is; never raises, whatever the error does.

    Args:
        error: an exception, or the text of one: a line of a log or a whole traceback.
        patterns: the user's and ours.
        providers: asked for facts, the most specific first.
        now: the wall clock, with its zone; needed where the other side names a moment to wait for.
        outline: the text of the error and what its kind tells, where that is known.
    """
    bases = ""
    if not isinstance(error, BaseException):  # asks an exception only for its type
        text = bounded(str.__str__(error))
        facts, rank, broken = _told(link_of_text(text))
    else:
        bases = base_names(error) if len(patterns.own) else ""
        if outline is not None:
            text, (facts, rank, broken) = outline
        else:
            text = describe(error)
            facts, rank, broken = _told(link_of_exception(error, providers))
    if facts.silent and isinstance(error, BaseException):
        facts, rank = _written(error)
    if facts.error_type is ErrorType.RATE_LIMIT and facts.transient is True and not facts.told:
        facts = _unless_spent(facts, text)
    if facts.error_type is ErrorType.VALIDATION and facts.transient is False and facts.reasons:
        facts = _unless_keyless(facts, text)
    deadline = time.monotonic() + ANALYSIS_SECONDS
    own = patterns.search(text, built_in=False, deadline=deadline)
    match, skipped = own.match, own.skipped
    if match is None and bases:
        below = patterns.search(bases, built_in=False, deadline=deadline)
        match, skipped = below.match, skipped + below.skipped
    if match is None:
        known = facts.error_type is not None and not _yields(facts, rank)
        settled = known and facts.transient is not None
        ours = patterns.search(
            text, built_in=True, settled=settled, deadline=deadline, remember=outline is None
        )
        skipped += ours.skipped
        match = ours.match
        if match is not None and not _agrees(match, facts, rank):
            everything = patterns.match_all(text, deadline=deadline)
            others = (found for found in everything if found.built_in)
            match = next((found for found in others if _agrees(found, facts, rank)), None)
    return _combined(text, facts, rank, match, skipped, now, broken=broken)


def _told(link: Link) -> Outline:
    facts, rank = chain_facts(link)
    return Outline(facts, rank, link.has_syntax_cause())


def _unless_spent(facts: Facts, text: str) -> Facts:
    """A limit of money, of a day, of memory or of a disk does not pass within minutes."""
    lowered = text.lower()
    if any(word in lowered for word in _ROOMS) and _ROOM.search(text) is not None:
        reasons = ("the message speaks of memory or of a disk", *facts.reasons)
        return Facts(ErrorType.GENERATION, transient=False, prefer=_LESS, reasons=reasons)
    if (facts.retry_after is not None and facts.retry_after <= _SOON) or not is_spent(text):
        return facts
    reasons = ("the message speaks of money or of a day", *facts.reasons)
    return replace(facts, transient=False, reasons=reasons)


def _unless_keyless(facts: Facts, text: str) -> Facts:
    """A key that is missing or wrong is more than a fault of the configuration."""
    by = facts.reasons[0]
    named = by.startswith("the name of the class ") and any(word in by for word in _SETTINGS)
    if not named or "key" not in text.lower() or _KEYLESS.search(text) is None:
        return facts
    reasons = ("the message speaks of an API key", *facts.reasons)
    return replace(facts, error_type=ErrorType.SECURITY, reasons=reasons)


def _written(error: BaseException) -> tuple[Facts, int]:
    """Read the codes in the message of an error of which nothing else is known."""
    cls = type(error)
    try:
        name = f"{cls.__module__}.{cls.__qualname__}"[:_MOST_NAME]
    except Exception:  # noqa: BLE001 - a metaclass may do anything
        name = type_name(error)
    facts = facts_of_line(name, message_of(error))
    if facts.silent:
        return NOTHING, EvidenceRank.NOTHING
    return facts, EvidenceRank.BUILT_IN_TEXT


def _agrees(match: PatternMatch, facts: Facts, rank: int) -> bool:
    """Whether one of our patterns may speak beside the facts: prose never overrides one.

    A weak fact of a cause, or one that leaves the transience open, is less than the error's own
    words.
    """
    kind, strategy = match.pattern.error_type, match.pattern.recovery_strategy
    if strategy is _RETRY and facts.transient is False:
        return False
    if facts.transient is True and strategy is not _RETRY and kind is not facts.error_type:
        return False
    if facts.error_type is None or facts.error_type is kind or _yields(facts, rank):
        return True
    return facts.transient is not False and facts.error_type in _KINDRED and kind in _KINDRED


def _yields(facts: Facts, rank: int) -> bool:
    return facts.weak and (rank < EvidenceRank.FACT or facts.transient is None)


def _combined(
    text: str,
    facts: Facts,
    rank: int,
    match: PatternMatch | None,
    skipped: tuple[str, ...],
    now: Callable[[], datetime] | None,
    *,
    broken: bool,
) -> Classification:
    kind, transient, vetoed = facts.error_type, facts.transient, False
    if match is not None:
        pattern = match.pattern
        wants_retry = pattern.recovery_strategy is _RETRY
        if not match.built_in:
            kind, rank = pattern.error_type, EvidenceRank.USER_PATTERN
            vetoed = wants_retry and transient is False and not pattern.metadata.get("force")
            if wants_retry and transient is None:
                transient = True
        elif kind is None or _yields(facts, rank):
            kind = pattern.error_type
            rank = max(rank, EvidenceRank.BUILT_IN_TEXT)
        if transient is None and match.built_in:
            transient = True if wants_retry else False if kind in _STAYING else None
    waits = facts
    if transient is True and facts.retry_after is None and facts.retry_at is None:
        seconds, _, said = wait_in_words(text)
        waits = facts.completed(Facts(retry_after=seconds, reasons=(said,))) if said else facts
    return Classification(
        error_type=kind if kind is not None else ErrorType.UNKNOWN,
        transient=transient,
        retry_after=_seconds(waits, now),
        match=match,
        rank=rank,
        skipped_patterns=skipped,
        facts=waits,
        syntax_in_causes=broken,
        vetoed=vetoed,
        text=text,
    )


def _seconds(facts: Facts, now: Callable[[], datetime] | None) -> float | None:
    if facts.retry_after is not None or facts.retry_at is None or now is None:
        return facts.retry_after
    try:
        seconds = (facts.retry_at - now()).total_seconds()
    except (TypeError, OverflowError):  # a moment without a zone, from a provider of one's own
        return None
    return min(max(0.0, seconds), LONGEST_WAIT)
