"""Read what is odd in the parse tree of a regex: anchors, cases, repeats that blow up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

__all__ = [
    "contradiction",
    "explosion",
    "holds_whole",
    "looks_around",
    "lower_names",
    "needed_words",
    "upper_ranges",
]

_ENDLESS = 64
_NEWLINE = 10
_ENDS = ("AT_END", "AT_END_STRING")
_BEGINNINGS = ("AT_BEGINNING", "AT_BEGINNING_STRING")
_CAPITALS, _SMALL = (ord("A"), ord("Z")), (ord("a"), ord("z"))
_CLASS_NAME = re.compile(r"[a-z]{2,}(?:error|exception)")


def _tree(regex: str) -> Any:
    return parser.parse(regex, re.IGNORECASE)


def inside(op: str, arg: Any) -> list[Any]:
    """Return the sequences inside an item."""
    if op == "SUBPATTERN":
        return [arg[3]]
    if op == "BRANCH":
        return list(arg[1])
    if op.endswith("_REPEAT"):
        return [arg[2]]
    if op == "ATOMIC_GROUP":
        return [arg]
    if op in {"ASSERT", "ASSERT_NOT"}:
        return [arg[1]]
    if op == "GROUPREF_EXISTS":
        return [part for part in arg[1:] if part is not None]
    return []


def _items(items: Any) -> Iterator[tuple[str, Any]]:
    """Yield every item, at any depth."""
    for raw, arg in items:
        op = str(raw)
        yield op, arg
        for inner in inside(op, arg):
            yield from _items(inner)


def needed_words(regex: str) -> list[tuple[str, ...]]:
    """Return sets of small texts; whatever matches holds one of each set, whatever case it has."""
    return [words for words in _needed(_tree(regex)) if all(words)]


def _needed(items: Any) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    run = ""
    for raw, arg in [*items, ("END", None)]:
        op = str(raw)
        if op == "LITERAL" and arg < 128:
            run += chr(arg).lower()
            continue
        if op == "AT":
            continue
        if run:
            found.append((run,))
        run = ""
        if op == "SUBPATTERN":
            found += _needed(arg[3])
        elif op == "ATOMIC_GROUP":
            found += _needed(arg)
        elif op.endswith("_REPEAT") and arg[0] > 0:
            found += _needed(arg[2])
        elif op == "BRANCH":
            ways = [_needed(way) for way in arg[1]]
            if all(ways):
                best = [max(way, key=lambda words: min(map(len, words))) for way in ways]
                found.append(tuple(dict.fromkeys(word for words in best for word in words)))
    return found


def holds_whole(regex: str, part: str) -> bool:
    """Whether the one regex goes through all of the other: then what it matches, that matches too."""
    whole, inner = _tree(regex), _tree(part)
    if whole.state.flags != inner.state.flags:
        return False
    have, want = [str(item) for item in whole], [str(item) for item in inner]
    return any(
        have[start : start + len(want)] == want for start in range(len(have) - len(want) + 1)
    )


def looks_around(regex: str) -> bool:
    """Whether samples of the regex are hard to write: look-around, references, conditions."""
    return any(
        op.startswith(("ASSERT", "GROUPREF")) or (op == "AT" and "BOUNDARY" in str(arg))
        for op, arg in _items(_tree(regex))
    )


def contradiction(regex: str) -> str:
    """Return why no text can ever match, in one clause; empty where the anchors are in order."""
    tree = _tree(regex)
    if tree.state.flags & re.MULTILINE:
        return ""
    return _contradicts(tree)[0]


def _contradicts(items: Any, *, before: bool = False) -> tuple[str, bool]:
    """Return the fault, and whether the sequence needs at least one character."""
    ended = ""
    needs = before
    for raw, arg in items:
        op = str(raw)
        if op == "AT" and str(arg) in _BEGINNINGS and needs:
            return "something must stand before the beginning of the text", True
        if op == "AT" and str(arg) in _ENDS:
            ended = str(arg)
            continue
        if op == "BRANCH":
            ways = [_contradicts(way, before=needs) for way in arg[1]]
            if all(fault for fault, _ in ways):
                return ways[0]
            width = min((way.getwidth()[0] for way in arg[1]), default=0)
        elif op in {"SUBPATTERN", "ATOMIC_GROUP"}:
            body = arg[3] if op == "SUBPATTERN" else arg
            fault, _ = _contradicts(body, before=needs)
            if fault:
                return fault, True
            width = body.getwidth()[0]
        elif op.endswith("_REPEAT"):
            width = arg[0] * arg[2].getwidth()[0]
            fault = _contradicts(arg[2], before=needs)[0] if arg[0] else ""
            if fault:
                return fault, True
        else:
            width = int(op in {"LITERAL", "NOT_LITERAL", "ANY", "IN"})
        if ended and width and (ended == "AT_END_STRING" or not _may_break(op, arg)):
            return "something must stand behind the end of the text", True
        needs = needs or width > 0
    return "", needs


def _may_break(op: str, arg: Any) -> bool:
    """Whether the item can begin with the line break that may follow ``$``."""
    if op == "LITERAL":
        return bool(arg == _NEWLINE)
    return op != "ANY"


def explosion(regex: str) -> str:
    """Return which part of the shape makes the time explode, in one clause; empty if none is known."""
    for op, arg in _items(_tree(regex)):
        if op.startswith("GROUPREF"):
            return "it refers back to what a group matched"
        if op.endswith("_REPEAT") and arg[1] > 1:
            inner = [*_items(arg[2])]
            if any(o.endswith("_REPEAT") and a[1] >= _ENDLESS for o, a in inner):
                return "a repeat without an end stands inside a repeat"
            if any(o == "BRANCH" or (o.endswith("_REPEAT") and a[0] != a[1]) for o, a in inner):
                return "what is repeated can match one text in several ways"
    return ""


def upper_ranges(regex: str) -> bool:
    """Whether ``[A-Z]`` is meant for capitals while the search ignores case."""
    return any(_is_capitals(found) for found in _ranges(_tree(regex), ignores=True))


def _ranges(items: Any, *, ignores: bool) -> Iterator[Any]:
    for raw, arg in items:
        op = str(raw)
        if op == "IN" and ignores:
            yield arg
        inner_ignores = ignores
        if op == "SUBPATTERN":
            inner_ignores = (ignores or bool(arg[1] & re.IGNORECASE)) and not (
                arg[2] & re.IGNORECASE
            )
        for inner in inside(op, arg):
            yield from _ranges(inner, ignores=inner_ignores)


def _is_capitals(members: Any) -> bool:
    ranges = [arg for op, arg in members if str(op) == "RANGE"]
    rest = [op for op, _ in members if str(op) not in {"RANGE", "NEGATE"}]
    return ranges == [_CAPITALS] and not rest and _SMALL not in ranges


def lower_names(regex: str) -> str:
    """Return a class name that is written small where case counts; empty if there is none."""
    for op, arg in _items(_tree(regex)):
        if op == "SUBPATTERN" and arg[2] & re.IGNORECASE:
            text = "".join(chr(a) if str(o) == "LITERAL" else " " for o, a in arg[3])
            found = _CLASS_NAME.search(text)
            if found:
                return found[0]
    return ""
