"""Read the arguments of a failed call from its frame, where they are still what was passed."""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
from collections import deque
from collections.abc import Iterator
from types import CodeType, FrameType, MappingProxyType, SimpleNamespace
from typing import Any

from ._inference_bytecode import UNKNOWN, Listing, attribute_of
from ._inference_changes import changes, is_changeable

__all__ = ["read_arguments"]

_MOST_VALUES = 10_000
_DEEPEST = 3
_READS = frozenset({"copy", "get", "items", "keys", "values"})
_HARMLESS = ("CONTAINS_OP", "DICT_MERGE", "DICT_UPDATE", "GET_ITER", "POP_JUMP", "TO_BOOL")
_PLAIN = (str, bytes, int, float, complex, bool, type(None), type)
_FIELDS = "__dataclass_fields__"
_FILE = frozenset({"fileno", "read", "readline"})
_SPENT = frozenset(
    {"an iterator", "an asynchronous iterator", "a coroutine, task or future", "a coroutine"}
)
# What gives each thing once, waits, or is held, by the methods of its class.
_ONE_SHOT: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = tuple(
    (what, frozenset(all_of), frozenset(any_of))
    for what, all_of, any_of in (
        ("an iterator", {"__next__"}, {"__next__"}),
        ("an asynchronous iterator", {"__anext__"}, {"__anext__"}),
        ("a coroutine, task or future", {"__await__"}, {"__await__"}),
        ("a coroutine", {"send", "throw"}, {"close", "aclose"}),
        ("a future", {"result", "exception"}, {"set_result", "add_done_callback"}),
        ("a lock", {"acquire", "release"}, {"acquire"}),
        ("a lock", {"wait", "notify"}, {"notify"}),
        ("a queue", {"get_nowait"}, {"put", "put_nowait", "qsize"}),
        ("an event", {"wait"}, {"set", "abort", "poll", "terminate"}),
        ("a group of tasks", {"start_soon"}, {"start_soon"}),
        ("a timeout", {"reschedule"}, {"reschedule"}),
        ("a context manager that works once", {"_recreate_cm"}, {"_recreate_cm"}),
        ("a thread", {"join", "start"}, {"is_alive"}),
        ("a file", {"read"}, {"at_eof", "close", "fileno", "seek", "tell"}),
        ("a file", {"write"}, {"close", "drain", "fileno", "seek", "tell"}),
        ("a file", {"__getattr__", "__iter__", "close"}, {"close"}),  # of the tempfile module
        ("a socket", {"recv", "fileno"}, {"recv"}),
        ("a connection", {"recv", "poll"}, {"recv"}),
    )
)


def read_arguments(
    frame: FrameType, *, changed_too: bool = False
) -> tuple[tuple[Any, ...], dict[str, Any]] | str:
    """Return the positional and keyword arguments of a call, or why they cannot be trusted.

    Args:
        frame: of the call.
        changed_too: also where it is seen that the call changed what a list or a mapping holds.
    """
    code = frame.f_code
    positional, variadic, keyword_only, keywords = _parameters(code)
    names = [*positional, *variadic, *keyword_only, *keywords]
    values = frame.f_locals
    missing = [name for name in names if name not in values]
    if missing:
        return f"the argument {missing[0]!r} is gone"
    rebound = _rebound(code, frozenset(names))
    if rebound:
        return f"the argument {min(rebound)!r} is assigned inside the function"
    if keywords and _may_change(code, keywords[0]):
        return f"**{keywords[0]} may have been changed inside the function"
    changed = [n for n in changes(code, frozenset(names)) if is_changeable(values[n])]
    if changed and not changed_too:
        return f"the argument {min(changed)!r} is changed inside the function"
    args = tuple(values[name] for name in positional)
    for name in variadic:
        args += tuple(values[name])
    kwargs = {name: values[name] for name in keyword_only}
    for name in keywords:
        kwargs.update(values[name])
    for name in names:
        spent = _one_shot(values[name])
        if spent:
            return f"the argument {name!r} is or holds {spent}"
    return args, kwargs


def _parameters(code: CodeType) -> tuple[tuple[str, ...], ...]:
    """Return the names of positional, ``*``, keyword-only and ``**`` parameters."""
    names, at = code.co_varnames, code.co_argcount
    keyword_only = names[at : at + code.co_kwonlyargcount]
    end = at + code.co_kwonlyargcount
    variadic = names[end : end + 1] if code.co_flags & inspect.CO_VARARGS else ()
    end += len(variadic)
    keywords = names[end : end + 1] if code.co_flags & inspect.CO_VARKEYWORDS else ()
    return names[:at], variadic, keyword_only, keywords


