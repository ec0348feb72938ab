"""Situations in which the arguments are not, or may not be, what was passed."""

from __future__ import annotations

import asyncio
import io
import queue
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable
from typing import Any

from ._stage import about, declines, runs, touch


def assigns(one: Any) -> Any:
    one = str(one)
    return touch("assigns", one)


def adds(one: Any) -> Any:
    one += 1
    return touch("adds", one)


def deletes(one: Any) -> Any:
    del one
    return touch("deletes")


def loops(one: Any) -> Any:
    for one in (1, 2):
        touch("loops", one)


def walks(one: Any) -> Any:
    return touch("walks", (one := 3), one)


def catches(one: Any) -> Any:
    try:
        raise ValueError
    except ValueError as one:
        return touch("catches", str(one))


def opens(one: Any) -> Any:
    with io.StringIO() as one:
        return touch("opens", one.read())


def imports(json: Any) -> Any:
    import json

    return touch("imports", json.__name__)


def matches(one: Any) -> Any:
    match [1]:
        case [one]:
            return touch("matches", one)


def assigns_inside(one: Any) -> Any:
    def inner() -> None:
        nonlocal one
        one = 2

    inner()
    return touch("inside", one)


def assigns_keyword(*, one: Any = None) -> Any:
    if one is None:
        one = "default"
    return touch("keyword", one)


def assigns_rest(*rest: Any) -> Any:
    rest = rest[1:]
    return touch("rest", rest)


def pops(**more: Any) -> Any:
    return touch("pops", more.pop("one"))


def hands_on(**more: Any) -> Any:
    return touch("hands on", str(strip(more)))


def strip(*given: dict[str, Any], **more: Any) -> dict[str, Any]:
    for one in given:
        one.clear()
    return more


class Method:
    def assigns(self, one: Any) -> Any:
        self, before = None, self
        return touch("method", one, self is before)


for function, call in (
    (assigns, lambda: assigns(1)),
    (adds, lambda: adds(1)),
    (deletes, lambda: deletes(1)),
    (loops, lambda: loops(1)),
    (walks, lambda: walks(1)),
    (catches, lambda: catches(1)),
    (opens, lambda: opens(1)),
    (imports, lambda: imports(1)),
    (matches, lambda: matches(1)),
    (assigns_inside, lambda: assigns_inside(1)),
    (assigns_keyword, lambda: assigns_keyword()),
    (assigns_rest, lambda: assigns_rest(1, 2)),
    (pops, lambda: pops(one=1)),
    (hands_on, lambda: hands_on(one=1)),
):
    del call
    name = function.__name__
    given = "1, 2" if function is assigns_rest else "one=1" if function in {pops, hands_on} else "1"
    given = "" if function is assigns_keyword else given
    text = (
        f"async def the_function_{name}(o):\n    try:\n        {name}({given})\n"
        "    except ConnectionError as error:\n        return await o.handle_error(about(error))\n"
    )
    exec(text, globals())
    why = r"\(\): (the argument '\w+' is (assigned|gone)|\*\*more may have been changed)"
    declines(why)(globals()[f"the_function_{name}"])


