"""Situations that are declined: closures, wrappers, callbacks, implicit calls, code of others."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json  # noqa: F401 -- used by statements that are written out
import re
import sysconfig  # noqa: F401 -- used by statements that are written out
import traceback
import types
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock  # noqa: F401 -- used by statements that are written out

from ._stage import about, declines, touch


def fetch(one: Any) -> Any:
    return touch("fetch", one)


async def fetch_soon(one: Any) -> Any:
    await asyncio.sleep(0)
    return touch("soon", one)


def logged(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


def logged_soon(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return await function(*args, **kwargs)

    return wrapper


@logged
def wrapped(one: Any) -> Any:
    return touch("wrapped", one)


@logged_soon
async def wrapped_soon(one: Any) -> Any:
    return touch("wrapped soon", one)


@logged
async def awaited_through_a_plain_wrapper(one: Any) -> Any:
    await asyncio.sleep(0)
    return touch("through", one)


fetch_soon_logged = logged(fetch_soon)


@functools.lru_cache
def cached(one: Any) -> Any:
    return touch("cached", one)


@contextlib.contextmanager
def opened(one: Any) -> Iterator[Any]:
    yield touch("opened", one)


class Suppressor(contextlib.ContextDecorator):
    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


@Suppressor()
def decorated(one: Any) -> Any:
    return touch("decorated", one)


def numbers(one: Any) -> Iterator[Any]:
    yield touch("numbers", one)


def make_closure(extra: Any) -> Callable[..., Any]:
    def inner(one: Any) -> Any:
        return touch("closure", one, extra)

    return inner


closure_one, closure_two = make_closure(1), make_closure(2)


def make_twin() -> Callable[..., Any]:
    def twin(one: Any) -> Any:
        return touch("twin", one)

    return twin


twin_one, twin_two = make_twin(), make_twin()
anonymous = lambda one: touch("anonymous", one)  # noqa: E731


class Thing:
    def __init__(self, one: Any = None) -> None:
        if one is not None:
            touch("init", one)

    @property
    def value(self) -> Any:
        return touch("value")

    @functools.cached_property
    def kept(self) -> Any:
        return touch("kept")

    def __add__(self, other: Any) -> Any:
        return touch("add", other)

    def __getitem__(self, key: Any) -> Any:
        return touch("item", key)

    def __enter__(self) -> Any:
        return touch("enter")

    def __exit__(self, *error: object) -> None: ...

    def __len__(self) -> int:
        return touch("len")

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()
        return touch("await")

    def sub(self, match: Any) -> Any:
        return touch("sub", match.group())

    @logged
    def wrapped(self, one: Any) -> Any:
        return touch("method", one)


thing = Thing()


def written(body: str, why: str, catch: str = "ConnectionError", before: str = "") -> None:
    """Register a situation whose failing statement is written out, so that it is the catching one's own."""
    name = re.sub(r"\W+", "_", body).strip("_")
    source = f"async def {name}(o):\n"
    source += "".join(f"    {line}\n" for line in before.splitlines())
    source += f"    try:\n        {body}\n"
    source += f"    except {catch} as error:\n        return await o.handle_error(about(error))\n"
    exec(source, globals())
    declines(why)(globals().pop(name))


for statement, why in (
    ("wrapped(1)", "is a closure"),
    ("await wrapped_soon(1)", "is a closure"),
    ("await awaited_through_a_plain_wrapper(1)", "not called there directly"),
    ("await fetch_soon_logged(1)", "not called there directly"),
    ("cached(1)", "not called there directly"),
    ("decorated(1)", "belongs to the standard library"),
    ("closure_one(1)", "is a closure"),
    ("twin_one(1)", "not the only function"),
    ("thing.wrapped(1)", "is a closure"),
    ("Thing(1)", "not called there directly"),
    ("thing.value", "not called there directly"),
    ("thing.kept", "not called there directly"),
    ("thing + 1", "not called there directly"),
    ("thing[1]", "not called there directly"),
    ("len(thing)", "not called there directly"),
    ("await thing", "not called there directly"),
    ("list(map(fetch, [1]))", "not called there directly"),
    ("sorted([1], key=fetch)", "not called there directly"),
    ("sum(fetch(one) for one in [1])", "not called there directly"),
    ("re.sub('a', fetch, 'a')", "belongs to the standard library"),
    ("re.compile('a').sub(fetch, 'a')", "not called there directly"),
    ("json.dumps({'a': thing}, default=fetch)", "belongs to the standard library"),
    ("functools.reduce(lambda a, b: fetch(b), [1, 2])", "not called there directly"),
    ("next(numbers(1))", "not called there directly"),
    ("(lambda: fetch(1))()", "not called there directly"),
):
    written(statement, why)

