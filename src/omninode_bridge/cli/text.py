"""What may be printed: text of contracts is data, and never moves the cursor."""

from __future__ import annotations

import io
import os
import sys
import unicodedata
from pathlib import Path

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
    """Let stdout and stderr escape what their encoding cannot say, instead of failing.

    One that was closed before we started takes everything and shows nothing.
    """
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - open as long as the process
        elif isinstance(stream, io.TextIOWrapper) and name != "stdin":
            stream.reconfigure(errors="backslashreplace")