@declines("'self' is assigned")
async def a_method_that_assigns_self(o: Any) -> Any:
    method = Method()
    try:
        method.assigns(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


def reads(one: Any, **more: Any) -> Any:
    known = ["two"]
    for key in more:
        known = [key, *known[1:]] if key in more else []
    return touch("reads", one, more["two"], *known, more.get("three"), strip(**more))


@runs("reads", 1, 2, "two", None, {"two": 2})
async def a_function_that_reads_its_keywords(o: Any) -> Any:
    try:
        reads(1, two=2)
    except ConnectionError as error:
        return await o.handle_error(about(error))


def captures(one: Any) -> Any:
    return (lambda: touch("captures", one))()


@runs("captures", 1)
async def a_parameter_that_a_function_inside_reads(o: Any) -> Any:
    try:
        captures(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


def shares_a_name(one: Any) -> Any:
    return touch("shares", one, tuple(len(two) for two in ("a",)))


@runs("shares", 1, (1,))
async def a_generator_expression_inside(o: Any) -> Any:
    try:
        shares_a_name(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


def take(one: Any, *rest: Any, **more: Any) -> Any:
    return touch("take", type(one).__name__, len(rest))


async def take_soon(one: Any) -> Any:
    await asyncio.sleep(0)
    return touch("take soon", one)


def numbers() -> Any:
    yield 1


async def numbers_soon() -> Any:
    yield 1


def one_shot(name: str, what: str, make: Callable[[], Any], form: str = "take(one)") -> None:
    """Register a call whose argument cannot be used twice."""
    text = (
        f"async def given_{name}(o):\n    one = make_{name}()\n    try:\n        {form}\n"
        "    except ConnectionError as error:\n        return await o.handle_error(about(error))\n"
        "    finally:\n        close(one)\n"
    )
    exec(text, globals(), space := {})
    globals()[f"make_{name}"] = make
    declines(f"is or holds .*{what}")(space[f"given_{name}"])


def close(one: Any) -> None:
    """Tidy up what was made."""
    inner = one[0] if isinstance(one, list) else one
    for method in ("close", "cancel"):
        if hasattr(inner, method):
            getattr(inner, method)()
            return


def popen() -> Any:
    process = subprocess.Popen(["true"])
    process.wait()
    return process


def future() -> Any:
    return asyncio.get_running_loop().create_future()


for name, what, make in (
    ("iterator", "iterator", lambda: iter([1])),
    ("generator", "iterator", numbers),
    ("asynchronous_generator", "asynchronous iterator", numbers_soon),
    ("map", "iterator", lambda: map(str, [1])),
    ("zip", "iterator", lambda: zip([1], [2], strict=True)),
    ("coroutine", "coroutine", lambda: asyncio.sleep(0)),
    ("task", "task", lambda: asyncio.ensure_future(asyncio.sleep(0))),
    ("future", "future", future),
    ("text_in_memory", "iterator", lambda: io.StringIO("a")),
    ("file", "iterator", tempfile.TemporaryFile),
    ("named_file", "file", tempfile.NamedTemporaryFile),
    ("lock", "lock", threading.Lock),
    ("reentrant_lock", "lock", threading.RLock),
    ("condition", "lock", threading.Condition),
    ("semaphore", "lock", threading.Semaphore),
    ("event", "event", threading.Event),
    ("asynchronous_lock", "lock", asyncio.Lock),
    ("asynchronous_event", "event", asyncio.Event),
    ("queue", "queue", queue.Queue),
    ("simple_queue", "queue", queue.SimpleQueue),
    ("asynchronous_queue", "queue", asyncio.Queue),
    ("socket", "socket", socket.socket),
    ("stream", "asynchronous iterator", asyncio.StreamReader),
    ("process", "event", popen),
    ("group_of_tasks", "group", asyncio.TaskGroup),
    ("barrier", "event", lambda: threading.Barrier(1)),
):
    one_shot(name, what, make)

one_shot("iterator_in_a_list", "iterator", lambda: [iter([1])])
one_shot("iterator_deep_inside", "iterator", lambda: [{"a": (iter([1]),)}])
one_shot("iterator_among_the_rest", "iterator", lambda: iter([1]), "take(1, 2, one)")
one_shot("iterator_by_keyword", "iterator", lambda: iter([1]), "take(1, three=one)")
one_shot("too_much_to_look_through", "more values", lambda: [[object()] * 20_000])


class Reader:
    """A source that is read once."""

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        return touch("next")

    def read(self) -> Any:
        return touch("read")


@declines("'self' is or holds an iterator")
async def a_method_of_an_iterator(o: Any) -> Any:
    reader = Reader()
    try:
        reader.read()
    except ConnectionError as error:
        return await o.handle_error(about(error))
