"""Find the cheapest chain of edits after which the text compiles; decline if two are as good."""

from __future__ import annotations

import ast
import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

from .bench import Bench, BudgetSpent
from .diagnosis import MOST_ALTERNATIVES, Alternative, Tried, alternative, fixes_in_words
from .models import Fix
from .rules import SYNTAX_RULES
from .source import Problem

__all__ = ["Found", "search"]

_BEAM = 6
_MOST_EDITS = 12
_EDIT_PRICE = 0.01

# How far a chain that was given up came, its edits, and why it was given up.
_Given = tuple[tuple[int, int, int], tuple[Fix, ...], str]


@dataclass(frozen=True, slots=True)
class Found:
    """Where the search ended.

    Attributes:
        text: a text that compiles and passes the guard, or the furthest that was reached.
        reason: why there is no such text; empty if there is.
        tried: chains that were given up, the ones that came furthest first.
        alternatives: several outcomes that are as good.
    """

    text: str
    fixes: tuple[Fix, ...]
    cost: float
    reason: str = ""
    tried: tuple[Tried, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


def search(bench: Bench, text: str, object_to: Callable[[str], str]) -> Found:
    """Edit where CPython points until nothing is wrong.

    A candidate counts only if the error is gone or moved to a later place. `object_to` returns why
    a text that compiles is not acceptable, or an empty string.
    """
    trail: list[_Given] = []
    found = _search(bench, text, object_to, trail)
    trail.sort(key=lambda given: given[0], reverse=True)
    return replace(found, tried=tuple(Tried(fixes_in_words(f), why) for _, f, why in trail))


def _search(bench: Bench, text: str, object_to: Callable[[str], str], trail: list[_Given]) -> Found:
    order = itertools.count()
    start = Found(text, (), 0.0)
    queue: list[tuple[float, int, Found]] = [(0.0, next(order), start)]
    best, refused = start, ""
    found: list[Found] = []
    seen = {text}
    try:
        while queue:
            cost, _, state = heapq.heappop(queue)
            if found and cost > found[0].cost + 1e-9:
                break
            problem = bench.problem(state.text)
            if problem is None:
                why = object_to(state.text)
                if why:
                    refused = refused or why
                    trail.append(((3, 0, 0), state.fixes, why))
                else:
                    found.append(state)
                continue
            best = max(best, state, key=lambda s: _reached(bench, s.text))
            if len(state.fixes) >= _MOST_EDITS:
                continue
            nexts = []
            for rule in SYNTAX_RULES:
                if bench.late():
                    raise BudgetSpent
                for proposal in rule(bench, state.text, problem):
                    if proposal.text in seen:
                        continue
                    seen.add(proposal.text)
                    after = bench.problem(proposal.text)
                    fixes = (*state.fixes, proposal.fix)
                    if after is not None and after.place <= problem.place:
                        trail.append((after.place, fixes, _said(after)))
                        continue
                    nexts.append(Found(proposal.text, fixes, state.cost + proposal.cost))
            # What the best edit of a step costs is no argument against it, only what others cost more.
            least = min((f.cost for f in nexts), default=0.0) - state.cost - _EDIT_PRICE
            nexts = [replace(f, cost=f.cost - least) for f in nexts]
            if state.fixes and not nexts:
                trail.append((problem.place, state.fixes, _said(problem)))
            # Equals are never cut: dropping one would hide that nobody can tell.
            nexts.sort(key=lambda f: f.cost)
            for rank, following in enumerate(nexts):
                if rank >= _BEAM and following.cost > nexts[0].cost:
                    break
                heapq.heappush(queue, (following.cost, next(order), following))
    except BudgetSpent:
        if not found:
            return Found(
                best.text, best.fixes, best.cost, "the budget was spent before a way was found"
            )
    if found:
        rivals = [f for f in found[1:] if not _same(bench, f.text, found[0].text)]
        if rivals:
            lines = sorted({f.fixes[-1].line for f in (found[0], *rivals) if f.fixes})
            why = f"several corrections are equally plausible, at line {', '.join(map(str, lines))}"
            listed = (found[0], *rivals)[:MOST_ALTERNATIVES]
            ways = tuple(alternative(text, f.text, f.fixes) for f in listed)
            return replace(found[0], reason=why, alternatives=ways)
        return found[0]
    problem = bench.problem(best.text)
    said = _said(problem) if problem else refused
    return Found(
        best.text, best.fixes, best.cost, f"no correction is known for {said}" if problem else said
    )


def _said(problem: Problem) -> str:
    return f"line {problem.line}: {problem.message}"


def _reached(bench: Bench, text: str) -> tuple[int, int, int]:
    problem = bench.problem(text)
    return problem.place if problem else (3, 0, 0)


def _same(bench: Bench, one: str, other: str) -> bool:
    """Whether two texts mean the same."""
    first, second = bench.tree(one), bench.tree(other)
    if first is None or second is None:
        return False
    try:
        return ast.dump(first) == ast.dump(second)
    except RecursionError:
        return False
