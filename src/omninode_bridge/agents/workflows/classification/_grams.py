"""Which literals can be in a text, told by pieces of four characters.

A text is cut into pieces of four at every fourth place. Wherever a literal of seven characters or
more lies in the text, one of these pieces lies whole inside of it, and it is one of four that are
known beforehand: those that begin at four neighbouring places of the literal. So a look at a quarter
of the places finds every literal of any number of patterns. Literals of four to six characters need
all places, shorter ones are looked up one by one. Those of eleven and more are told by pieces of
eight, which fewer texts hold by chance.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Generic, Literal, TypeVar

from ._haystack import Haystack

__all__ = ["GramIndex", "Grams"]

T = TypeVar("T")

_SIZE = 4
_LONG = 2 * _SIZE - 1
_VERY_LONG = 3 * _SIZE - 1
_LOOKED_AT = 24  # places of a literal among which the rarest pieces are chosen
_FEW_LITERALS = 64  # of all literals so many are looked up faster in a short text than it is cut
_SHORT = 1000
_FEW = 40  # so many literals are looked up faster than the text is cut at all places


class Grams:
    """The pieces of one text, cut when they are asked for."""

    __slots__ = ("_all", "_data", "_eights", "_quarter", "hay")

    def __init__(self, hay: Haystack) -> None:
        self.hay = hay
        self._data: memoryview | None = None
        self._quarter: set[int] | None = None
        self._eights: set[int] | None = None
        self._all: set[int] | None = None

    @property
    def quarter(self) -> set[int]:
        """Pieces at every fourth place."""
        if self._quarter is None:
            self._quarter = set(self._cut(0))
        return self._quarter

    @property
    def eights(self) -> set[int]:
        """Pieces of twice the size at every fourth place."""
        if self._eights is None:
            self._eights = set(self._cut(0, 8)).union(self._cut(_SIZE, 8))
        return self._eights

    @property
    def all(self) -> set[int]:
        """Pieces at every place."""
        if self._all is None:
            self._all = self.quarter.union(self._cut(1), self._cut(2), self._cut(3))
        return self._all

    def _cut(self, begin: int, size: int = _SIZE) -> list[int]:
        if self._data is None:
            # One byte for each character, so that places stay; literals are ASCII.
            self._data = memoryview(self.hay.folded.encode("ascii", "replace"))
        end = begin + (len(self._data) - begin) // size * size
        kind: Literal["I", "Q"] = "I" if size == _SIZE else "Q"
        return self._data[begin:end].cast(kind).tolist() if end > begin else []


class GramIndex(Generic[T]):
    """Values by the literals of which one must be in the text; not changed once it is shared."""

    __slots__ = ("_always", "_each", "_eights", "_long", "_middle", "_middle_literals", "_short")

    def __init__(self) -> None:
        # Every literal with its values, while there are few; None once there are more.
        self._each: dict[str, list[T]] | None = {}
        self._eights: dict[int, list[T]] = {}
        self._long: dict[int, list[T]] = {}
        self._middle: dict[int, list[T]] = {}
        self._middle_literals: dict[str, list[T]] = {}
        self._short: dict[str, list[T]] = {}
        self._always: tuple[T, ...] = ()

    def add(self, literals: Iterable[str], value: T) -> None:
        """File a value under its literals; without any it is always found."""
        nothing = True
        for literal in literals:
            nothing = False
            self._note(literal, value)
            if len(literal) < _SIZE:
                _file(self._short, literal, value)
                continue
            if len(literal) >= _VERY_LONG:
                for piece in _rarest(self._eights, _pieces(literal, 2 * _SIZE)):
                    _file(self._eights, piece, value)
                continue
            pieces = _pieces(literal, _SIZE)
            if len(literal) < _LONG:
                _file(self._middle_literals, literal, value)
                held = self._middle
                _file(held, min(pieces, key=lambda piece: len(held.get(piece, ()))), value)
                continue
            for piece in _rarest(self._long, pieces):
                _file(self._long, piece, value)
        if nothing:
            self._always += (value,)

    def _note(self, literal: str, value: T) -> None:
        if self._each is not None:
            _file(self._each, literal, value)
            if len(self._each) > _FEW_LITERALS:
                self._each = None

    def joined(self, other: GramIndex[T]) -> GramIndex[T]:
        """Return an index that holds the values of both."""
        both: GramIndex[T] = GramIndex()
        if self._each is None or other._each is None:
            both._each = None
        else:
            each = _joined(self._each, other._each)
            both._each = each if len(each) <= _FEW_LITERALS else None
        both._eights = _joined(self._eights, other._eights)
        both._long = _joined(self._long, other._long)
        both._middle = _joined(self._middle, other._middle)
        both._middle_literals = _joined(self._middle_literals, other._middle_literals)
        both._short = _joined(self._short, other._short)
        both._always = self._always + other._always
        return both

    def find(self, grams: Grams) -> set[T]:
        """Return the values of which a literal may be in the text, and none too few."""
        found = set(self._always)
        folded = grams.hay.folded
        if self._each is not None and len(folded) <= _SHORT:
            for literal, values in self._each.items():
                if literal in folded:
                    found.update(values)
            return found
        long, eights = self._long, self._eights
        for piece in eights.keys() & grams.eights if eights else ():
            found.update(eights[piece])
        for piece in long.keys() & grams.quarter if long else ():
            found.update(long[piece])
        if len(self._middle_literals) <= _FEW:
            for literal, values in self._middle_literals.items():
                if grams.hay.has(literal):
                    found.update(values)
        else:
            middle = self._middle
            for piece in middle.keys() & grams.all:
                found.update(middle[piece])
        for literal, values in self._short.items():
            if grams.hay.has(literal):
                found.update(values)
        return found


def _pieces(literal: str, size: int) -> list[int]:
    data = literal.encode("ascii")[: _LOOKED_AT + size - 1]
    return [
        int.from_bytes(data[at : at + size], sys.byteorder) for at in range(len(data) - size + 1)
    ]


def _rarest(held: dict[int, list[T]], pieces: list[int]) -> list[int]:
    """Return four neighbouring pieces, those under which the fewest values are filed yet.

    Among equals those in the middle: there two words meet, which seldom do so in another text.
    """
    last = len(pieces) - _SIZE
    begin = last // 2
    if not held.keys().isdisjoint(pieces):
        counts = [len(held.get(piece, ())) for piece in pieces]
        sums = [sum(counts[at : at + _SIZE]) for at in range(last + 1)]
        fewest = min(sums)
        if sums[begin] > fewest:
            begin = sums.index(fewest)
    return pieces[begin : begin + _SIZE]


def _file(held: dict[int, list[T]] | dict[str, list[T]], key: object, value: T) -> None:
    values = held.get(key)  # type: ignore[call-overload]
    if values is None:
        held[key] = [value]  # type: ignore[index]
    else:
        values.append(value)


K = TypeVar("K")


def _joined(one: dict[K, list[T]], two: dict[K, list[T]]) -> dict[K, list[T]]:
    if len(one) < len(two):
        one, two = two, one
    both = dict(one)
    for key, values in two.items():
        both[key] = both[key] + values if key in both else values
    return both
