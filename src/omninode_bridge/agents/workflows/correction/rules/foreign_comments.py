"""Comments of other languages: `// words` and `/* words */`."""

from __future__ import annotations

import keyword
import re

from .habits import is_expression

__all__ = ["with_hashes"]

_PART = re.compile(
    r"(?P<hash>\#[^\r\n]*)"
    r"|(?P<string>\"\"\"(?:[^\"\\]++|\\[\s\S]|\"(?!\"\"))*(?:\"\"\"|\Z)|'''(?:[^'\\]++|\\[\s\S]|'(?!''))*(?:'''|\Z)"
    r"|\"(?:[^\"\\\r\n]++|\\(?:\r\n|[\s\S]))*\"?|'(?:[^'\\\r\n]++|\\(?:\r\n|[\s\S]))*'?)"
    r"|(?P<block>/\*[\s\S]*?\*/)"
    r"|(?P<slashes>//[^\r\n]*)"
    r"|(?P<open>[(\[])|(?P<close>[)\]])"
)
_STAR = re.compile(r"(?m)^[ \t]*\*?[ \t]?")
_WORDS = re.compile(r"(?<![\w.])([A-Za-z][\w']*)[ \t]+(?=([A-Za-z][\w']*))")
_NEVER_BEFORE_DIVISION = frozenset(";{},:([")
_MOST = 5000


def with_hashes(text: str) -> tuple[str, int, int]:
    """Return the text with `#` comments, the first line that changed, and how many places did."""
    parts: list[str] = []
    done = at = depth = count = first = begun = 0
    before = ""
    while count < _MOST and (found := _PART.search(text, at)) is not None:
        kind = found.lastgroup
        at = found.end()
        if kind in ("open", "close"):
            depth = depth + 1 if kind == "open" else max(0, depth - 1)
        if kind in ("hash", "slashes", "block"):
            # What stands before comments, whatever lines they are on, tells whether they divide.
            before = text[begun : found.start()].rstrip()[-1:] or before
        if kind == "slashes":
            if not _is_comment(text, found.start(), found.end(), depth, before):
                at = found.start() + 2
                begun = found.start()
                continue
            made = "#" + found.group()[2:]
        elif kind == "block":
            made = _block(text, found)
        else:
            begun = at if kind == "hash" else begun
            continue
        begun = at
        parts += [text[done : found.start()], made]
        done = at
        first = first or text.count("\n", 0, found.start()) + 1
        count += 1
    parts.append(text[done:])
    return "".join(parts), first, count


def _is_comment(text: str, start: int, end: int, depth: int, before: str) -> bool:
    """Whether two slashes begin a comment and do not divide: no operand is before, or none after."""
    row = text[text.rfind("\n", 0, start) + 1 : start].strip()
    if not row:
        if not depth:
            return True
        row = before
    if row[-1:] in _NEVER_BEFORE_DIVISION:
        return True
    rest = text[start + 2 : end].strip().rstrip(",:;")
    if not rest:
        return not depth
    if depth and rest.count(")") + rest.count("]") > rest.count("(") + rest.count("["):
        return False
    # The first of two may divide, and the second begin a comment.
    if is_expression(rest) or ("//" in rest and is_expression(rest.partition("//")[0])):
        return False
    # No operand has two words side by side; a call that goes on below may.
    apart = text[max(0, start - 2) : start] == "  " and text[end - 1 : end] != ":"
    said = any(
        not keyword.iskeyword(m[1]) and not keyword.iskeyword(m[2]) for m in _WORDS.finditer(rest)
    )
    return rest.count("(") <= rest.count(")") and (apart or said)


def _block(text: str, found: re.Match[str]) -> str:
    """Write the lines of a comment with hashes; inside of a line it goes away."""
    start = text.rfind("\n", 0, found.start()) + 1
    stop = text.find("\n", found.end())
    pad, rest = text[start : found.start()], text[found.end() : stop if stop >= 0 else len(text)]
    inner = found.group()[2:-2].lstrip("*")
    if rest.strip() and (pad.strip() or "\n" not in inner):
        return "" if not inner.count("\n") else " "
    if pad.strip():
        return "# " + " ".join(_STAR.sub("", inner).split())
    rows = [_STAR.sub("", row, count=1).rstrip() for row in inner.splitlines()]
    while rows and not rows[0]:
        rows.pop(0)
    while rows and not rows[-1]:
        rows.pop()
    made = "\n".join(
        (f"{pad if number else ''}# {row}").rstrip() for number, row in enumerate(rows or [""])
    )
    return made + ("\n" + pad if rest.strip() else "")
