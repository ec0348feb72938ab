"""Situations off the beaten path: arguments that the call changed, odd callables, odd ways of calling."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import dataclasses
import enum
import functools
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.testing import FakeClock

from ._stage import about, declines, runs, touch

orchestrator = ErrorRecoveryOrchestrator(clock=FakeClock(), base_delay=0, max_retries=0)


def fetch(one: Any) -> Any:
    return touch("fetch", one)


async def fetch_soon(one: Any) -> Any:
    await asyncio.sleep(0)
    return touch("soon", one)


def situation(body: str, catch: str = "ConnectionError") -> Callable[..., Any]:
    """Return a situation whose failing statement is written out."""
    name = "do_" + "".join(c if c.isalnum() else "_" for c in body).strip("_")[:80]
    indented = body.replace("\n", "\n        ")
    source = f"async def {name}(o):\n    try:\n        {indented}\n"
    source += f"    except {catch} as error:\n        return await o.handle_error(about(error))\n"
    exec(source, globals(), space := {})
    act: Callable[..., Any] = space[name]
    return act


# -- arguments that the failed call changed in place -------------------------------------------


def appends(items: Any) -> Any:
    items.append(1)
    return touch("appends", len(items))


def pops(items: Any) -> Any:
    first = items.pop(0)
    return touch("pops", first)


def stores(items: Any) -> Any:
    items["seen"] = items.get("seen", 0) + 1
    return touch("stores", items["seen"])


def deletes(items: Any) -> Any:
    del items["a"]
    return touch("deletes")


def stores_deep(items: Any) -> Any:
    items["a"]["b"] = 1
    return touch("stores deep")


def appends_deep(items: Any) -> Any:
    items["a"].append(1)
    return touch("appends deep")


def appends_inside(items: Any) -> Any:
    def add() -> None:
        items.append(1)

    add()
    return touch("appends inside", len(items))


def adds_in_place(items: Any) -> Any:
    items["a"] += 1
    return touch("adds", items["a"])


def fills_its_default(one: Any, kept: list[Any] = []) -> Any:  # noqa: B006 -- the trap that is looked at
    kept.append(one)
    return touch("default", len(kept))


def fills_the_rest(*rest: Any) -> Any:
    rest[0].append(1)
    return touch("rest", len(rest[0]))


def copies(items: Any) -> Any:
    mine = list(items)
    mine.append(1)
    found = {}
    found[items[0]] = mine
    return touch("copies", *items)


def writes_elsewhere(items: Any, target: Any = None) -> Any:
    other = {"at": items["at"]}
    other["at"] = items["at"] + 1
    return touch("elsewhere", other["at"])


def reads(items: Any) -> Any:
    return touch("reads", items.get("a"), sorted(items), items.copy().pop("a"))


def sets_on_an_object(thing: Any) -> Any:
    thing.append(1)
    return touch("object", thing)


def by_another_name(items: Any) -> Any:
    mine = items
    mine.append(1)
    return touch("another name", len(items))


def changes_elements(items: Any) -> Any:
    for one in items:
        one["n"] = one["n"] + 1
    return touch("elements", len(items))


def takes_an_element(items: Any) -> Any:
    one = items
    one = [*items]
    one.append(3)
    return touch("takes", len(items))


class Appender:
    """Has the name of a list's method and no list."""

    def append(self, one: Any) -> None: ...


APPENDER = Appender()

for statement in (
    "appends([])",
    "appends(collections.deque())",
    "appends(collections.UserList())",
    "pops([1, 2])",
    "stores({})",
    "stores(collections.OrderedDict())",
    "stores(collections.defaultdict(int))",
    "deletes({'a': 1})",
    "stores_deep({'a': {}})",
    "appends_deep({'a': []})",
    "appends_inside([])",
    "adds_in_place({'a': 1})",
    "by_another_name([])",
    "changes_elements([{'n': 1}])",
    "fills_its_default(1)",
    "fills_the_rest([])",
):
    declines("is changed inside the function")(situation(statement))

runs("copies", 1, 2)(situation("copies([1, 2])"))
runs("takes", 2)(situation("takes_an_element([1, 2])"))
runs("elsewhere", 2)(situation("writes_elsewhere({'at': 1})"))
runs("reads", 1, ["a"], 1)(situation("reads({'a': 1})"))
runs("object", APPENDER)(situation("sets_on_an_object(APPENDER)"))


# -- arguments that hold what works once, in containers of other kinds ---------------------------


@dataclasses.dataclass
class Request:
    body: Any
    headers: dict[str, str] = dataclasses.field(default_factory=dict)

    def send(self, one: Any) -> Any:
        return touch("send", one)


Pair = collections.namedtuple("Pair", "one two")  # noqa: PYI024 -- the kind that is looked at


class Body(list[Any]):
    """A list by another name."""


