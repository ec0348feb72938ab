"""Situations in plain calls: functions, methods, arguments, callables."""

from __future__ import annotations

import functools
import types
from dataclasses import dataclass
from typing import Any
from unittest import mock

from ._stage import about, declines, runs, touch


def fetch(one: Any, two: Any = 2) -> Any:
    return touch("fetch", one, two)


def every_kind(a: Any, /, b: Any, *rest: Any, c: Any, d: Any = 4, **more: Any) -> Any:
    return touch("every", a, b, rest, c, d, tuple(more.items()))


def outer(one: Any) -> Any:
    return fetch(one)


def chained(one: Any) -> Any:
    try:
        return touch("chained", one)
    except ConnectionError as error:
        raise ConnectionError("again") from error


def descend(depth: int) -> Any:
    return touch("descend", depth) if depth == 0 else descend(depth - 1)


def fetch_all(items: list[Any]) -> Any:
    items.append("seen")
    return touch("all", id(items))


def register(function: Any) -> Any:
    return function


@register
def registered(one: Any) -> Any:
    return touch("registered", one)


other_name = registered


class Base:
    def fetch(self, one: Any, *, two: Any = 2) -> Any:
        return touch(type(self).__name__, one, two)

    @classmethod
    def make(cls, one: Any) -> Any:
        return touch(cls.__name__, one)

    @staticmethod
    def fixed(one: Any) -> Any:
        return touch("fixed", one)

    def __call__(self, one: Any) -> Any:
        return touch("called", one)

    with_one = functools.partialmethod(fetch, 1)


class Child(Base):
    async def catch(self, o: Any) -> Any:
        try:
            super().fetch(1)
        except ConnectionError as error:
            return await o.handle_error(about(error))

    class Inner:
        def fetch(self, one: Any) -> Any:
            return touch("inner", one)

        @staticmethod
        def fixed(one: Any) -> Any:
            return touch("inner fixed", one)


@dataclass
class Record:
    one: int

    def fetch(self, two: Any) -> Any:
        return touch("record", self.one, two)


class Slotted:
    __slots__ = ("client",)

    def __init__(self) -> None:
        self.client = Base()


class Proxy:
    def __init__(self, real: Any) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


base, child, slotted, proxy, record = Base(), Child(), Slotted(), Proxy(Base()), Record(1)
operations = {"fetch": fetch}


