"""Chains of Python's own errors: type, number and place tell all that is not in their texts.

What such a chain says apart from its words is worked out once for each kind of chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from .chain import chain_facts, link_of_exception
from .facts import Facts, Provider
from .providers.frames import frame_facts

__all__ = ["Outline", "PlainChain", "is_plain", "outline_of", "read_plain"]

_MOST_LINKS = 4
_MOST_OUTLINES = 512
_LONGEST = 500

# Built-in errors that their type, their arguments and the place tell everything about.
_PLAIN = frozenset(
    {
        ArithmeticError,
        AssertionError,
        BlockingIOError,
        BrokenPipeError,
        BufferError,
        ConnectionAbortedError,
        ConnectionError,
        ConnectionRefusedError,
        ConnectionResetError,
        EOFError,
        Exception,
        FloatingPointError,
        IndexError,
        InterruptedError,
        KeyError,
        LookupError,
        MemoryError,
        NotImplementedError,
        OSError,
        OverflowError,
        ReferenceError,
        RuntimeError,
        TimeoutError,
        TypeError,
        ValueError,
        ZeroDivisionError,
    }
)
# What a class of a user's may hold and still say no more than its built-in base does.
_HARMLESS = frozenset(
    {
        "__annotations__",
        "__dict__",
        "__doc__",
        "__firstlineno__",
        "__module__",
        "__qualname__",
        "__static_attributes__",
        "__weakref__",
    }
)
# A provider reads what these say: a status, a full queue.
_SPEAKING: dict[Any, tuple[str, ...]] = {
    ValueError: ("status",),
    BufferError: ("queue", "QUEUE", "Queue"),
}


class PlainChain(NamedTuple):
    """An error and its causes.

    Attributes:
        kinds: what each link is, apart from its words: a key of what the chain tells without them.
        text: as `describe()` has it.
    """

    kinds: tuple[object, ...]
    text: str


class Outline(NamedTuple):
    """What a kind of chain tells: the merged facts, their rank, and whether a cause is broken code."""

    facts: Facts
    rank: int
    syntax_in_causes: bool


def is_plain(kind: Any) -> bool:
    """Whether no error of this class has anything to tell but its arguments."""
    return type(kind) is type and _is_plain(kind)  # another metaclass may not even hash


@lru_cache(maxsize=1024)
def _is_plain(kind: Any) -> bool:
    for cls in kind.__mro__:
        if cls in _PLAIN:
            return True
        if not _HARMLESS.issuperset(vars(cls)):
            return False
    return False


def read_plain(error: BaseException) -> PlainChain | None:
    """Return the outline of a chain of a few plain errors with short texts; None for any other."""
    kinds: list[object] = []
    lines: list[str] = []
    seen: list[BaseException] = []
    one: BaseException | None = error
    while one is not None:
        kind: Any = type(one)
        if not is_plain(kind) or one.__dict__ or len(seen) == _MOST_LINKS or one in seen:
            return None
        seen.append(one)
        args = one.args
        if len(args) == 1 and type(args[0]) is str:
            text = args[0]
            if len(text) > _LONGEST or "\n" in text:
                return None
            if kind in _SPEAKING and any(word in text for word in _SPEAKING[kind]):
                return None
            text = text if not isinstance(one, KeyError) else str(one)
            kinds.append(kind)
        elif not args:
            text = ""
            kinds += (kind, None)
        else:
            if len(args) > 2 or getattr(one, "filename", None) is not None:
                return None
            for argument in args:
                short = type(argument) is str and len(argument) <= _LONGEST
                if not short and type(argument) is not int:
                    return None
            text = str(one)
            kinds += (kind, *[a if type(a) is int else str for a in args])
        if not isinstance(one, OSError):
            kinds.append(frame_facts(one) is not None)
        name = kind.__name__
        lines.append(f"{name}: {text}" if text else name)
        cause = one.__cause__
        if cause is not None:
            kinds.append("from")
        elif not one.__suppress_context__:
            cause = one.__context__
        one = cause
    return PlainChain(tuple(kinds), "\n".join(lines))


def outline_of(
    error: BaseException,
    plain: PlainChain,
    providers: Sequence[Provider],
    known: dict[tuple[object, ...], Outline],
) -> Outline:
    """Return what the kind of a chain tells; `known` keeps it for the next of its kind."""
    found = known.get(plain.kinds)
    if found is None:
        link = link_of_exception(error, providers)
        facts, rank = chain_facts(link)
        found = Outline(facts, rank, link.has_syntax_cause())
        if len(known) >= _MOST_OUTLINES:
            known.clear()
        known[plain.kinds] = found
    return found