written("re.compile('a').sub(thing.sub, 'a')", "not called there directly")
written("with opened(1): pass", "not called there directly")
written("with thing: pass", "not called there directly")
written("for _ in numbers(1): pass", "not called there directly")
written("int('x')", "by the catching function", "ValueError")
written("json.loads('{')", "belongs to the standard", "ValueError")
written("raise ConnectionError('here')", "by the catching function")
written(
    "mocked(1)",
    "belongs to the standard",
    before="mocked = mock.Mock(side_effect=ConnectionError('reset'))",
)
written(
    "await mocked(1)",
    "not called there|belongs to the standard",
    before="mocked = mock.AsyncMock(side_effect=ConnectionError('reset'))",
)
written("mocked(2)", "belongs to the standard", before="mocked = mock.Mock(side_effect=fetch)")
written("inner(1)", "in no module", before="def inner(one): return touch('inner', one)")
written(
    "inner(2)",
    "is a closure",
    before="number = 1\ndef inner(one): return touch('inner', one, number)",
)
written(
    "installed.fetch(1)",
    "an installed package",
    before="installed = module_at(sysconfig.get_path('purelib'))",
)
written(
    "library.fetch(1)",
    "belongs to the standard",
    before="library = module_at(sysconfig.get_path('stdlib'))",
)
written(
    "fetch_it(1)",
    "in no module",
    before="fetch_it = module_at('/app', 'del fetch').fetch",
)
written(
    "gone.fetch(1)", "not called there directly", before="gone = module_at('/app', 'del fetch')"
)
written(
    "late.fetch(1)",
    "not called there directly",
    before="late = module_at('/app', 'def fetch(one): return touch(9)')",
)
written(
    "scripted(1)",
    "belongs to ours",
    before="from omninode_bridge.testing import fails_then\nscripted = fails_then(ConnectionError(1), 2).sync",
)
written("elsewhere['fetch'](1)", "not called there directly", before="elsewhere = split()")


def module_at(folder: str, then: str = "") -> types.ModuleType:
    """Make a module that lies there; its function does `then` to its module before it fails."""
    module = types.ModuleType("somewhere")
    module.touch, module.then = touch, then
    text = "def fetch(one):\n    exec(then, globals())\n    return touch('somewhere', one)\n"
    exec(compile(text, f"{folder}/somewhere.py", "exec"), module.__dict__)
    return module


def split() -> dict[str, Any]:
    """Define a function in a namespace that is not its module's."""
    names: dict[str, Any] = {}
    exec("def fetch(one):\n    return touch('split', one)\n", {"touch": touch}, names)
    return names


@declines("did not end")
async def raised_again_by_the_catching_function(o: Any) -> Any:
    try:
        try:
            fetch(1)
        except ConnectionError as error:
            raise error
    except ConnectionError as error:
        return await o.handle_error(about(error))


@declines("never raised")
async def an_error_that_was_never_raised(o: Any) -> Any:
    return await o.handle_error(about(ConnectionError("reset")))


@declines("never raised")
async def an_error_without_its_traceback(o: Any) -> Any:
    try:
        fetch(1)
    except ConnectionError as error:
        return await o.handle_error(about(error.with_traceback(None)))


@declines("is waiting for")
async def a_traceback_that_was_cut(o: Any) -> Any:
    try:
        fetch(1)
    except ConnectionError as error:
        return await o.handle_error(about(error.with_traceback(error.__traceback__.tb_next)))


@declines("is gone")
async def a_traceback_that_was_cleared(o: Any) -> Any:
    try:
        fetch(1)
    except ConnectionError as error:
        traceback.clear_frames(error.__traceback__)
        return await o.handle_error(about(error))


@declines("not called there")
async def a_name_that_means_another_function_now(o: Any) -> Any:
    call = fetch
    try:
        call(1)
    except ConnectionError as error:
        call = print
        return await o.handle_error(about(error))


@declines("by the catching function")
async def only_the_cause_was_a_call(o: Any) -> Any:
    try:
        try:
            fetch(1)
        except ConnectionError as error:
            raise ConnectionError("other") from error
    except ConnectionError as error:
        return await o.handle_error(about(error))
