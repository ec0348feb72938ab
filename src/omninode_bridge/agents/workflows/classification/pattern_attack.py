"""Write texts on which a regex may take long: what it repeats, over and over, and then no end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from .pattern_samples import write_until
from .pattern_shape import inside, needed_words

__all__ = ["attacks"]

_MOST_REPEATS = 4
_SHORT = 40  # times
_LENGTHS = (400, 4_000)
_NO_END = "\x00!"


def attacks(regex: str) -> list[str]:
    """Return texts that begin as a match does and then keep a repeat busy, the shortest first.

    Raises:
        re.error: the regex does not compile.
    """
    tree = parser.parse(regex, re.IGNORECASE)
    # What has to be in the text is in it, or the regex would not even be tried.
    end = _NO_END + " ".join(words[0] for words in needed_words(regex))
    found: set[str] = set()
    for repeat in list(_repeats(tree))[:_MOST_REPEATS]:
        for turn in (0, 1, 2):
            head, pump = write_until(tree, repeat, turn)
            if not pump:
                continue
            found.add(head + pump * _SHORT + end)
            found.update(head + pump * (length // len(pump)) + end for length in _LENGTHS)
    return sorted(found, key=lambda text: (len(text), text))


def _repeats(items: Any) -> Iterator[Any]:
    """Yield the endless repeats, the outer before the inner."""
    for raw, arg in items:
        op = str(raw)
        if op.endswith("_REPEAT") and arg[1] > _MOST_REPEATS:
            yield arg
        for part in inside(op, arg):
            yield from _repeats(part)
