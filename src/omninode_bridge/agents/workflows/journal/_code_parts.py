"""What of a module a function depends on, as texts that are the same in every process.

What a program changes while it runs must not count: that would make finished steps stale, and run
them again. So a list, a dict or a set counts only where it is plain data bound to a name in capitals
(or a default), and where nothing in the module that names it writes into things; a variable of a
closure only where nobody binds it anew; an object by its class alone. A change that is not seen is
the lesser evil, and `version` is there for it.
"""

from __future__ import annotations

import dis
import enum
import functools
import inspect
from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any, Final

__all__ = ["MAX_PARTS", "codes", "parts_of", "told", "unwrapped"]

#: Functions, classes and values that are looked at, of one operation; values in one container.
MAX_PARTS: Final = 10_000
_DEEPEST: Final = 10
_FIXED: Final = (str, bytes, int, float, complex, tuple, frozenset)
_SCALARS: Final = (type(None), bool, int, float, complex, str, bytes)
_CONTAINERS: Final = (list, tuple, set, frozenset, dict)
_MAX_BITS: Final = 4_096
_WRITES: Final = frozenset({"STORE_SUBSCR", "DELETE_SUBSCR", "STORE_SLICE"})
_BINDS: Final = frozenset({"STORE_DEREF", "DELETE_DEREF", "STORE_GLOBAL", "DELETE_GLOBAL"})
_WRITERS: Final = frozenset(
    [
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "popitem",
        "remove",
        "reverse",
        "setdefault",
        "sort",
        "update",
    ]
)


def parts_of(function: Any) -> Iterator[tuple[CodeType | None, str]]:
    """Yield the code of a function and of what it reaches in its module, each with a text.

    Functions and classes that it names, and so on; what decorates them, where that is of the module
    too; defaults, constants and closures as far as they cannot change, see above.
    """
    target = unwrapped(function)
    if not isinstance(target, FunctionType):
        return
    names = target.__globals__
    pending: list[Any] = [function]
    seen: set[int] = set()
    while pending and len(seen) < MAX_PARTS:
        one = pending.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, type):
            pending += _of_class(one)
            yield None, _class_text(one)
        elif isinstance(one, functools.partial):
            pending.append(one.func)
            yield None, f"partial {_settled((one.args, *sorted(one.keywords.items())))}"
        elif isinstance(one, FunctionType) and (one.__globals__ is names or one is function):
            pending += _reached(one)
            yield one.__code__, _function_text(one, is_target=one is target)
        if (inner := getattr(one, "__wrapped__", None)) is not None and not isinstance(one, type):
            pending.append(inner)


