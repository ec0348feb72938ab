"""Triple quotes that were opened and never closed."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.lexer import width
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import (
    Problem,
    newline_of,
    parse,
    split_lines,
)
from omninode_bridge.agents.workflows.correction.spans import Spans

__all__ = ["propose"]

_OPENING = re.compile(r"^(?P<indent>[ \t]*)(?P<prefix>[rRuUbBfF]{0,2})(?P<marks>\"\"\"|''')")
# The first line of a statement that goes on in brackets.
_OPENS = re.compile(
    r"(?:(?:async[ \t]+)?def[ \t]+\w+[ \t]*(?=\()|class[ \t]+\w+[ \t]*(?=\()|@[\w.]+(?=\()"
    r"|from[ \t]+\S+[ \t]+import[ \t]*(?=\()|[A-Za-z_][\w.]*(?=\()"
    r"|(?:return|raise|assert|yield|await|del|with|if|elif|for|while|async with)[ \t]*[\w.=\[\] ]*(?=[(\[{])"
    r"|[A-Za-z_][\w.\[\]\"']*(?:[ \t]*:[ \t]*[\w.\[\], |]+)?[ \t]*[-+*|]?=(?!=))"
    r".*[(\[{,]$"
)
_COLLECTS = re.compile(
    r"[A-Za-z_][\w.]*(?:[ \t]*:[ \t]*[\w.\[\], |]+)?[ \t]*=[ \t]*(?:[(\[{]|[rbfuRBFU]{0,2}(?:\"\"\"|'''))"
)
_DECORATES = re.compile(r"@[A-Za-z_][\w.]*(?:\(.*\))?")
_AFTER = {
    "else": "if x: pass\n",
    "elif": "if x: pass\n",
    "except": "try: pass\n",
    "finally": "try: pass\n",
}
_BINDS = re.compile(
    r"[A-Za-z_][\w., ]*(?:[ \t]*:[ \t]*[\w.\[\], |]+)?[ \t]*[-+*|]?=(?!=)|return\b|raise\b|self\."
)
_MOST_STRINGS = 400
_MOST_PLACES = 4
_LATER = 0.15
_FEW = 0.3
_MOST_TRIED = 3


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Close a docstring before the first line in it that can only be code.

    One that is never closed swallows code up to the next triple quotes, and turns all strings after
    it inside out: so the first one that holds code is the one, wherever CPython stopped.
    """
    if problem.stage != 1 or (text.count('"""') % 2 == 0 and text.count("'''") % 2 == 0):
        return
    rows = split_lines(text)
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row))
    tried = 0
    for start, end in Spans(text).strings()[:_MOST_STRINGS]:
        marks = text[start : start + 3]
        if marks not in ('"""', "'''"):
            continue
        first = text.count("\n", 0, start)
        last = min(text.count("\n", 0, end), len(rows) - 1)
        opening = _OPENING.match(rows[first])
        if opening is None or starts[first] + opening.start("marks") != start:
            continue
        places = _code_lines(rows, first, last, opening["indent"])
        if not places:
            continue
        for number, code in enumerate(places):
            yield from _closed(text, rows, first, code, opening, 1.0 + _LATER * number)
        tried += 1
        if tried == _MOST_TRIED:
            return


def _code_lines(rows: list[str], first: int, last: int, indent: str) -> list[int]:
    """Return where code may begin in a string: at the string's own level or further out.

    The first such line is the most plausible; prose may hold one that only looks like code.
    """
    margin = width(indent)
    found: list[int] = []
    shown = before = False
    for number in range(first + 1, last + 1):
        row = rows[number]
        body = row.strip()
        # What a prompt shows goes on to the next blank line, or to what no output is.
        shown = body.startswith(">>>") or (shown and bool(body))
        if not body or width(row[: len(row) - len(row.lstrip(" \t"))]) > margin:
            continue
        code = _is_code(body, shown=shown)
        if code and not before:
            found.append(_with_comments(rows, first, number))
            if len(found) == _MOST_PLACES:
                break
        before = code
    return found


