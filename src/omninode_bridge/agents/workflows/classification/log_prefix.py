"""What a log writes before each line of a traceback, and how to find it on the next line."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["prefix_regex"]

_MAX = 400
# A name with its number (``worker-3``) and a process (``[123]``) tell streams apart; a time does not.
_TOKEN = re.compile(r"(?<![0-9])[A-Za-z_]+[_-]?\d+|\[\d+\]|\d+|\s+|.", re.DOTALL)


@lru_cache(maxsize=256)
def prefix_regex(prefix: str) -> re.Pattern[str] | None:
    """Return what matches this prefix at another moment; None for an empty or a huge one."""
    if not prefix.strip() or len(prefix) > _MAX:
        return None
    body = prefix.rstrip()
    parts = []
    for found in _TOKEN.finditer(body):
        token = found[0]
        if token.isdecimal():
            parts.append(r"\d+")
        elif token.isspace():
            parts.append(r"\s+")
        else:
            parts.append(re.escape(token))
    # Blanks at the end of a line are often lost; those before the text belong to the text but these.
    blanks = len(prefix) - len(body)
    return re.compile("".join(parts) + rf"(?:[ \t]{{{blanks}}}|[ \t]*$)")
