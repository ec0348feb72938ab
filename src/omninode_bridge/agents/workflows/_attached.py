"""The failed call that travels with its exception."""

from __future__ import annotations

from contextlib import suppress

from ._call import Call

__all__ = ["attach_call", "attached_call"]

_ATTRIBUTE = "__omninode_call__"


def attach_call(error: BaseException, call: Call) -> None:
    """Remember on the exception which call raised it; the innermost one stays."""
    if getattr(error, _ATTRIBUTE, None) is None:
        with suppress(AttributeError, TypeError):  # an exception with slots carries nothing
            setattr(error, _ATTRIBUTE, call)


def attached_call(error: BaseException | None) -> Call | None:
    """Return the call that travels with the exception, or None."""
    call = getattr(error, _ATTRIBUTE, None)
    return call if isinstance(call, Call) else None
