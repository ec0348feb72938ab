"""Closing brackets that close nothing, or close the wrong thing; the `(` that a `def` lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Offsets, Problem

__all__ = ["propose"]

_UNMATCHED = re.compile(r"(?:f-string: )?unmatched '([)\]}])'")
_MISMATCH = re.compile(
    r"closing parenthesis '([)\]}])' does not match opening parenthesis '([(\[{])'(?: on line (\d+))?"
)
_PARTNER = {"(": ")", "[": "]", "{": "}"}
_HEAD = re.compile(r"^([ \t]*(?:async[ \t]+)?def[ \t]+)([A-Za-z_]\w*)(?=[ \t]*[,:)*=])")
_BODY_LINES = 200


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Take away, change or open the bracket at which CPython stopped."""
    extra, wrong = _UNMATCHED.match(problem.message), _MISMATCH.match(problem.message)
    if problem.stage != 1 or not problem.line or not (extra or wrong):
        return
    at = Offsets(text).at(problem.line, 0) + problem.offset - 1
    if not 0 <= at < len(text) or text[at] not in ")]}":
        return
    line = problem.line
    if wrong:
        partner = _PARTNER[wrong[2]]
        changed = Fix("closers", line, f"wrote {partner!r} for {text[at]!r}")
        yield Proposal(text[:at] + partner + text[at + 1 :], changed)
        added = Fix("closers", line, f"added {partner!r} before {text[at]!r}")
        yield Proposal(text[:at] + partner + text[at:], added)
    fix = Fix("closers", line, f"took away {text[at]!r}")
    yield Proposal(text[:at] + text[at + 1 :], fix)
    if extra:
        yield from _elsewhere(bench, text, at, line)
        yield from _opened(bench, text, line)


def _elsewhere(bench: Bench, text: str, at: int, line: int) -> Iterator[Proposal]:
    """Take away another bracket of the line; only where this one does not just double the one before."""
    if text[at - 1 : at] == text[at]:
        return
    start = bench.lines(text)[line - 1].start
    for other in range(at - 1, start - 1, -1):
        if text[other] == text[at]:
            fix = Fix("closers", line, f"took away {text[at]!r}")
            yield Proposal(text[:other] + text[other + 1 :], fix)
            return


def _opened(bench: Bench, text: str, line: int) -> Iterator[Proposal]:
    """Open the bracket of a `def` whose name ran into its first parameter."""
    lines = bench.lines(text)
    for number in range(line - 1, max(-1, line - 30), -1):
        row = lines[number]
        found = _HEAD.match(row.text)
        if found is None:
            continue
        at = row.start + found.end(2)
        fix = Fix("closers", row.number, "opened the bracket of a 'def'")
        cut = _first_parameter(text, found[2], row.start)
        whole = text[at : at + 1] == ")" and len(re.findall(rf"\b{found[2]}\b", text)) > 1
        if cut is not None and not whole:
            yield Proposal(text[: at - cut] + "(" + text[at - cut :], fix)
        elif text[at : at + 1] in (")", "*"):
            yield Proposal(text[:at] + "(" + text[at:], fix)
        return


def _first_parameter(text: str, word: str, start: int) -> int | None:
    """Return how many characters at the end of a word are the first parameter.

    A method's is `self` or `cls`. Another one is a word that the body uses, and where several ends
    of the word are, the longest, of those that leave a name which stands elsewhere if there are.
    """
    for known in ("self", "cls"):
        if word.endswith(known) and len(word) > len(known):
            return len(known)
    end = start
    for _ in range(_BODY_LINES):
        end = text.find("\n", end) + 1
        if not end:
            end = len(text)
            break
    body = text[start:end].split("\n", 1)[-1]
    used = set(re.findall(r"[A-Za-z_]\w*", body))
    elsewhere = set(re.findall(r"[A-Za-z_]\w*", text[:start] + body))
    sizes = [
        n
        for n in range(1, len(word))
        if word[-n:] in used
        and not word[-n].isdigit()
        and (not word[:-n].endswith("_") or re.fullmatch(r"__\w+__", word[:-n]))
    ]
    named = [n for n in sizes if word[:-n] in elsewhere]
    return max(named or sizes, default=None)
