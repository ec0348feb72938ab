"""A call that can be run again: where its arguments come from, and how it is run."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import Call
from omninode_bridge.agents.workflows._call import change_hash, is_async_callable
from omninode_bridge.errors import NoCallError


def show(*args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return args, kwargs


def two(a: Any, b: Any = "default") -> tuple[Any, Any]:
    return a, b


def run(call: Call, *state: Any) -> Any:
    return asyncio.run(call(*state))


def test_the_first_source_that_knows_an_argument_wins() -> None:
    """A change wins over the bound value, that over the state, that over the default."""
    state = {"a": "state", "b": "state"}

    assert run(Call(two, state=state)) == ("state", "state")
    assert run(Call(two, state={"a": "state"})) == ("state", "default")
    assert run(Call(two, ("bound",), state=state)) == ("bound", "state")
    assert run(Call(two, ("bound",), {"b": "bound"}, state=state)) == ("bound", "bound")
    assert run(Call(two, ("bound",), state=state).changed({"a": "changed"})) == ("changed", "state")


def test_later_changes_win_over_earlier_ones() -> None:
    """Changes pile up; the original is left as it was."""
    first = Call(two, (1, 2))

    second = first.changed({"a": "x"}).changed({"a": "y"})

    assert run(second) == ("y", 2)
    assert run(first) == (1, 2)
    assert first.changed({}) is first


@pytest.mark.parametrize(
    "fn",
    [lambda state: state, lambda *, state: state, lambda a=1, state=None: state],
)
def test_a_parameter_named_state_gets_a_shallow_copy_of_all(fn: Callable[..., Any]) -> None:
    """It is the whole mapping, not the caller's object, and its values are not copied."""
    inner = [1]
    state = {"a": 5, "inner": inner}

    got = run(Call(fn, state=state))

    assert got == state
    assert got is not state
    assert got["inner"] is inner


@pytest.mark.parametrize(
    "fn", [lambda ctx: ctx, lambda ctx, verbose=False: ctx, lambda ctx, /: ctx]
)
def test_an_only_positional_parameter_gets_the_whole_state(fn: Callable[..., Any]) -> None:
    """Where nothing knows it by its name, it gets a copy of the mapping."""
    state = {"x": 1}

    assert run(Call(fn, state=state)) == {"x": 1}
    assert run(Call(fn, state=state)) is not state
    assert run(Call(fn, state={"ctx": "by name"})) == "by name"


def test_a_bound_call_is_not_given_a_state() -> None:
    """A call whose arguments are complete keeps its own default for a parameter named state."""

    def address(street: str, state: str = "CA") -> tuple[str, str]:
        return street, state

    call = Call(address, ("Main St",), complete=True)

    assert run(call) == ("Main St", "CA")
    assert run(call.changed({"street": "Elm St"})) == ("Elm St", "CA")


@pytest.mark.parametrize(
    ("fn", "state", "missing"),
    [(two, {"b": 1, "c": 2}, None), (lambda a, b: a, {"a": 1}, "'b'"), (lambda *, k: k, {}, "'k'")],
)
def test_what_is_missing_is_named(
    fn: Callable[..., Any], state: dict[str, Any], missing: str | None
) -> None:
    """The message names the argument; one positional parameter alone takes the state instead."""
    call = Call(fn, state=state)

    if missing is None:
        assert run(call) == (state, 1)
    else:
        with pytest.raises(NoCallError, match=f"needs the argument {missing}"):
            run(call)


def test_arguments_that_cannot_be_bound_are_told() -> None:
    """Too many arguments are our sentence, not a bare TypeError."""
    with pytest.raises(NoCallError, match="cannot take the arguments it was given"):
        run(Call(two, (1, 2, 3)))


def test_all_kinds_of_parameters_are_bound() -> None:
    """Positional-only, variadic and keyword-only parameters get what is theirs."""

    def all_kinds(a: Any, b: Any = 2, /, *rest: Any, k: Any = 3, **more: Any) -> Any:
        return a, b, rest, k, more

    assert run(Call(all_kinds, (1, 2, 8, 9), {"k": 4, "z": 5}, state={})) == (
        1,
        2,
        (8, 9),
        4,
        {"z": 5},
    )
    assert run(Call(all_kinds, state={"a": 1, "k": 7})) == (1, 2, (), 7, {})
    assert run(Call(all_kinds, (1,)).changed({"k": 9, "new": 6})) == (1, 2, (), 9, {"new": 6})
    assert run(Call(all_kinds, (1,)).changed({"b": 9})) == (1, 9, (), 3, {})


def test_a_state_does_not_spill_into_variadic_parameters() -> None:
    """Entries that happen to be called like `*args` or `**kwargs` are no arguments."""
    assert run(Call(show, state={"args": "abc", "kwargs": {"x": 1}})) == ((), {})