def _reached(function: FunctionType) -> list[Any]:
    found = [function.__globals__.get(name) for name in sorted(_named(function.__code__))]
    found += [value for _, value in _cells(function)]
    found += [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    return [one for one in found if _is_of(one, function.__globals__)] + [
        type(one) for one in found if _is_of(type(one), function.__globals__)
    ]


def _is_of(one: Any, names: Mapping[str, Any]) -> bool:
    """Whether it is a function or a class of the module with these names."""
    if isinstance(one, functools.partial):
        return _is_of(one.func, names)
    if isinstance(one, type):
        return one.__module__ == names.get("__name__") and names.get(one.__name__) is one
    return isinstance(unwrapped(one), FunctionType) and unwrapped(one).__globals__ is names


def _of_class(cls: type) -> list[Any]:
    """Return the functions and classes in a class, and the classes of its module that it extends."""
    found: list[Any] = [base for base in cls.__bases__ if base.__module__ == cls.__module__]
    for _, value in sorted(vars(cls).items()):
        inner = [
            getattr(value, name, None) for name in ("__func__", "fget", "fset", "fdel", "func")
        ]
        found += [one for one in (value, *inner) if _is_inside(one, cls)]
    return found


def _is_inside(one: Any, cls: type) -> bool:
    if isinstance(one, type):
        return one.__qualname__ == f"{cls.__qualname__}.{one.__name__}"
    return isinstance(one, FunctionType)


def _class_text(cls: type) -> str:
    values = {name: value for name, value in vars(cls).items() if not _is_dunder(name)}
    if issubclass(cls, enum.Enum):
        values = {name: member.value for name, member in cls.__members__.items()}
    plain = {name: value for name, value in values.items() if isinstance(value, _FIXED)}
    return f"class {cls.__qualname__} {told(plain)}"


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _function_text(one: FunctionType, *, is_target: bool) -> str:
    texts: list[str] = []
    defaults = [*(one.__defaults__ or ()), *sorted((one.__kwdefaults__ or {}).items())]
    if defaults:
        writes = _writes(one.__code__)
        texts += [told(value) if not writes else _settled(value) for value in defaults]
    for name in sorted(_named(one.__code__)):
        if name.isupper() and name in one.__globals__ and _is_constant(name, one.__globals__):
            texts.append(f"{name}={told(one.__globals__[name])}")
    if is_target:
        return "\n".join(texts)  # what it closes over its `version` speaks for
    bound = _bound(one.__code__)
    texts += [
        f"{name}:{told(value)}"
        for name, value in _cells(one)
        if name not in bound and isinstance(value, _SCALARS)
    ]
    return "\n".join(texts)


def _is_constant(name: str, names: Mapping[str, Any]) -> bool:
    value = names[name]
    is_fixed = isinstance(value, _FIXED)
    if not is_fixed and (type(value) not in _CONTAINERS or not _is_plain(value)):
        return False
    users = [
        one.__code__
        for one in list(names.values())
        if isinstance(one, FunctionType) and name in _named(one.__code__)
    ]
    if any(name in _bound(code) for code in users):
        return False
    return is_fixed or not any(map(_writes, users))


def _is_plain(value: Any) -> bool:
    """Whether it is made of plain data, and not too much of it."""
    pending, number = [(value, 0)], 0
    while pending:
        one, depth = pending.pop()
        number += 1
        if number > MAX_PARTS or depth > _DEEPEST:
            return False
        if type(one) is dict:
            pending += [(inner, depth + 1) for pair in one.items() for inner in pair]
        elif type(one) in _CONTAINERS:
            pending += [(inner, depth + 1) for inner in one]
        elif type(one) not in _SCALARS:
            return False
    return True


def _settled(value: Any) -> str:
    """Return what cannot change as text, and of what can its type."""
    if type(value) is tuple:
        return f"[{', '.join(map(_settled, value))}]"
    return told(value) if isinstance(value, (*_SCALARS, frozenset)) else _type_text(value)


def _cells(function: FunctionType) -> list[tuple[str, Any]]:
    """Return the variables that it closes over, with their values."""
    found = []
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        try:
            found.append((name, cell.cell_contents))
        except ValueError:  # it has none yet
            continue
    return found


def unwrapped(function: Any) -> Any:
    """Return what is decorated, where it says so."""
    try:
        return inspect.unwrap(function)
    except ValueError:  # it wraps itself
        return function


def codes(code: CodeType) -> Iterator[CodeType]:
    """Yield the code and those of the functions in it."""
    pending, number = [code], 0
    while pending and number < MAX_PARTS:
        one, number = pending.pop(), number + 1
        yield one
        pending.extend(c for c in one.co_consts if isinstance(c, CodeType))


@functools.lru_cache(maxsize=4096)
def _named(code: CodeType) -> frozenset[str]:
    """Return the names of globals and attributes that the code uses, with the functions in it."""
    return frozenset(name for one in codes(code) for name in one.co_names)


@functools.lru_cache(maxsize=4096)
def _writes(code: CodeType) -> bool:
    """Whether the code may write into a list, a dict or a set that it is given."""
    return not _WRITERS.isdisjoint(_named(code)) or any(
        step.opname in _WRITES for one in codes(code) for step in dis.get_instructions(one)
    )


@functools.lru_cache(maxsize=4096)
def _bound(code: CodeType) -> frozenset[str]:
    """Return the variables of closures and of the module that the code binds anew."""
    return frozenset(
        str(step.argval)
        for one in codes(code)
        for step in dis.get_instructions(one)
        if step.opname in _BINDS
    )


def told(value: Any, depth: int = 0) -> str:
    """Return a value as text, the same in every process; an object is its type alone."""
    if isinstance(value, enum.Enum):
        return f"{_type_text(value)}.{value.name}"
    if type(value) is int and value.bit_length() > _MAX_BITS:
        return hex(value)  # Python writes no decimal number of thousands of digits
    if type(value) in _SCALARS:
        return repr(value)
    if depth < _DEEPEST:
        if isinstance(value, (list, tuple)):
            return f"[{', '.join(told(one, depth + 1) for one in value)}]"
        if isinstance(value, (set, frozenset)):
            return f"{{{', '.join(sorted(told(one, depth + 1) for one in value))}}}"
        if isinstance(value, Mapping):
            items = (f"{told(k, depth + 1)}: {told(v, depth + 1)}" for k, v in value.items())
            return f"{{{', '.join(sorted(items))}}}"
    return _type_text(value)


def _type_text(value: Any) -> str:
    return f"<{type(value).__module__}.{type(value).__qualname__}>"
