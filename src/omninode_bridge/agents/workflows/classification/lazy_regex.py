"""Regexes that cost nothing until one of them is used: nothing is compiled at import."""

from __future__ import annotations

import contextlib
import re

__all__ = ["LazyRegex", "compile_waiting"]


# Regexes of modules that were imported and not used yet.
_WAITING: list[LazyRegex] = []


def compile_waiting() -> None:
    """Compile what was imported and not used yet."""
    with contextlib.suppress(IndexError):  # another thread may take the last one
        while _WAITING:
            _WAITING.pop()._compile()


class LazyRegex:
    """A regex that is compiled on first use; racing threads at worst compile it twice."""

    __slots__ = ("_compiled", "_flags", "_source")

    def __init__(self, source: str, flags: int = 0) -> None:
        self._source = source
        self._flags = flags
        self._compiled: re.Pattern[str] | None = None
        _WAITING.append(self)

    @property
    def compiled(self) -> re.Pattern[str]:
        """The regex itself; the first that is asked for has all the others compiled with it.

        So the first analysis of a process pays for them, and not each of the first hundred a part.
        """
        if self._compiled is None:
            compile_waiting()
            self._compile()
        assert self._compiled is not None  # noqa: S101 -- it was compiled just now
        return self._compiled

    def _compile(self) -> None:
        if self._compiled is None:
            self._compiled = re.compile(self._source, self._flags)

    def search(self, text: str) -> re.Match[str] | None:
        """Search as `re.Pattern.search()` does."""
        return self.compiled.search(text)

    def match(self, text: str) -> re.Match[str] | None:
        """Match as `re.Pattern.match()` does."""
        return self.compiled.match(text)

    def split(self, text: str) -> list[str]:
        """Split as `re.Pattern.split()` does."""
        return self.compiled.split(text)

    def sub(self, put: str, text: str) -> str:
        """Replace as `re.Pattern.sub()` does."""
        return self.compiled.sub(put, text)
