"""What an error says of itself, for every text that quotes one."""

from __future__ import annotations

import traceback

from ._redaction import redact

__all__ = ["error_text", "failure_fields"]

_UNREADABLE = "(its text cannot be read)"
_FRAMES = 10
_TRACEBACK_LIMIT = 4000


def error_text(error: BaseException, *, limit: int = 500) -> str:
    """Return ``TypeName: message``, redacted and short; an error may refuse to be read."""
    name = type(error).__name__
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 -- an error whose text fails is still an error
        text = _UNREADABLE
    return redact(f"{name}: {text}" if text else name, limit=limit)


def failure_fields(error: BaseException) -> dict[str, str]:
    """Return what the log says of somebody's callback that raised: no secret, and not its chain.

    In place of `exc_info`, with which a log would show the messages of the whole chain as they are.
    """
    try:
        frames = "".join(traceback.format_tb(error.__traceback__, limit=-_FRAMES))
    except Exception:  # noqa: BLE001 -- an error that hides where it was raised is still an error
        frames = ""
    return {"error": error_text(error), "traceback": redact(frames, limit=_TRACEBACK_LIMIT)}
