"""Signs of C, JavaScript and their relatives."""

from __future__ import annotations

import re
from itertools import pairwise

from .braced import unbraced
from .foreign_arrows import arrows, lambdas, ternaries
from .foreign_words import WORDS
from .habits import Code, Edit, Habit, closing, is_expression

__all__ = ["FOREIGN"]

_NOTHING = frozenset({"None", "null", "nil", "undefined"})
_STEP_END = r"(?=[ \t]*(?:[;#}\r\n]|//|\Z))"
_STEP = re.compile(
    rf"(?m)((?:^|[;{{}}:])[ \t]*)([A-Za-z_][\w.]*(?:\[[^\]\r\n]*\])*)[ \t]*(\+\+|--){_STEP_END}"
)
_STEP_BEFORE = re.compile(rf"(?m)((?:^|[;{{}}:])[ \t]*)(\+\+|--)([A-Za-z_][\w.]*){_STEP_END}")
_COMPARES = frozenset({"==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%"})
_BEFORE_NOT = frozenset(
    {"if", "elif", "while", "and", "or", "not", "return", "assert", "else", "in", "yield", "if(", "!",
     "(", "[", "{", ",", "=", ":", "&", "|", "?", ">", ";", "lambda"}
)  # fmt: skip
_TEMPLATE = re.compile(
    r"`((?![^`\r\n]*[^$`\r\n]\{)[^`\\\r\n]*\$\{[^`\\\r\n]*|[^`\\\r\n${}]*[^\w`\r\n.${}\\][^`\\\r\n${}]*)`"
)
_INSTANCE = re.compile(
    r"([A-Za-z_][\w.]*(?:\[[^\]\r\n]*\])?)[ \t]+instanceof[ \t]+([A-Za-z_][\w.]*)"
)


def _doubled(sign: str, word: str) -> Habit:
    def find(code: Code) -> list[Edit]:
        edits = []
        for one, other in pairwise(code.tokens):
            if one.text == other.text == sign and one.end == other.start:
                left = "" if code.text[one.start - 1 : one.start] in (" ", "\t", "\n", "") else " "
                right = (
                    ""
                    if code.text[other.end : other.end + 1] in (" ", "\t", "\n", "\r", "")
                    else " "
                )
                edits.append(Edit(one.start, other.end, f"{left}{word}{right}"))
        return edits

    return Habit(f"wrote {word!r} for {sign * 2!r}", re.compile(re.escape(sign * 2)), find)


def _nots(code: Code) -> list[Edit]:
    """`!x` where an operand begins; before a comparison nobody can tell how far it reaches."""
    tokens, edits = code.tokens, []
    for number, token in enumerate(tokens[:-1]):
        after = tokens[number + 1]
        if (
            token.text != "!"
            or after.start != token.end
            or not (
                after.kind == "name" or after.text in ("(", "!", "[", '"') or after.kind == "string"
            )
        ):
            continue
        before = tokens[number - 1].text if number else ""
        if before not in _BEFORE_NOT:
            return []
        if after.text != "!" and _after_operand(code, number + 1) in _COMPARES:
            return []
        left = "" if code.text[token.start - 1 : token.start] in tuple(" \t([{!") else " "
        edits.append(Edit(token.start, token.end, f"{left}not "))
    return edits


def _after_operand(code: Code, number: int) -> str:
    """Return the text of what follows a name with its calls, or a group."""
    tokens = code.tokens
    while number < len(tokens):
        text = tokens[number].text
        if text in ("(", "["):
            number = closing(tokens, number)
            if number < 0:
                return ""
        follows = tokens[number + 1].text if number + 1 < len(tokens) else ""
        if follows == ".":
            number += 2
        elif follows in ("(", "["):
            number += 1
        else:
            return follows
    return ""


def _equals(code: Code) -> list[Edit]:
    """`===` and `!==`: identity where nothing is compared, equality else."""
    edits = []
    tokens = code.tokens
    for number, (one, other) in enumerate(pairwise(tokens)):
        if one.text not in ("==", "!=") or other.text != "=" or one.end != other.start:
            continue
        follows = tokens[number + 2].text if number + 2 < len(tokens) else ""
        word = one.text
        if follows in _NOTHING:
            word = " is " if one.text == "==" else " is not "
            spaced = code.text[one.start - 1] == " " and code.text[other.end : other.end + 1] == " "
            word = word.strip() if spaced else word
        edits.append(Edit(one.start, other.end, word))
    return edits


def _steps(code: Code) -> list[Edit]:
    """`i++` as a statement; `++i` too, where the other kind shows that it is meant."""
    edits = _matched(code, _STEP, lambda m: f"{m[1]}{m[2]} {m[3][0]}= 1")
    if edits:
        edits += _matched(code, _STEP_BEFORE, lambda m: f"{m[1]}{m[3]} {m[2][0]}= 1")
    return edits


def _matched(code: Code, pattern: re.Pattern[str], write) -> list[Edit]:  # type: ignore[no-untyped-def]
    return [
        Edit(m.start(), m.end(), write(m))
        for m in pattern.finditer(code.text)
        if code.spans.is_code(m.end() - 1)
    ]


def _templates(code: Code) -> list[Edit]:
    """Template literals, of which those with variables become f-strings; an expression is `repr()`."""
    return [
        edit
        for edit in _matched(code, _TEMPLATE, _template)
        if "${" in code.text[edit.start : edit.end]
        or not is_expression(code.text[edit.start + 1 : edit.end - 1])
    ]


def _template(match: re.Match[str]) -> str:
    inner = match[1]
    quote = '"' if '"' not in inner else '"""'
    mark = "f" if "${" in inner else ""
    return f"{mark}{quote}{inner.replace('${', '{')}{quote}"


def _instances(code: Code) -> list[Edit]:
    return _matched(code, _INSTANCE, lambda m: f"isinstance({m[1]}, {m[2]})")


FOREIGN = (
    Habit(
        "wrote ':' for braces",
        re.compile(r"(?m)[\w)\]}\"':][ \t]*\{[ \t]*(?:$|\#|//|\})|^[ \t]*\{[ \t]*$|\)[ \t]*\{"),
        unbraced,
    ),
    _doubled("&", "and"),
    _doubled("|", "or"),
    Habit("wrote 'not' for '!'", re.compile(r"![^=\s]"), _nots),
    Habit("wrote comparisons as Python has them", re.compile(r"[=!]=="), _equals),
    Habit(
        "wrote '+= 1' for '++'",
        re.compile(r"(?m)[\w\]][ \t]*(?:\+\+|--)[ \t]*(?:[;#}]|//|\r?$)"),
        _steps,
    ),
    Habit("wrote a string for a template", re.compile("`"), _templates),
    Habit("wrote isinstance() for 'instanceof'", re.compile(r"\binstanceof\b"), _instances),
    Habit("wrote 'if ... else' for '?:'", re.compile(r"\?"), ternaries),
    Habit(
        "wrote 'lambda'", re.compile(r"=>|\bfunction\b|[=(,:][ \t]*\([\w, \t]*\)[ \t]*->"), lambdas
    ),
    Habit("wrote arrows as Python has them", re.compile(r"=>|\w->\w"), arrows),
    *WORDS,
)
