"""Find the function that a frame ran by its code object, never by its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from types import CellType, CodeType, FrameType, FunctionType, MethodType
from typing import Any

from ._inference_frames import FailedFrame

__all__ = ["find_function", "first_argument", "is_of"]

_DEEPEST = 3  # classes inside classes
_MOST = 20_000  # names that are looked at


def find_function(failed: FailedFrame) -> Callable[..., Any] | str:
    """Return the module-level function or the bound method of a frame, or why there is none."""
    code = failed.frame.f_code
    what = f"{code.co_qualname}()"
    if code.co_flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR):
        return f"{what} is a generator"
    if set(code.co_freevars) - {"__class__"}:
        return f"{what} is a closure"
    found: dict[int, tuple[Callable[..., Any], set[str]]] = {}
    for name, value in _candidates(failed):
        function = value.__func__ if isinstance(value, MethodType) else value
        if function.__globals__ is failed.frame.f_globals:
            found.setdefault(id(function), (value, set()))[1].add(name)
    if len(found) != 1:
        known = "is not the only function of its code" if found else "is in no module and no class"
        return f"{what} {known}"
    value, names = found.popitem()[1]
    if "__wrapped__" in value.__dict__:
        return f"{what} is a wrapper"
    special = {name for name in names if name.startswith("__") and name.endswith("__")}
    if special - {"__call__"}:
        return f"{what} is not called by its name"
    if failed.attribute and failed.attribute not in names:
        return f"{what} is not what {failed.attribute!r} stands for"
    return value


def first_argument(frame: FrameType) -> Any:
    """Return what a method is bound to, None for a function without positional parameters."""
    code = frame.f_code
    return frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None


def is_of(fn: Any, frame: FrameType) -> bool:
    """Whether `fn` is what this frame ran: the same code, bound to the same object."""
    bound: Any = None
    if isinstance(fn, MethodType):
        fn, bound = fn.__func__, fn.__self__
    elif not isinstance(fn, FunctionType):
        call = next((vars(k)["__call__"] for k in type(fn).__mro__ if "__call__" in vars(k)), None)
        fn, bound = call, fn
    if not isinstance(fn, FunctionType) or fn.__code__ is not frame.f_code:
        return False
    if bound is not None and first_argument(frame) is not bound:
        return False
    if fn.__globals__ is not frame.f_globals:
        return False
    cells = dict(zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True))
    return all(_content(cell) is frame.f_locals.get(name) for name, cell in cells.items())


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing was assigned yet
        return None


def _candidates(failed: FailedFrame) -> Iterator[tuple[str, Any]]:
    """Yield names and functions of this code; methods are bound to the frame's first argument."""
    frame = failed.frame
    code = frame.f_code
    seen = False
    for namespace in (frame.f_globals, failed.catching.f_globals):
        for name, value in list(namespace.items())[:_MOST]:
            if isinstance(value, FunctionType) and value.__code__ is code:
                seen = True
                yield name, value
    owner = first_argument(frame)
    if not seen and code.co_argcount:
        for name, function in _methods(owner, code):
            seen = True
            yield name, MethodType(function, owner)
    if not seen:
        yield from _static(frame.f_globals, code)


def _methods(owner: Any, code: CodeType) -> Iterator[tuple[str, FunctionType]]:
    """Yield the functions of this code that the classes of `owner` hold."""
    for one in type(owner).__mro__:
        for name, value in list(vars(one).items()):
            if isinstance(value, FunctionType) and value.__code__ is code:
                yield name, value
    for one in owner.__mro__ if isinstance(owner, type) else ():
        for name, value in list(vars(one).items()):
            if isinstance(value, classmethod):
                function = value.__func__
                if isinstance(function, FunctionType) and function.__code__ is code:
                    yield name, function


def _static(namespace: Mapping[str, Any], code: CodeType) -> Iterator[tuple[str, FunctionType]]:
    """Yield the functions of this code that classes of the module hold and nothing is bound to."""
    module = namespace.get("__name__")
    classes = [one for one in list(namespace.values())[:_MOST] if isinstance(one, type)]
    known: set[int] = set()
    for _ in range(_DEEPEST):
        inner: list[type] = []
        for one in classes:
            if id(one) in known or one.__module__ != module:
                continue
            known.add(id(one))
            for name, value in list(vars(one).items()):
                function = value.__func__ if isinstance(value, staticmethod) else value
                if isinstance(function, FunctionType) and function.__code__ is code:
                    yield name, function
                elif isinstance(value, type):
                    inner.append(value)
        classes = inner
