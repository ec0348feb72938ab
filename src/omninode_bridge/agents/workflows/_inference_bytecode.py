"""What compiled code tells about a call: who was called, how it ended, which arguments stayed."""

from __future__ import annotations

import dis
import functools
import inspect
from bisect import bisect_right
from types import (
    BuiltinFunctionType,
    CodeType,
    FrameType,
    FunctionType,
    MemberDescriptorType,
    MethodType,
)
from typing import Any

__all__ = ["UNKNOWN", "Listing", "attribute_of", "called", "has_failed", "runs_code"]

UNKNOWN: Any = object()
_LARGEST = 65_536  # bytes of code that are read
_KEPT = 4096  # bytes of code whose instructions are remembered
_DEEPEST = 20  # attributes of one expression, wrappers around one function
_ENDED_WELL = frozenset({"RETURN_VALUE", "RETURN_CONST", "RETURN_GENERATOR", "YIELD_VALUE"})
_SILENT = frozenset({"CACHE", "COPY_FREE_VARS", "EXTENDED_ARG", "NOP", "PRECALL", "PUSH_NULL"})
_NAMES_OF_KEYWORDS = frozenset({"KW_NAMES", "LOAD_CONST"})
_CALLS = frozenset({"CALL", "CALL_FUNCTION_EX", "CALL_KW"})
# where an await stands when what it waits for raises; before 3.12 also at the jump of its loop
_AWAITS = frozenset({"JUMP_BACKWARD_NO_INTERRUPT", "RESUME", "SEND", "YIELD_VALUE"})
_ATTRIBUTES = frozenset({"LOAD_ATTR", "LOAD_METHOD"})


class Listing:
    """The instructions of one code object, without those that do nothing."""

    @classmethod
    def of(cls, code: CodeType) -> Listing:
        """Return the instructions; those of short code are kept, for it often fails again."""
        return _kept(code) if len(code.co_code) <= _KEPT else cls(code)

    def __init__(self, code: CodeType) -> None:
        small = len(code.co_code) <= _LARGEST
        every = dis.get_instructions(code) if small else ()
        self.all = [one for one in every if one.opname not in _SILENT]
        self._offsets = [one.offset for one in self.all]

    def index(self, lasti: int) -> int:
        """Return the place of the instruction that was running; `lasti` may point into its cache."""
        return bisect_right(self._offsets, lasti) - 1

    def name(self, index: int) -> str:
        """Return the name of the instruction at this place, empty outside."""
        return self.all[index].opname if 0 <= index < len(self.all) else ""


@functools.lru_cache(maxsize=128)
def _kept(code: CodeType) -> Listing:
    return Listing(code)


def has_failed(frame: FrameType) -> bool:
    """Whether this frame ended with an exception: it neither returned nor waits to go on."""
    listing = Listing.of(frame.f_code)
    name = listing.name(listing.index(frame.f_lasti))
    return name not in _ENDED_WELL and name not in {"", "RESUME"}


def called(frame: FrameType, lasti: int) -> tuple[bool, Any, str]:
    """Say what the instruction at `lasti` called or awaited, without running anything.

    Returns:
        Whether it awaits; the object that it called, or the one that it awaits where it called
        none, or `UNKNOWN`; the attribute by which it was reached, empty where there is none.
    """
    listing = Listing.of(frame.f_code)
    index = listing.index(lasti)
    awaits = listing.name(index) in _AWAITS
    if not awaits and listing.name(index) not in _CALLS:
        return False, UNKNOWN, ""  # an operator, an attribute, a raise
    if awaits:
        near = range(index, max(index - 6, 0), -1)
        index = next((at for at in near if listing.name(at) == "GET_AWAITABLE"), 0) - 1
        if index < 0:
            return True, UNKNOWN, ""
        if listing.name(index) not in _CALLS:
            return True, _value(frame, listing, index), ""
    at = _callable_of(listing, index)
    name = listing.all[at].argval if listing.name(at) in _ATTRIBUTES else ""
    return awaits, _value(frame, listing, at), name


