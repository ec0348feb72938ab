"""A call that can be run again, as it was or with changed arguments."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from omninode_bridge.errors import NoCallError

from .recovery_models import Rerun

__all__ = ["Call", "call_in_thread", "change_hash", "is_async_callable", "wraps_coroutine_function"]

_EMPTY: Mapping[str, Any] = MappingProxyType({})
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def is_async_callable(fn: Callable[..., Any]) -> bool:
    """Whether calling `fn` gives a coroutine, as far as it can be told without calling it."""
    while isinstance(fn, functools.partial):
        fn = fn.func
    if inspect.iscoroutinefunction(fn):
        return True
    if isinstance(fn, type):
        return False
    return inspect.iscoroutinefunction(getattr(fn, "__call__", None))  # noqa: B004 -- its kind, not whether


def wraps_coroutine_function(fn: Callable[..., Any]) -> bool:
    """Whether `fn` is or wraps a coroutine function, as methods of clients of models do."""
    try:
        return is_async_callable(fn) or is_async_callable(inspect.unwrap(fn))
    except ValueError:  # it wraps itself
        return False


async def call_in_thread(fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call `fn` in a worker thread; a StopIteration comes out as RuntimeError, as of a coroutine.

    A future can carry none, so that whoever waits for it would wait forever.
    """

    def work() -> Any:
        try:
            return fn(*args, **kwargs)
        except StopIteration as error:
            raise RuntimeError("the function raised StopIteration") from error

    return await asyncio.to_thread(work)


def change_hash(changes: Mapping[str, Any]) -> str:
    """Return 16 hex digits that identify these changes; empty where there are none."""
    if not changes:
        return ""
    digest = hashlib.blake2b(digest_size=8)
    for name in sorted(changes):
        value = changes[name]
        try:
            text = repr(value)
        except Exception:  # noqa: BLE001 -- a value whose repr fails is still a value
            text = f"<{type(value).__name__}>"
        digest.update(f"{name}={text}\n".encode("utf-8", "backslashreplace"))
    return digest.hexdigest()


