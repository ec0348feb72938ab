"""Find the frame of the failed call in a traceback, or say why there is none to trust."""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path, PurePath
from types import CodeType, CoroutineType, FrameType, TracebackType
from typing import Any

from ._inference_bytecode import called, has_failed, runs_code

__all__ = ["FailedFrame", "failed_frame"]

_MOST_CALLERS = 1000
_MOST_SKIPPED = 50
_COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>"})
# The parts of the standard library whose result is the result of what they were given to call.
_TRANSPARENT = re.compile(r"asyncio(\..*)?|concurrent\.futures\.thread|functools")


@dataclass(frozen=True, slots=True)
class FailedFrame:
    """The frame of a call that raised.

    Attributes:
        frame: of the call.
        catching: the frame that caught the error.
        attribute: the method must be known by this name; empty where it was seen what was called.
        owner: whose code it is; ``user`` where it is the user's own.
    """

    frame: FrameType
    catching: FrameType
    attribute: str
    owner: str


def failed_frame(error: BaseException) -> FailedFrame | str:
    """Return the call of the catching frame that raised `error`, or why it is not known."""
    entry = error.__traceback__
    if entry is None:
        return "the error was never raised, or its traceback was removed"
    callers = _callers()
    catching = entry.tb_frame
    if catching not in callers:
        return "the traceback does not begin in a function that is waiting for handle_error()"
    if _origin(catching) == "ours":
        return "the error was caught inside omninode_bridge"
    return _follow(entry, error, callers)


def _callers() -> list[FrameType]:
    """Return the frames that wait for this one, innermost first."""
    frames: list[FrameType] = []
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and len(frames) < _MOST_CALLERS:
        frames.append(frame)
        frame = frame.f_back
    return frames


def _follow(
    first: TracebackType, error: BaseException, callers: list[FrameType]
) -> FailedFrame | str:
    """Go down from the catching frame, through what only passes a call on."""
    parent = first
    for _ in range(_MOST_SKIPPED):
        entry = parent.tb_next
        if entry is None:
            return "the error was raised by the catching function or by the standard library"
        frame = entry.tb_frame
        origin = _origin(frame)
        # a thread's work hands the error over and returns; `_holds` looks at what was given to it
        if frame in callers or not (origin == "transparent" or has_failed(frame)):
            return f"{frame.f_code.co_qualname}() did not end with this error"
        comprehension = _is_comprehension(frame, parent.tb_frame)
        attribute: str | None = ""
        if not comprehension:
            attribute = _edge(parent, entry, error)
        if attribute is None:
            return f"{frame.f_code.co_qualname}() was not called there directly"
        if not comprehension and origin != "transparent":
            return FailedFrame(frame, first.tb_frame, attribute, origin)
        parent = entry
    return "too many frames lie between"


def _edge(parent: TracebackType, child: TracebackType, error: BaseException) -> str | None:
    """Return None where `parent` did not call `child` itself, else the name to look for it by."""
    above, below = parent.tb_frame, child.tb_frame
    if _origin(above) == "transparent":
        linked = below.f_back is above
        return "" if linked or _holds(above, child, error) else None
    awaits, value, name = called(above, parent.tb_lasti)
    code = below.f_code
    waited_for = bool(code.co_flags & inspect.CO_COROUTINE)
    if awaits != waited_for:
        return None
    runs = runs_code(value, code)
    if below.f_back is not above:
        # before Python 3.12 a coroutine that has ended does not tell who awaited it
        return "" if awaits and below.f_back is None and (runs or _is_ended(value, code)) else None
    if runs or _is_ended(value, code):
        return ""
    # a plain call of what is not known may be of something that calls back; an await never is
    return name if awaits and runs is None and name else None


def _holds(frame: FrameType, child: TracebackType, error: BaseException) -> bool:
    """Whether a function of the standard library was given what failed below it.

    Tasks and threads cut the chain of callers; what `wait_for`, `to_thread` and `run` were given
    is still among their variables.
    """
    codes = {child.tb_frame.f_code}
    if child.tb_next is not None and _origin(child.tb_frame) == "transparent":
        codes.add(child.tb_next.tb_frame.f_code)
    for value in list(frame.f_locals.values()):
        if isinstance(value, asyncio.Task):
            ended = value.done() and not value.cancelled() and value.exception() is error
            if ended and any(_is_ended(value.get_coro(), code) for code in codes):
                return True
        elif any(_is_ended(value, code) for code in codes):
            return True
    threads = frame.f_globals.get("__name__") == "asyncio.threads"
    function = frame.f_locals.get("func") if threads else None
    return function is not None and any(runs_code(function, code) for code in codes)


def _is_ended(value: Any, code: CodeType) -> bool:
    """Whether this is a coroutine of that code which has come to its end."""
    return isinstance(value, CoroutineType) and value.cr_code is code and value.cr_frame is None


def _is_comprehension(frame: FrameType, parent: FrameType) -> bool:
    """Whether this is a comprehension that is written in the function above it."""
    name = frame.f_code.co_name
    return name in _COMPREHENSIONS and frame.f_code in parent.f_code.co_consts


def _origin(frame: FrameType) -> str:
    """Say whose code this is: the user's, ours, somebody else's."""
    return _owner(str(frame.f_globals.get("__name__", "")), frame.f_code.co_filename)


@functools.lru_cache(maxsize=1024)
def _owner(name: str, file: str) -> str:
    """Say whose module this is."""
    if name.partition(".")[0] == "omninode_bridge":
        return "ours"
    if {"site-packages", "dist-packages"} & set(PurePath(file).parts):
        return "an installed package"
    if file.startswith("<frozen ") or os.path.normcase(file).startswith(_standard_library()):
        return "transparent" if _TRANSPARENT.fullmatch(name) else "the standard library"
    return "user"


@functools.cache
def _standard_library() -> tuple[str, ...]:
    """Return where the modules of the standard library lie."""
    import sysconfig

    places = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib")}
    places |= {str(Path(os.__file__).parent)}
    archive = f"python{sys.version_info.major}{sys.version_info.minor}.zip"
    archives = {place for place in sys.path if PurePath(place).name == archive}
    return tuple(os.path.normcase(place) + os.sep for place in sorted(places | archives))
