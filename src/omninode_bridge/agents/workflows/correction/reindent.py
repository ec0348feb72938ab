"""Move lines sideways without touching what their strings say."""

from __future__ import annotations

from .lexer import Line, width
from .source import split_lines

__all__ = ["block_end", "columns", "irregular", "shift", "statement_end"]


def columns(line: Line) -> int:
    """Return the indentation of a line in columns."""
    return width(line.indent)


def statement_end(lines: list[Line], index: int) -> int:
    """Return the index of the last physical line of the statement that begins at `index`."""
    end = index
    while end + 1 < len(lines):
        following = lines[end + 1]
        if not (following.in_string or following.joined or following.open_before):
            break
        end += 1
    return end


def block_end(lines: list[Line], index: int, above: int) -> int:
    """Return the last line of the run from `index` whose statements are deeper than `above`."""
    end = statement_end(lines, index)
    number = end + 1
    while number < len(lines):
        line = lines[number]
        if line.begins_statement:
            if columns(line) <= above:
                break
            end = statement_end(lines, number)
            number = end
        number += 1
    return end


def shift(text: str, lines: list[Line], first: int, last: int, by: int) -> str:
    """Indent the lines `first` to `last` (indices) by some columns, or the other way.

    Lines inside a string move only if they moved with the code before: they are no deeper than
    the line that holds the string's beginning.
    """
    rows = split_lines(text)
    held = 0
    for index in range(first, min(last + 1, len(rows))):
        line = lines[index]
        if not line.text.strip():
            continue
        if line.in_string:
            if not _moves(lines, index, held, by):
                continue
        else:
            held = columns(line)
        old = line.indent
        rows[index] = " " * max(0, width(old) + by) + rows[index][len(old) :]
    return "".join(rows)


def _moves(lines: list[Line], index: int, held: int, by: int) -> bool:
    """Whether a string's line sits where it would if the string had been moved with its statement."""
    begin = index
    while lines[begin].in_string and begin > 0:
        begin -= 1
    if not lines[begin].text.strip().lstrip("rRuUbB").startswith(('"""', "'''")):
        return False
    inner = begin + 1
    depths = []
    while inner < len(lines) and lines[inner].in_string:
        if lines[inner].text.strip():
            depths.append(columns(lines[inner]))
        inner += 1
    if not depths:
        return False
    return min(depths) == held if by > 0 else min(depths) + by >= 0 and min(depths) >= held


def irregular(lines: list[Line], unit: int) -> int:
    """Count the blocks that are not one step deeper than what opens them."""
    starts = [line for line in lines if line.begins_statement]
    count = 0
    for index, line in enumerate(starts[:-1]):
        step = columns(starts[index + 1]) - columns(line)
        if step > 0 and step != unit:
            count += 1
    return count
