"""Registered patterns that can be looked through fast; adding and removing give another shelf.

New ones stand loose until there are enough of them for an index; indexes of one size are joined. So
an addition costs the same whatever stands there already, and no shelf is ever changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from operator import attrgetter

from ._entries import Entry, Slot
from ._grams import GramIndex, Grams

__all__ = ["Shelf"]

_LOOSE = 16
_JOINED = 4
_BY_KEY = attrgetter("key")


class _Block:
    """Patterns with an index; the index of our own patterns is made on first use."""

    def __init__(self, entries: tuple[Entry, ...], index: GramIndex[Slot] | None = None) -> None:
        self.entries = entries
        self.by_id = {entry.pattern.pattern_id: entry for entry in entries}
        if index is not None:
            self.index = index

    @cached_property
    def index(self) -> GramIndex[Slot]:
        index: GramIndex[Slot] = GramIndex()
        for entry in self.entries:
            for slot in entry.slots:
                needs = slot.clause.needs
                index.add(needs[0] if needs else (), slot)
        return index


class Shelf:
    """Patterns of one rank."""

    __slots__ = ("_blocks", "_gone", "_loose", "_ordered", "_size")

    def __init__(
        self,
        blocks: tuple[_Block, ...] = (),
        loose: tuple[Entry, ...] = (),
        gone: frozenset[Entry] = frozenset(),
        size: int = 0,
    ) -> None:
        self._blocks = blocks
        self._loose = loose
        self._gone = gone
        self._size = size
        self._ordered: tuple[Entry, ...] | None = None

    @classmethod
    def of(cls, entries: Iterable[Entry], *, lazy: bool = False) -> Shelf:
        """Return a shelf of these; `lazy` leaves the index to the first search."""
        held = tuple(entries)
        if not held:
            return cls()
        if len(held) <= _LOOSE and not lazy:
            return cls((), held, frozenset(), len(held))
        block = _Block(held)
        if not lazy:
            _ = block.index
        return cls((block,), (), frozenset(), len(held))

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Entry]:
        """Yield the patterns by priority, higher first, then in order of registration."""
        if self._ordered is None:
            entries = [entry for block in self._blocks for entry in block.entries]
            entries += self._loose
            if self._gone:
                entries = [entry for entry in entries if entry not in self._gone]
            self._ordered = tuple(sorted(entries, key=_BY_KEY))
        return iter(self._ordered)

    def get(self, pattern_id: str) -> Entry | None:
        """Return the pattern of this id."""
        for entry in self._loose:
            if entry.pattern.pattern_id == pattern_id:
                return entry
        for block in reversed(self._blocks):
            found = block.by_id.get(pattern_id)
            if found is not None and found not in self._gone:
                return found
        return None

    def with_entry(self, entry: Entry) -> Shelf:
        """Return a shelf with one more; there is none of its id yet."""
        loose, size = (*self._loose, entry), self._size + 1
        if len(loose) <= _LOOSE:
            return Shelf(self._blocks, loose, self._gone, size)
        blocks = [*self._blocks, _Block(loose)]
        _ = blocks[-1].index
        while len(blocks) >= _JOINED and _of_one_size(blocks[-_JOINED:]):
            blocks[-_JOINED:] = [_joined(blocks[-_JOINED:])]
        return Shelf(tuple(blocks), (), self._gone, size)

    def without(self, entry: Entry) -> Shelf:
        """Return a shelf without this one."""
        size = self._size - 1
        if entry in self._loose:
            loose = tuple(one for one in self._loose if one is not entry)
            return Shelf(self._blocks, loose, self._gone, size)
        gone = self._gone | {entry}
        if len(gone) ** 2 > 4 * size + 64:
            return Shelf.of(one for one in self if one is not entry)
        return Shelf(self._blocks, self._loose, gone, size)

    def candidates(self, grams: Grams) -> list[Slot]:
        """Return what a text may match, in order; what is left out cannot match."""
        found: set[Slot] = set()
        for block in self._blocks:
            found |= block.index.find(grams)
        slots = list(found)
        for entry in self._loose:
            slots += entry.slots
        if self._gone:
            slots = [slot for slot in slots if slot.entry not in self._gone]
        slots.sort(key=_BY_KEY)
        return slots


def _of_one_size(blocks: list[_Block]) -> bool:
    sizes = [len(block.entries) for block in blocks]
    return max(sizes) < 2 * min(sizes)


def _joined(blocks: list[_Block]) -> _Block:
    first, *others = blocks
    index, entries = first.index, first.entries
    for block in others:
        index = index.joined(block.index)
        entries += block.entries
    return _Block(entries, index)