class Call:
    """A callable and its arguments.

    A value for a parameter comes from the first of these that knows it: what a strategy or a
    human changed, what the call was bound to, the state by name, the default. A parameter named
    ``state`` gets a shallow copy of the whole state, and so does the only positional parameter of
    a callable when nothing else knows it.

    Attributes:
        fn: what is called.
        args: bound positional arguments.
        kwargs: bound keyword arguments.
        state: where missing arguments are looked up by name.
        changes: argument values that win over all others.
        rerun: what a second run does.
        source: where the call was found, in words.
        complete: the bound arguments are all that the callable needs.
        in_thread: run a plain function in a worker thread, so that the event loop goes on.
    """

    __slots__ = (
        "_signature",
        "args",
        "changes",
        "complete",
        "fn",
        "in_thread",
        "kwargs",
        "rerun",
        "source",
        "state",
    )

    def __init__(
        self,
        fn: Callable[..., Any],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] = _EMPTY,
        *,
        state: Mapping[str, Any] = _EMPTY,
        changes: Mapping[str, Any] = _EMPTY,
        rerun: Rerun = Rerun.IDEMPOTENT,
        source: str = "operation",
        complete: bool = False,
        in_thread: bool = True,
    ) -> None:
        self.fn = fn
        self.args = args
        self.kwargs = kwargs
        self.state = state
        self.changes = changes
        self.rerun = rerun
        self.source = source
        self.complete = complete
        self.in_thread = in_thread
        self._signature: inspect.Signature | None = None

    @property
    def name(self) -> str:
        """What the callable calls itself."""
        return getattr(self.fn, "__qualname__", None) or type(self.fn).__name__

    def signature(self) -> inspect.Signature | None:
        """Return the callable's signature, or None where it has none (some C functions)."""
        if self._signature is None:
            try:
                self._signature = inspect.signature(self.fn)
            except (TypeError, ValueError):
                return None
        return self._signature

    def replace(self, **changes: Any) -> Call:
        """Return a copy with other values for the named constructor arguments."""
        values: dict[str, Any] = {
            "fn": self.fn,
            "args": self.args,
            "kwargs": self.kwargs,
            "state": self.state,
            "changes": self.changes,
            "rerun": self.rerun,
            "source": self.source,
            "complete": self.complete,
            "in_thread": self.in_thread,
        }
        return Call(**(values | changes))

    def changed(self, changes: Mapping[str, Any]) -> Call:
        """Return a copy in which these argument values win over all others."""
        return self.replace(changes={**self.changes, **changes}) if changes else self

    def accepts(self, name: str, *, by_keywords: bool = False) -> bool:
        """Whether the callable has a parameter of this name.

        Args:
            name: of the parameter.
            by_keywords: also count a ``**kwargs`` parameter.
        """
        if name in self.kwargs:
            return True
        signature = self.signature()
        if signature is None:
            return False
        parameter = signature.parameters.get(name)
        if parameter is not None:
            return parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        return by_keywords and any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())

    def arguments(self) -> dict[str, Any]:
        """Return the value of every argument by name, defaults included, where one is known."""
        signature = self.signature()
        if signature is None:
            return {**self.kwargs, **self.changes}
        values = self._known(signature)
        for name, parameter in signature.parameters.items():
            if name not in values and parameter.default is not parameter.empty:
                values[name] = parameter.default
            if parameter.kind is parameter.VAR_KEYWORD:
                values.update(values.pop(name, {}))
            elif parameter.kind is parameter.VAR_POSITIONAL:
                values.pop(name, None)
        return values

    def bind(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the positional and keyword arguments of a run.

        Raises:
            NoCallError: a required argument is known from nowhere; the message names it.
        """
        if self.complete and not self.changes:
            return self.args, dict(self.kwargs)
        signature = self.signature()
        if signature is None:
            if isinstance(self.fn, type) and not (self.args or self.kwargs or self.changes):
                # int() and dict() take no argument as well, and give a value that nobody asked for
                raise NoCallError(
                    f"{self.name}() does not tell its parameters; bind its arguments with functools.partial"
                )
            return self.args, {**self.kwargs, **self.changes}
        values = self._known(signature)
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for name, parameter in signature.parameters.items():
            if parameter.kind is parameter.VAR_POSITIONAL:
                args.extend(values.get(name, ()))
            elif parameter.kind is parameter.VAR_KEYWORD:
                kwargs.update(values.get(name, {}))
            elif name not in values:
                if parameter.default is parameter.empty:
                    raise NoCallError(
                        f"{self.name}() needs the argument {name!r}, which neither the call nor the state holds; "
                        f"add state={{{name!r}: ...}} or bind it with functools.partial"
                    )
                if parameter.kind in _POSITIONAL:
                    args.append(parameter.default)  # so that those after it keep their places
            elif parameter.kind in _POSITIONAL:
                args.append(values[name])
            else:
                kwargs[name] = values[name]
        return tuple(args), kwargs

    def _known(self, signature: inspect.Signature) -> dict[str, Any]:
        """Return values by parameter name, without defaults."""
        try:
            values = dict(signature.bind_partial(*self.args, **self.kwargs).arguments)
        except TypeError as error:
            raise NoCallError(
                f"{self.name}() cannot take the arguments it was given: {error}"
            ) from error
        parameters = signature.parameters
        if not self.complete:
            self._look_up(parameters, values)
        keywords = next((p.name for p in parameters.values() if p.kind is p.VAR_KEYWORD), None)
        for name, value in self.changes.items():
            if name in parameters and name != keywords:
                values[name] = value
            elif keywords is not None:
                values[keywords] = {**values.get(keywords, {}), name: value}
        return values

    def _look_up(self, parameters: Mapping[str, inspect.Parameter], values: dict[str, Any]) -> None:
        """Add what the state knows to the bound arguments."""
        for name, parameter in parameters.items():
            variadic = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
            if name not in values and name in self.state and not variadic:
                values[name] = self.state[name]
        if "state" in parameters and "state" not in values:
            values["state"] = dict(self.state)
        required = [
            p.name for p in parameters.values() if p.kind in _POSITIONAL and p.default is p.empty
        ]
        alone = len(required) == 1 and required[0] not in values
        if alone and self.state and required[0] not in self.changes:
            values[required[0]] = dict(self.state)

    async def run(self) -> Any:
        """Call, and await where there is something to await."""
        args, kwargs = self.bind()
        if self.in_thread and not is_async_callable(self.fn):
            result = await call_in_thread(self.fn, *args, **kwargs)
        else:
            result = self.fn(*args, **kwargs)
        if inspect.isawaitable(result):
            return await result
        return result

    async def __call__(self, state: Mapping[str, Any] | None = None) -> Any:
        """Run the call; `state`, where given, is where missing arguments are looked up."""
        return await (self if state is None else self.replace(state=state)).run()

    def __repr__(self) -> str:
        return f"Call({self.name}, rerun={str(self.rerun)!r}, source={self.source!r})"