def test_a_changed_argument_after_a_default_reaches_its_parameter() -> None:
    """A parameter left to its default in between does not shift the others, whatever their kind."""

    def only(a: Any = 1, b: Any = 2, /, c: Any = 3) -> Any:
        return a, b, c

    assert run(Call(only, complete=True).changed({"b": "x"})) == (1, "x", 3)
    assert run(Call(only, complete=True).changed({"c": "x"})) == (1, 2, "x")


def test_a_change_that_no_parameter_takes_is_left_out() -> None:
    """An argument that the callable does not have is not forced on it."""
    assert run(Call(two, (1,)).changed({"unknown": 5})) == (1, "default")


@pytest.mark.parametrize(
    ("name", "by_keywords", "accepted"),
    [("a", False, True), ("more", False, False), ("zzz", False, False), ("zzz", True, True)],
)
def test_accepts(name: str, by_keywords: bool, accepted: bool) -> None:
    """A named parameter is accepted; others only where keywords are counted and taken."""

    def fn(a: Any, **more: Any) -> None:
        return None

    assert Call(fn).accepts(name, by_keywords=by_keywords) is accepted
    assert Call(two).accepts("zzz", by_keywords=True) is False


def test_arguments_by_name() -> None:
    """What a strategy looks at: every argument that is known, with defaults."""

    def fn(a: Any, b: Any = 2, *rest: Any, **more: Any) -> None:
        return None

    assert Call(fn, (1,), {"z": 3}).arguments() == {"a": 1, "b": 2, "z": 3}


def test_functions_without_a_signature_keep_their_arguments() -> None:
    """Some C functions have none; they are called with what they were bound to."""
    assert run(Call(max, (3, 5))) == 5
    assert run(Call(dict, (), {"a": 1}).changed({"b": 2})) == {"a": 1, "b": 2}


def test_partials_methods_and_callable_objects() -> None:
    """Every kind of callable is bound by its own signature."""

    class Thing:
        def method(self, a: Any, b: Any = 0) -> Any:
            return a, b

        async def __call__(self, a: Any) -> Any:
            return a

    assert run(Call(functools.partial(two, b="p"), state={"a": 1})) == (1, "p")
    assert run(Call(Thing().method, state={"a": 1})) == (1, 0)
    assert run(Call(Thing(), state={"a": 1})) == 1
    assert Call(functools.partial(two)).name == "partial"
    assert Call(Thing().method).name.endswith("Thing.method")


def test_what_counts_as_async() -> None:
    """Coroutine functions, partials of them and objects with an async call do; classes do not."""

    async def co() -> None:
        return None

    class Async:
        async def __call__(self) -> None:
            return None

    assert [is_async_callable(fn) for fn in (co, functools.partial(co), Async())] == [True] * 3
    assert [is_async_callable(fn) for fn in (two, functools.partial(two), Async, print)] == [
        False
    ] * 4


def test_plain_functions_run_beside_the_loop_unless_told() -> None:
    """Under a loop a plain function has a thread of its own, so that the loop goes on."""
    here = threading.get_ident()

    assert run(Call(threading.get_ident)) != here
    assert run(Call(threading.get_ident, in_thread=False)) == here


def test_a_returned_awaitable_is_awaited() -> None:
    """A plain function that gives a coroutine gives, in the end, its value."""

    async def later() -> int:
        return 7

    assert run(Call(lambda: later())) == 7


def test_stop_iteration_does_not_hang() -> None:
    """A plain function that raises StopIteration ends the run; a future cannot carry one."""

    async def within(seconds: float) -> Any:
        return await asyncio.wait_for(Call(next, (iter(()),), complete=True).run(), seconds)

    with pytest.raises(RuntimeError, match="StopIteration"):
        asyncio.run(within(0.4))


def test_the_context_reaches_the_thread() -> None:
    """Context variables are seen by a plain function, too."""
    from contextvars import ContextVar

    variable: ContextVar[str] = ContextVar("variable", default="unset")

    async def main() -> str:
        variable.set("here")
        got: str = await Call(variable.get)()
        return got

    assert asyncio.run(main()) == "here"


def test_a_call_takes_one_optional_state() -> None:
    """Custom strategies do `await operation(context.state)`; without one the bound state is used."""
    call = Call(lambda a: a, state={"a": 1})

    assert run(call) == 1
    assert run(call, {"a": 2}) == 2


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def test_changes_have_a_hash() -> None:
    """Equal changes have equal hashes, in any order; none is empty; nothing makes it fail."""
    assert change_hash({}) == ""
    assert change_hash({"a": 1, "b": 2}) == change_hash({"b": 2, "a": 1})
    assert change_hash({"a": 1}) != change_hash({"a": "1"})
    assert len(change_hash({"a": Unprintable(), "b": "\ud800"})) == 16


def test_a_call_says_what_it_is() -> None:
    """Its text names the callable, its contract and its source, and no argument."""
    text = repr(Call(two, ("secret",)))

    assert "two" in text
    assert "idempotent" in text
    assert "secret" not in text
