"""Code in fences, with the prose around them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from omninode_bridge.agents.workflows.correction.lexer import lex
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.source import split_lines

from ._layered import Layered

__all__ = ["unfenced"]

_FENCE = re.compile(r"^(?P<indent>[ \t>]{0,40})(?P<marks>`{3,}|~{3,})(?P<info>[^`\r\n]*)$")
_PYTHON = frozenset({"", "python", "python3", "py", "py3", "python2", "pycon", "ipython", "code"})
_USAGE = re.compile(
    r"\b(?:usage|example|examples|run (?:it|this)|how to (?:use|run|call)|try it|test (?:it|this)"
    r"|output|call it|invoke)\b",
    re.IGNORECASE,
)
_DEFINES = re.compile(r"^[ \t]*(?:async )?(?:def|class) (\w+)\b[^\n]*[:(]", re.MULTILINE)
_MOST_BLOCKS = 50
_MOST_TRIED = 50


@dataclass(slots=True)
class _Block:
    info: str
    first: int
    last: int
    lead: str
    closed: bool


def unfenced(text: str) -> Layered | None:
    """Return what stands in the fences that hold Python."""
    rows = split_lines(text)
    if not any(_FENCE.match(row.rstrip()) for row in rows):
        return None
    blocks, orphan = _blocks(rows, {line.number for line in lex(text) if line.in_string})
    if orphan is not None and not blocks:
        return _without_orphan(rows, orphan)
    python = [b for b in blocks if b.info in _PYTHON]
    if any(b.info for b in python):
        python = [b for b in python if b.info]
    if not python or len(blocks) > _MOST_BLOCKS:
        return None
    chosen = _wanted(rows, python)
    bodies = ["".join(rows[b.first : b.last]) for b in chosen]
    if not any(body.strip() for body in bodies):
        return None
    twice = _defined_twice(bodies)
    if twice:
        why = f"several fenced blocks define {twice!r} and nothing says which one counts"
        return Layered(text, refusal=why)
    kept = {n for b in chosen for n in range(b.first, b.last)}
    dropped = "".join(row for n, row in enumerate(rows) if n not in kept)
    around = "".join(b.lead for b in blocks) + "".join(rows[blocks[-1].last :])
    lost = _DEFINES.search(around)
    if lost:
        return Layered(text, refusal=f"{lost[1]!r} is defined outside the fence")
    fixes = [Fix("unwrap.fence", b.first, "took off a fence") for b in chosen]
    if any(row.strip() and not _FENCE.match(row.rstrip()) for row in dropped.splitlines()):
        fixes.append(Fix("unwrap.prose", 1, "took off text around the fence"))
    return Layered("".join(bodies), tuple(fixes), dropped, not all(b.closed for b in chosen))


def _blocks(rows: list[str], strings: set[int]) -> tuple[list[_Block], int | None]:
    """Find the fenced blocks, and the first fence that nothing opens or closes."""
    blocks: list[_Block] = []
    orphan: int | None = None
    lead_from = 0
    number = 0
    while number < len(rows):
        found = _FENCE.match(rows[number].rstrip())
        if not found or number + 1 in strings:
            number += 1
            continue
        lead = "".join(rows[lead_from:number])
        end = _closing(rows, number + 1, found["marks"])
        if end is None and not found["info"].strip() and lead.strip() and not blocks:
            if found["marks"][0] == "~":
                # More likely the line under a heading.
                number += 1
                continue
            orphan = number
            break
        block = _Block(
            _language(found["info"]), number + 1, end or len(rows), lead, end is not None
        )
        blocks.append(block)
        number = lead_from = block.last + 1
    return blocks, orphan


def _closing(rows: list[str], first: int, marks: str) -> int | None:
    """Find the fence that closes a block; one inside a string of the block does not count."""
    last = None
    tried = 0
    for n in range(first, len(rows)):
        m = _FENCE.match(rows[n].rstrip())
        if not m or m["info"].strip() or m["marks"][0] != marks[0] or len(m["marks"]) < len(marks):
            continue
        last = n
        # Each try reads the block anew: what has more fences in its strings keeps the last one.
        tried += 1
        if tried > _MOST_TRIED:
            continue
        lines = lex("".join(rows[first : n + 1]))
        if n - first >= len(lines) or not lines[n - first].in_string:
            return n
    return last


def _language(info: str) -> str:
    words = re.split(r"[\s{}=:,]+", info.strip().strip("{}."))
    return words[0].lower() if words else ""


def _wanted(rows: list[str], blocks: list[_Block]) -> list[_Block]:
    """Leave out later blocks that only show how the code is used."""
    first, *others = blocks
    chosen = [first]
    for block in others:
        body = "".join(rows[block.first : block.last])
        shows = _USAGE.search(block.lead) and not re.search(
            r"^\s*(?:async )?(?:def|class) ", body, re.MULTILINE
        )
        if not shows:
            chosen.append(block)
    return chosen


def _defined_twice(bodies: list[str]) -> str:
    seen: set[str] = set()
    for body in bodies:
        names: set[str] = set(re.findall(r"^(?:async )?(?:def|class) (\w+)", body, re.MULTILINE))
        if names & seen:
            return min(names & seen)
        seen |= names
    return ""


def _without_orphan(rows: list[str], number: int) -> Layered:
    """Take off a closing fence without an opening one, and the words after it."""
    lines = lex("".join(rows[: number + 1]))
    if number < len(lines) and lines[number].in_string:
        return Layered("".join(rows))
    fix = Fix("unwrap.fence", number + 1, "took off a closing fence")
    return Layered("".join(rows[:number]), (fix,), "".join(rows[number:]))
