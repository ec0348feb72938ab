"""One regex, ready to run in the cheapest way that cannot stall."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from ._chains import Chain, has_chain
from ._haystack import Haystack
from ._literals import Needs, plain_cases
from ._pieces import pieces_of
from ._tree import quiet
from .lazy_regex import LazyRegex
from .safety import EXPONENTIAL, Shape, analyse

__all__ = ["NO_GROUPS", "SKIPPED", "Clause", "clauses_of"]

NO_GROUPS: Mapping[str, str] = MappingProxyType({})
SKIPPED: Mapping[str, str] = MappingProxyType({"": "skipped"})

PATTERN_SECONDS = 0.015
_STEP_SECONDS = 1e-8  # what a step of `re` takes in the worst case
_QUICK_SECONDS = 5e-4  # what is run without looking at the clock
_COMPILE_SECONDS = 1e-5  # what the `regex` module takes to compile a character, at most
_EXPONENTIAL_LENGTH = 12
_FEW_STARTS = 64
_LONG = 128  # characters
# Flags of the whole regex, which stand before all else.
_FLAGS = LazyRegex(r"(?:\(\?[a-zA-Z]+\))*")
# Flags under which letters outside ASCII are not held equal to those inside it.
_BY_CASE = LazyRegex(r"\(\?[a-z]*(?:a|-[a-z]*i)")


class Clause:
    """An alternative of a regex; immutable but for what it compiles on first use."""

    __slots__ = ("_chain_needs", "_engine", "_shape", "_source", "_timed", "needs")

    def __init__(self, source: str, shape: Shape) -> None:
        self.needs: Needs = shape.needs
        self._source = source
        self._shape = shape
        self._engine: re.Pattern[str] | None = None
        self._timed: Any = None
        self._chain_needs = [
            tuple((literal,) for _, literal in chain) for chain in shape.chains or ()
        ]

    def prepare(self) -> None:
        """Compile what a search may need, so that no search has to.

        Raises:
            re.error: it cannot be compiled.
        """
        if self._shape.chains is not None:
            return
        with quiet(self._source):
            self._engine = re.compile(self._source, re.IGNORECASE)
        if self._shape.degree:
            import regex  # noqa: F401 - to import it takes longer than an analysis may
        if len(self._source) * _COMPILE_SECONDS > PATTERN_SECONDS / 4 and self._may_be_slow:
            self._compile_timed()

    @property
    def _may_be_slow(self) -> bool:
        return self._shape.degree > 0 or self._shape.choices > 1

    def search(self, hay: Haystack, deadline: float) -> Mapping[str, str] | None:
        """Return the named groups of the first match, None without one, `SKIPPED` for no answer."""
        shape = self._shape
        if shape.chains is not None:
            return NO_GROUPS if self._has_chain(hay, shape.chains) else None
        if not shape.one_line or not shape.needs:
            if not hay.holds(shape.needs):
                return None
            return self._search_in(hay, 0, len(hay.text), deadline)
        # A match cannot leave its line.
        skipped: Mapping[str, str] | None = None
        mask = hay.lines_of(shape.needs)
        if not mask:
            return None
        for start, end in hay.spans(mask):
            found = self._search_in(hay, start, end, deadline)
            if found is SKIPPED:
                skipped = found
            elif found is not None:
                return found
        return skipped

    def _has_chain(self, hay: Haystack, chains: tuple[Chain, ...]) -> bool:
        for chain, needs in zip(chains, self._chain_needs, strict=True):
            if len(chain) == 1:
                if hay.has(chain[0][1]):
                    return True
                continue
            common = hay.lines_of(needs)
            if common:
                for start, end in hay.spans(common):
                    if has_chain(hay.folded, chain, start, end):
                        return True
        return False

    def _search_in(
        self, hay: Haystack, start: int, end: int, deadline: float
    ) -> Mapping[str, str] | None:
        starts = self._starts(hay.folded, start, end)
        if starts == 0:
            return None
        seconds = self._estimate(hay, starts, end - start)
        if seconds > _QUICK_SECONDS:
            left = min(PATTERN_SECONDS, deadline - time.monotonic())
            if seconds > left:
                return self._search_timed(hay.text, start, end, left)
        engine = self._engine
        if engine is None:
            with quiet(self._source):
                engine = self._engine = re.compile(self._source, re.IGNORECASE)
        try:
            if starts > _FEW_STARTS or not self._shape.prefix:
                return _groups(engine.search(hay.text, start, end))
            return self._match_at(engine, hay, start, end)
        except (MemoryError, RecursionError):
            return SKIPPED

    def _starts(self, folded: str, start: int, end: int) -> int:
        """Return at how many places a match can begin."""
        prefix = self._shape.prefix
        if not prefix:
            return end - start + 1
        # Occurrences that overlap are not counted: there are at most so many times more.
        return folded.count(prefix, start, end) * (1 if len(set(prefix)) > 1 else len(prefix))

    def _match_at(
        self, engine: re.Pattern[str], hay: Haystack, start: int, end: int
    ) -> Mapping[str, str] | None:
        """Try the places that hold what every match begins with."""
        at = hay.folded.find(self._shape.prefix, start, end)
        while at >= 0:
            match = engine.match(hay.text, at, end)
            if match is not None:
                return _groups(match)
            at = hay.folded.find(self._shape.prefix, at + 1, end)
        return None

    def _estimate(self, hay: Haystack, starts: int, length: int) -> float:
        """Return how many seconds `re` takes in the worst case."""
        shape = self._shape
        if shape.degree >= EXPONENTIAL:
            return 0.0 if length <= _EXPONENTIAL_LENGTH else float("inf")
        steps = starts * shape.choices * float(length) ** (shape.degree - shape.spaces)
        if shape.spaces:
            steps *= float(min(length, hay.widest)) ** shape.spaces
        steps += length
        return steps * _STEP_SECONDS

    def _search_timed(
        self, text: str, start: int, end: int, seconds: float
    ) -> Mapping[str, str] | None:
        """Run in the `regex` module, which can be told when to stop."""
        if self._timed is None:
            seconds -= len(self._source) * _COMPILE_SECONDS
            if "regex" not in sys.modules:
                seconds -= PATTERN_SECONDS / 3
        if seconds <= 0:
            return SKIPPED
        try:
            timed = self._timed or self._compile_timed()
            plain = text if _BY_CASE.search(self._source) else plain_cases(text)
            match = timed.search(plain, start, end, timeout=seconds)
            return _groups(match, text)
        except (TimeoutError, re.error, MemoryError, RecursionError):
            return SKIPPED

    def _compile_timed(self) -> Any:
        import regex

        try:
            source = self._source
            if not _BY_CASE.search(source):
                source = plain_cases(source)
            with quiet(source):
                self._timed = regex.compile(_unlisted(source), regex.IGNORECASE | regex.VERSION0)
        except regex.error as error:
            raise re.error(str(error)) from error
        return self._timed


def _unlisted(source: str) -> str:
    """Return a long regex as one alternative of two, the other of which never matches.

    For the literal that every match must hold, the `regex` module makes tables at the first search,
    in a time that grows with the third power of its length and heeds no timeout; for alternatives
    it makes none.
    """
    if len(source) <= _LONG:
        return source
    flags = _FLAGS.match(source)
    ahead = flags[0] if flags else ""
    end = "\n" if "x" in ahead else ""  # the end of a comment, if it ends with one
    return f"{ahead}(?:{source[len(ahead) :]}{end}|(?!))"


def _groups(match: Any, text: str | None = None) -> Mapping[str, str] | None:
    """Return what the groups matched; `text` is the one that they are cut from, if it is another."""
    if match is None:
        return None
    named = match.groupdict()
    if not named:
        return NO_GROUPS
    taken = {name: value for name, value in named.items() if value is not None}
    if text is not None:
        taken = {name: text[slice(*match.span(name))] for name in taken}
    return MappingProxyType(taken)


@lru_cache(maxsize=1024)
def clauses_of(source: str) -> tuple[Clause, ...]:
    """Return the alternatives of a regex, compiled; one answer per source, shared by all sets.

    Raises:
        re.error: the regex cannot be compiled.
    """
    try:
        try:
            clauses = tuple(Clause(piece, analyse(piece)) for piece in pieces_of(source))
            for clause in clauses:
                clause.prepare()
        except re.error:
            # The whole one tells the right place.
            with quiet(source):
                re.compile(source, re.IGNORECASE)
            raise
    except RecursionError:
        raise re.error("groups lie too deep in one another") from None
    return clauses
