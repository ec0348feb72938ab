"""Which arguments a function changes in place: the failed call may have done so before it failed."""

from __future__ import annotations

import functools
from collections.abc import MutableMapping, MutableSequence, MutableSet
from dis import Instruction
from types import CodeType
from typing import Any

from ._inference_bytecode import Listing

__all__ = ["changes", "is_changeable"]

_STORES = frozenset({"DELETE_SUBSCR", "STORE_SLICE", "STORE_SUBSCR"})
_LOADS = ("LOAD_CLOSURE", "LOAD_DEREF", "LOAD_FAST")
_ATTRIBUTES = frozenset({"LOAD_ATTR", "LOAD_METHOD"})
_CALLS = frozenset({"CALL", "CALL_FUNCTION_EX", "CALL_KW"})
_METHODS = frozenset(
    {
        "add",
        "append",
        "appendleft",
        "clear",
        "difference_update",
        "discard",
        "extend",
        "extendleft",
        "insert",
        "intersection_update",
        "move_to_end",
        "pop",
        "popitem",
        "popleft",
        "remove",
        "reverse",
        "rotate",
        "setdefault",
        "sort",
        "symmetric_difference_update",
        "update",
    }
)


def is_changeable(value: Any) -> bool:
    """Whether this is a list, a mapping or a set that can change, or a tuple of such."""
    kind = type(value)
    if issubclass(kind, tuple):
        return any(is_changeable(one) for one in tuple.__iter__(value) if type(one) is not kind)
    return issubclass(kind, (MutableSequence, MutableMapping, MutableSet))


@functools.lru_cache(maxsize=256)
def changes(code: CodeType, names: frozenset[str]) -> frozenset[str]:
    """Return the parameters that are seen to be stored into, or whose methods change them.

    It sees expressions that begin with the name, with another name for the same value, or with
    the name of an element in a loop; what other functions do with an argument it does not see.
    """
    listing = Listing.of(code).all
    known = {name: name for name in names}  # by variable, the parameter that it stands for
    found: set[str] = set()
    begun: dict[tuple[Any, Any], str | None] = {}  # by place, what the expression there begins with
    seconds: set[str] = set()  # loaded by the second half of an instruction, at no place of its own
    for at, one in enumerate(listing):
        where = one.positions
        place = (where.lineno, where.col_offset) if where is not None else (None, None)
        if one.opname.startswith("LOAD_") and one.opname not in _ATTRIBUTES:
            first, *others = _variables(one)
            begun[place] = known.get(first)
            seconds |= {known[name] for name in others if name in known}
        elif one.opname in _CALLS:
            begun[place] = None  # what a call gives is another thing
        elif one.opname in _STORES or (one.opname in _ATTRIBUTES and one.argval in _METHODS):
            whose = begun.get(place)
            found |= {whose} if whose is not None else set()
            found |= seconds if place not in begun else set()
        elif one.opname == "STORE_FAST" and one.argval not in names:
            source = _source(listing, at)
            if source in known:
                known[one.argval] = known[source]
            else:
                known.pop(one.argval, None)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found |= changes(inner, names & frozenset(inner.co_freevars))
    return frozenset(found)


def _variables(one: Instruction) -> tuple[str, ...]:
    """Return the variables that an instruction loads; one without a name where it loads none."""
    if not one.opname.startswith(_LOADS):
        return ("",)
    return one.argval if isinstance(one.argval, tuple) else (str(one.argval),)


def _source(listing: list[Instruction], at: int) -> str:
    """Return the variable whose value, or whose element, the instruction at this place stores."""
    before = at - 1
    if before >= 2 and listing[before].opname == "FOR_ITER":
        before -= 2 if listing[before - 1].opname == "GET_ITER" else 0
    return _variables(listing[before])[-1] if before >= 0 else ""
