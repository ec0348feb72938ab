"""Statements and literals of Python 2."""

from __future__ import annotations

import ast
import re
from collections import Counter
from itertools import pairwise

from .habits import Code, Edit, Habit, closing
from .python2_print import exec_statements, print_statements
from .tokens import Token

__all__ = ["PYTHON2"]

_OCTAL = re.compile(r"0+([0-7]+)\Z")
_LONG = re.compile(r"(0[xX][0-9a-fA-F]+|0[oO]?[0-7]*|[1-9]\d*)[lL]\Z")
_DECIMAL = re.compile(r"0+(\d*[89]\d*)\Z")
_MOST_MARKS = 60
_TIMES = frozenset({"date", "datetime", "time", "Timestamp"})


def _except_clauses(code: Code) -> list[Edit]:
    """`except X, e` binds; `except X, Y` and longer ones lost their brackets."""
    edits: list[Edit] = []
    for statement in code.statements:
        row = statement.tokens
        if row[0].text != "except":
            continue
        commas = _level(row, ",")
        if not commas or len(row) < 4:
            continue
        last = row[-1]
        if len(commas) == 1 and commas[0] == len(row) - 2 and _binds(last):
            comma = row[commas[0]]
            edits.append(Edit(comma.start, last.start, " as "))
            continue
        aliased = _level(row, "as")
        end = row[aliased[0] - 1].end if aliased else last.end
        edits += [Edit(row[1].start, row[1].start, "("), Edit(end, end, ")")]
    return edits


def _binds(token: Token) -> bool:
    """Whether a name after the comma is a variable, not another exception."""
    return token.kind == "name" and not token.text[0].isupper()


def _raise_statements(code: Code) -> list[Edit]:
    text = code.text
    edits: list[Edit] = []
    for statement in code.statements:
        row = statement.tokens
        commas = _level(row, ",") if row[0].text == "raise" else []
        if not 1 <= len(commas) <= 2 or len(row) < 4:
            continue
        kind = text[row[1].start : row[commas[0] - 1].end]
        stop = commas[1] if len(commas) == 2 else len(row)
        value = row[commas[0] + 1 : stop]
        trace = row[stop + 1 :]
        if not value or (len(commas) == 2 and not trace):
            continue
        said = text[value[0].start : value[-1].end]
        if said == "None":
            made = kind
        elif kind.endswith(")"):
            continue
        elif (
            value[0].text == "("
            and closing(value, 0) == len(value) - 1
            and _level(value[1:-1], ",")
        ):
            # A tuple is all the arguments.
            made = f"{kind}{said}"
        else:
            made = f"{kind}({said})"
        if trace:
            made += f".with_traceback({text[trace[0].start : trace[-1].end]})"
        edits.append(Edit(row[1].start, row[-1].end, made))
    return edits


def _unequal(code: Code) -> list[Edit]:
    return [
        Edit(one.start, other.end, "!=")
        for one, other in pairwise(code.tokens)
        if one.text == "<" and other.text == ">" and one.end == other.start
    ]


def _backticks(code: Code) -> list[Edit]:
    """Backticks around an expression of names that the text has; others are strings of JavaScript."""
    text = code.text
    edits: list[Edit] = []
    marks = [token for token in code.tokens if token.text == "`"][:_MOST_MARKS]
    words = Counter(re.findall(r"[A-Za-z_]\w*", text)) if marks else Counter()
    for one, other in zip(marks[::2], marks[1::2], strict=False):
        inner = text[one.end : other.start].strip()
        try:
            tree = ast.parse(inner, mode="eval")
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return []
        names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
        if "\n" in inner or any(words[name] < 2 for name in names):
            return []
        edits.append(Edit(one.start, other.end, f"repr({inner})"))
    return [] if len(marks) % 2 else edits


def _numbers(code: Code) -> list[Edit]:
    """Octal numbers that begin with a zero, and long ones; `08` is a number padded with zeros."""
    edits: list[Edit] = []
    tokens = code.tokens
    numbers = [(n, t) for n, t in enumerate(tokens) if t.kind == "number"]
    padded = any(_DECIMAL.match(t.text) for _, t in numbers)
    for number, token in numbers:
        long = _LONG.match(token.text)
        digits = long[1] if long else token.text
        octal, decimal = _OCTAL.match(digits), _DECIMAL.match(digits)
        if decimal:
            digits = decimal[1]
        elif octal and (octal[1].strip("0") or len(digits) > 1):
            if len(octal[1]) == 1:
                digits = octal[1]
            elif padded or (len(octal[1]) == 2 and _is_time(tokens, number)):
                # Ten or eight: nobody can tell.
                return []
            else:
                digits = f"0o{octal[1]}"
        if digits != token.text:
            edits.append(Edit(token.start, token.end, digits))
    return edits


def _is_time(tokens: list[Token], number: int) -> bool:
    """Whether a number is an argument of a date or time."""
    return any(t.text in _TIMES for t in tokens[max(0, number - 14) : number] if t.kind == "name")


def _prefixes(code: Code) -> list[Edit]:
    return [
        Edit(token.start, token.start + 1, "")
        for token in code.tokens
        if token.kind == "string" and token.text[:2].lower() == "ur"
    ]


def _level(row: list[Token], sign: str) -> list[int]:
    """Return the numbers of the tokens with a text that stand outside of brackets."""
    found: list[int] = []
    depth = 0
    for number, token in enumerate(row):
        if token.kind == "op" and token.text in "([{":
            depth += 1
        elif token.kind == "op" and token.text in ")]}":
            depth -= 1
        elif not depth and token.text == sign:
            found.append(number)
    return found


PYTHON2 = (
    Habit("made 'print' a function", re.compile(r"\bprint\b[ \t]+[^\s=.]"), print_statements),
    Habit("made 'exec' a function", re.compile(r"\bexec\b[ \t]+[^\s=.]"), exec_statements),
    Habit("wrote 'except ... as'", re.compile(r"\bexcept\b[^:\r\n]*,"), _except_clauses),
    Habit("wrote 'raise' with a call", re.compile(r"\braise\b[^\r\n]*,"), _raise_statements),
    Habit("wrote '!=' for '<>'", re.compile("<>"), _unequal),
    Habit("wrote repr() for backticks", re.compile("`"), _backticks),
    Habit(
        "wrote numbers as Python 3 has them", re.compile(r"\b0[0-9]|[0-9a-fA-F][lL]\b"), _numbers
    ),
    Habit("took off the 'u' of raw strings", re.compile(r"\b[uU][rR][\"']"), _prefixes),
)