for made in (
    "Request(iter([1]))",
    "Request([iter([1])])",
    "Pair(1, iter([1]))",
    "collections.deque([iter([1])])",
    "collections.OrderedDict(a=iter([1]))",
    "types.SimpleNamespace(body=iter([1]))",
    "types.MappingProxyType({'a': iter([1])})",
    "Body([iter([1])])",
    "{'a': {'b': Request(x for x in [1])}}",
    "functools.partial(print, iter([1]))",
):
    declines("is or holds an iterator")(situation(f"fetch({made})"))

declines("'self' is or holds an iterator")(situation("Request(iter([1])).send(1)"))
runs("send", 1)(situation("Request([1]).send(1)"))


# -- callables ---------------------------------------------------------------------------------


class Meta(type):
    def build(cls, one: Any) -> Any:
        return touch(cls.__name__, "meta", one)

    def __call__(cls, *args: Any) -> Any:
        if args == ("fail",):
            return touch(cls.__name__, "made")
        return super().__call__(*args)


class Node(metaclass=Meta):
    field = 1

    def fetch(self, one: Any) -> Any:
        return touch("node", one)

    def __secret(self, one: Any) -> Any:
        return touch("secret", one)

    def reveal(self, o: Any) -> Any:
        return self._catch(o)

    async def _catch(self, o: Any) -> Any:
        try:
            self.__secret(1)
        except ConnectionError as error:
            return await o.handle_error(about(error))

    @classmethod
    def make(cls, one: Any) -> Any:
        return touch(cls.__name__, "make", one)

    alias = fetch

    def __set_name__(self, owner: Any, name: str) -> None: ...


class Leaf(Node):
    def fetch(self, one: Any) -> Any:
        return touch("leaf", one)

    @classmethod
    def make(cls, one: Any) -> Any:
        return super().make(one + 1)

    async def up(self, o: Any) -> Any:
        try:
            super().fetch(1)
        except ConnectionError as error:
            return await o.handle_error(about(error))

    async def far_up(self, o: Any) -> Any:
        try:
            Node.fetch(self, 2)
        except ConnectionError as error:
            return await o.handle_error(about(error))

    @classmethod
    async def class_up(cls, o: Any) -> Any:
        try:
            super().make(5)
        except ConnectionError as error:
            return await o.handle_error(about(error))


class Colour(enum.Enum):
    RED = 1

    def paint(self, one: Any) -> Any:
        return touch("paint", self, one)

    @classmethod
    def _missing_(cls, value: Any) -> Any:
        touch("missing", value)


class Counted:
    """A decorator that is a class."""

    def __init__(self, function: Any) -> None:
        self.function = function
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)


@Counted
def counted(one: Any) -> Any:
    return touch("counted", one)


@functools.singledispatch
def dispatched(one: Any) -> Any:
    return touch("dispatched", one)


@dispatched.register
def dispatched_number(one: int) -> Any:
    return touch("dispatched number", one)


@orchestrator.recoverable("network")
def recovering(one: Any) -> Any:
    return touch("recovering", one, twice=False)


def calls_recovering(one: Any) -> Any:
    return recovering(one)


@contextlib.contextmanager
def opened(one: Any) -> Iterator[Any]:
    yield one


@opened(1)
def under_a_context(one: Any) -> Any:
    return touch("under", one)


def calls_back(function: Any, one: Any) -> Any:
    return function(one)


class Descriptor:
    def __get__(self, owner: Any, cls: Any = None) -> Any:
        return touch("get")

    def __set__(self, owner: Any, value: Any) -> None:
        touch("set", value)


class Described:
    field = Descriptor()

    def __getattr__(self, name: str) -> Any:
        return touch("getattr", name)

    def __setitem__(self, key: Any, value: Any) -> None:
        touch("setitem", key, value)

    def __contains__(self, one: Any) -> bool:
        return bool(touch("contains", one))

    def __bool__(self) -> bool:
        return bool(touch("bool"))

    def __format__(self, spec: str) -> str:
        return str(touch("format"))

    def __eq__(self, other: object) -> bool:
        return bool(touch("eq"))

    def __hash__(self) -> int:
        return hash(touch("hash"))

    def __del__(self) -> None: ...

    def __iter__(self) -> Any:
        return touch("iter")

    async def __aenter__(self) -> Any:
        return touch("aenter")

    async def __aexit__(self, *error: object) -> None:
        touch("aexit")

    def __aiter__(self) -> Any:
        return self

    async def __anext__(self) -> Any:
        return touch("anext")


class Leaves:
    """Fails at the end of its block."""

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None:
        touch("exit")


@dataclasses.dataclass
class Checked:
    one: int

    def __post_init__(self) -> None:
        touch("checked", self.one)


node, leaf, described = Node(), Leaf(), Described()
lifted = lambda one: touch("lifted", one)  # noqa: E731
bound_to_instance = Node()
bound_to_instance.own = types.MethodType(lambda self, one: touch("own", one), bound_to_instance)  # type: ignore[attr-defined]


def free(self: Any, one: Any) -> Any:
    return touch("free", self is bound_to_instance, one)


bound_to_instance.free = types.MethodType(free, bound_to_instance)  # type: ignore[attr-defined]

