"""A bracket that was opened and never closed, where its lines show where it ought to end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.lexer import Bracket, Line, width
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Problem, newline_of

from .colons import HEADERS

__all__ = ["propose"]

_PARTNER = {"(": ")", "[": "]", "{": "}"}
_MESSAGES = (
    "invalid syntax",
    "expected",
    "cannot assign",
    "illegal",
    "positional argument",
    "f-string",
)
# An operator after the bracket makes two readings: `f(a) + b` and `f(a + b)`.
_AMBIGUOUS = re.compile(
    r"(?<![*,(\[{=:])\s(?:and|or|not|if|else|for|in|is)\s|==|!=|[<>+/%|&^-]|(?<=[\w)\]])\s*\*"
)
_TEMPLATE = re.compile(r"\{[{%#]")
_GOES_ON = re.compile(r"(?:[,(\[{=+*/%|&^<>-]|\\|\b(?:and|or|not|in|is|if|else|for|lambda))\s*$")


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Close the bracket where its statement ends: at a colon, at a line's end, on a line of its own."""
    if problem.stage != 1 or not problem.line:
        return
    never = problem.message.endswith("was never closed")
    if not never and not problem.message.startswith(_MESSAGES):
        return
    lines = bench.lines(text)
    found = _unclosed(lines, problem, never=never)
    if found is None:
        return
    bracket, last, hanging = found
    opener = lines[bracket.line - 1]
    if _TEMPLATE.search(opener.text):
        return
    partner = _PARTNER[bracket.char]
    ends = not any(line.code_end for line in lines[last.number :])
    rule = "bracket.end" if ends else "bracket"
    fix = Fix(rule, last.number, f"closed the {bracket.char!r} of line {bracket.line}")
    if hanging:
        at = last.start + len(last.text)
        end = newline_of(text)
        yield Proposal(text[:at] + end + opener.indent + partner + text[at:], fix)
        return
    at = last.code_end
    if opener.first_word in HEADERS and last.text[:at].endswith(":"):
        at -= 1
    content = last.text[bracket.column + 1 : at] if last is opener else last.text[:at]
    if (
        last is opener
        and bracket.char == "("
        and _has_two_readings(opener, bracket, _level(content))
    ):
        return
    yield Proposal(text[: last.start + at] + partner + text[last.start + at :], fix)


def _unclosed(
    lines: list[Line], problem: Problem, *, never: bool
) -> tuple[Bracket, Line, bool] | None:
    """Return the bracket, the last line that belongs to it, and whether it ends on one of its own."""
    forever = set(lines[-1].open_after) if never else set()
    for index, line in enumerate(lines):
        if not line.open_after or not line.code_end:
            continue
        if never and line.open_after[0] not in forever:
            continue
        if line.number > problem.line + 1 and not never:
            return None
        following = next((x for x in lines[index + 1 :] if x.code_end and not x.in_string), None)
        inner = line.open_after[-1]
        begun = _begun(lines, line.open_after[0])
        if following is None:
            return _at_end(lines, line)
        closes = following.text.lstrip()[:1] in ")]}"
        owner = lines[inner.line - 1]
        if closes and width(following.indent) < width(owner.indent) and _hangs(owner, inner):
            if _closed_further_in(following, owner):
                return inner, line, True
            continue
        if closes and never and _ends_inline(line, inner, lines):
            return inner, line, False
        header = line.text[: line.code_end].endswith(":") and (
            lines[begun - 1].first_word in HEADERS and not _in_braces(line)
        )
        if (header and line.number == begun) or (header and _deeper(following, lines[begun - 1])):
            return inner, line, False
        if closes or width(following.indent) > width(lines[begun - 1].indent):
            continue
        if len(line.open_after) > 1 and not _all_here(line):
            inner = line.open_after[-1]
        hanging = _hangs(lines[inner.line - 1], inner) and inner.line != line.number
        if (
            _GOES_ON.search(line.text[: line.code_end])
            and not hanging
            and inner.line != line.number
        ):
            return None
        return inner, line, hanging
    return None


def _at_end(lines: list[Line], line: Line) -> tuple[Bracket, Line, bool] | None:
    """Close what the text ends in, if its last line is not cut off in the middle of something."""
    inner = line.open_after[-1]
    code = line.text[: line.code_end]
    bare = inner.line == line.number and inner.column + 1 == line.code_end
    hanging = _hangs(lines[inner.line - 1], inner) and inner.line != line.number
    whole = bare or (hanging and code.endswith(",")) or not _GOES_ON.search(code)
    return (inner, line, hanging) if len(line.open_after) == 1 and whole else None


def _begun(lines: list[Line], bracket: Bracket) -> int:
    """Return the number of the line on which the statement with this outermost bracket began."""
    number = bracket.line
    while number > 1 and not lines[number - 1].begins_statement:
        number -= 1
    return number


def _hangs(line: Line, bracket: Bracket) -> bool:
    """Whether nothing follows the bracket on its line."""
    return line.text[bracket.column + 1 : line.code_end].strip() == ""


def _ends_inline(line: Line, inner: Bracket, lines: list[Line]) -> bool:
    """Whether a bracket that opened on this line is followed by one that closes a hanging one."""
    if inner.line != line.number or _hangs(line, inner) or len(line.open_after) < 2:
        return False
    outer = line.open_after[-2]
    return outer.line != line.number and _hangs(lines[outer.line - 1], outer)


def _closed_further_in(following: Line, owner: Line) -> bool:
    """Whether the closing bracket below stands further out than the one that it would close."""
    return width(following.indent) < width(owner.indent)


def _in_braces(line: Line) -> bool:
    return any(b.char == "{" for b in line.open_after)


def _deeper(following: Line, opener: Line) -> bool:
    return width(following.indent) > width(opener.indent) and opener.first_word in (
        "def", "class", "async", "if", "elif", "while", "for", "with",
    )  # fmt: skip


def _all_here(line: Line) -> bool:
    return all(b.line == line.number for b in line.open_after)


def _has_two_readings(opener: Line, bracket: Bracket, content: str) -> bool:
    """Whether an operator may belong inside or outside.

    A comprehension cannot be cut in two, a loop goes over no number, and a group is there for the
    operator in it: `(a) or b` needs none. A statement that only calls does nothing with `f(a) + b`.
    """
    before = opener.text[: bracket.column].rstrip()
    if opener.first_word == "for" or re.fullmatch(r"[ \t]*(?:await[ \t]+)?[A-Za-z_][\w.]*", before):
        return False
    if re.search(r"\sfor\s.*\sin\s", content):
        return False
    called = before[-1:].isalnum() or before[-1:] in ("_", ")", "]")
    groups = not called or before.endswith((" not", " and", " or", " in", " if", " return"))
    operators = {found.group().strip() for found in _AMBIGUOUS.finditer(content)}
    return len(operators) > (1 if groups else 0)


def _level(part: str) -> str:
    """Blank out what stands in strings and deeper brackets."""
    part = re.sub(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", "s", part)
    for _ in range(20):
        part, count = re.subn(r"\([^()\[\]{}]*\)|\[[^()\[\]{}]*\]|\{[^()\[\]{}]*\}", "§", part)
        if not count:
            break
    return part
