"""Take secrets out of text before anybody sees it: logs, stores, reports, notices, prompts.

Every pattern starts at a literal and repeats possessively or a fixed number of times, so that the
time is linear in what is looked at, and only a head and a tail are looked at. Where a name says
"password" rather too much is taken than too little; code, hashes in paths and UUIDs stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from omninode_bridge.errors import ConfigurationError

from ._redaction_names import is_secret_name, scrub_named
from ._redaction_tokens import REDACTED, scrub_tokens

__all__ = ["MAX_TEXT", "REDACTED", "redact", "redact_value"]

MAX_TEXT: Final = 16_384
MAX_DEPTH: Final = 8
MAX_ITEMS: Final = 100
MAX_NODES: Final = 2_000
MAX_VALUE_TEXT: Final = 2_000

# How much more than what is kept is looked at, so that a secret is known before it is cut.
_MARGIN: Final = 4_096
_MAX_PASSES: Final = 8
_SHORT: Final = 24
_BIG_INTEGER: Final = 10**30
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]"
)


def redact(text: str, *, limit: int = MAX_TEXT) -> str:
    """Return the text without secrets, with at most `limit` characters.

    What is too long keeps its head and tail. Characters that a terminal or an encoder would act on
    become U+FFFD. Redacting twice changes nothing more. Anything but text is named by its type.

    Raises:
        ConfigurationError: `limit` is not positive.
    """
    if limit < 1:
        raise ConfigurationError(f"limit is {limit!r}; it must be positive")
    if not isinstance(text, str):
        return f"<{type(text).__name__}>"[:limit]
    text = str.__str__(text)
    if len(text) > limit + 2 * _MARGIN:
        share = limit // 2 + _MARGIN
        lost = len(text) - 2 * share
        text = _scrub(text[:share]) + _mark(lost) + _scrub(text[-share:])
    # A cut can lay a secret bare, and a longer text after a replacement can need another cut.
    for _ in range(_MAX_PASSES):
        done = _cut(_scrub(text), limit)
        if done == text:
            break
        text = done
    return text


def redact_value(value: Any) -> Any:
    """Return a copy of a JSON-like value without secrets, bounded in depth, width and text.

    Entries under a key such as ``password`` are replaced whole. What is not JSON is named by its
    type and never asked for its text.
    """
    return _Copier().copy(value, 0)


def _scrub(text: str) -> str:
    return scrub_named(scrub_tokens(_UNPRINTABLE.sub("\ufffd", text)))


def _mark(lost: int) -> str:
    return f"\n... {lost} characters cut ...\n"


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    room = limit - len(_mark(len(text)))
    if room < 2:
        return text[:limit]
    head = room - room // 3
    return text[:head] + _mark(len(text) - room) + text[len(text) - room // 3 :]


def _plain_word(text: str) -> str:
    """Return a text that is one or a few short words joined by underscores; else nothing.

    No secret looks like that: what we recognise has digits, capitals or a name before it.
    """
    if type(text) is str and len(text) <= _SHORT and text.isascii() and text.islower():
        return text if text.replace("_", "").isalpha() else ""
    return ""


@lru_cache(maxsize=1024)
def _name_of(key: str) -> tuple[str, bool]:
    """Return a key as it is shown, and whether what is under it is secret; most keys come again."""
    name = redact(key, limit=200)
    return name, is_secret_name(name)


class _Copier:
    """One walk over a value, with one count of what it has copied."""

    def __init__(self) -> None:
        self._left = MAX_NODES

    def copy(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if self._left < 0:
            return "..."
        if value is None or value is True or value is False:
            return value
        kind = type(value)
        try:
            if isinstance(value, str):
                return _plain_word(value) or redact(str.__str__(value), limit=MAX_VALUE_TEXT)
            if isinstance(value, int):
                number = int.__index__(value)
                return number if -_BIG_INTEGER < number < _BIG_INTEGER else "<int>"
            if isinstance(value, float):
                number_f = float.__float__(value)
                # JSON has no word for these.
                return number_f if abs(number_f) < float("inf") else float.__repr__(number_f)
            if depth >= MAX_DEPTH and isinstance(value, (Mapping, list, tuple)):
                return "..."
            if isinstance(value, Mapping):
                return self._mapping(value, depth)
            if isinstance(value, (list, tuple)):
                return self._sequence(value, depth)
        except Exception:  # noqa: BLE001 - a value of the user's that fails when it is read
            return f"<{kind.__name__}>"
        return f"<{kind.__name__}>"

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        copied: dict[str, Any] = {}
        for index, key in enumerate(value):
            if index >= MAX_ITEMS - 1 and len(value) > MAX_ITEMS:
                copied["..."] = f"{len(value) - index} more"
                break
            if type(key) is str and len(key) <= _SHORT:
                name, is_secret = _name_of(key)
            else:
                name = (
                    redact(key, limit=200)
                    if isinstance(key, str)
                    else str(self.copy(key, depth + 1))
                )
                is_secret = is_secret_name(name)
            item = value[key]
            hide = is_secret and item is not None and item != ""
            copied[name] = (
                REDACTED if hide and not isinstance(item, bool) else self.copy(item, depth + 1)
            )
        return copied

    def _sequence(self, value: list[Any] | tuple[Any, ...], depth: int) -> list[Any]:
        if len(value) <= MAX_ITEMS:
            return [self.copy(item, depth + 1) for item in value]
        kept = [self.copy(item, depth + 1) for item in value[: MAX_ITEMS - 1]]
        return [*kept, f"{len(value) - len(kept)} more"]
