"""Quotes that are missing at the end of a string on one line."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from itertools import pairwise

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Problem

from .tokens import tokens_of

__all__ = ["propose"]

_UNTERMINATED = re.compile(r"unterminated (?:f-)?string literal|EOL while scanning string literal")
_OPENING = re.compile(r"(?<![\w\"'])[A-Za-z]{0,2}([\"'])(?!\1)")
_REST = re.compile(r"[)\]},: \t]*(?:#.*)?$")
_JOINING = frozenset({"if", "else", "for", "in", "not", "and", "or", "is", "as", "lambda", "await"})
_CLOSING, _LISTED = 1.0, 1.05
_MOST_PLACES = 60
_MOST_CANDIDATES = 8


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Close a string of the line before a sign or at its end, where what follows can be code."""
    if problem.stage != 1 or not problem.line or not _UNTERMINATED.match(problem.message):
        return
    lines = bench.lines(text)
    if problem.line > len(lines):
        return
    line = lines[problem.line - 1]
    words: set[str] = set()
    candidates: list[tuple[float, int, str]] = []
    for opening in _OPENING.finditer(line.text):
        quote = opening[1]
        for at in _places(line.text, opening.end(), quote):
            rest = line.text[at:]
            if rest.count(quote) % 2:
                continue
            cost = _CLOSING
            if not _REST.match(rest):
                words = words or _words(text, line.start, line.start + len(line.text))
                # As plausible as any: `f("a, b)` may be `f("a", b)` where `b` is a name of the file.
                if not _known(rest, words):
                    continue
            elif not rest.strip() and line.text[:at].endswith(","):
                # In brackets the comma belongs to the list, not to its last string.
                cost = _LISTED if line.open_before else _CLOSING
            candidates.append((cost, line.start + at, quote))
    ends = not any(following.code_end for following in lines[line.number :])
    for cost, at, quote in sorted(set(candidates))[:_MOST_CANDIDATES]:
        fix = Fix("quotes.end" if ends else "quotes", line.number, f"closed a string with {quote}")
        yield Proposal(text[:at] + quote + text[at:], fix, cost)


def _places(row: str, start: int, quote: str) -> list[int]:
    """Return where a string that begins at `start` may end: before a sign or at the end of the line."""
    stop = row.find(quote, start)
    # White space at the end of a line is there because it belongs to the string.
    end = len(row)
    found = [at for at in range(start, end) if row[at] in ",)]}:"]
    comment = re.search(r"[ \t]+#", row[start:])
    found += [end] if comment is None else [start + comment.start(), end]
    return [at for at in found if stop < 0 or at <= stop][-_MOST_PLACES:]


def _words(text: str, start: int, end: int) -> set[str]:
    return set(re.findall(r"[A-Za-z_]\w*", text[:start])) | set(
        re.findall(r"[A-Za-z_]\w*", text[end:])
    )


def _known(rest: str, words: set[str]) -> bool:
    """Whether what would follow the string is code: signs, strings, and words of the file."""
    tokens = [t for t in tokens_of(rest) if t.kind != "newline"]
    if not tokens or tokens[0].kind in ("name", "number", "string"):
        return False
    for one, other in pairwise(tokens):
        if one.kind == "name" and other.kind == "name" and not _joins(one.text, other.text):
            return False
    return all(t.text in words or _joins(t.text, "") for t in tokens if t.kind == "name")


def _joins(one: str, other: str) -> bool:
    return one in _JOINING or other in _JOINING or (not other and hasattr(builtins, one))
