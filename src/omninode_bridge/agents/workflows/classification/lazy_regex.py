"""Regexes that cost nothing until they are used: nothing is compiled at import."""

from __future__ import annotations

import re

__all__ = ["LazyRegex"]


class LazyRegex:
    """A regex that is compiled on first use; racing threads at worst compile it twice."""

    __slots__ = ("_compiled", "_flags", "_source")

    def __init__(self, source: str, flags: int = 0) -> None:
        self._source = source
        self._flags = flags
        self._compiled: re.Pattern[str] | None = None

    @property
    def compiled(self) -> re.Pattern[str]:
        """The regex itself."""
        if self._compiled is None:
            self._compiled = re.compile(self._source, self._flags)
        return self._compiled

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
