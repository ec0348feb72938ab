"""A named collection of patterns that does not change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from omninode_bridge.agents.workflows.recovery_models import ErrorPattern
from omninode_bridge.errors import ConfigurationError

__all__ = ["PatternLibrary"]


class PatternLibrary:
    """Patterns to iterate over and to take out by `pattern_id` or by position.

    Args:
        name: how messages call the library.
        patterns: in the order in which they are to be registered; ids must differ.

    Raises:
        ConfigurationError: an id occurs twice.
    """

    __slots__ = ("_by_id", "_patterns", "name")

    def __init__(self, name: str, patterns: Iterable[ErrorPattern]) -> None:
        self.name = name
        self._patterns = tuple(patterns)
        self._by_id = {pattern.pattern_id: pattern for pattern in self._patterns}
        if len(self._by_id) != len(self._patterns):
            ids = [pattern.pattern_id for pattern in self._patterns]
            double = next(one for one in ids if ids.count(one) > 1)
            raise ConfigurationError(
                f"pattern_id {double!r} occurs twice in {name}; ids must differ"
            )

    def __iter__(self) -> Iterator[ErrorPattern]:
        return iter(self._patterns)

    def __len__(self) -> int:
        return len(self._patterns)

    def __getitem__(self, key: str | int) -> ErrorPattern:
        """Return one pattern.

        Raises:
            KeyError: no pattern has this id; the message lists those that exist.
            IndexError: no pattern has this position.
        """
        if isinstance(key, str):
            try:
                return self._by_id[key]
            except KeyError:
                known = ", ".join(repr(one) for one in self._by_id)
                raise KeyError(f"{self.name} has no pattern {key!r}; it has {known}") from None
        try:
            return self._patterns[key]
        except IndexError:
            message = f"{self.name} has {len(self)} patterns; there is none at {key!r}"
            raise IndexError(message) from None

    def __contains__(self, item: object) -> bool:
        """Whether this very pattern, or one of this id, is in the library."""
        if isinstance(item, ErrorPattern):
            return self._by_id.get(item.pattern_id) is item
        return item in self._by_id

    def keys(self) -> tuple[str, ...]:
        """Return the ids, in order."""
        return tuple(self._by_id)

    def __add__(self, other: object) -> tuple[ErrorPattern, ...]:
        """Return the patterns of both, in order."""
        return (
            (*self, *other) if isinstance(other, (PatternLibrary, list, tuple)) else NotImplemented
        )

    def __repr__(self) -> str:
        return f"PatternLibrary({self.name!r}, {len(self)} patterns)"
