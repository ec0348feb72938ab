"""A unified diff whose cost does not grow with the square of the text."""

from __future__ import annotations

from .source import split_lines

__all__ = ["unified"]

_CONTEXT = 3
_MOST_COMPARED = 3_000


def unified(before: str, after: str) -> str:
    """Return the unified diff of two texts; very large changes come as one hunk."""
    if before == after:
        return ""
    import difflib

    old, new = _shown(before), _shown(after)
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    if max(len(old), len(new)) - head - tail <= _MOST_COMPARED:
        start = max(0, head - _CONTEXT)
        keep = max(0, tail - _CONTEXT)
        body = difflib.unified_diff(
            old[start : len(old) - keep],
            new[start : len(new) - keep],
            "before",
            "after",
            lineterm="",
        )
        return "\n".join(_moved(line, start) for line in body) + "\n"
    gone, come = old[head : len(old) - tail], new[head : len(new) - tail]
    hunk = f"@@ -{head + 1},{len(gone)} +{head + 1},{len(come)} @@"
    rows = ["--- before", "+++ after", hunk, *(f"-{x}" for x in gone), *(f"+{x}" for x in come)]
    return "\n".join(rows) + "\n"


def _shown(text: str) -> list[str]:
    return [line.rstrip("\r\n") for line in split_lines(text)]


def _moved(line: str, by: int) -> str:
    """Count a hunk's lines from the start of the file, not of the part that was compared."""
    if not line.startswith("@@ ") or not by:
        return line
    ranges = []
    for part in line[3:-3].split(" "):
        first, *rest = part[1:].split(",")
        ranges.append(f"{part[0]}{','.join([str(int(first) + by), *rest])}")
    return f"@@ {' '.join(ranges)} @@"
