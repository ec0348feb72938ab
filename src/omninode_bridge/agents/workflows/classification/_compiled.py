"""One regex, ready to run in the cheapest way that cannot stall."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from ._chains import has_chain
from ._literals import Needs
from ._pieces import pieces_of
from .safety import EXPONENTIAL, Shape, analyse

__all__ = ["NO_GROUPS", "SKIPPED", "Clause", "clauses_of"]

NO_GROUPS: Mapping[str, str] = MappingProxyType({})
SKIPPED: Mapping[str, str] = MappingProxyType({"": "skipped"})

PATTERN_SECONDS = 0.015
_STEP_SECONDS = 2e-8  # what a step of `re` takes in the worst case
_QUICK_SECONDS = 5e-4  # what is run without looking at the clock
_COMPILE_SECONDS = 1e-5  # what the `regex` module takes to compile a character, at most
_EXPONENTIAL_LENGTH = 12
_SHORT = 256


class Clause:
    """An alternative of a regex; immutable but for what it compiles on first use."""

    __slots__ = ("_engine", "_shape", "_source", "_timed", "needs")

    def __init__(self, source: str, shape: Shape) -> None:
        self.needs: Needs = shape.needs
        self._source = source
        self._shape = shape
        self._engine: re.Pattern[str] | None = None
        self._timed: Any = None

    def prepare(self) -> None:
        """Compile what a search may need, so that no search has to.

        Raises:
            re.error: it cannot be compiled.
        """
        if self._shape.chains is not None:
            return
        self._engine = re.compile(self._source, re.IGNORECASE)
        if self._shape.degree:
            import regex  # noqa: F401 - to import it takes longer than an analysis may
        if len(self._source) * _COMPILE_SECONDS > PATTERN_SECONDS / 4 and self._may_be_slow:
            self._compile_timed()

    @property
    def _may_be_slow(self) -> bool:
        return self._shape.degree > 0 or self._shape.choices > 1

    def search(self, text: str, folded: str, deadline: float) -> Mapping[str, str] | None:
        """Return the named groups of the first match, None without one, `SKIPPED` for no answer."""
        shape = self._shape
        if shape.chains is not None:
            for chain in shape.chains:
                if has_chain(folded, chain):
                    return NO_GROUPS
            return None
        if shape.one_line and shape.needs and len(text) > _SHORT:
            return self._search_lines(text, folded, deadline)
        return self._search_in(text, folded, 0, len(text), deadline)

    def _search_in(
        self, text: str, folded: str, start: int, end: int, deadline: float
    ) -> Mapping[str, str] | None:
        seconds = self._estimate(folded, start, end)
        if seconds > _QUICK_SECONDS:
            left = min(PATTERN_SECONDS, deadline - time.monotonic())
            if seconds > left:
                return self._search_timed(text, start, end, left)
        engine = self._engine
        if engine is None:
            engine = self._engine = re.compile(self._source, re.IGNORECASE)
        try:
            return _groups(engine.search(text, start, end))
        except (MemoryError, RecursionError):
            return SKIPPED

    def _estimate(self, folded: str, start: int, end: int) -> float:
        """Return how many seconds `re` takes in the worst case."""
        shape, length = self._shape, end - start
        if shape.degree >= EXPONENTIAL:
            return 0.0 if length <= _EXPONENTIAL_LENGTH else float("inf")
        if shape.degree == 0 and shape.choices == 1:
            return length * _STEP_SECONDS
        starts = folded.count(shape.prefix, start, end) if shape.prefix else length
        steps = starts * shape.choices * float(length) ** shape.degree + length
        return steps * _STEP_SECONDS

    def _search_lines(self, text: str, folded: str, deadline: float) -> Mapping[str, str] | None:
        """Run on the lines that hold a needed literal; a match cannot leave its line."""
        skipped: Mapping[str, str] | None = None
        for number, (start, end) in enumerate(_lines_with(folded, self.needs[0])):
            if number % 64 == 63 and time.monotonic() > deadline:
                return SKIPPED
            found = self._search_in(text, folded, start, end, deadline)
            if found is SKIPPED:
                skipped = found
            elif found is not None:
                return found
        return skipped

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
            return _groups(timed.search(text, start, end, timeout=seconds))
        except (TimeoutError, re.error, MemoryError, RecursionError):
            return SKIPPED

    def _compile_timed(self) -> Any:
        import regex

        try:
            self._timed = regex.compile(self._source, regex.IGNORECASE | regex.VERSION0)
        except regex.error as error:
            raise re.error(str(error)) from error
        return self._timed


def _groups(match: Any) -> Mapping[str, str] | None:
    if match is None:
        return None
    named = match.groupdict()
    if not named:
        return NO_GROUPS
    return MappingProxyType({name: value for name, value in named.items() if value is not None})


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


@lru_cache(maxsize=1024)
def clauses_of(source: str) -> tuple[Clause, ...]:
    """Return the alternatives of a regex, compiled; one answer per source, shared by all sets.

    Raises:
        re.error: the regex cannot be compiled.
    """
    try:
        clauses = tuple(Clause(piece, analyse(piece)) for piece in pieces_of(source))
        for clause in clauses:
            clause.prepare()
    except re.error:
        # The whole one tells the right place.
        re.compile(source, re.IGNORECASE)
        raise
    except RecursionError:
        raise re.error("groups lie too deep in one another") from None
    return clauses
