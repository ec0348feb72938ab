"""Regexes that are no more than literals with gaps: they need no engine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ._tree import MAXREPEAT, REPEATS, Items, Tree

__all__ = ["Chain", "chains_of", "has_chain"]

# Literals on one line, each with the least number of characters before it.
Chain = tuple[tuple[int, str], ...]
# A chain so far, and the gap that stands open behind it.
_State = tuple[Chain, int | None]

_MOST = 64
_FEW = 4


def chains_of(tree: Tree) -> tuple[Chain, ...] | None:
    """Return the whole regex as alternatives of chains, or None where it is more than that."""
    flags = tree.flags
    if flags & (re.DOTALL | re.MULTILINE | re.LOCALE | re.ASCII) or not flags & re.IGNORECASE:
        return None
    if tree.names:
        return None
    states = _after(tree.items, [((), None)])
    # A free gap at an end of the whole regex changes nothing; any other one does.
    if states is None or not all(chain and not gap for chain, gap in states):
        return None
    return tuple(dict.fromkeys(chain for chain, _ in states))


def _after(items: Items, states: list[_State] | None) -> list[_State] | None:
    for op, arg in items:
        if states is None or len(states) > _MOST:
            return None
        states = _after_one(op, arg, states)
    return states if states is None or len(states) <= _MOST else None


def _after_one(op: str, arg: Any, states: list[_State]) -> list[_State] | None:
    if op == "TEXT":
        return _after_texts((arg.lower(),), states)
    if op == "IN" and all(name == "LITERAL" for name, _ in arg):
        return _after_texts([chr(code).lower() for _, code in arg], states)
    if op == "SUBPATTERN" and not arg[1] and not arg[2]:
        return _after(arg[3], states)
    if op == "BRANCH":
        return _union([_after(branch, states) for branch in arg])
    if op in REPEATS and op != "POSSESSIVE_REPEAT":
        low, high, body = arg
        if len(body) == 1 and body[0][0] == "ANY" and high is MAXREPEAT:
            return [(chain, (gap or 0) + low) for chain, gap in states]
        if high <= _FEW:
            return _repeated(low, high, body, states)
    return None


def _repeated(low: int, high: int, body: Items, states: list[_State]) -> list[_State] | None:
    reached: list[_State] | None = states
    ends: list[list[_State] | None] = [states] if low == 0 else []
    for count in range(1, high + 1):
        reached = _after(body, reached)
        if reached is None:
            return None
        if count >= low:
            ends.append(reached)
    return _union(ends)


def _union(parts: list[list[_State] | None]) -> list[_State] | None:
    union: dict[_State, None] = {}
    for part in parts:
        if part is None:
            return None
        union.update(dict.fromkeys(part))
    return list(union)


def _after_texts(texts: Iterable[str], states: list[_State]) -> list[_State] | None:
    found: dict[_State, None] = {}
    for text in dict.fromkeys(texts):
        if not (text.isascii() and text.isprintable()):
            return None
        for chain, gap in states:
            if not chain:
                if gap:
                    return None
                found[((0, text),), None] = None
            elif gap is None:
                found[(*chain[:-1], (chain[-1][0], chain[-1][1] + text)), None] = None
            else:
                found[(*chain, (gap, text)), None] = None
    return list(found)


def has_chain(folded: str, chain: Chain, begin: int, end: int) -> bool:
    """Whether the literals follow one another on one line; linear in the length of the text."""
    first = chain[0][1]
    at = folded.find(first, begin, end)
    while at >= 0:
        stop = folded.find("\n", at, end)
        if stop < 0:
            stop = end
        here = at + len(first)
        for gap, literal in chain[1:]:
            here = folded.find(literal, here + gap, stop)
            if here < 0:
                break
            here += len(literal)
        else:
            return True
        at = folded.find(first, stop, end)
    return False
