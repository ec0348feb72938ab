"""Take code out of what it was delivered in: fences, the prose around them, an indentation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .bench import Bench
from .lexer import lex
from .models import Fix
from .source import split_lines

__all__ = ["Unwrapped", "unwrap"]

_FENCE = re.compile(r"^(?P<indent>[ \t>]{0,40})(?P<marks>`{3,}|~{3,})(?P<info>[^`\r\n]*)$")
_PYTHON = frozenset({"", "python", "python3", "py", "py3", "python2", "pycon", "ipython", "code"})
_USAGE = re.compile(
    r"\b(?:usage|example|examples|run (?:it|this)|how to (?:use|run|call)|try it|test (?:it|this)"
    r"|output|call it|invoke)\b",
    re.IGNORECASE,
)
_DEFINES = re.compile(r"^[ \t]*(?:async )?(?:def|class) (\w+)\b[^\n]*[:(]", re.MULTILINE)
_MOST_BLOCKS = 50


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """Code, and what stood around it.

    Attributes:
        code: the text to go on with.
        fixes: what was taken off.
        dropped: the text that was taken off.
        open_ended: a fence was opened and never closed: the text may have been cut off.
        refusal: why it cannot be told which part is the code; empty otherwise.
    """

    code: str
    fixes: tuple[Fix, ...] = ()
    dropped: str = ""
    open_ended: bool = False
    refusal: str = ""


@dataclass(slots=True)
class _Block:
    info: str
    first: int
    last: int
    lead: str
    closed: bool


def unwrap(bench: Bench, text: str) -> Unwrapped:
    """Return the code inside a text that does not compile; the text itself if nothing is around it."""
    fenced = _unfence(text)
    if fenced.refusal:
        return fenced
    code = fenced.code
    fixes = list(fenced.fixes)
    if bench.problem(code) is None:
        return fenced
    flat = _dedent(bench, code)
    if flat is not None:
        code, line = flat
        fixes.append(Fix("unwrap.indent", line, "took off the indentation of the whole text"))
    return Unwrapped(code, tuple(fixes), fenced.dropped, fenced.open_ended)


def _unfence(text: str) -> Unwrapped:
    rows = split_lines(text)
    if not any(_FENCE.match(row.rstrip()) for row in rows):
        return Unwrapped(text)
    blocks, orphan = _blocks(rows, {line.number for line in lex(text) if line.in_string})
    if orphan is not None and not blocks:
        return _without_orphan(rows, orphan)
    python = [b for b in blocks if b.info in _PYTHON]
    if any(b.info for b in python):
        python = [b for b in python if b.info]
    if not python or len(blocks) > _MOST_BLOCKS:
        return Unwrapped(text)
    chosen = _wanted(rows, python)
    bodies = ["".join(rows[b.first : b.last]) for b in chosen]
    if not any(body.strip() for body in bodies):
        return Unwrapped(text)
    twice = _defined_twice(bodies)
    if twice:
        why = f"several fenced blocks define {twice!r} and nothing says which one counts"
        return Unwrapped(text, refusal=why)
    kept = {n for b in chosen for n in range(b.first, b.last)}
    dropped = "".join(row for n, row in enumerate(rows) if n not in kept)
    around = "".join(b.lead for b in blocks) + "".join(rows[blocks[-1].last :])
    lost = _DEFINES.search(around)
    if lost:
        return Unwrapped(text, refusal=f"{lost[1]!r} is defined outside the fence")
    fixes = [Fix("unwrap.fence", b.first, "took off a fence") for b in chosen]
    if any(row.strip() and not _FENCE.match(row.rstrip()) for row in dropped.splitlines()):
        fixes.append(Fix("unwrap.prose", 1, "took off text around the fence"))
    return Unwrapped("".join(bodies), tuple(fixes), dropped, not all(b.closed for b in chosen))


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
    fences = [
        n
        for n in range(first, len(rows))
        if (m := _FENCE.match(rows[n].rstrip()))
        and not m["info"].strip()
        and m["marks"][0] == marks[0]
        and len(m["marks"]) >= len(marks)
    ]
    if not fences:
        return None
    for n in fences:
        lines = lex("".join(rows[first : n + 1]))
        if n - first >= len(lines) or not lines[n - first].in_string:
            return n
    return fences[-1]


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


def _without_orphan(rows: list[str], number: int) -> Unwrapped:
    """Take off a closing fence without an opening one, and the words after it."""
    lines = lex("".join(rows[: number + 1]))
    if number < len(lines) and lines[number].in_string:
        return Unwrapped("".join(rows))
    fix = Fix("unwrap.fence", number + 1, "took off a closing fence")
    return Unwrapped("".join(rows[:number]), (fix,), "".join(rows[number:]))


def _dedent(bench: Bench, text: str) -> tuple[str, int] | None:
    """Take off an indentation that every line has, or every line but the first."""
    lines = bench.lines(text)
    starts = [line for line in lines if line.begins_statement]
    if not starts:
        return None
    first = starts[0]
    if not first.indent:
        # The first line lost what the others kept, as when a text was stripped at its ends.
        if first.opens_block or len(starts) < 2 or not starts[1].indent:
            return None
        first = starts[1]
    margin = first.indent
    inside = [line for line in starts if line.number >= first.number]
    if not all(line.indent.startswith(margin) for line in inside):
        return None
    rows = split_lines(text)
    spared = all(
        row.startswith(margin) or not row.strip() or n < first.number - 1
        for n, row in enumerate(rows)
    )
    for n, row in enumerate(rows):
        if row.startswith(margin) and (spared or not lines[n].in_string):
            rows[n] = row[len(margin) :]
    return "".join(rows), first.number
