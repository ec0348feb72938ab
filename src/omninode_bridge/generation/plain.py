"""Values as a journal keeps them: texts that encode, numbers, lists and maps; and back again."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["bytes_in", "bytes_out", "plain", "text_in", "text_out", "unplain"]

_BYTES: Final = "base64:"
_TEXT: Final = "text:"
_HALVES: Final = "surrogates:"


def text_out(text: str) -> str:
    """Return a text that a journal keeps: file names may hold bytes that are no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _HALVES + json.dumps(text)
    return _TEXT + text if text.startswith((_HALVES, _TEXT, _BYTES)) else text


def text_in(text: str) -> str:
    """Return the text that `text_out()` was given."""
    if text.startswith(_HALVES):
        return str(json.loads(text.removeprefix(_HALVES)))
    return text.removeprefix(_TEXT)


def plain(value: Any) -> Any:
    """Return texts, numbers, lists and maps as a journal keeps them; tuples become lists."""
    if isinstance(value, Mapping):
        return {text_out(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    # of a subclass, such as an outcome, the plain text
    return text_out(str(value)) if isinstance(value, str) else value


def unplain(value: Any) -> Any:
    """Return what `plain()` was given, with lists for tuples."""
    if isinstance(value, dict):
        return {text_in(key): unplain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unplain(item) for item in value]
    return text_in(value) if isinstance(value, str) else value


def bytes_out(content: bytes) -> str:
    """Return content as text: itself where it is UTF-8, else in base64."""
    try:
        return text_out(content.decode())
    except UnicodeDecodeError:
        return _BYTES + base64.b64encode(content).decode("ascii")


def bytes_in(content: str) -> bytes:
    """Return the content that `bytes_out()` was given."""
    if content.startswith(_BYTES):
        return base64.b64decode(content.removeprefix(_BYTES))
    return text_in(content).encode()