@runs("fetch", 1, 2, source="traceback of fetch()")
async def a_function(o: Any) -> Any:
    try:
        fetch(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("every", 1, 2, (3, 4), 5, 4, (("x", 6), ("y", 7)))
async def every_kind_of_parameter(o: Any) -> Any:
    more = {"x": 6, "y": 7}
    try:
        every_kind(1, 2, *[3, 4], c=5, **more)
    except ConnectionError as error:
        more.clear()
        return await o.handle_error(about(error))


@runs("fetch", 3, 2)
async def arguments_that_were_computed(o: Any) -> Any:
    nothing = None
    try:
        return str(fetch(nothing or (1 if nothing else 3)))
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("fetch", 1, 2)
async def the_outermost_call(o: Any) -> Any:
    try:
        outer(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("chained", 1, source="traceback of chained()")
async def an_error_with_a_cause(o: Any) -> Any:
    try:
        chained(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("descend", 0)
async def recursion(o: Any) -> Any:
    try:
        descend(3)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("fetch", 1, 2)
async def a_bare_raise(o: Any) -> Any:
    try:
        try:
            fetch(1)
        except ConnectionError:
            raise
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("fetch", 2, 2)
async def the_same_error_object_twice(o: Any) -> Any:
    shared: list[ConnectionError] = []
    for number in (1, 2):
        try:
            if shared:
                raise_again(shared[0])
            fetch(number)
        except ConnectionError as error:
            if shared:
                break
            shared.append(error)
    try:
        fetch(2)
    except ConnectionError as error:
        return await o.handle_error(about(error))


def raise_again(error: Exception) -> None:
    raise error


@runs("registered", 1)
async def a_decorator_that_returns_the_function(o: Any) -> Any:
    try:
        registered(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("registered", 1)
async def a_function_by_another_name(o: Any) -> Any:
    try:
        other_name(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("Base", 1, 3, source="traceback of Base.fetch()")
async def a_method(o: Any) -> Any:
    try:
        base.fetch(1, two=3)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("Child", 1, 2)
async def an_inherited_method(o: Any) -> Any:
    try:
        child.fetch(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("Child", 1, 2)
async def a_method_of_super(o: Any) -> Any:
    return await child.catch(o)


@runs("Child", 1)
async def a_class_method(o: Any) -> Any:
    try:
        Child.make(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("fixed", 1)
async def a_static_method(o: Any) -> Any:
    try:
        child.fixed(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("inner fixed", 1)
async def a_static_method_of_a_class_inside(o: Any) -> Any:
    try:
        Child.Inner.fixed(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("inner", 1)
async def a_method_of_something_new(o: Any) -> Any:
    try:
        Child.Inner().fetch(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("called", 1)
async def an_object_that_is_called(o: Any) -> Any:
    try:
        base(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("record", 1, 2)
async def a_method_of_a_dataclass(o: Any) -> Any:
    try:
        record.fetch(2)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("Base", 1, 2)
async def an_attribute_in_a_slot(o: Any) -> Any:
    try:
        slotted.client.fetch(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@declines("not called there directly")
async def a_proxy(o: Any) -> Any:
    try:
        proxy.fetch(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("Base", 1, 2)
async def a_partial_method(o: Any) -> Any:
    try:
        base.with_one()
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("fetch", 1, 5)
async def a_partial(o: Any) -> Any:
    call = functools.partial(fetch, 1, two=5)
    try:
        call()
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("Base", 1, 2)
async def a_bound_method_in_a_variable(o: Any) -> Any:
    for call in (base.fetch,):
        try:
            call(1)
        except ConnectionError as error:
            return await o.handle_error(about(error))


@runs("Base", 1, 2)
async def a_call_over_several_lines(o: Any) -> Any:
    try:
        (
            slotted
            .client
            .fetch(
                1,
            )
        )  # fmt: skip
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("fetch", 1, 2)
async def a_comprehension(o: Any) -> Any:
    try:
        [fetch(one) for one in (1, 2)]
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("Base", 1, 2)
async def comprehensions_in_each_other(o: Any) -> Any:
    try:
        {two: [base.fetch(one) for one in (1, 2)] for two in (1,)}
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("module", 1)
async def a_function_of_another_module(o: Any) -> Any:
    module = types.ModuleType("elsewhere")
    module.touch = touch
    exec("def ask(one):\n    return touch('module', one)", module.__dict__)
    try:
        module.ask(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("fetch", 1, 2)
async def a_function_put_in_place_of_another(o: Any) -> Any:
    with mock.patch(f"{__name__}.outer", fetch):
        try:
            outer(1)
        except ConnectionError as error:
            return await o.handle_error(about(error))


@runs("fetch", 1, 2)
async def handled_in_a_helper(o: Any) -> Any:
    try:
        fetch(1)
    except ConnectionError as error:
        return await helper(o, error)


async def helper(o: Any, error: Exception) -> Any:
    return await o.handle_error(about(error))


@runs("fetch", 1, 2)
async def handled_after_the_except_block(o: Any) -> Any:
    kept = None
    try:
        fetch(1)
    except ConnectionError as error:
        kept = error
    fetch_later = [kept]
    return await o.handle_error(about(fetch_later[0]))


LIST: list[Any] = []


@declines("'items' is changed inside the function")
async def a_list_that_the_call_changed(o: Any) -> Any:
    try:
        fetch_all(LIST)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@declines("not called there")
async def a_function_from_a_mapping(o: Any) -> Any:
    try:
        operations["fetch"](1)
    except ConnectionError as error:
        return await o.handle_error(about(error))
