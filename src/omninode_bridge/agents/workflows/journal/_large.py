"""Large results: made text piece by piece beside the event loop."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from omninode_bridge.agents.workflows._threads import run_in_thread
from omninode_bridge.errors import NotDurableError

from ._codec import SCALARS, check, checked_length, decode, encode
from ._hashes import text_hash

__all__ = ["LARGE", "Encoded", "encode_large", "encoded_now", "is_large"]

#: What is roughly of more characters as JSON is large: on the loop it would take 20 milliseconds.
LARGE: Final = 1024 * 1024
# One call of the encoder or decoder holds up all threads, so none gets much more than this.
_PIECE: Final = 128 * 1024
# Characters of a number, or of what is around a text.
_ENTRY: Final = 8
# Entries that are looked at, of one container and of all.
_SAMPLE: Final = 32
_LOOKS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Encoded:
    """A result that was encoded ahead of being noted.

    Attributes:
        value: the result itself.
        text: as the journal keeps it.
        hash: of the text.
        copy: what the text will be read as.
        error: why it cannot be kept, instead of these.
    """

    value: Any
    text: str = ""
    hash: str = ""
    copy: Any = None
    error: NotDurableError | None = None


async def encode_large(value: Any, what: str) -> Encoded:
    """Encode the value in a thread that lets the event loop go on."""
    return await run_in_thread(_encoded, value, what)


def encoded_now(ahead: Encoded | None, value: Any, what: str) -> Encoded:
    """Return what was encoded ahead, where it is of this value, else encode it here.

    Raises:
        NotDurableError: it cannot be kept.
    """
    if ahead is None or ahead.value is not value:
        text = encode(value, what)
        return Encoded(
            value, text, text_hash(text), value if type(value) in SCALARS else decode(text)
        )
    if ahead.error is not None:
        raise ahead.error
    return ahead


def is_large(value: Any, limit: int = LARGE) -> bool:
    """Whether the value is roughly of more than `limit` characters, as far as a few looks tell."""
    kind = type(value)
    if kind is str:
        return len(value) > limit
    if kind is not dict and kind is not list:
        return False
    total, looks, pending = 0, _LOOKS, deque([(value, 1)])
    while pending and looks > 0:
        one, times = pending.popleft()
        total += times * _ENTRY * len(one)
        if total > limit:
            return True
        step = len(one) // _SAMPLE or 1
        for item in islice(one.values() if type(one) is dict else one, 0, None, step):
            looks -= 1
            kind = type(item)
            if kind is str:
                total += times * step * len(item)
            elif kind is dict or kind is list:
                pending.append((item, times * step))
    return total > limit


def _encoded(value: Any, what: str) -> Encoded:
    try:
        check(value, what)
        parts: list[str] = []
        copy = _write(value, parts)
        checked_length(sum(map(len, parts)), what)
    except NotDurableError as error:
        return Encoded(value, error=error)
    except (TypeError, ValueError, RuntimeError) as error:
        changed = NotDurableError(f"{what} was changed while it was encoded ({error})")
        return Encoded(value, error=changed)
    text = "".join(parts)
    return Encoded(value, text, text_hash(text), copy)


def _write(value: Any, parts: list[str]) -> Any:
    """Append the text of the value, and return the value that the text stands for."""
    if not is_large(value, _PIECE):
        parts.append(encode(value))
        return value if type(value) is str else decode(parts[-1])
    if type(value) is str:
        pieces = (value[at : at + _PIECE] for at in range(0, len(value), _PIECE))
        parts.append('"')
        parts.extend(encode(piece)[1:-1] for piece in pieces)
        parts.append('"')
        return value
    return _write_dict(value, parts) if type(value) is dict else _write_list(value, parts)


def _write_list(value: list[Any], parts: list[str]) -> list[Any]:
    copy: list[Any] = []
    for few in _bundles(list(value)):
        parts.append("," if copy else "[")
        if len(few) == 1:
            copy.append(_write(few[0], parts))
        else:
            text = encode(few)
            parts.append(text[1:-1])
            copy += decode(text)
    parts.append("]")
    return copy


def _write_dict(value: dict[str, Any], parts: list[str]) -> dict[str, Any]:
    copy: dict[str, Any] = {}
    entries = dict(value)
    keys = iter(entries)
    for few in _bundles(list(entries.values())):
        parts.append("," if copy else "{")
        if len(few) == 1:
            key = next(keys)
            parts.append(f"{encode(key)}:")
            copy[key] = _write(few[0], parts)
        else:
            text = encode(dict(zip(islice(keys, len(few)), few, strict=True)))
            parts.append(text[1:-1])
            copy.update(decode(text))
    parts.append("}")
    return copy


def _bundles(items: list[Any]) -> Iterator[list[Any]]:
    """Yield the items in order, as many at once as are small together."""
    pending = [items]
    while pending:
        few = pending.pop()
        if len(few) > 1 and is_large(few, _PIECE):
            half = len(few) // 2
            pending += few[half:], few[:half]
        else:
            yield few