def _callable_of(listing: Listing, call: int) -> int:
    """Return the place of the instruction that loaded what the one at `call` calls, or -1."""
    where = listing.all[call].positions
    if where is None or where.col_offset is None:
        return -1  # the code carries no columns
    for at in range(call - 1, -1, -1):
        here = listing.all[at].positions
        # what is called begins where the call begins and ends before the call does; so do the
        # names of keywords
        if here is None or here[0::2] != where[0::2] or here == where:
            continue
        if listing.name(at) in _NAMES_OF_KEYWORDS:
            continue
        return at if listing.name(at).startswith("LOAD_") else -1
    return -1


def _value(frame: FrameType, listing: Listing, at: int) -> Any:
    """Return what the expression that ends at this place gave, as far as names and attributes go."""
    attributes: list[str] = []
    while listing.name(at) in _ATTRIBUTES and len(attributes) < _DEEPEST:
        attributes.append(listing.all[at].argval)
        at -= 1
    name = listing.name(at)
    if name in _CALLS and len(attributes) == 1:
        return _of_new(_value(frame, listing, _callable_of(listing, at)), frame, attributes[0])
    if name == "LOAD_SUPER_ATTR":
        return _of_new(super, frame, listing.all[at].argval)
    value = _variable(frame, name, listing.all[at].argval) if at >= 0 else UNKNOWN
    for attribute in reversed(attributes):
        value = attribute_of(value, attribute)
    return value


def _variable(frame: FrameType, load: str, name: Any) -> Any:
    """Return the value that a name has now."""
    name = name[-1] if isinstance(name, tuple) else name  # two loads in one instruction
    local = load.startswith("LOAD_FAST") or load in {
        "LOAD_NAME",
        "LOAD_DEREF",
        "LOAD_CLASSDEREF",
        "LOAD_FROM_DICT_OR_DEREF",
        "LOAD_FROM_DICT_OR_GLOBALS",
    }
    if local and name in frame.f_locals:
        return frame.f_locals[name]
    if load in {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}:
        return frame.f_globals.get(name, frame.f_builtins.get(name, UNKNOWN))
    return UNKNOWN


def attribute_of(value: Any, name: str) -> Any:
    """Return an attribute without running code of anybody; `UNKNOWN` where that needs code."""
    if value is UNKNOWN:
        return UNKNOWN
    try:
        found = inspect.getattr_static(value, name)
    except (AttributeError, TypeError):
        return UNKNOWN
    if isinstance(found, MemberDescriptorType) and not isinstance(value, type):
        try:
            return found.__get__(value, type(value))
        except AttributeError:
            return UNKNOWN
    return UNKNOWN if isinstance(found, (property, functools.cached_property)) else found


def _of_new(called: Any, frame: FrameType, name: str) -> Any:
    """Return an attribute of what a class made, or of `super()`."""
    if called is super:
        first = next(iter(frame.f_code.co_varnames), "")
        owner = frame.f_locals.get(first)
        classes = (owner if isinstance(owner, type) else type(owner)).__mro__
        beyond = frame.f_locals.get("__class__")
        return next(
            (
                vars(one)[name]
                for one in (classes[classes.index(beyond) + 1 :] if beyond in classes else ())
                if name in vars(one)
            ),
            UNKNOWN,
        )
    plain = type(called) is type and getattr(called, "__new__", None) is object.__new__
    return attribute_of(called, name) if plain else UNKNOWN


def runs_code(value: Any, code: CodeType) -> bool | None:
    """Whether calling `value` runs `code` itself; None where that cannot be told."""
    for _ in range(_DEEPEST):
        if isinstance(value, (MethodType, staticmethod, classmethod)):
            value = value.__func__
        elif isinstance(value, (functools.partial, functools.partialmethod)):
            value = value.func
        else:
            break
    if isinstance(value, FunctionType):
        return value.__code__ is code
    if value is UNKNOWN:
        return None
    if isinstance(value, (type, BuiltinFunctionType)):
        return False
    method = next((vars(k)["__call__"] for k in type(value).__mro__ if "__call__" in vars(k)), None)
    return isinstance(method, FunctionType) and method.__code__ is code
