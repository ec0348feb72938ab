"""A text that many patterns are looked for in: each question about a literal is answered once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from ._literals import Needs, fold
from .lazy_regex import LazyRegex

__all__ = ["Haystack"]

_MOST_PARTS = 512
_FEW_PARTS = 6
_FEW_PLACES = 8
_FEW_SPACES = 8
_WIDE = LazyRegex(r"\s{9,}")


class Haystack:
    """One text.

    Attributes:
        text: as it is.
        folded: with its case ignored, as long as the text.
    """

    __slots__ = ("_begins", "_lines", "_masks", "_parts", "_present", "_widest", "folded", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold(text)
        self._parts: list[tuple[int, int]] | None = None
        self._present: dict[str, bool] = {}
        self._lines: list[tuple[int, str]] | None = None
        self._widest: int | None = None
        self._begins: list[int] = []
        self._masks: dict[str, int] = {}

    @property
    def parts(self) -> list[tuple[int, int]]:
        """Where the lines lie, without their ends; several together where there are very many."""
        if self._parts is None:
            self._parts = parts = []
            begin = 0
            lines = self.folded.split("\n")
            together = 1 + len(lines) // _MOST_PARTS
            for at in range(0, len(lines), together):
                group = lines[at : at + together]
                end = begin + sum(map(len, group)) + len(group) - 1
                parts.append((begin, end))
                begin = end + 1
        return self._parts

    @property
    def widest(self) -> int:
        """The length of the longest run of white space, at least a few."""
        if self._widest is None:
            runs = _WIDE.compiled.findall(self.text)
            self._widest = max(map(len, runs), default=_FEW_SPACES)
        return self._widest

    def has(self, literal: str) -> bool:
        """Whether the text holds a literal."""
        known = self._present.get(literal)
        if known is None:
            known = self._present[literal] = literal in self.folded
        return known

    def holds(self, needs: Needs) -> bool:
        """Whether the text holds one literal of each set."""
        for literals in needs:
            for literal in literals:
                if self.has(literal):
                    break
            else:
                return False
        return True

    def lines_of(self, needs: Needs) -> int:
        """Return a bit for each part that holds one literal of each set."""
        common = -1
        for literals in needs:
            if common > 0 and common.bit_count() <= _FEW_PARTS:
                common = self._where(common, literals)
            else:
                either = 0
                for literal in literals:
                    either |= self.mask(literal)
                common &= either
            if not common:
                return 0
        return common if common > 0 else (1 << len(self.parts)) - 1

    def _where(self, mask: int, literals: tuple[str, ...]) -> int:
        """Return those bits whose parts hold one of the literals."""
        left = mask
        while left:
            bit = left & -left
            left ^= bit
            lines = (self._lines or self._cut())[bit.bit_length() - 1][1]
            for literal in literals:
                if literal in lines:
                    break
            else:
                mask ^= bit
        return mask

    def mask(self, literal: str) -> int:
        """Return a bit for each part that holds a literal."""
        known = self._masks.get(literal)
        if known is None:
            known = self._masks[literal] = self._mask(literal)
        return known

    def _mask(self, literal: str) -> int:
        """Go from place to place while there are few of them, else from line to line."""
        folded, mask = self.folded, 0
        at = folded.find(literal)
        lines = self._lines or self._cut()
        for _ in range(_FEW_PLACES):
            if at < 0:
                return mask
            number = bisect_right(self._begins, at) - 1
            mask |= 1 << number
            at = folded.find(literal, self.parts[number][1])
        for bit, text in lines:
            if literal in text:
                mask |= bit
        return mask

    def _cut(self) -> list[tuple[int, str]]:
        folded = self.folded
        self._begins = [begin for begin, _ in self.parts]
        self._lines = [(1 << n, folded[begin:end]) for n, (begin, end) in enumerate(self.parts)]
        return self._lines

    def spans(self, mask: int) -> Iterator[tuple[int, int]]:
        """Yield where the parts of these bits lie."""
        for number, bit in enumerate(reversed(f"{mask:b}")):
            if bit == "1":
                yield self.parts[number]
