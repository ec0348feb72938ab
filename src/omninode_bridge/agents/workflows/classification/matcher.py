"""Find the pattern for a text, in order, without ever being stalled by one."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from omninode_bridge.agents.workflows.recovery_models import ErrorPattern, RecoveryStrategy

from ._compiled import NO_GROUPS, SKIPPED
from ._entries import Entry, Slot
from ._grams import Grams
from ._haystack import Haystack
from ._memo import Memo
from ._shelf import Shelf
from .text import bounded

__all__ = ["ANALYSIS_SECONDS", "PatternMatch", "PatternSet", "Search"]

# What slow patterns may take together, and quick ones after that in each of at most four searches:
# together less than the 50 ms that an analysis may block.
ANALYSIS_SECONDS = 0.03
_GRACE_SECONDS = 0.004
_OWN_SHARE = 0.6  # of the time, so that slow patterns of the user's do not silence ours
_MEMO_ENTRIES = 256
_MEMO_BYTES = 1_000_000
_ANSWER_BYTES = 400


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


_NOTHING = Search(None)


class PatternSet:
    """Patterns in order; does not change: adding and removing give another set.

    A search can run in any thread while another set takes this one's place. Patterns are tried by
    priority, higher first, then in order of registration; replacing a pattern by its id keeps its
    place among equals.
    """

    __slots__ = ("_in_order", "_memo", "_next", "_ours", "_own", "_own_patterns", "_unsettled")

    def __init__(
        self,
        own: Shelf | None = None,
        ours: Shelf | None = None,
        number: int = 0,
        unsettled: Shelf | None = None,
    ) -> None:
        self._own = own or Shelf()
        self._ours = ours or Shelf()
        self._next = number
        self._unsettled = unsettled
        self._memo: Memo[Search] = Memo(_MEMO_ENTRIES, _MEMO_BYTES)
        self._in_order: tuple[ErrorPattern, ...] | None = None
        self._own_patterns: tuple[ErrorPattern, ...] | None = None

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
        by_id: dict[str, Entry] = {}
        for number, pattern in enumerate(patterns):
            old = by_id.get(pattern.pattern_id)
            place = old.key[1] if old else number
            by_id[pattern.pattern_id] = Entry(pattern, place, built_in=built_in)
        shelf = Shelf.of(by_id.values(), lazy=built_in)
        number = max((entry.key[1] + 1 for entry in by_id.values()), default=0)
        return cls(None, shelf, number) if built_in else cls(shelf, None, number)

    def with_pattern(self, pattern: ErrorPattern, *, built_in: bool = False) -> PatternSet:
        """Return a set that holds this pattern too; one of the same id is replaced.

        Raises:
            PatternError: the regex cannot be compiled; the message says where.
        """
        old = self._get(pattern.pattern_id)
        entry = Entry(pattern, old.key[1] if old else self._next, built_in=built_in)
        base = self if old is None else self._without(old)
        own, ours, unsettled = base._own, base._ours, base._unsettled
        if built_in:
            ours, unsettled = ours.with_entry(entry), None
        else:
            own = own.with_entry(entry)
        return PatternSet(own, ours, self._next + (old is None), unsettled)

    def without(self, pattern_id: str) -> PatternSet:
        """Return a set without the pattern of this id; this very set where there is none."""
        old = self._get(pattern_id)
        return self if old is None else self._without(old)

    def _without(self, entry: Entry) -> PatternSet:
        if entry.built_in:
            return PatternSet(self._own, self._ours.without(entry), self._next)
        return PatternSet(self._own.without(entry), self._ours, self._next, self._unsettled)

    def _get(self, pattern_id: str) -> Entry | None:
        return self._own.get(pattern_id) or self._ours.get(pattern_id)

    @property
    def in_order(self) -> tuple[ErrorPattern, ...]:
        """The patterns by priority, higher first, then in order of registration."""
        if self._in_order is None:
            entries = sorted((*self._own, *self._ours), key=lambda entry: entry.key)
            self._in_order = tuple(entry.pattern for entry in entries)
        return self._in_order

    @property
    def own(self) -> tuple[ErrorPattern, ...]:
        """The user's own patterns, in order."""
        if self._own_patterns is None:
            self._own_patterns = tuple(entry.pattern for entry in self._own)
        return self._own_patterns

    def __len__(self) -> int:
        return len(self._own) + len(self._ours)

    def __contains__(self, pattern_id: object) -> bool:
        return isinstance(pattern_id, str) and self._get(pattern_id) is not None

    def is_built_in(self, pattern_id: str) -> bool:
        """Whether the pattern of this id is one of ours; False where there is none."""
        entry = self._get(pattern_id)
        return entry is not None and entry.built_in

    def match(self, text: str) -> PatternMatch | None:
        """Return the first pattern that matches: the user's own before ours, each in order."""
        return self.search(text).match

    def match_all(
        self,
        text: str,
        strategy: RecoveryStrategy | None = None,
        *,
        deadline: float | None = None,
    ) -> list[PatternMatch]:
        """Return every pattern that matches, in order; only those of this strategy if one is given.

        `deadline` is as in `search()`.
        """
        if deadline is None:
            deadline = time.monotonic() + ANALYSIS_SECONDS
        grams = Grams(hay := Haystack(bounded(text)))
        slots = self._own.candidates(grams) + self._ours.candidates(grams)
        if strategy is not None:
            slots = [slot for slot in slots if slot.entry.pattern.recovery_strategy is strategy]
        slots.sort(key=lambda slot: slot.key)
        return _run(slots, hay, deadline, first=False)[0]

    def search(
        self,
        text: str,
        *,
        built_in: bool | None = None,
        settled: bool = False,
        deadline: float | None = None,
        remember: bool = True,
    ) -> Search:
        """Search and tell also what got no answer in time.

        Args:
            text: of any length; its head and its tail are looked at.
            built_in: True for our patterns only, False for the user's own only, None for both, the
                user's own first.
            settled: the type is known already, so our patterns that would only say it again are
                left out.
            deadline: moment of `time.monotonic()` after which nothing slow is run; 30 ms from now
                if not given.
            remember: keep the answer; False where the caller keeps what it makes of it.
        """
        if built_in is False and not len(self._own):
            return _NOTHING
        text = bounded(text)
        key = (text, built_in, settled)
        if remember and (known := self._memo.get(key)) is not None:
            return known
        now = time.monotonic()
        if deadline is None:
            deadline = now + ANALYSIS_SECONDS
        if built_in is None:
            found = self.search(text, built_in=False, deadline=deadline)
            if found.match is None:
                ours = self.search(text, built_in=True, settled=settled, deadline=deadline)
                found = Search(ours.match, found.skipped + ours.skipped)
        else:
            hay = Haystack(text)
            shelf = self._shelf(built_in=built_in, settled=settled)
            if not built_in and len(self._ours):
                deadline = now + (deadline - now) * _OWN_SHARE
            matches, skipped = _run(shelf.candidates(Grams(hay)), hay, deadline, first=True)
            found = Search(matches[0] if matches else None, skipped)
        if remember and not found.skipped:
            self._memo.put(key, found, len(text) * 4 + _ANSWER_BYTES)
        return found

    def _shelf(self, *, built_in: bool, settled: bool) -> Shelf:
        if not built_in:
            return self._own
        if not settled:
            return self._ours
        if self._unsettled is None:
            self._unsettled = Shelf.of(
                (entry for entry in self._ours if not entry.adds_nothing), lazy=True
            )
        return self._unsettled


def _run(
    slots: list[Slot], hay: Haystack, deadline: float, *, first: bool
) -> tuple[list[PatternMatch], tuple[str, ...]]:
    """Run what may match, in order; a pattern matches where one of its alternatives does."""
    matches: list[PatternMatch] = []
    skipped: list[str] = []
    done: Entry | None = None
    unsure: Entry | None = None
    late: float | None = None
    for slot in slots:
        entry = slot.entry
        if entry is done:
            continue
        if unsure is not None and unsure is not entry:
            skipped.append(unsure.pattern.pattern_id)
            unsure = None
        if late is not None:
            # A busy machine must not silence quick patterns: what counts is our own time.
            if time.thread_time() - late > _GRACE_SECONDS:
                unsure = entry
                continue
        elif time.monotonic() > deadline:
            late = time.thread_time()
        groups = slot.clause.search(hay, deadline)
        if groups is None:
            continue
        if groups is SKIPPED:
            unsure = entry
            continue
        done, unsure = entry, None
        matches.append(PatternMatch(entry.pattern, groups, entry.built_in, tuple(skipped)))
        if first:
            return matches, tuple(skipped)
    if unsure is not None:
        skipped.append(unsure.pattern.pattern_id)
    return matches, tuple(skipped)
