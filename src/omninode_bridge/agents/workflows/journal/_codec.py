"""What a journal keeps: plain JSON, checked when it is first written."""

from __future__ import annotations

import json
import math
from typing import Any, Final

from omninode_bridge.errors import NotDurableError

__all__ = ["MAX_DEPTH", "MAX_TEXT", "SCALARS", "check", "checked_length", "decode", "encode"]

MAX_DEPTH: Final = 100
#: Characters of one encoded value.
MAX_TEXT: Final = 64 * 1024 * 1024

#: Values in one value; what is in it many times counts as often.
MAX_VALUES: Final = 16 * 1024 * 1024
# Python reads and writes no number of more than 4,300 digits: sys.get_int_max_str_digits()
_MAX_BITS: Final = 4_300 * 3

_ENCODER, _ORDERING = (
    json.JSONEncoder(
        ensure_ascii=False,
        allow_nan=False,
        check_circular=False,
        separators=(",", ":"),
        sort_keys=ordered,
    )
    for ordered in (False, True)
)
#: Types whose values nobody can change.
SCALARS: Final = frozenset({str, int, float, bool, type(None)})


def encode(value: Any, what: str = "the value", *, ordered: bool = False) -> str:
    """Return the JSON text of a value made of None, bool, int, float, str, list and dict.

    Tuples, sets, dates, enums and other subclasses would come back as something else, so they are
    refused, not converted.

    Args:
        value: to be kept.
        what: how the message calls it.
        ordered: the same text whatever the order of the keys.

    Raises:
        NotDurableError: anything else is in it, or it is too deep or too large; the message names
            the path of the culprit.
    """
    check(value, what)
    text = (_ORDERING if ordered else _ENCODER).encode(value)
    checked_length(len(text), what)
    return text


def checked_length(length: int, what: str) -> None:
    """Refuse a text of too many characters."""
    if length > MAX_TEXT:
        raise NotDurableError(
            f"{what} has {length} characters as JSON; a journal keeps up to {MAX_TEXT}, "
            "so write it to a file and keep its path"
        )


def decode(text: str) -> Any:
    """Return the value of a text that `encode()` gave."""
    return json.loads(text)


def check(value: Any, what: str) -> None:
    """Look at everything in the value, without recursion; raises as `encode()` does."""
    kind = type(value)
    if kind is bool or value is None or (kind is str and value.isascii()):
        return
    pending: list[tuple[Any, tuple[Any, ...]]] = [(value, ())]
    seen = 0
    while pending:
        one, path = pending.pop()
        kind, seen = type(one), seen + 1
        if seen > MAX_VALUES:
            raise NotDurableError(f"{what} has more than {MAX_VALUES} values in it")
        if kind in SCALARS:
            if kind is str and not one.isascii():
                _check_text(one, what, path)
            elif kind is int and one.bit_length() > _MAX_BITS:
                raise _refused(what, path, "is a number of thousands of digits")
            elif kind is float and not math.isfinite(one):
                raise _refused(what, path, f"is {one!r}, which is no number in JSON")
        elif len(path) >= MAX_DEPTH:
            raise _refused(what, path[:5], f"is nested more than {MAX_DEPTH} deep")
        elif kind is dict:
            for key, item in one.items():
                if type(key) is not str:
                    raise _refused(what, path, f"has the key {key!r:.80}; keys must be texts")
                if not key.isascii():
                    _check_text(key, what, path)
                pending.append((item, (*path, key)))
        elif kind is list:
            pending.extend((item, (*path, index)) for index, item in enumerate(one))
        else:
            raise _refused(
                what,
                path,
                f"is a {kind.__qualname__}; a journal keeps None, bool, int, float, str, list and dict",
            )


def _check_text(text: str, what: str, path: tuple[Any, ...]) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _refused(what, path, "has half a character (a lone surrogate)") from error


def _refused(what: str, path: tuple[Any, ...], why: str) -> NotDurableError:
    place = "".join(f"[{step!r:.80}]" for step in path)
    return NotDurableError(f"{what}{place} {why}")
