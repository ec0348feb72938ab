"""What tells one call from another in every process: its arguments, as far as they are JSON."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ._call import Call

__all__ = ["identity_of", "is_exact", "subject_of"]


def identity_of(call: Call) -> str:
    """Return 8 hex digits of the arguments; of what is not JSON its type alone counts.

    Empty where nothing can be said of them.
    """
    return _digest([list(call.args), dict(call.kwargs)])


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

    A closure, a partial, a method or defaults carry values that nobody sees.
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


def _digest(value: Any) -> str:
    try:
        text = json.dumps(value, sort_keys=True, allow_nan=False, default=_type_of)
    except (TypeError, ValueError, RecursionError):
        return ""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()


def _type_of(one: Any) -> str:
    return f"<{type(one).__module__}.{type(one).__qualname__}>"