@functools.lru_cache(maxsize=256)
def _rebound(code: CodeType, names: frozenset[str]) -> frozenset[str]:
    """Return the parameters that the function, or one inside it, assigns or deletes."""
    listing = Listing.of(code).all
    if not listing:
        return names
    found: frozenset[str] = frozenset()
    for one in listing:
        if not one.opname.startswith(("STORE_", "DELETE_", "LOAD_FAST_AND_CLEAR")):
            continue
        if one.opname.endswith("_DEREF") or "_FAST" in one.opname:
            stored = one.argval if isinstance(one.argval, tuple) else (one.argval,)
            if one.opname.endswith("LOAD_FAST") and len(stored) > 1:
                stored = stored[:1]  # it stores the first and loads the second
            found |= names & set(stored)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found |= _rebound(inner, names & frozenset(inner.co_freevars))
    return found


def _may_change(code: CodeType, name: str) -> bool:
    """Whether the function uses its ``**`` mapping for more than reading and passing it on."""
    if name in code.co_cellvars:
        return True
    listing = Listing.of(code).all
    for at, one in enumerate(listing):
        loaded = one.argval if isinstance(one.argval, tuple) else (one.argval,)
        if not one.opname.startswith("LOAD_FAST") or name not in loaded:
            continue
        if loaded[-1] != name or at + 1 >= len(listing):
            return True
        use = listing[at + 1]
        if use.opname in {"LOAD_ATTR", "LOAD_METHOD"} and use.argval in _READS:
            continue
        if use.opname == "LOAD_CONST" and listing[at + 2].opname == "BINARY_SUBSCR":
            continue
        if not use.opname.startswith(_HARMLESS):
            return True
    return False


def _one_shot(value: Any) -> str:
    """Say what in this value cannot be used a second time; empty where nothing was seen."""
    seen: set[tuple[type, bool]] = set()
    for count, (one, held) in enumerate(_inside(value, _DEEPEST, held=False)):
        if count >= _MOST_VALUES:
            return "more values than are looked through"
        kind = type(one)
        if (kind, held) not in seen:
            seen.add((kind, held))
            what = _nature(kind)
            # an object may well hold a lock or a file and work again; not so what it is to read
            if what and (not held or (what in _SPENT and not _FILE & _methods(kind))):
                return what
    return ""


def _nature(kind: type) -> str:
    """Say what kind of one-shot thing a class makes; empty where it is none."""
    if issubclass(kind, asyncio.TaskGroup):
        return "a group of tasks"
    methods = _methods(kind)
    for what, all_of, any_of in _ONE_SHOT:
        if all_of <= methods and any_of & methods:
            return what
    return ""


def _inside(value: Any, depth: int, *, held: bool) -> Iterator[tuple[Any, bool]]:
    """Yield a value and what it is made of, and whether an object holds it; no plain values."""
    if isinstance(value, _PLAIN):
        return
    yield value, held
    if depth == 0:
        return
    parts, is_object = _parts(value)
    for inner in parts:
        yield from _inside(inner, depth - 1, held=held or is_object)


def _parts(value: Any) -> tuple[list[Any], bool]:
    """Return what a container or a record holds, without running code of its class; is it a record?"""
    kind = type(value)
    if kind is MappingProxyType:
        value = next(iter(gc.get_referents(value)), None)
        kind = type(value)
    if issubclass(kind, dict):
        return list(dict.values(value)), False
    for plain in (list, tuple, set, frozenset, deque):
        if issubclass(kind, plain):
            return list(plain.__iter__(value)), False
    if issubclass(kind, functools.partial):
        args, kwargs = (
            vars(functools.partial)[name].__get__(value) for name in ("args", "keywords")
        )
        return [*args, *kwargs.values()], True
    fields = next((vars(one)[_FIELDS] for one in kind.__mro__ if _FIELDS in vars(one)), None)
    if isinstance(fields, dict):
        found = (attribute_of(value, name) for name in fields)
        return [one for one in found if one is not UNKNOWN], True
    return (list(vars(value).values()), True) if kind is SimpleNamespace else ([], False)


def _methods(kind: type) -> frozenset[str]:
    """Return the names that a class and its bases define."""
    names: set[str] = set()
    for one in kind.__mro__:
        names |= vars(one).keys()
    return frozenset(names)
