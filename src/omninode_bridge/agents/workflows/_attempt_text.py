"""What is said of errors and attempts: redacted, short, one line."""

from __future__ import annotations

from contextlib import suppress

from ._redaction import redact
from ._redaction_errors import error_text
from .recovery_models import AttemptRecord, RecoveryResult

__all__ = ["ERROR_TEXT_LIMIT", "add_note", "line_of", "reason_of", "text_of"]

ERROR_TEXT_LIMIT = 500
_MOST_SPOTLESS = 256
# Reasons in which the redactor found nothing; what it did find something in is not kept.
_SPOTLESS: set[str] = set()


def text_of(error: BaseException) -> str:
    """Return ``TypeName: message``, as short as the account of an attempt wants it."""
    return error_text(error, limit=ERROR_TEXT_LIMIT)


def reason_of(text: str) -> str:
    """Return why a step was passed over, redacted; most reasons are the same few sentences."""
    if text in _SPOTLESS:
        return text
    clean = redact(text, limit=ERROR_TEXT_LIMIT)
    if clean == text and len(_SPOTLESS) < _MOST_SPOTLESS:
        _SPOTLESS.add(text)
    return clean


def line_of(record: AttemptRecord) -> str:
    """Return what an attempt was and what came of it."""
    what = f"{record.strategy} {record.label}".strip()
    return f"{what}: {record.error or 'succeeded'}"


def add_note(error: BaseException, result: RecoveryResult) -> None:
    """Say on the exception what was tried."""
    tried = ", ".join(dict.fromkeys(str(record.strategy) for record in result.attempts))
    what = f"recovery tried {tried}" if tried else "recovery"
    note = f"{what}: {result.error_message}"
    with suppress(Exception):  # an exception whose attributes raise goes without a note
        error.add_note(note[:ERROR_TEXT_LIMIT])
