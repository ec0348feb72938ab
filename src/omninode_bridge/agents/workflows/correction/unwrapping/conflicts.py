"""Conflicts that a merge left standing."""

from __future__ import annotations

import re

from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.source import find_problem, parse, split_lines

from ._layered import Layered

__all__ = ["settled"]

_OURS = re.compile(r"<{7}(?:[ \t]|\r?\n|$)")
_BASE = re.compile(r"\|{7}(?:[ \t]|\r?\n|$)")
_MIDDLE = re.compile(r"={7}\r?\n")
_THEIRS = re.compile(r">{7}(?:[ \t]|\r?\n|$)")
_MOST = 200


def settled(text: str) -> Layered | None:
    """Keep one side of every conflict: ours, or theirs where only that one compiles.

    Which side is right is not written in the text; the fix says which one was kept.
    """
    if "<<<<<<<" not in text or ">>>>>>>" not in text:
        return None
    sides = _sides(split_lines(text))
    if sides is None:
        return None
    ours, theirs, line, count = sides
    side, code, dropped = "our", ours, theirs
    if parse(ours) is None and find_problem(theirs) is None:
        side, code, dropped = "their", theirs, ours
    what = "a conflict" if count == 1 else f"{count} conflicts"
    return Layered(code, (Fix("unwrap.conflict", line, f"kept {side} side of {what}"),), dropped)


def _sides(rows: list[str]) -> tuple[str, str, int, int] | None:
    """Return the text with all of our sides, with all of theirs, the first line, and the count."""
    ours: list[str] = []
    theirs: list[str] = []
    part, first, count = "", 0, 0
    for number, row in enumerate(rows, 1):
        if _OURS.match(row):
            if part or count >= _MOST:
                return None
            part, count, first = "ours", count + 1, first or number
        elif part == "ours" and _BASE.match(row):
            part = "base"
        elif part in ("ours", "base") and _MIDDLE.match(row):
            part = "theirs"
        elif part == "theirs" and _THEIRS.match(row):
            part = ""
        else:
            if part in ("", "ours"):
                ours.append(row)
            if part in ("", "theirs"):
                theirs.append(row)
    if part or not count:
        return None
    return "".join(ours), "".join(theirs), first, count
