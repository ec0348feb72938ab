"""A bracket that was opened and never closed, where only one place can have lost its partner."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.lexer import Bracket, Line, width
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Problem

from .colons import HEADERS

__all__ = ["propose"]

_PARTNER = {"(": ")", "[": "]", "{": "}"}
_STATEMENT = re.compile(
    r"(?:async |def |class |import |from \S+ import |return\b|raise\b|with |try:|except\b|finally:"
    r"|while |@\w|del |assert |pass\b|break\b|continue\b|global |nonlocal |\w[\w.]*\s*(?::[^=]+)?=[^=])"
)
# An operator after the bracket makes two readings: `f(a) + b` and `f(a + b)`. So does what hangs on
# a group: `f(g(a).b(c)` may be `f(g(a)).b(c)`.
_AMBIGUOUS = re.compile(
    r"(?<![*,(\[{=:])\s(?:and|or|not|if|else|for|in|is)\s|==|!=|[<>+/%|&^-]|(?<=[\w)\]])\s*\*"
    r"|§\s*[.§]|\w\.\w+§\s*$"
)
_TEMPLATE = re.compile(r"\{[{%#]")


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Close the bracket at the end of its statement or before the colon of its header."""
    if problem.stage != 1 or not problem.line:
        return
    message = problem.message
    if not (
        message.endswith("was never closed") or message.startswith(("invalid syntax", "expected"))
    ):
        return
    lines = bench.lines(text)
    found = _unclosed(lines, problem)
    if found is None:
        return
    bracket, last = found
    if last.number >= _last_code(lines):
        return  # cut off, not forgotten: nobody knows what stood there
    opener = lines[bracket.line - 1]
    at = last.code_end
    if opener is last and opener.first_word in HEADERS and opener.text[:at].endswith(":"):
        at -= 1
    content = last.text[bracket.column + 1 : at]
    if last is opener and (_AMBIGUOUS.search(_level(content)) or _either(bracket.char, content)):
        return
    if _TEMPLATE.search(opener.text) or (
        bracket.char == "{" and last is opener and at <= bracket.column + 1
    ):
        return
    partner = _PARTNER[bracket.char]
    offset = last.start + at
    fix = Fix("bracket", last.number, f"closed the {bracket.char!r} of line {bracket.line}")
    yield Proposal(text[:offset] + partner + text[offset:], fix)


def _unclosed(lines: list[Line], problem: Problem) -> tuple[Bracket, Line] | None:
    """Return the bracket that swallows the next statement, and the last line that belongs to it."""
    for index, line in enumerate(lines[:-1]):
        if not line.open_after or line.number > problem.line + 1:
            continue
        following = next((x for x in lines[index + 1 :] if x.code_end and not x.in_string), None)
        if following is None or not following.open_before:
            continue
        opened = [b for b in line.open_after if b in following.open_before]
        begun = lines[opened[0].line - 1] if opened else line
        header = line.text[: line.code_end].endswith(":") and line.first_word in HEADERS
        below = width(following.indent) <= width(begun.indent)
        starts = _STATEMENT.match(following.text.lstrip()) or (
            following.first_word in HEADERS and following.text[: following.code_end].endswith(":")
        )
        closes = following.text.lstrip()[:1] in ")]}"
        if below and not starts and not closes:
            return None  # a call, perhaps: it may be an argument as well as the next statement
        if not closes and ((below and starts) or (header and line.begins_statement)):
            return (opened[-1], line) if len(opened) == 1 or _nested(opened, line) else None
    return None


def _nested(opened: list[Bracket], line: Line) -> bool:
    """Several brackets are open: only the innermost can be judged, and only on its own line."""
    return all(b.line == line.number for b in opened)


def _last_code(lines: list[Line]) -> int:
    return max((line.number for line in lines if line.code_end), default=0)


def _either(char: str, content: str) -> bool:
    """Whether the group at the end could have lost its bracket just as well.

    `f(g(a, b)` may be `f(g(a), b)`, `f(a[0]` may be `f(a)[0]`, and `f((a)` holds anything.
    """
    content = content.rstrip()
    if char == "[" and re.search(r":[^\[\](){}]*,", content):
        return True
    subscript = content.endswith("]")
    if not content.endswith(_PARTNER[char]) and not subscript:
        return False
    depth = 0
    for at in range(len(content) - 1, -1, -1):
        sign = content[at]
        depth += (sign in ")]}") - (sign in "([{")
        if depth == 0:
            hangs = at > 0 and (content[at - 1].isalnum() or content[at - 1] in "_)]")
            if _AMBIGUOUS.search(_level(content[at + 1 : -1])):
                return True
            return char == "(" and (hangs if subscript else not hangs)
        if depth == 1 and sign == "," and content.endswith(_PARTNER[char]):
            return True
    return False


def _level(part: str) -> str:
    """Blank out what stands in strings and deeper brackets."""
    part = re.sub(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", "s", part)
    for _ in range(20):
        part, count = re.subn(r"\([^()\[\]{}]*\)|\[[^()\[\]{}]*\]|\{[^()\[\]{}]*\}", "§", part)
        if not count:
            break
    return part
