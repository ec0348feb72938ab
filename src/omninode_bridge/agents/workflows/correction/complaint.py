"""What an exception says about code: the names and places that it points to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Complaint", "read_complaint"]

_MOST_LINKS = 16
_MOST_CHARS = 16_000
_Q = "[`'\"‘’“”]"
_UNDEFINED = (
    re.compile(rf"\b(?i:name) {_Q}(\w+){_Q} (?:is not defined|used when not defined)"),
    re.compile(rf"\b(?i:undefined) (?:name|variable|symbol):? {_Q}?(\w+){_Q}?"),
    re.compile(rf"{_Q}(\w+){_Q} is (?:not defined|undefined)"),
)
_UNAWAITED = re.compile(
    rf"coroutine {_Q}?([\w.<>]+){_Q}? (?:was|is) (?:never|not) awaited"
    rf"|missing (?:an? )?{_Q}?await{_Q}? (?:keyword )?(?:before|for|on|in front of|in)(?: the)?"
    rf"(?: call)?(?: to| of)? {_Q}?([\w.]+)"
    rf"|{_Q}?([\w.]+){_Q}?(?:\(\))? (?:must|should|needs to|has to) be awaited"
)
_MISUSED = re.compile(
    r"'coroutine' object (?:is not|has no|does not)|of type 'coroutine'|non-iterable coroutine"
    r"|operand type\(s\).*'coroutine'|'coroutine' and|and 'coroutine'"
)
_ASYNC_WORDS = re.compile(
    r"\basync\b|\bcoroutine(?: function)?\b|\bawaitable\b|\basynchronous\b", re.IGNORECASE
)
_ASYNC_WANTED = re.compile(
    r"missing|must|should|needs?\b|required?|requires|expected|is not|isn't|not an? |has to|declare",
    re.IGNORECASE,
)
_NAMED = (
    re.compile(rf"{_Q}(?:async )?(?:def )?([A-Za-z_][\w.]*)(?:\([^()]*\))?{_Q}"),
    re.compile(r"\bdef ([A-Za-z_]\w*)"),
    re.compile(r"\b(?:function|method|operation|handler|callable) ([A-Za-z_][\w.]*)"),
    re.compile(
        r"\b([A-Za-z_][\w.]*)(?:\(\))? (?:is not|isn't|must|should|needs|has to|is missing)"
    ),
    re.compile(r"\b([A-Za-z_][\w.]*)\(\)"),
    re.compile(r"\b(\w+_\w+)\b"),
)
_LINE = re.compile(r"\bline (\d{1,7})\b|(?:\.py|>):(\d{1,7})\b")


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error, read.

    Attributes:
        text: `TypeName: message` of the exception and of what caused it, bounded.
        undefined: names that it calls undefined.
        unawaited: coroutines that were never awaited, as qualified as the error has them.
        misused: a coroutine was used as if it were its result.
        wants_async: functions that ought to be `async`, by the words of the error.
        line: the first line number that it mentions.
    """

    text: str
    undefined: tuple[str, ...] = ()
    unawaited: tuple[str, ...] = ()
    misused: bool = False
    wants_async: tuple[str, ...] = ()
    line: int | None = None


def read_complaint(error: BaseException | str | None) -> Complaint | None:
    """Read an error, or a text about one; None if there is nothing to read."""
    if error is None:
        return None
    text = error if isinstance(error, str) else "\n".join(_texts(error))
    if len(text) > _MOST_CHARS:
        text = text[: _MOST_CHARS // 2] + "\n" + text[-_MOST_CHARS // 2 :]
    if not text.strip():
        return None
    undefined = [m[1] for pattern in _UNDEFINED for m in pattern.finditer(text)]
    if isinstance(error, NameError) and isinstance(error.name, str):
        undefined.append(error.name)
    unawaited = [next(g for g in m.groups() if g) for m in _UNAWAITED.finditer(text)]
    line = _LINE.search(text)
    return Complaint(
        text=text,
        undefined=_once(undefined),
        unawaited=_once(name.rstrip(".") for name in unawaited),
        misused=bool(_MISUSED.search(text)),
        wants_async=() if unawaited else _once(_wants_async(text)),
        line=int(line[1] or line[2]) if line else None,
    )


def _texts(error: BaseException) -> list[str]:
    """Return the text of an exception, its causes and the leaves of a group."""
    texts: list[str] = []
    seen: set[int] = set()
    work: list[BaseException] = [error]
    while work and len(texts) < _MOST_LINKS:
        link = work.pop(0)
        if id(link) in seen:
            continue
        seen.add(id(link))
        texts.append(_text(link))
        if isinstance(link, BaseExceptionGroup):
            work.extend(link.exceptions)
        if link.__cause__ is not None:
            work.append(link.__cause__)
        elif link.__context__ is not None and not link.__suppress_context__:
            work.append(link.__context__)
    return texts


def _text(error: BaseException) -> str:
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - a foreign exception may not even be printable
        message = ""
    return f"{type(error).__name__}: {message}"


def _wants_async(text: str) -> list[str]:
    names: list[str] = []
    for sentence in re.split(r"[\n;]|\. ", text):
        if _ASYNC_WORDS.search(sentence) and _ASYNC_WANTED.search(sentence):
            names.extend(m[1] for pattern in _NAMED for m in pattern.finditer(sentence))
    return [name for name in names if name not in {"async", "await", "def"}]


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
