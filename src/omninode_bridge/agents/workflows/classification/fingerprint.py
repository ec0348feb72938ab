"""Equal marks for errors of one kind, whatever numbers and names their texts hold."""

from __future__ import annotations

from .lazy_regex import LazyRegex

__all__ = ["fingerprint_of"]

_RULES = (
    (LazyRegex(r"'[^'\n]{0,200}'|\"[^\"\n]{0,200}\"|`[^`\n]{0,200}`"), "'_'"),
    (LazyRegex(r"\b[a-z][a-z0-9+.-]{1,15}://[^\s'\"<>]+"), "url"),
    (LazyRegex(r"(?:[A-Za-z]:)?(?:[\\/][\w.@+~-]+)+[\\/]?"), "path"),
    (LazyRegex(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "id"),
    (LazyRegex(r"\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}\b|0x[0-9a-fA-F]+"), "id"),
    (LazyRegex(r"\d+(?:[.,:]\d+)*"), "0"),
    (LazyRegex(r"\s+"), " "),
)
_MOST = 4096


def fingerprint_of(text: str) -> str:
    """Return sixteen hex digits for the text of an error."""
    import hashlib

    text = text[:_MOST]
    for pattern, put in _RULES:
        text = pattern.sub(put, text)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
