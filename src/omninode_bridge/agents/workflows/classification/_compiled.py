"""One regex, ready to run in the cheapest way that cannot stall."""

from __future__ import annotations

import re
import time
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .safety import EXPONENTIAL, ODD_CASES, Chain, analyse

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SKIPPED", "CompiledRegex", "compile_regex", "fold"]

PATTERN_SECONDS = 0.025
NO_GROUPS: Mapping[str, str] = MappingProxyType({})
SKIPPED: Mapping[str, str] = MappingProxyType({"": "skipped"})

# What `re` may take in the worst case, in steps of some ten nanoseconds.
_MOST_STEPS = 1_000_000
_EXPONENTIAL_LENGTH = 12
_SHORT = 256


def fold(text: str) -> str:
    """Return the text in which lower-case literals are looked up."""
    return text.lower() if text.isascii() else text.translate(ODD_CASES).lower()


class CompiledRegex:
    """A regex with the literals that it needs; immutable but for what it compiles on first use."""

    __slots__ = ("_chains", "_degree", "_engine", "_one_line", "_source", "_timed", "literals")

    def __init__(self, source: str) -> None:
        shape = analyse(source)
        self.literals = shape.literals
        self._source = source
        self._chains = shape.chains
        self._degree = shape.degree
        self._one_line = shape.one_line
        self._engine: re.Pattern[str] | None = (
            None if shape.chains is not None else re.compile(source, re.IGNORECASE)
        )
        self._timed: Any = None

    def search(self, text: str, folded: str, deadline: float) -> Mapping[str, str] | None:
        """Return the named groups of the first match, None without one, `SKIPPED` for no answer."""
        if self._chains is not None:
            return NO_GROUPS if any(_has(folded, chain) for chain in self._chains) else None
        if self._one_line and self.literals and len(text) > _SHORT and len(text) == len(folded):
            return self._search_lines(text, folded, deadline)
        return self._search_in(text, 0, len(text), deadline)

    def _search_in(
        self, text: str, start: int, end: int, deadline: float
    ) -> Mapping[str, str] | None:
        if self._engine is not None and self._is_quick(end - start):
            return _groups(self._engine.search(text, start, end))
        return self._search_timed(text, start, end, deadline)

    def _is_quick(self, length: int) -> bool:
        if self._degree >= EXPONENTIAL:
            return length <= _EXPONENTIAL_LENGTH
        return bool(self._degree == 0 or length ** (self._degree + 1) <= _MOST_STEPS)

    def _search_lines(self, text: str, folded: str, deadline: float) -> Mapping[str, str] | None:
        """Run on the lines that hold a needed literal; a match cannot leave its line."""
        skipped: Mapping[str, str] | None = None
        for start, end in _lines_with(folded, self.literals):
            found = self._search_in(text, start, end, deadline)
            if found is SKIPPED:
                skipped = found
            elif found is not None:
                return found
        return skipped

    def _search_timed(
        self, text: str, start: int, end: int, deadline: float
    ) -> Mapping[str, str] | None:
        """Run in the `regex` module, which can be told when to stop."""
        seconds = min(PATTERN_SECONDS, deadline - time.monotonic())
        if seconds <= 0:
            return SKIPPED
        import regex

        try:
            if self._timed is None:
                self._timed = regex.compile(self._source, regex.IGNORECASE | regex.VERSION0)
            return _groups(self._timed.search(text, start, end, timeout=seconds))
        except (TimeoutError, regex.error, MemoryError, RecursionError):
            return SKIPPED


def _groups(match: Any) -> Mapping[str, str] | None:
    if match is None:
        return None
    named = match.groupdict()
    if not named:
        return NO_GROUPS
    return MappingProxyType({name: value for name, value in named.items() if value is not None})


def _has(folded: str, chain: Chain) -> bool:
    """Whether the literals follow one another on one line; linear in the length of the text."""
    first = chain[0][1]
    at = folded.find(first)
    if at < 0 or len(chain) == 1:
        return at >= 0
    while at >= 0:
        end = folded.find("\n", at)
        if end < 0:
            end = len(folded)
        here = at + len(first)
        for gap, literal in chain[1:]:
            here = folded.find(literal, here + gap, end)
            if here < 0:
                break
            here += len(literal)
        else:
            return True
        at = folded.find(first, end)
    return False


def _lines_with(folded: str, literals: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return where the lines lie that hold one of the literals, in order."""
    spans: set[tuple[int, int]] = set()
    for literal in literals:
        at = folded.find(literal)
        while at >= 0:
            end = folded.find("\n", at)
            if end < 0:
                end = len(folded)
            spans.add((folded.rfind("\n", 0, at) + 1, end))
            at = folded.find(literal, end)
    return sorted(spans)


@lru_cache(maxsize=4096)
def compile_regex(source: str) -> CompiledRegex:
    """Compile and analyse; one answer per source, shared by all sets of patterns.

    Raises:
        re.error: the regex cannot be compiled.
    """
    return CompiledRegex(source)
