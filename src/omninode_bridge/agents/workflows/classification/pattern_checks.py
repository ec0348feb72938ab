"""What can be said against a single pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from omninode_bridge.agents.workflows.recovery_models import ErrorPattern
from omninode_bridge.agents.workflows.recovery_patterns._finding import Severity

from .matcher import PatternSet
from .pattern_attack import attacks
from .pattern_samples import sample_texts
from .pattern_shape import (
    contradiction,
    explosion,
    looks_around,
    lower_names,
    needed_words,
    upper_ranges,
)
from .safety import EXPONENTIAL, Shape, analyse

__all__ = ["CHECKS", "Probe", "Said"]

_SLOW_DEGREE = 2
_SHORT_TEXT = 1_000  # characters; that a long text takes long is no proof of an explosion
_MOST = 0.6
_TELLING = 2  # letters; a single one is in almost every text
_BARE_WORDS = ("error", "exception")
_CLASS_FIRST = re.compile(r"[A-Za-z_]\w*(?:$|:|\()")
ORDINARY: Final = (
    "ConnectionResetError: [Errno 104] Connection reset by peer",
    "httpx.ReadTimeout: The read operation timed out",
    "KeyError: 'name'",
    "ValueError: invalid literal for int() with base 10: 'x'",
    "TypeError: unsupported operand type(s) for +: 'int' and 'str'",
    "FileNotFoundError: [Errno 2] No such file or directory: '/tmp/a'",
    "openai.RateLimitError: Error code: 429 - {'error': {'message': 'slow down'}}",
    "pydantic_core.ValidationError: 1 validation error for Order\nid\n  Field required",
    "jinja2.exceptions.UndefinedError: 'x' is undefined",
    "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) database is locked",
    "SyntaxError: invalid syntax (<string>, line 3)",
    "PermissionError: [Errno 13] Permission denied: '/etc/shadow'",
    "RuntimeError: the worker went away",
    "botocore.exceptions.ClientError: An error occurred (ThrottlingException) when calling the X",
    "AssertionError: expected 3, got 4",
    "ModuleNotFoundError: No module named 'yaml'",
    "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
    "requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: https://a/",
    "TimeoutError",
    "StopIteration",
    "the service answered with status 502",
    "quota exceeded for project 7",
    "contract 'orders' is not valid",
    "disk full",
)


@dataclass(frozen=True, slots=True)
class Said:
    """One complaint; `key` is the field that it is about."""

    severity: Severity
    code: str
    message: str
    why: str = ""
    fix: str = ""
    key: str = "regex_pattern"


class Probe:
    """A pattern with what was found out about its regex."""

    def __init__(self, pattern: ErrorPattern) -> None:
        self.pattern = pattern
        self.regex = pattern.regex_pattern
        self.shape: Shape = analyse(self.regex)
        self._alone = PatternSet.of([pattern])

    def matches(self, text: str) -> bool:
        """Whether the pattern matches; a search that takes too long does not."""
        return self._alone.match(text) is not None

    @cached_property
    def samples(self) -> list[str]:
        """Texts that the pattern matches, a few dozen at most."""
        return [text for text in self.written if self.matches(text)]

    @cached_property
    def written(self) -> list[str]:
        """Texts made from the regex, whether it matches them or not."""
        return sample_texts(self.regex)

    def stalled_by(self) -> str:
        """Return a text for which the pattern has no answer in time; empty if none was found."""
        for text in attacks(self.regex):
            if self._alone.search(text).skipped:
                return text
        return ""


def _unsafe(probe: Probe) -> Iterator[Said]:
    shape = probe.shape
    if shape.chains is not None or shape.degree < _SLOW_DEGREE:
        return
    text = probe.stalled_by()
    if shape.degree < EXPONENTIAL and not text:
        return
    shown = f"{text[:24]!r} and {len(text) - 24} more characters" if text else ""
    if shape.degree >= EXPONENTIAL:
        part = explosion(probe.regex) or "it has many choices, one after another"
        is_certain = 0 < len(text) <= _SHORT_TEXT
        yield Said(
            Severity.ERROR if is_certain else Severity.WARNING,
            "unsafe",
            f"{'takes' if is_certain else 'may take'} far too long: {part}",
            (
                f"there is no answer in time for {shown}, so it is left out"
                if text
                else "it runs with a timeout, though no text was found that takes that long"
            ),
            "let only one part match each character, or use bounded repeats",
        )
    else:
        yield Said(
            Severity.WARNING,
            "slow",
            f"{shape.degree} repeats without an end, one after another",
            f"there is no answer in time for {shown}, so it is left out",
            "replace .* by what may really stand there, such as [^,]{0,80}",
        )


def _never(probe: Probe) -> Iterator[Said]:
    if not probe.matches(""):
        fault = contradiction(probe.regex)
        if fault:
            yield Said(
                Severity.ERROR,
                "never-matches",
                f"no text can match: {fault}",
                "the pattern does nothing",
                "an anchor that is text has a backslash before it: \\^ or \\$",
            )
            return
    if not probe.written:
        return  # its texts would be too long to be written
    if not probe.samples:
        hard = looks_around(probe.regex)
        why = "its look-around, boundaries or references seem to exclude each other" if hard else ""
        yield Said(
            Severity.WARNING,
            "never-matches",
            "seems to match nothing: no text made from it matches",
            why or "the pattern does nothing",
            "try it: omninode-bridge patterns test TEXT --file FILE",
        )
        return
    if all("\n" in text.strip("\n") or text.startswith("\n") for text in probe.samples):
        yield Said(
            Severity.WARNING,
            "needs-line-break",
            "every text that matches holds a line break",
            "the text is 'TypeName: message', mostly one line",
            "match what stands on one line",
        )
    elif probe.regex.startswith(("^", r"\A")) and not any(map(_CLASS_FIRST.match, probe.samples)):
        yield Said(
            Severity.WARNING,
            "anchored",
            "is tied to the beginning of the text, where the name of the class stands",
            f"the text is 'TypeName: message'; {probe.samples[0][:60]!r} alone never comes",
            "leave the anchor out, or begin with the class: ^\\w+: ",
        )


def _cases(probe: Probe) -> Iterator[Said]:
    if upper_ranges(probe.regex):
        yield Said(
            Severity.WARNING,
            "ignores-case",
            "[A-Z] matches small letters too",
            "the search ignores case",
            "write (?-i:[A-Z]) where capitals are meant",
        )
    name = lower_names(probe.regex)
    if name:
        yield Said(
            Severity.WARNING,
            "case",
            f"{name!r} is written small where case counts",
            "names of classes have capitals, so it hardly ever matches",
            "write it as the class is written, or leave (?-i:...) out",
        )


def _broad(probe: Probe) -> Iterator[Said]:
    if probe.matches(""):
        yield Said(
            Severity.ERROR,
            "matches-everything",
            "matches the empty text, and so every text",
            "every error gets this type and strategy",
            "require at least one word of the error",
        )
        return
    taken = [text for text in ORDINARY if probe.matches(text)]
    word = next((word for word in _BARE_WORDS if probe.matches(word)), "")
    if len(taken) >= _MOST * len(ORDINARY):
        message = f"matches {len(taken)} of {len(ORDINARY)} ordinary errors"
    elif word:
        message = f"matches the word {word!r} alone"
    else:
        return
    yield Said(
        Severity.WARNING,
        "over-general",
        message,
        f"it takes errors of every kind, such as {(taken or [word])[0][:60]!r}",
        "add what only these errors say",
    )


def _literals(probe: Probe) -> Iterator[Said]:
    telling = any(min(map(len, words)) >= _TELLING for words in needed_words(probe.regex))
    if not telling and not probe.matches(""):
        yield Said(
            Severity.WARNING,
            "no-literal",
            "has no word that every match must hold",
            "it runs on every text, where other patterns are passed over at once",
            "add a word that is always there",
        )


Check = Callable[[Probe], Iterator[Said]]
CHECKS: Final[tuple[Check, ...]] = (_unsafe, _never, _cases, _broad, _literals)
