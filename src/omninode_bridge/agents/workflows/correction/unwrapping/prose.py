"""Words before and after code that nothing sets apart."""

from __future__ import annotations

import keyword
import re

from omninode_bridge.agents.workflows.correction.lexer import Line, lex
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.source import parse, split_lines

from ._layered import Layered, looks_like_code

__all__ = ["without_prose"]

_MARKUP = re.compile(
    r"\s*(?:[-*+•–][ \t]+\S|\d{1,3}[.)][ \t]+\S|\*\*\S|__\S[^_\n]*__[ \t]*:?$|#{1,6}[ \t]+\S|>[ \t]*\S"
    r"|(?:-{3,}|\*{3,}|_{3,}|={3,})[ \t]*$|\|.*\|[ \t]*$|<!--|\[[^\]\n]+\]\([^)\n]+\)|[^\x00-\x7f])"
)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_CODE_START = re.compile(
    r"(?:from[ \t]+[\w.]+[ \t]+import\b|import[ \t]+[\w.]+(?:[ \t]+as[ \t]+\w+)?(?:[ \t]*,[ \t]*[\w.]+)*[ \t]*(?:#.*)?$"
    r"|(?:async[ \t]+)?def[ \t]+\w+[ \t]*[(\[]|class[ \t]+\w+[ \t]*[(:\[]|@[A-Za-z_][\w.]*[ \t]*(?:\(|$)"
    r"|[rbuRBU]{0,2}(?:\"\"\"|''')|\w[\w.\[\]\"']*(?:[ \t]*,[ \t]*\w+)*(?:[ \t]*:[^=\n]{1,80})?[ \t]*[-+*/|&]?=(?!=)"
    r"|[\w.]+\(.*\)?[ \t]*(?:#.*)?$|#!)"
)
_HEADER = re.compile(r"(?:if|for|while|with|try|async)\b.*:[ \t]*(?:#.*)?$")
_MOST_LINES = 400


def without_prose(text: str) -> Layered | None:
    """Take off the words around code: lines at the margin that cannot be code."""
    rows = split_lines(text)
    first = _head(rows)
    if first is None:
        return None
    last = _tail(rows, first)
    if first == 0 and last == len(rows):
        return None
    code = "".join(rows[first:last])
    if not looks_like_code(code):
        return None
    dropped = "".join(rows[:first]) + "".join(rows[last:])
    fix = Fix("unwrap.prose", 1 if first else last + 1, "took off the words around the code")
    return Layered(code, (fix,), dropped)


def _head(rows: list[str]) -> int | None:
    """Return where code begins: 0 if there are no words before it, None if it cannot be told."""
    seen = False
    for number, row in enumerate(rows[:_MOST_LINES]):
        if not row.strip():
            continue
        if _CODE_START.match(row) or (_HEADER.match(row) and not _is_prose(row)):
            return number if seen else 0
        if _is_prose(row) or (seen and _MARKUP.match(row)):
            seen = True
            continue
        if row.lstrip().startswith("#"):
            # A heading of Markdown is a comment of Python; only words after it tell.
            continue
        return None if seen else 0
    return None


def _tail(rows: list[str], first: int) -> int:
    """Return the index after the last line of code."""
    lines = lex("".join(rows[first:]))
    last = len(rows)
    for number in range(len(rows) - 1, max(first, len(rows) - _MOST_LINES), -1):
        row = rows[number]
        if not row.strip():
            continue
        inside = lines[number - first] if number - first < len(lines) else None
        if _belongs(row, inside):
            break
        last = number
    if last == len(rows):
        return last
    # A prose line holds quotes that the lexer takes for strings; look again at what was kept.
    while last > first and not rows[last - 1].strip():
        last -= 1
    return last


def _belongs(row: str, line: Line | None) -> bool:
    """Whether a line may be code."""
    if line is not None and (line.in_string or line.open_before) and not _apostrophe(row):
        return True
    if row[:1] in " \t":
        return not _MARKUP.match(row) or parse(row.strip()) is not None
    return not _is_prose(row)


def _apostrophe(row: str) -> bool:
    return row[:1].isalpha() and _is_prose(row)


def _is_prose(row: str) -> bool:
    """Whether a line is made of words, not of code."""
    text = row.strip()
    if not text or text.startswith(("@", '"', "'")):
        return False
    if text.startswith("#"):
        return False
    if _MARKUP.match(text):
        return parse(text) is None or text.startswith(("---", "***", "==="))
    words = _WORD.findall(text)
    if not words:
        return False
    if parse(text) is not None:
        # One word with nothing else is an expression that does nothing.
        return False
    if keyword.iskeyword(words[0]) and text.startswith(words[0]) and words[0] not in _SAID:
        return False
    signs = sum(char in "=()[]{}<>\\/@+*%^~|_;" for char in text)
    ends = text[-1] in "!.:?"
    if len(words) < 2:
        return ends and signs == 0
    if not ends and (len(words) < 5 or re.search(r"\w[._]\w|[ \t]\.", text)):
        # `improt json` and `form .x import y` are words as well, and no sentences.
        return False
    return signs * 4 <= len(words) or (ends and signs <= 2 * len(words) // 3)


# Keywords that a sentence begins with, in the case that a sentence has.
_SAID = frozenset({"True", "False", "None"})
