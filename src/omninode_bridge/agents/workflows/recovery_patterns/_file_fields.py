"""From what a file holds to an `ErrorPattern`, with every mistake told at once."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from omninode_bridge.agents.workflows.recovery_models import (
    ErrorPattern,
    ErrorType,
    RecoveryStrategy,
)
from omninode_bridge.errors import OmninodeBridgeError

from ._file_syntax import RawPattern
from ._finding import PatternFinding, Severity

__all__ = ["nearest", "read_fields"]

_REQUIRED = ("pattern_id", "error_type", "regex_pattern", "recovery_strategy")
_FIELDS = (*_REQUIRED, "metadata", "priority")
_KINDS: Mapping[str, type[StrEnum]] = {
    "error_type": ErrorType,
    "recovery_strategy": RecoveryStrategy,
}
# What people write, because other libraries call it so.
_USUAL = {
    "id": "pattern_id",
    "name": "pattern_id",
    "type": "error_type",
    "regex": "regex_pattern",
    "pattern": "regex_pattern",
    "strategy": "recovery_strategy",
    "action": "recovery_strategy",
    "options": "metadata",
    "settings": "metadata",
    "config": "metadata",
    "fallback": "alternative_path",
    "degradation": "graceful_degradation",
    "degrade": "graceful_degradation",
    "correction": "error_correction",
    "correct": "error_correction",
    "escalate": "escalation",
    "human": "escalation",
    "backoff": "retry",
    "breaker": "circuit_breaker",
    "throttling": "rate_limit",
    "llm": "ai_service",
    "connection": "network",
}


def nearest(word: object, known: Iterable[str]) -> str:
    """Return which of the known words is probably meant; empty where none is near."""
    if not isinstance(word, str):
        return ""
    import difflib

    names = list(known)
    plain = word.strip().lower().replace("-", "_").replace(" ", "_").rpartition(".")[2]
    if plain in names:
        return plain
    if _USUAL.get(plain) in names:
        return _USUAL[plain]
    return next(iter(difflib.get_close_matches(plain[:100], names, n=1, cutoff=0.6)), "")


def read_fields(
    raw: RawPattern, path: str, number: int
) -> tuple[ErrorPattern | None, list[PatternFinding]]:
    """Return the pattern, or None where it cannot be made, and what is wrong with it.

    Args:
        raw: an item of the file.
        path: the file, for the findings.
        number: 1-based; names a pattern without an id.
    """
    value = raw.value
    if not isinstance(value, Mapping):
        message = f"pattern {number} is {_shown(value)}; it must be a table of fields"
        return None, [PatternFinding(path, raw.line, "", Severity.ERROR, "not-a-table", message)]
    given = value.get("pattern_id")
    who = given if isinstance(given, str) and given.strip() else f"number {number}"

    def error(code: str, key: str, message: str, fix: str = "") -> PatternFinding:
        return PatternFinding(
            path, raw.line_of(key), who, Severity.ERROR, code, message, "it is not loaded", fix
        )

    found = [error(*one) for one in _mistakes(value)]
    if found:
        return None, found
    try:
        pattern = ErrorPattern(**value)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # what a set may mean one day
            re.compile(pattern.regex_pattern, re.IGNORECASE)
    except re.error as caught:
        where = "" if caught.pos is None else f" at position {caught.pos}"
        shown = _excerpt(value["regex_pattern"], caught.pos)
        message = f"the regex does not compile: {caught.msg}{where}{shown}"
        fix = _repair(caught.msg)
        return None, [error("does-not-compile", "regex_pattern", message, fix)]
    except (OmninodeBridgeError, RecursionError, OverflowError) as caught:
        message = str(caught) or type(caught).__name__
        return None, [error("bad-value", _blamed(message), message)]
    return pattern, []


def _mistakes(value: Mapping[Any, Any]) -> Iterator[tuple[str, str, str, str]]:
    meant = set()
    for key in value:
        if key not in _FIELDS:
            close = nearest(key, [name for name in _FIELDS if name not in value])
            meant.add(close)
            fix = f"did you mean {close!r}?" if close else f"fields: {', '.join(_FIELDS)}"
            yield "unknown-key", str(key), f"there is no field {key!r}", fix
    for key in _REQUIRED:
        if key not in value and key not in meant:
            yield "missing-key", key, f"{key} is missing", f"add {key}"
    for key, kind in _KINDS.items():
        if key in value and value[key] not in [str(member) for member in kind]:
            names = [str(member) for member in kind]
            close = nearest(value[key], names)
            fix = f"did you mean {close!r}?" if close else f"one of {', '.join(names)}"
            what = key.replace("error_", "").replace("recovery_", "")
            yield f"unknown-{what}", key, f"{key} is {_shown(value[key])}", fix


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _excerpt(regex: str, at: int | None) -> str:
    """Show where in the regex, with what stands before and behind the place."""
    if at is None:
        return ""
    before, behind = regex[max(0, at - 20) : at], regex[at : at + 20]
    return f", before {behind!r}" if behind else f", after {before!r}"


def _repair(said: str) -> str:
    if "unterminated subpattern" in said or "unbalanced parenthesis" in said:
        return "a parenthesis that is text is written \\( or \\)"
    if "nothing to repeat" in said or "multiple repeat" in said:
        return "a *, + or ? that is text has a backslash before it"
    if "global flags" in said:
        return "flags stand at the start; a part has (?-i:...)"
    if "unterminated character set" in said:
        return "a [ that is text is written \\["
    return ""


def _blamed(message: str) -> str:
    return next((name for name in _FIELDS if message.startswith(name)), "pattern_id")
