"""What tells one call from another in every process: its arguments, as far as they are JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ._call import Call

__all__ = ["identity_of", "subject_of"]


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


def _digest(value: Any) -> str:
    try:
        text = json.dumps(value, sort_keys=True, allow_nan=False, default=_type_of)
    except (TypeError, ValueError, RecursionError):
        return ""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()


def _type_of(one: Any) -> str:
    return f"<{type(one).__module__}.{type(one).__qualname__}>"