def _is_code(body: str, *, shown: bool) -> bool:
    if shown:
        return bool(_BINDS.match(body)) or _is_header(body)
    return (
        bool(_OPENS.match(body) or _DECORATES.fullmatch(body))
        or _is_header(body)
        or _is_statement(body)
    )


def _with_comments(rows: list[str], first: int, number: int) -> int:
    """Return the first of the comments that stand before a line of code."""
    above = number - 1
    while above > first and (not rows[above].strip() or rows[above].lstrip().startswith("#")):
        if rows[above].strip():
            number = above
        above -= 1
    return number


def _is_header(body: str) -> bool:
    """Whether a line opens a block: prose ends in a colon as well, but does not parse."""
    code = body.split("#", maxsplit=1)[0].rstrip()
    if not code.endswith(":"):
        return False
    first = re.match(r"\w*", code)
    before = _AFTER.get(first.group() if first else "", "")
    return (parse(f"{before}{code} pass") is not None and not re.fullmatch(r"\w+:", code)) or bool(
        before
    )


def _is_statement(body: str) -> bool:
    """Whether a line is a statement that prose cannot be."""
    tree = parse(body)
    if tree is None or len(tree.body) != 1:
        return False
    node = tree.body[0]
    if isinstance(node, ast.AnnAssign):
        return node.value is not None or _is_type(body, node.annotation)
    if isinstance(node, ast.Expr):
        return isinstance(node.value, (ast.Call, ast.Await))
    return not isinstance(node, ast.Pass)


def _is_type(body: str, annotation: ast.expr) -> bool:
    """Whether `name: x` declares a name: `x : int` is how some docstrings list parameters."""
    if re.match(r"\w+ ", body):
        return False
    if isinstance(annotation, ast.Name):
        return annotation.id[:1].isupper() or annotation.id in dir(builtins)
    return isinstance(annotation, (ast.Subscript, ast.BinOp))


def _closed(
    text: str, rows: list[str], first: int, code: int, opening: re.Match[str], cost: float
) -> Iterator[Proposal]:
    """Close on the opening line if nothing but it is prose, else after the last line of words."""
    marks = opening["marks"]
    end = code
    while end - 1 > first and not rows[end - 1].strip():
        end -= 1
    fix = Fix("quotes", first + 1, f"closed the {marks} of line {first + 1}")
    last = rows[end - 1].rstrip("\r\n")
    comment = re.search(r"[ \t]{2,}#[ \t]", last) if end == first + 1 else None
    at = _offset(rows, end - 1) + (comment.start() if comment else len(last))
    inline = Proposal(text[:at] + marks + text[at:], fix, cost)
    if end == first + 1:
        yield inline
        return
    line = opening["indent"] + marks + newline_of(text)
    place = _offset(rows, end)
    own = Proposal(text[:place] + line + text[place:], fix, cost)
    # As the other docstrings of the file do it; if they do not agree, nobody knows.
    alone = len(re.findall(rf"^[ \t]*{marks}[ \t]*\r?$", text, re.MULTILINE))
    behind = len(re.findall(rf"^[ \t]+[^\s#'\"].*[^\s(=,]{marks}[ \t]*\r?$", text, re.MULTILINE))
    padded = len(re.findall(rf"\n[ \t]*\r?\n[ \t]*{marks}[ \t]*\r?$", text, re.MULTILINE))
    if end < code and padded * 4 > alone:
        place = _offset(rows, code)
        spaced = Proposal(text[:place] + line + text[place:], fix, cost)
        yield spaced
        if padded * 4 >= alone * 3:
            return
    share = (alone + 1.5) / (alone + behind + 2)
    if share >= _FEW:
        yield own
    if share <= 1 - _FEW:
        yield inline


def _offset(rows: list[str], number: int) -> int:
    """Return the offset at which a line begins."""
    return sum(map(len, rows[:number]))
