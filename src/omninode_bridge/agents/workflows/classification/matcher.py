"""Find the pattern for a text, in order, without ever being stalled by one."""

from __future__ import annotations

import re
import threading
import time
from bisect import insort
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from omninode_bridge.agents.workflows.recovery_models import ErrorPattern, RecoveryStrategy
from omninode_bridge.errors import PatternError

from ._compiled import NO_GROUPS, SKIPPED, CompiledRegex, compile_regex, fold
from .ladders import TYPE_LADDERS
from .text import bounded

__all__ = ["ANALYSIS_SECONDS", "PatternMatch", "PatternSet", "Search"]

ANALYSIS_SECONDS = 0.05
_MEMO_ENTRIES = 128
_MEMO_LENGTH = 2048


class PatternMatch(NamedTuple):
    """A pattern and where it matched.

    Attributes:
        pattern: the pattern that won.
        groups: the named groups of the match that took part in it.
        built_in: it is one of ours (or of a `COMMON_*` library), not the user's own.
        skipped: ids of patterns before it that got no answer in time.
    """

    pattern: ErrorPattern
    groups: Mapping[str, str] = NO_GROUPS
    built_in: bool = False
    skipped: tuple[str, ...] = ()


class Search(NamedTuple):
    """What a search found, and what it had to leave out."""

    match: PatternMatch | None
    skipped: tuple[str, ...] = ()


class _Entry:
    """A registered pattern; compiled at registration, or on first use for our own tested ones."""

    __slots__ = ("_compiled", "adds_nothing", "built_in", "key", "pattern")

    def __init__(self, pattern: ErrorPattern, number: int, *, built_in: bool) -> None:
        self.pattern = pattern
        self.built_in = built_in
        self.adds_nothing = built_in and not pattern.metadata and _is_usual(pattern)
        self.key = (-pattern.priority, number)
        self._compiled = None if built_in else _compile(pattern)

    @property
    def compiled(self) -> CompiledRegex:
        if self._compiled is None:
            self._compiled = _compile(self.pattern)
        return self._compiled

    def __lt__(self, other: _Entry) -> bool:
        return self.key < other.key


def _is_usual(pattern: ErrorPattern) -> bool:
    """Whether the pattern asks for what its type's ladder begins with anyway."""
    usual = (TYPE_LADDERS[pattern.error_type, known][0] for known in (True, None, False))
    return pattern.recovery_strategy in usual


def _compile(pattern: ErrorPattern) -> CompiledRegex:
    try:
        return compile_regex(pattern.regex_pattern)
    except re.error as error:
        where = "" if error.pos is None else f" at position {error.pos}"
        reason = error.msg
    except (RecursionError, OverflowError) as error:
        where, reason = "", str(error) or type(error).__name__
    raise PatternError(
        f"regex_pattern of pattern {pattern.pattern_id!r} does not compile: {reason}{where} "
        f"of {pattern.regex_pattern!r}",
        pattern_id=pattern.pattern_id,
    )


