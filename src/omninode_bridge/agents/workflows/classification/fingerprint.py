"""Equal marks for errors of one kind, whatever numbers and names their texts hold."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["fingerprint_of"]

_RULES = (
    (r"'[^'\n]{0,200}'|\"[^\"\n]{0,200}\"|`[^`\n]{0,200}`", "'_'"),
    (r"\b[a-z][a-z0-9+.-]*://[^\s'\"<>]+", "url"),
    (r"(?:[A-Za-z]:)?(?:[\\/][\w.@+~-]+)+[\\/]?", "path"),
    (r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b", "id"),
    (r"\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}\b|0x[0-9a-fA-F]+", "id"),
    (r"\d+(?:[.,:]\d+)*", "0"),
    (r"\s+", " "),
)
_MOST = 4096


@lru_cache(maxsize=1)
def _compiled() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(rule), put) for rule, put in _RULES)


def fingerprint_of(text: str) -> str:
    """Return sixteen hex digits for the text of an error."""
    import hashlib

    text = text[:_MOST]
    for pattern, put in _compiled():
        text = pattern.sub(put, text)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
