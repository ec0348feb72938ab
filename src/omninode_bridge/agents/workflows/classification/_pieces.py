"""Take a regex apart at its outermost alternatives, so that each can be ruled out by itself."""

from __future__ import annotations

import re

__all__ = ["pieces_of"]

# Named groups and references bind the parts together; a comment or the verbose flag may hide what
# looks like syntax; flags at the start are for the whole.
_WHOLE = re.compile(r"\(\?P|\(\?#|\(\?\(|\\[1-9]|\(\?[aiLmsu-]*x|^\(\?[aiLmsux]+\)")


def pieces_of(source: str) -> list[str]:
    """Return regexes of which one matches where the whole does; the whole if it cannot be taken apart."""
    if "|" not in source or _WHOLE.search(source):
        return [source]
    found: list[str] = []
    depth = begun = at = 0
    while at < len(source):
        letter = source[at]
        if letter == "\\":
            at += 1
        elif letter == "[":
            at = _end_of_class(source, at)
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
        elif letter == "|" and depth == 0:
            found.append(source[begun:at])
            begun = at + 1
        at += 1
    found.append(source[begun:])
    # An empty alternative matches everywhere: nothing is gained by looking at the others.
    return found if depth == 0 and all(found) else [source]


def _end_of_class(source: str, at: int) -> int:
    """Return where the class that begins at `at` is closed; a bracket in the first place is a member."""
    at += 1
    if source[at : at + 1] == "^":
        at += 1
    if source[at : at + 1] == "]":
        at += 1
    while at < len(source) and source[at] != "]":
        at += 2 if source[at] == "\\" else 1
    return at
