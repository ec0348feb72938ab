"""A diff of one file that ``patch`` and ``git apply`` take, whatever its line ends are."""

from __future__ import annotations

import difflib

__all__ = ["patch"]

_CONTEXT = 3
_MOST_COMPARED = 3_000


def patch(name: str, before: str, after: str) -> str:
    """Return the unified diff; empty if nothing changed. Very large changes come as one hunk."""
    if before == after:
        return ""
    old, new = before.split("\n"), after.split("\n")
    old = [f"{line}\n" for line in old[:-1]] + [old[-1]] * bool(old[-1])
    new = [f"{line}\n" for line in new[:-1]] + [new[-1]] * bool(new[-1])
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    rows = [f"--- a/{name}\n", f"+++ b/{name}\n"]
    above, below = min(head, _CONTEXT), min(tail, _CONTEXT)
    first = head - above
    gone, come = old[first : len(old) - tail + below], new[first : len(new) - tail + below]
    if max(len(gone), len(come)) <= _MOST_COMPARED:
        groups = difflib.SequenceMatcher(None, gone, come).get_grouped_opcodes(_CONTEXT)
        for group in groups:
            rows += _hunk(group, gone, come, first)
    else:
        end = (len(gone) - below, len(come) - below)
        group = [
            ("equal", 0, above, 0, above),
            ("replace", above, end[0], above, end[1]),
            ("equal", end[0], len(gone), end[1], len(come)),
        ]
        rows += _hunk(group, gone, come, first)
    return "".join(
        row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n" for row in rows
    )


def _hunk(
    group: list[tuple[str, int, int, int, int]], gone: list[str], come: list[str], first: int
) -> list[str]:
    a, b, c, d = group[0][1], group[-1][2], group[0][3], group[-1][4]
    rows = [f"@@ -{_range(first + a, b - a)} +{_range(first + c, d - c)} @@\n"]
    for kind, a, b, c, d in group:
        if kind == "equal":
            rows += [f" {line}" for line in gone[a:b]]
            continue
        rows += [f"-{line}" for line in gone[a:b]]
        rows += [f"+{line}" for line in come[c:d]]
    return rows


def _range(start: int, length: int) -> str:
    return f"{start + (length > 0)},{length}"
