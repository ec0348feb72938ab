"""Keywords that are mistyped."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Problem

from .tokens import tokens_of

__all__ = ["propose"]

_WORDS = (
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in",
    "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    "match", "case",
)  # fmt: skip
_KEYWORDS = frozenset(_WORDS)
_MOST_LINES = 20
_MOST_WORDS = 200


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Write the keyword for a word that is one edit away from it, near where CPython stopped."""
    if problem.stage != 1 or not problem.line:
        return
    lines = bench.lines(text)
    if problem.line > len(lines):
        return
    first = problem.line - 1
    while first and not lines[first].begins_statement and problem.line - first < _MOST_LINES:
        first -= 1
    here = lines[problem.line - 1]
    # Where it asks for a comma, CPython points at the beginning of what it did not understand.
    whole = "comma" in problem.message
    stop = here.start + (len(here.text) if whole else max(problem.offset, 1))
    tokens = [
        t
        for t in tokens_of(text, lines[first].start, here.start + len(here.text))
        if t.kind != "newline"
    ]
    beside = sum(token.start <= stop for token in tokens)
    looked = 0
    for number, token in enumerate(tokens):
        # A word begins its statement or stands beside the place where CPython stopped.
        near = whole or number == 0 or beside - 4 <= number < beside
        if token.kind != "name" or token.text in _KEYWORDS or not near:
            continue
        looked += 1
        if looked > _MOST_WORDS:
            return
        after = tokens[number + 1].text if number + 1 < len(tokens) else ""
        reached = (
            text[token.start - 1 : token.start] == "." or text[token.end : token.end + 1] == "."
        )
        if reached or after in ("=", ",", ")"):
            continue
        # A name that stands elsewhere as well is a name, unless it is always the same slip.
        if any(
            _is_name(text, m)
            for m in re.finditer(rf"\b{token.text}\b", text)
            if m.start() != token.start
        ):
            continue
        for word in _meant(token.text):
            line = text.count("\n", 0, token.start) + 1
            fix = Fix("keyword", line, f"wrote {word!r} for {token.text!r}")
            yield Proposal(text[: token.start] + word + text[token.end :], fix)


def _is_name(text: str, found: re.Match[str]) -> bool:
    """Whether a word stands where a name is given, called or reached into."""
    before = text[max(0, found.start() - 20) : found.start()].rstrip(" \t")[-1:]
    after = text[found.end() : found.end() + 20].lstrip(" \t")[:1]
    return before in (".", "(", ",", "=", "[") or after in tuple("=.,()[]")


def _meant(word: str) -> list[str]:
    """Return the keywords that are one edit away: a letter too many, too few, wrong, or two swapped."""
    if word.lower() in _KEYWORDS:
        return [word.lower()]
    if word.capitalize() in _KEYWORDS:
        return [word.capitalize()]
    return [
        keyword
        for keyword in _WORDS
        if abs(len(keyword) - len(word)) < 2 and _one_edit(word, keyword)
    ]


def _one_edit(one: str, other: str) -> bool:
    if len(one) > len(other):
        one, other = other, one
    at = 0
    while at < len(one) and one[at] == other[at]:
        at += 1
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    rest, meant = one[at:], other[at:]
    if len(one) > 2 and rest[1:] == meant[1:]:
        return True
    return len(rest) > 1 and rest[1] + rest[0] + rest[2:] == meant
