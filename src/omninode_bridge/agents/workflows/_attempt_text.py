"""What is said of errors and attempts: redacted, short, one line."""

from __future__ import annotations

from contextlib import suppress

from ._redaction import redact
from ._redaction_errors import error_text
from .recovery_models import AttemptRecord, RecoveryResult

__all__ = ["ERROR_TEXT_LIMIT", "add_note", "line_of", "note", "reason_of", "text_of"]

ERROR_TEXT_LIMIT = 500
_OURS = ("recovery tried ", "recovery: ", "the recovery itself failed")
_MOST_NOTES = 5
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
    note(error, f"{what}: {result.error_message}")


def note(error: BaseException, text: str) -> None:
    """Add a note to the exception, once: one that is raised again and again keeps the last few."""
    text = text[:ERROR_TEXT_LIMIT]
    with suppress(Exception):  # an exception whose attributes raise goes without a note
        notes = getattr(error, "__notes__", None)
        if type(notes) is list:
            ours = [one for one in notes if type(one) is str and one.startswith(_OURS)]
            for old in {text, *ours[: -_MOST_NOTES + 1]} & set(ours):
                notes.remove(old)
        error.add_note(text)
