"""Analyse an error, and remember the answer where the error is all there is to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ._config import Config
from .classification import Classification, classify, plan_ladder
from .recovery_models import ErrorAnalysis

__all__ = ["analyze"]

_MEMO_SIZE = 256
_MEMO_TEXT = 300

# Errors that their type and arguments tell everything about: no code, no header, no place counts.
_PLAIN = frozenset(
    {
        BlockingIOError,
        BrokenPipeError,
        ConnectionAbortedError,
        ConnectionError,
        ConnectionRefusedError,
        ConnectionResetError,
        InterruptedError,
        OSError,
        TimeoutError,
    }
)


def analyze(
    error: BaseException | str, config: Config, now: Callable[[], datetime]
) -> ErrorAnalysis:
    """Say what an error is and what would be tried."""
    key = None if isinstance(error, str) else _key(error)
    if key is None:
        return _analysis_of(classify(error, config.patterns, now=now))
    known = config.memo.get(key)
    if known is None:
        known = _analysis_of(classify(error, config.patterns, now=now))
        if len(config.memo) >= _MEMO_SIZE:
            config.memo.clear()
        config.memo[key] = known
    return known


def _key(error: BaseException) -> tuple[object, ...] | None:
    """Return what identifies the answer, or None where more than type and arguments counts."""
    kind = type(error)
    if kind not in _PLAIN or error.__cause__ is not None or error.__dict__:
        return None
    if error.__context__ is not None and not error.__suppress_context__:
        return None
    if getattr(error, "filename", None) is not None or len(error.args) > 2:
        return None
    for argument in error.args:
        if type(argument) is not int and (type(argument) is not str or len(argument) > _MEMO_TEXT):
            return None
    return (kind, *error.args)


def _analysis_of(found: Classification) -> ErrorAnalysis:
    """Bring a classification into the shape that callers see."""
    ladder, declared = plan_ladder(found)
    match = found.match
    return ErrorAnalysis(
        error_type=found.error_type,
        ladder=ladder,
        pattern=match.pattern if match is not None else None,
        groups=match.groups if match is not None else {},
        transient=found.transient,
        retry_after=found.retry_after,
        rank=found.rank,
        declared=declared,
        skipped_patterns=found.skipped_patterns,
        reasons=found.reasons,
        fingerprint=found.fingerprint,
    )
