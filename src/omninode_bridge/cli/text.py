"""What may be printed: text of contracts is data, and never moves the cursor."""

from __future__ import annotations

import io
import sys
import unicodedata

__all__ = ["plain", "prepare_streams"]

# Control characters, invisible ones such as bidirectional overrides, line separators, surrogates.
_ESCAPED = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})


def plain(text: str, *, keep: str = "") -> str:
    """Return the text with everything that a terminal might obey written as escapes.

    Args:
        text: any text.
        keep: characters that stay all the same, such as line ends.
    """
    if text.isprintable():
        return text
    return "".join(char if char in keep or not _is_odd(char) else _escape(char) for char in text)


def _is_odd(char: str) -> bool:
    return unicodedata.category(char) in _ESCAPED


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "backslashreplace").decode("ascii")


def prepare_streams() -> None:
    """Let stdout and stderr escape what their encoding cannot say, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
