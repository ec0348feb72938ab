"""Code that was delivered as a diff of itself."""

from __future__ import annotations

import re

from omninode_bridge.agents.workflows.correction.lexer import lex
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.source import split_lines

from ._layered import Layered, looks_like_code

__all__ = ["applied"]

_HEADER = re.compile(
    r"(?:diff --git |index [0-9a-f]{4,40}\.\.|(?:new|old|deleted) (?:file )?mode |similarity index "
    r"|rename (?:from|to) |\+\+\+[ \t]|---[ \t]|Index: |={60,})"
)
_HUNK = re.compile(r"@@ -\d{1,9}(?:,\d{1,9})? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_NO_END = re.compile(r"\\ No newline at end of file")
_FIX = "took the new side of a diff"


def applied(text: str) -> Layered | None:
    """Return the new side of a text in which every line is one of a diff."""
    rows = split_lines(text)
    body, headers, hunks = _without_headers(rows)
    full = [row for row in body if row.strip("\r\n")]
    added = sum(row[0] == "+" for row in full)
    if not full or (not added and not hunks):
        return None
    fix = Fix("unwrap.diff", 1, _FIX)
    marked = all(row[0] in "+- " for row in full)
    if marked and (hunks or headers or added == len(full) or _whole(full)):
        if len(hunks) > 1 or any(start > 1 for start in hunks):
            why = "the diff shows only parts of the file"
            return Layered(text, (fix,), refusal=why)
        kept = [row[1:] if row.strip("\r\n") else row for row in body if row[0] != "-"]
        code = "".join(kept)
        return Layered(code, (fix,)) if looks_like_code(code) else None
    return _partly(rows, full, added)


def _without_headers(rows: list[str]) -> tuple[list[str], int, list[int]]:
    """Return the lines that are no headers, how many headers there were, and where hunks begin."""
    body: list[str] = []
    hunks: list[int] = []
    headers = 0
    for row in rows:
        hunk = _HUNK.match(row)
        if hunk:
            hunks.append(int(hunk[1]))
        elif _NO_END.match(row) or (not hunks and _HEADER.match(row) and not body):
            headers += 1
        else:
            body.append(row)
    return body, headers, hunks


def _whole(full: list[str]) -> bool:
    """Whether a text without headers is a diff all the same: code has statements at its margin."""
    kept = [row[1:] for row in full if row[0] != "-"]
    return any(row[:1].strip() and row[:1] != "#" for row in kept) and looks_like_code(
        "\n".join(kept)
    )


def _partly(rows: list[str], full: list[str], added: int) -> Layered | None:
    """Drop the marks of some lines between lines that have none."""
    plain = [row for row in full if row[0] not in "+-"]
    if not added or not looks_like_code("".join(plain)):
        return None
    lines = lex("".join(rows))
    marked = {n for n, row in enumerate(rows) if row[:1] in ("+", "-")}
    # In a string or in brackets such a line may be what it is.
    if any(n >= len(lines) or lines[n].in_string or lines[n].open_before for n in marked):
        return None
    kept = [row[1:] if row[0] == "+" else row for row in rows if row[0] != "-"]
    return Layered("".join(kept), (Fix("unwrap.diff", min(marked) + 1, _FIX),))