for statement, call in (
    ("lifted(1)", ("lifted", 1)),
    ("counted(1)", ("counted", 1)),
    ("node.alias(1)", ("node", 1)),
    ("leaf.fetch(1)", ("leaf", 1)),
    ("Node.fetch(leaf, 3)", ("node", 3)),
    ("Node.build(1)", ("Node", "meta", 1)),
    ("Leaf.make(1)", ("Leaf", "make", 2)),
    ("Colour.RED.paint(1)", ("paint", Colour.RED, 1)),
    ("calls_back(fetch, 1)", ("fetch", 1)),
    ("calls_back(lambda x: fetch(x + 1), 1)", ("fetch", 2)),
    ("bound_to_instance.free(1)", ("free", True, 1)),
    ("dispatched_number(7)", ("dispatched number", 7)),
    ("await asyncio.wait_for(asyncio.to_thread(fetch, 9), 5)", ("fetch", 9)),
    ("for one in range(3):\n    if one == 1: fetch(one)", ("fetch", 1)),
    ("fetch(*[4])", ("fetch", 4)),
    ("fetch(**{'one': 5})", ("fetch", 5)),
    ("calls_recovering(6)", ("recovering", 6)),
    ("with contextlib.suppress(KeyError): fetch(8)", ("fetch", 8)),
):
    runs(*call)(situation(statement))

runs("fetch", 2)(situation("try: raise KeyError\nexcept KeyError: fetch(2)"))
runs("fetch", 3)(situation("try: pass\nfinally: fetch(3)"))

for statement in (
    "(fetch if node else print)(1)",
    "getattr(node, 'fetch')(1)",
    "described.field",
    "described.field = 1",
    "described.other",
    "described['a'] = 1",
    "1 in described",
    "not described",
    "f'{described}'",
    "described == 1",
    "{described}",
    "iter(described)",
    "[*described]",
    "with Leaves(): pass",
    "Leaves().__exit__()",
    "async with described: pass",
    "async for _ in described: pass",
    "Checked(1)",
    "dataclasses.replace(types.SimpleNamespace.__new__(Checked), one=2)",
    "Colour(2)",
    "Node('fail')",
    "class Inner: fetch(1)",
    "exec('fetch(1)')",
    "eval('fetch(1)')",
    "eval('lambda: fetch(1)')()",
    "under_a_context(1)",
    "dispatched('a')",
    "max([1, 2], key=fetch)",
    "list(filter(fetch, [1]))",
    "[*map(fetch, [1])]",
    "any(fetch(one) for one in [1])",
    "bound_to_instance.own(1)",
    "contextlib.ExitStack().enter_context(opened(fetch(1))) if False else max(1, 2, key=fetch)",
    "threading.local().__class__ and sorted([2, 1], key=functools.cmp_to_key(lambda a, b: fetch(a)))",
):
    declines(".")(situation(statement, catch="(ConnectionError, TypeError, AttributeError)"))


@declines(".")
async def the_stack_closes(o: Any) -> Any:
    try:
        with contextlib.ExitStack() as stack:
            stack.callback(fetch, 1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@declines(".")
async def tasks_as_they_complete_elsewhere(o: Any) -> Any:
    task = asyncio.ensure_future(fetch_soon(1))
    await asyncio.wait([task])
    try:
        task.result()
    except ConnectionError as error:
        return await o.handle_error(about(error))


@declines(".")
async def another_traceback_put_on(o: Any) -> Any:
    kept: BaseException | None = None
    try:
        fetch(1)
    except ConnectionError as error:
        kept = error
    try:
        raise ConnectionError("new").with_traceback(kept.__traceback__ if kept else None)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@declines(".")
async def a_thread_that_kept_its_error(o: Any) -> Any:
    kept: list[BaseException] = []

    def work() -> None:
        try:
            fetch(1)
        except ConnectionError as error:
            kept.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    try:
        raise kept[0]
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("secret", 1)
async def a_method_of_a_mangled_name(o: Any) -> Any:
    return await node.reveal(o)


@runs("node", 1)
async def super_with_arguments(o: Any) -> Any:
    return await leaf.up(o)


@runs("node", 2)
async def a_method_of_a_class_further_up(o: Any) -> Any:
    return await leaf.far_up(o)


@runs("Leaf", "make", 5)
async def a_class_method_of_super(o: Any) -> Any:
    return await Leaf.class_up(o)


@runs("soon", 2)
async def the_second_of_two_awaited_in_one_line(o: Any) -> Any:
    try:
        return (await asyncio.sleep(0, 1), await fetch_soon(2))
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("fetch", 1)
async def a_function_that_another_took_the_place_of(o: Any) -> Any:
    module = types.ModuleType("patched")
    module.fetch = fetch  # type: ignore[attr-defined]
    try:
        module.fetch(1)
    except ConnectionError as error:
        globals()["fetch"] = lambda one: touch("another", one)
        try:
            return await o.handle_error(about(error))
        finally:
            globals()["fetch"] = FETCH


FETCH = fetch
