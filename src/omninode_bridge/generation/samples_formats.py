"""Texts that match a pattern and have a format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from omninode_bridge.generation.samples_strings import FORMAT_EXAMPLES, matching

__all__ = ["in_both"]


def in_both(formats: Sequence[str], pattern: str, size: int) -> Iterator[str]:
    """Yield texts that match `pattern` and may have the formats: longer, or an example's part."""
    found = [text for more in (4, 8, 16, 32) for text in matching(pattern, size + more)]
    for text in found:
        yield text
        for example in (one for name in formats for one in FORMAT_EXAMPLES.get(name, ())):
            yield from (example[:cut] + text for cut in range(1, len(example) + 1))
            yield from (text + example[cut:] for cut in range(len(example)))
