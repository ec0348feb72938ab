"""The guide, read: its Python blocks, and the sentences of the sections that promise something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["BLOCKS", "GUIDE", "Block", "Sentence", "blocks", "read_sentences", "sentences"]

GUIDE = Path(__file__).with_name("guide.md")

# Anchored at both ends: one block holds three backticks inside a line.
_OPENS = re.compile(r"^```python$")
_CLOSES = re.compile(r"^```$")
_HEADING = re.compile(r"^(#+) (?:\d+\. )?(.+)$")
_LABEL = re.compile(r"^\*\*(.+?)\*\*(?: \((.+)\))?:$")
_ITEM = re.compile(r"^(?:-|\d+\.) (.+)$")

PROMISING = ("How It Works", "Best For", "Performance", "Limitations")


@dataclass(frozen=True)
class Block:
    """A Python block: its number from 1, the heading above it, the 1-based line of its first line of code."""

    number: int
    heading: str
    line: int
    text: str


@dataclass(frozen=True)
class Sentence:
    """One item of a list: the heading above it, the label of its list, its words, its line."""

    heading: str
    label: str
    text: str
    line: int


def read_blocks(page: str) -> Iterator[Block]:
    """Yield the Python blocks of a page, in order."""
    number, heading = 0, ""
    lines = iter(enumerate(page.splitlines(), start=1))
    for at, line in lines:
        found = _HEADING.match(line)
        if found:
            heading = found[2]
        if not _OPENS.match(line):
            continue
        number += 1
        body = []
        for _, inner in lines:
            if _CLOSES.match(inner):
                break
            body.append(inner)
        else:
            raise ValueError(f"the block of line {at} is never closed")
        yield Block(number, heading, at + 1, "\n".join(body) + "\n")


def read_sentences(page: str) -> Iterator[Sentence]:
    """Yield the items of the lists that stand outside of code, each under its bold label."""
    heading = label = ""
    code = False
    for at, line in enumerate(page.splitlines(), start=1):
        if line.startswith("```"):
            code = not code and not _CLOSES.match(line)
            continue
        if code:
            continue
        if found := _HEADING.match(line):
            heading, label = found[2], ""
        elif found := _LABEL.match(line):
            label = found[1]
            if found[2]:
                yield Sentence(heading, label, found[2], at)
        elif found := _ITEM.match(line):
            yield Sentence(heading, label, found[1], at)


@cache
def blocks() -> dict[int, Block]:
    """Return the blocks of the guide by number."""
    return {block.number: block for block in read_blocks(GUIDE.read_text(encoding="utf-8"))}


def sentences() -> tuple[Sentence, ...]:
    """Return the sentences of the guide."""
    return tuple(read_sentences(GUIDE.read_text(encoding="utf-8")))


BLOCKS = blocks()
