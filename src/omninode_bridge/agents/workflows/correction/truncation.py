"""Text that ends in the middle: what of it is complete."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .bench import Bench
from .lexer import Line
from .models import Fix
from .reindent import columns
from .rules.tokens import tokens_of
from .source import newline_of

__all__ = ["Cut", "complete_part"]

_MOST_CUTS = 8
_LONGEST_TAIL = 120
_CODE = re.compile(
    r"\s*(?:@\w|(?:async\s+)?def\s+\w+\s*\(|class\s+\w+\s*[(:]|return\b|raise\s+\w|import\s+\w|from\s+\S+\s+import\b"
    r"|(?:if|elif|for|while|with|except)\b.*:\s*(?:#.*)?$|(?:else|try|finally):|self\.\w+\s*=[^=])"
)
# The same inside of a string, where words may be prose.
_SWALLOWED = re.compile(
    r"\s*(?:(?:async\s+)?def\s+\w+\s*\(|class\s+\w+.{0,200}:\s*$|from\s+\S+\s+import\b|self\.\w+\s*="
    r"|return\s+\w+[.(\[]|@\w+(?:\.\w+)*\s*$)"
)
_OPERATOR = re.compile(r"(?:[-+*/%&|^~<>=,.(\[{:@\\]|\b(?:and|or|not|in|is|if|else|for|from|import|as|lambda|"
                       r"def|class|return|raise|yield|await|async|with|while|elif|assert|del|except))\s*\Z")  # fmt: skip
_HEADER = frozenset(
    {"if", "elif", "else", "for", "while", "try", "except", "finally", "with", "def", "class",
     "async", "match", "case", "@", "from", "import"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cut:
    """The complete part of a text that was cut off, what is dropped, and what to say about it."""

    code: str
    dropped: str
    fix: Fix


def complete_part(bench: Bench, text: str) -> Cut | None:
    """Drop the last statement of a text that ends within it; None unless it clearly does.

    The end is taken for a cut only if no line end is there, and the last statement is open there: in a
    string, in a bracket, after an operator or in a header. A bracket that was never closed further
    up swallows statements, and a string does too: then nothing is dropped.
    """
    if not text or text[-1] in "\r\n":
        return None
    lines = bench.lines(text)
    last = next((n for n in range(len(lines) - 1, -1, -1) if lines[n].begins_statement), None)
    if last is None or last == 0 or len(lines) - last > _LONGEST_TAIL:
        return None
    if not _is_open(text, lines, last) and not _ends_there(bench, text, lines, last):
        return None
    for _ in range(_MOST_CUTS):
        last = _decorated(lines, last)
        kept = text[: lines[last].start]
        problem = bench.problem(kept)
        if problem is None:
            if not any(line.begins_statement for line in lines[:last]):
                return None
            what = f"dropped the unfinished end from line {last + 1} on: the text is truncated"
            return Cut(kept, text[lines[last].start :], Fix("truncated", last + 1, what))
        before = _before(lines, last, problem.message)
        if before is None:
            return None
        if lines[before].first_word == "class":
            return _emptied(text, lines, before, last)
        last = before
    return None


def _emptied(text: str, lines: list[Line], number: int, last: int) -> Cut:
    """Keep the head of a class of which nothing else is complete."""
    newline = newline_of(text)
    kept = f"{text[: lines[last].start]}{lines[number].indent}    pass{newline}"
    what = f"dropped all of the class from line {last + 1} on: the text is truncated"
    return Cut(kept, text[lines[last].start :], Fix("truncated", last + 1, what))


def _is_open(text: str, lines: list[Line], last: int) -> bool:
    """Whether the statement that begins at a line does not end where the text does."""
    level = columns(lines[last])
    if lines[-1].open_after:
        inside = lines[last + 1 :]
        return not any(_CODE.match(line.text) for line in inside) and all(
            columns(x) > level or not x.text.strip() or x.text.strip()[0] in ")]}" for x in inside
        )
    found = tokens_of(text, lines[last].start)
    if found and found[-1].kind == "string":
        body = found[-1].text.lstrip("rRbBuUfF")
        quotes = body[:3] if body[:3] in ('"""', "'''") else body[:1]
        if any(_SWALLOWED.match(line.text) for line in lines[last + 1 :]):
            return False
        return len(body) < 2 * len(quotes) or not body.endswith(quotes)
    tail = text[lines[last].start :]
    if _OPERATOR.search(tail):
        return True
    return lines[last].first_word in _HEADER and not tail.rstrip().endswith(":")


def _ends_there(bench: Bench, text: str, lines: list[Line], last: int) -> bool:
    """Whether CPython understood all but the last word, or misses what only follows at the end."""
    problem = bench.problem(text)
    if problem is None or problem.line < len(lines) or last != len(lines) - 1:
        return False
    if problem.message.startswith("expected 'except'"):
        return True
    found = tokens_of(text, lines[last].start)
    return bool(found) and problem.offset > found[-1].start - lines[last].start


def _decorated(lines: list[Line], number: int) -> int:
    """Return the first line of what begins at a line: its first decorator, or the line itself."""
    level = columns(lines[number])
    for n in range(number - 1, -1, -1):
        if lines[n].begins_statement:
            if lines[n].first_word != "@" or columns(lines[n]) != level:
                break
            number = n
    return number


def _before(lines: list[Line], number: int, message: str) -> int | None:
    """Return what else has to go: a header whose block is empty now, a `try` without its handlers."""
    level = columns(lines[number])
    for n in range(number - 1, -1, -1):
        line = lines[n]
        if not line.begins_statement:
            continue
        if message.startswith("expected an indented block"):
            return n if line.opens_block or line.open_after else None
        if not message.startswith("expected 'except'"):
            return None
        if line.first_word == "try" and columns(line) <= level:
            return n
        level = min(level, columns(line))
    return None