class PatternSet:
    """Patterns in order; does not change: adding and removing give another set.

    A search can run in any thread while another set takes this one's place. Patterns are tried by
    priority, higher first, then in order of registration; replacing a pattern by its id keeps its
    place among equals.
    """

    __slots__ = ("_by_id", "_entries", "_lock", "_memo", "_next")

    def __init__(
        self,
        entries: tuple[_Entry, ...] = (),
        by_id: Mapping[str, _Entry] | None = None,
        number: int = 0,
    ) -> None:
        self._entries = entries
        self._by_id = dict(by_id or {})
        self._next = number
        self._memo: dict[tuple[str, bool | None, bool], Search] = {}
        self._lock = threading.Lock()

    @classmethod
    def empty(cls) -> PatternSet:
        """Return a set without patterns."""
        return cls()

    @classmethod
    def of(cls, patterns: Iterable[ErrorPattern], *, built_in: bool = False) -> PatternSet:
        """Return a set of these patterns; later ones replace earlier ones of the same id.

        Raises:
            PatternError: a regex that cannot be compiled.
        """
        by_id: dict[str, _Entry] = {}
        for number, pattern in enumerate(patterns):
            old = by_id.get(pattern.pattern_id)
            place = old.key[1] if old else number
            by_id[pattern.pattern_id] = _Entry(pattern, place, built_in=built_in)
        return cls(tuple(sorted(by_id.values())), by_id, len(by_id))

    def with_pattern(self, pattern: ErrorPattern, *, built_in: bool = False) -> PatternSet:
        """Return a set that holds this pattern too; one of the same id is replaced.

        Raises:
            PatternError: the regex cannot be compiled; the message says where.
        """
        old = self._by_id.get(pattern.pattern_id)
        entry = _Entry(pattern, old.key[1] if old else self._next, built_in=built_in)
        entries = (
            [other for other in self._entries if other is not old] if old else [*self._entries]
        )
        insort(entries, entry)
        by_id = self._by_id | {pattern.pattern_id: entry}
        return PatternSet(tuple(entries), by_id, self._next + (old is None))

    def without(self, pattern_id: str) -> PatternSet:
        """Return a set without the pattern of this id; this very set where there is none."""
        old = self._by_id.get(pattern_id)
        if old is None:
            return self
        by_id = {key: entry for key, entry in self._by_id.items() if entry is not old}
        return PatternSet(tuple(e for e in self._entries if e is not old), by_id, self._next)

    @property
    def in_order(self) -> tuple[ErrorPattern, ...]:
        """The patterns by priority, higher first, then in order of registration."""
        return tuple(entry.pattern for entry in self._entries)

    @property
    def own(self) -> tuple[ErrorPattern, ...]:
        """The user's own patterns, in order."""
        return tuple(entry.pattern for entry in self._entries if not entry.built_in)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, pattern_id: object) -> bool:
        return pattern_id in self._by_id

    def is_built_in(self, pattern_id: str) -> bool:
        """Whether the pattern of this id is one of ours; False where there is none."""
        entry = self._by_id.get(pattern_id)
        return entry is not None and entry.built_in

    def match(self, text: str) -> PatternMatch | None:
        """Return the first pattern that matches: the user's own before ours, each in order."""
        return self.search(text).match

    def match_all(self, text: str, strategy: RecoveryStrategy | None = None) -> list[PatternMatch]:
        """Return every pattern that matches, in order; only those of this strategy if one is given."""
        entries = [
            entry
            for entry in self._entries
            if strategy is None or entry.pattern.recovery_strategy is strategy
        ]
        return _run(entries, bounded(text), time.monotonic() + ANALYSIS_SECONDS, first=False)[0]

    def search(
        self,
        text: str,
        *,
        built_in: bool | None = None,
        settled: bool = False,
        deadline: float | None = None,
    ) -> Search:
        """Search and tell also what got no answer in time.

        Args:
            text: of any length; its head and its tail are looked at.
            built_in: True for our patterns only, False for the user's own only, None for both, the
                user's own first.
            settled: the type is known already, so our patterns that would only say it again are
                left out.
            deadline: moment of `time.monotonic()` after which nothing slow is run; 50 ms from now
                if not given.
        """
        text = bounded(text)
        key = (text, built_in, settled)
        found = self._memo.get(key)
        if found is not None:
            return found
        if deadline is None:
            deadline = time.monotonic() + ANALYSIS_SECONDS
        if built_in is None:
            own = self.search(text, built_in=False, deadline=deadline)
            found = own
            if own.match is None:
                ours = self.search(text, built_in=True, settled=settled, deadline=deadline)
                found = Search(ours.match, own.skipped + ours.skipped)
        else:
            entries = [
                entry
                for entry in self._entries
                if entry.built_in is built_in and not (settled and entry.adds_nothing)
            ]
            matches, skipped = _run(entries, text, deadline, first=True)
            found = Search(matches[0] if matches else None, skipped)
        if not found.skipped and len(text) <= _MEMO_LENGTH:
            with self._lock:
                if len(self._memo) >= _MEMO_ENTRIES:
                    del self._memo[next(iter(self._memo))]
                self._memo[key] = found
        return found


def _run(
    entries: Iterable[_Entry], text: str, deadline: float, *, first: bool
) -> tuple[list[PatternMatch], tuple[str, ...]]:
    folded = fold(text)
    known: dict[tuple[str, ...], bool] = {}
    matches: list[PatternMatch] = []
    skipped: tuple[str, ...] = ()
    for entry in entries:
        compiled = entry.compiled
        literals = compiled.literals
        if literals:
            present = known.get(literals)
            if present is None:
                present = known[literals] = any(literal in folded for literal in literals)
            if not present:
                continue
        groups = compiled.search(text, folded, deadline)
        if groups is None:
            continue
        if groups is SKIPPED:
            skipped += (entry.pattern.pattern_id,)
            continue
        matches.append(PatternMatch(entry.pattern, groups, entry.built_in, skipped))
        if first:
            break
    return matches, skipped
