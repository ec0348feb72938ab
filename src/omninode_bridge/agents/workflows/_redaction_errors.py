"""What an error says of itself, for every text that quotes one."""

from __future__ import annotations

from ._redaction import redact

__all__ = ["error_text"]

_UNREADABLE = "(its text cannot be read)"


def error_text(error: BaseException, *, limit: int = 500) -> str:
    """Return ``TypeName: message``, redacted and short; an error may refuse to be read."""
    name = type(error).__name__
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 -- an error whose text fails is still an error
        text = _UNREADABLE
    return redact(f"{name}: {text}" if text else name, limit=limit)
