"""What tells one call from another in every process: its arguments, as far as they are JSON."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
from collections.abc import Mapping
from typing import Any, Final

from ._call import Call

__all__ = ["identity_of", "is_exact", "subject_of"]

_MOST_STATE: Final = 65_536


def identity_of(call: Call) -> str:
    """Return 8 hex digits of the arguments; of what is not JSON its type alone counts.

    Of an object with ``__call__`` its attributes that are texts count too, and all that are JSON where
    it is a frozen dataclass; numbers and lists of others often count its calls. Empty where nothing can be said of
    them.
    """
    state = _state_of(call.fn) if _is_object(call.fn) else {}
    given: list[Any] = [list(call.args), dict(call.kwargs)]
    return _digest([*given, state] if state else given)


def subject_of(call: Call | None, state: Mapping[str, Any]) -> str:
    """Return 8 hex digits of what a recovery is about: the call's arguments and the state.

    Empty where there are none, or where nothing can be said of them.
    """
    args, kwargs = (list(call.args), dict(call.kwargs)) if call is not None else ([], {})
    if not args and not kwargs and not state:
        return ""
    return _digest([args, kwargs, dict(state)])


def is_exact(call: Call | None, state: Mapping[str, Any]) -> bool:
    """Whether all of it is JSON, so that no two different calls pass for one.

    A closure, a partial, a method or defaults carry values that nobody sees. An object with
    ``__call__`` is known by what `identity_of()` takes of it, and by its place in the order.
    """
    fn = call.fn if call is not None else None
    carries = ("__closure__", "__defaults__", "__kwdefaults__", "__self__")
    if isinstance(fn, functools.partial) or any(getattr(fn, name, None) for name in carries):
        return False
    try:
        given = [list(call.args), dict(call.kwargs)] if call is not None else []
        json.dumps([given, dict(state)], allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _is_object(fn: Any) -> bool:
    """Whether it is called by its class's ``__call__``."""
    return fn is not None and not (
        inspect.isroutine(fn) or isinstance(fn, (type, functools.partial))
    )


def _state_of(fn: Any) -> dict[str, Any]:
    """Return what an object carries that does not change with its calls, as far as that is seen."""
    names = {name for cls in type(fn).__mro__ for name in _slots_of(cls)}
    is_frozen = getattr(getattr(type(fn), "__dataclass_params__", None), "frozen", False)
    try:
        names |= set(getattr(fn, "__dict__", ()))
        state = {name: getattr(fn, name, None) for name in names if not name.startswith("__")}
        state = {n: one for n, one in state.items() if is_frozen or isinstance(one, str)}
        return state if len(json.dumps(state, default=_type_of)) <= _MOST_STATE else {}
    except Exception:  # noqa: BLE001 -- attributes of others may do anything
        return {}


def _slots_of(cls: type) -> tuple[str, ...]:
    slots = vars(cls).get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _digest(value: Any) -> str:
    try:
        text = json.dumps(value, sort_keys=True, allow_nan=False, default=_type_of)
    except (TypeError, ValueError, RecursionError):
        return ""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()


def _type_of(one: Any) -> str:
    return f"<{type(one).__module__}.{type(one).__qualname__}>"
