"""The parse tree of a regex, by the standard library's own parser, so nothing depends on spelling."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

__all__ = ["MAXREPEAT", "REPEATS", "Items", "Tree", "inside", "parse", "quiet"]

MAXREPEAT = parser.MAXREPEAT
REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})

# A sequence of (operation, argument); runs of ASCII literals are one ("TEXT", "run") each.
Items = list[tuple[str, Any]]

_MOST_COPIES = 10_000  # an engine that unrolls counted repeats takes a megabyte for so many
_MOST_IN_RANGES = 300_000  # ignoring case, `re` walks through every character of a range
_WALKED = 0x10000
_POSIX = re.compile(r"(?<!\\)\[\^?\[:\^?[a-z]+:\]")
_ODD_SETS = re.compile(r"\[\^?\[|--|&&|~~|\|\|")


class Tree:
    """A regex as plain lists.

    Attributes:
        items: the outermost sequence.
        flags: of the whole.
        names: of groups.
    """

    __slots__ = ("flags", "items", "names")

    def __init__(self, source: str, flags: int = re.IGNORECASE) -> None:
        posix = _POSIX.search(source)
        if posix:
            raise re.error(
                f"{posix[0]} is no class of letters here; write [a-z] or \\w", source, posix.start()
            )
        try:
            with quiet(source):
                tree = parser.parse(source, flags)
            self.items, copies, walked = _plain(tree)
        except RecursionError:
            raise re.error("groups lie too deep in one another") from None
        if copies > _MOST_COPIES:
            raise re.error(
                f"counted repeats make {copies} copies of their parts; "
                f"at most {_MOST_COPIES} are allowed"
            )
        if walked > _MOST_IN_RANGES:
            raise re.error(
                f"its ranges hold {walked} characters; at most {_MOST_IN_RANGES} are allowed in all"
            )
        self.flags: int = tree.state.flags
        self.names: dict[str, int] = tree.state.groupdict


@contextmanager
def quiet(source: str) -> Iterator[None]:
    """Compile without the warnings about what a set may mean one day."""
    if not _ODD_SETS.search(source):  # what is rare alone touches the filters, which are global
        yield
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


def parse(source: str, flags: int = re.IGNORECASE) -> Tree:
    """Return the tree.

    Raises:
        re.error: the regex cannot be parsed, or to compile it would take long or much memory.
    """
    return Tree(source, flags)


def inside(op: str, arg: Any) -> list[Items]:
    """Return the sequences that an item of the tree holds."""
    if op == "SUBPATTERN":
        return [arg[3]]
    if op == "BRANCH":
        return arg  # type: ignore[no-any-return]
    if op in REPEATS:
        return [arg[2]]
    if op == "ATOMIC_GROUP":
        return [arg]
    if op in {"ASSERT", "ASSERT_NOT"}:
        return [arg[1]]
    if op == "GROUPREF_EXISTS":
        return [part for part in arg[1:] if part is not None]
    return []


def _plain(tree: Any) -> tuple[Items, int, int]:
    """Return the sequence, how many items it has with every count written out, and its ranges' size."""
    items: Items = []
    copies = walked = 0
    run = ""
    for raw, told in tree.data:
        op, arg = raw.name, told
        letter = _letter(op, arg)
        if letter:
            run += letter
            continue
        if run:
            items.append(("TEXT", run))
            run = ""
        copies += 1
        if op == "IN":
            arg = [(name.name, value) for name, value in arg]
            for name, value in arg:
                if name == "RANGE":
                    walked += min(value[1], _WALKED) - min(value[0], _WALKED)
        elif op in _NESTED:
            arg, below, ranges = _NESTED[op](op, arg)
            copies += below
            walked += ranges
        elif op == "AT":
            arg = arg.name
        items.append((op, arg))
    if run:
        items.append(("TEXT", run))
        copies += len(run)
    return items, copies, walked


def _letter(op: str, arg: Any) -> str:
    """The one ASCII character that this item stands for, whatever its case; empty for others."""
    if op == "LITERAL":
        return chr(arg) if arg < 128 else ""
    if op == "IN" and len(arg) <= 2:
        letters = {chr(a).lower() if o.name == "LITERAL" and a < 128 else "" for o, a in arg}
        return letters.pop() if len(letters) == 1 else ""
    return ""


def _of_group(_op: str, arg: Any) -> tuple[Any, int, int]:
    items, copies, walked = _plain(arg[3])
    return (*arg[:3], items), copies, walked


def _of_branch(_op: str, arg: Any) -> tuple[Any, int, int]:
    parts = [_plain(part) for part in arg[1]]
    return [part[0] for part in parts], sum(p[1] for p in parts), sum(p[2] for p in parts)


def _of_repeat(_op: str, arg: Any) -> tuple[Any, int, int]:
    items, copies, walked = _plain(arg[2])
    if len(arg[2]) > 1 or copies > 1:
        copies *= max(1, arg[0], 0 if arg[1] is MAXREPEAT else arg[1])
    return (arg[0], arg[1], items), copies, walked


def _of_atomic(_op: str, arg: Any) -> tuple[Any, int, int]:
    return _plain(arg)


def _of_look(_op: str, arg: Any) -> tuple[Any, int, int]:
    items, copies, walked = _plain(arg[1])
    return (arg[0], items), copies, walked


def _of_condition(_op: str, arg: Any) -> tuple[Any, int, int]:
    parts = [None if part is None else _plain(part) for part in arg[1:]]
    known = [part for part in parts if part is not None]
    sequences = [None if part is None else part[0] for part in parts]
    return (arg[0], *sequences), sum(p[1] for p in known), sum(p[2] for p in known)


_NESTED = {
    "SUBPATTERN": _of_group,
    "BRANCH": _of_branch,
    "MAX_REPEAT": _of_repeat,
    "MIN_REPEAT": _of_repeat,
    "POSSESSIVE_REPEAT": _of_repeat,
    "ATOMIC_GROUP": _of_atomic,
    "ASSERT": _of_look,
    "ASSERT_NOT": _of_look,
    "GROUPREF_EXISTS": _of_condition,
}
