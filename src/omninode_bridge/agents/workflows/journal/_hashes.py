"""What a recorded result depends on, as hashes: change one of them and the result is stale."""

from __future__ import annotations

import functools
import hashlib
import inspect
from collections.abc import Callable, Iterable
from types import CodeType
from typing import Any, Final, NamedTuple

from omninode_bridge.errors import NotDurableError

from ._code_parts import codes, parts_of, told, unwrapped
from ._codec import encode

__all__ = ["StepHashes", "code_hash", "hash_of", "hash_of_inputs", "text_hash"]

_SIZE: Final = 16
#: Of the way in which code is hashed, before the hash: to be raised where the same code gets another one.
_RECIPE: Final = "2"


class StepHashes(NamedTuple):
    """Of a step: its code with its version, its arguments, and the results that it is given."""

    code: str
    arguments: str
    inputs: str

    def given(self, inputs: str) -> StepHashes:
        """Return these hashes with that of the inputs."""
        return StepHashes(self.code, self.arguments, inputs)

    def difference(self, earlier: StepHashes) -> str:
        """Say what has changed since; empty where nothing has."""
        if self == earlier:
            return ""
        is_like = self.code.partition(".")[0] == earlier.code.partition(".")[0]
        code = "code or version" if is_like else "code or version, or how they are compared,"
        changed = [
            name
            for name, now, then in (
                (code, self.code, earlier.code),
                ("arguments", self.arguments, earlier.arguments),
                ("inputs", self.inputs, earlier.inputs),
            )
            if now != then
        ]
        return f"its {' and '.join(changed)} changed" if changed else ""


def text_hash(text: str) -> str:
    """Return 32 hex digits."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_SIZE).hexdigest()


def hash_of(value: Any, what: str) -> str:
    """Return the hash of a JSON value; the order of keys does not count.

    Raises:
        NotDurableError: it is none.
    """
    return text_hash(encode(value, what, ordered=True)) if value else ""


def hash_of_inputs(results: Iterable[tuple[str, str]]) -> str:
    """Return the hash of results, given as pairs of a step's id and its result's hash."""
    return text_hash("\n".join(f"{step_id!r} {digest}" for step_id, digest in sorted(results)))


def code_hash(operation: Callable[..., Any], version: str | None, who: str) -> str:
    """Return the hash of what an operation does, as far as it can be seen.

    A plain function is its bytecode and its defaults, with the functions and classes of its module
    that it names, what decorates them there, and the constants that it names, see `_code_parts`.
    What it calls in other modules is not looked at, and neither is state that it carries along, so a
    callable with any needs a version of its own.

    Raises:
        NotDurableError: a closure, a bound method, a partial or an object, without a version.
    """
    target = unwrapped(operation)
    carried = _carries(operation, target)
    if carried and version is None:
        raise NotDurableError(
            f"the operation of {who} is {carried}, and a journal cannot see when that changes; make it "
            "a function and hand it WorkflowStep(arguments=...), or say WorkflowStep(version=...)"
        )
    digest = hashlib.blake2b(digest_size=_SIZE)
    digest.update(f"{version!r} {getattr(target, '__qualname__', '')}".encode())
    for code, text in parts_of(_function_of(operation)):
        digest.update(b"" if code is None else _digest_of(code))
        digest.update(text.encode("utf-8", "backslashreplace"))
    return f"{_RECIPE}.{digest.hexdigest()}"


def _function_of(operation: Any) -> Any:
    if isinstance(operation, functools.partial):
        return operation.func
    if inspect.ismethod(operation):
        return operation.__func__
    return operation if inspect.isroutine(operation) else type(operation).__call__


def _carries(operation: Callable[..., Any], target: Any) -> str:
    if isinstance(operation, functools.partial):
        return "a partial"
    if inspect.ismethod(operation):
        return "a bound method"
    if not inspect.isfunction(target):
        owner = getattr(target, "__self__", None)
        is_bare = inspect.isbuiltin(target) and (owner is None or inspect.ismodule(owner))
        return "" if is_bare else f"an object of {type(operation).__name__}"
    if target.__closure__:
        names = ", ".join(repr(name) for name in target.__code__.co_freevars[:5])
        return f"a closure over {names}"
    if operation is not target and getattr(operation, "__closure__", None):
        return ""  # a decorator's wrapper: what it closes over is the function looked at
    return ""


@functools.lru_cache(maxsize=4096)
def _digest_of(code: CodeType) -> bytes:
    digest = hashlib.blake2b(digest_size=_SIZE)
    for one in codes(code):
        constants = tuple(c for c in one.co_consts if not isinstance(c, CodeType))
        # line numbers are left out: code that only moved does the same
        digest.update(one.co_code)
        digest.update(one.co_exceptiontable)
        told = (
            one.co_names,
            one.co_varnames,
            one.co_freevars,
            (one.co_argcount, one.co_posonlyargcount, one.co_kwonlyargcount, one.co_flags),
            _plain(constants),
        )
        digest.update(repr(told).encode("utf-8", "replace"))
    return digest.digest()


def _plain(constants: tuple[Any, ...]) -> list[str]:
    """Return constants as texts; sets in an order of their own, which differs between processes."""
    return [told(one) if isinstance(one, (tuple, frozenset)) else repr(one) for one in constants]
