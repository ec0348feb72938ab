"""How the commands about a journal print: ages, moments, tables that fit, commands to copy."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from omninode_bridge.cli.patterns_print import print_line, words
from omninode_bridge.cli.text import plain

__all__ = [
    "GAP",
    "Column",
    "age",
    "command",
    "count",
    "day_and_time",
    "glance",
    "instant",
    "lasted",
    "more",
    "one_line",
    "print_command",
    "print_rows",
    "print_text",
    "said",
    "share",
    "words",
]

GAP: Final = 2
_BARE: Final = ("none", "over")  # say nothing without the name of their column
_PROGRAM: Final = "omninode-bridge"
_UNITS: Final = (("d", 86400.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0))


def age(seconds: float) -> str:
    """Return a time span in its largest unit, as a table wants it."""
    seconds = max(0.0, seconds)
    for name, unit in _UNITS:
        if seconds >= unit:
            return f"{int(seconds // unit)} {name}"
    return "0 s"


def lasted(seconds: float) -> str:
    """Return a time span in its two largest units; short ones with a fraction."""
    seconds = max(0.0, seconds)
    if seconds < 0.1:
        return f"{seconds * 1000:.3g} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    for (name, unit), (lower, part) in pairwise(_UNITS):
        if seconds >= unit:
            rest = int(seconds % unit // part)
            return f"{int(seconds // unit)} {name}" + (f" {rest} {lower}" if rest else "")
    return f"{seconds:.1f} s"


def instant(seconds: float | None) -> str | None:
    """Return a time of the journal as JSON has it: ISO 8601 in UTC."""
    date = _date(seconds)
    return None if date is None else date.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day_and_time(seconds: float | None) -> str:
    """Return a time of the journal as a person reads it, in UTC."""
    date = _date(seconds)
    return "an unknown time" if date is None else f"{date:%Y-%m-%d %H:%M:%S} UTC"


def _date(seconds: float | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def share(part: float) -> str:
    """Return a share from 0 to 1 as percent; only all is 100 and only none is 0."""
    percent = round(part * 100)
    if percent == 100 and part < 1:
        percent = 99
    if percent == 0 and part > 0:
        percent = 1
    return f"{percent} %"


def count(number: int, word: str) -> str:
    """Return the number with its word, in the plural where it needs one."""
    return f"{number:,} {word}{'s' * (number != 1)}"


def more(shown: int, total: int, option: str = "--limit") -> str:
    """Say how many are not shown."""
    return f"and {total - shown:,} more ({option} shows more)"


def one_line(text: str, limit: int = 500) -> str:
    """Return the text in one line, cut where it is long."""
    line = " ".join(text[: limit * 4].split())
    return line if len(line) <= limit else f"{line[: limit - 3]}..."


def command(*parts: str, journal: Path | None) -> str:
    """Return a command of this program to copy, with the journal where it is not the default.

    Args:
        parts: of the command.
        journal: the file; None for the default one.
    """
    named = ("--journal", str(journal)) if journal is not None else ()
    return shlex.join((_PROGRAM, *parts, *named))


def glance(description: str, error: str) -> str:
    """Return what is asked in one line: the description, then the error.

    Descriptions come from patterns, so many questions have the same one. An error that names a
    place in a file goes without its type and the file's folders.
    """
    detail = re.sub(r"^[\w.]+: (?=[^:]+:\d+(?::\d+)?: )", "", one_line(error))
    detail = re.sub(r"^(?:/[^:]*|[^:\s]*)/(?=[^/:]+:\d)", "", detail)
    what = one_line(description)
    gap = "" if not what or not detail else " " if what.endswith((".", "?", "!", ":")) else ": "
    return f"{what}{gap}{detail}"


def print_command(out: Console, line: str) -> None:
    """Print a command in one piece, so that it can be copied."""
    out.print(Text("  " + plain(line)), soft_wrap=True)


def said(decision: Mapping[str, Any] | None, by: str | None) -> str:
    """Return who answered what."""
    kind = decision.get("kind") if decision else None
    return f"{by or 'somebody'} answered {str(kind or 'nothing')!r}"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        most: cells that it may take; what is longer is cut.
        least: cells that it keeps where there is little room; the last column wants as many.
        right: its cells stand at the right.
        ends: where a cell is too long its end is shown, not its beginning.
    """

    name: str
    most: int = 40
    least: int = 12
    right: bool = False
    ends: bool = False


def print_rows(
    out: Console,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    styles: Sequence[str] = (),
) -> None:
    """Print a table whose last column takes what is left, or two lines a row where that is little."""
    cells = [[plain(cell) for cell in row] for row in rows]
    longest = [
        max(cell_len(column.name), *(cell_len(row[at]) for row in cells))
        for at, column in enumerate(columns)
    ]
    widths = _widths(columns, longest, out.width)
    if widths is None:
        _print_stacked(out, columns, cells, styles)
        return
    _write(out, columns, [column.name for column in columns], widths, "bold")
    _write(out, columns, ["-" * wide for wide in widths], widths, "dim")
    for at, row in enumerate(cells):
        _write(out, columns, row, widths, styles[at] if styles else "")


def _widths(columns: Sequence[Column], longest: Sequence[int], total: int) -> list[int] | None:
    """Share the line: the widest columns but the last give way first; None where it does not do."""
    widths = [min(c.most, wide) for c, wide in zip(columns, longest, strict=True)][:-1]
    wanted = min(columns[-1].least, longest[-1])
    while (room := total - sum(widths) - GAP * len(widths)) < wanted:
        wide = [at for at, width in enumerate(widths) if width > columns[at].least]
        if not wide:
            return None
        widths[max(wide, key=lambda at: widths[at])] -= 1
    return [*widths, min(room, longest[-1])]


def _write(
    out: Console, columns: Sequence[Column], row: Sequence[str], widths: Sequence[int], style: str
) -> None:
    line = Text()
    for at, (column, cell, width) in enumerate(zip(columns, row, widths, strict=True)):
        part = Text(_fitted(cell, width, ends=column.ends))
        if at == 0 or style in {"bold", "dim"}:
            part.stylize(style)
        gap = " " * (width - part.cell_len)
        line.append_text(Text(gap) + part if column.right else part + gap)
        line.append(" " * GAP)
    line.rstrip()
    out.print(line, soft_wrap=True)


def _fitted(cell: str, width: int, *, ends: bool) -> str:
    if cell_len(cell) <= width:
        return cell
    part = Text(cell[::-1] if ends else cell)
    part.truncate(width, overflow="ellipsis")
    return part.plain[::-1] if ends else part.plain


def _print_stacked(
    out: Console, columns: Sequence[Column], cells: Sequence[Sequence[str]], styles: Sequence[str]
) -> None:
    last = len(columns) if columns[-1].right else len(columns) - 1
    for at, row in enumerate(cells):
        facts = [
            f"{column.name} {cell}" if cell[:1].isdigit() or cell in _BARE else cell
            for column, cell in zip(columns[1:last], row[1:last], strict=True)
            if cell
        ]
        print_line(out, row[0], style=styles[at] if styles else "bold", cut=True)
        print_line(out, ", ".join(facts), indent=2)
        if last < len(columns) and row[-1]:
            print_line(out, row[-1], indent=2, cut=True)


def print_text(out: Console, text: str, *, indent: int, most: int) -> None:
    """Print a text of several lines as it is, cut after so many lines."""
    lines = text.expandtabs(4).splitlines()
    for line in lines[:most]:
        for part in Text(plain(line)).wrap(out, max(20, out.width - indent), overflow="fold"):
            part.rstrip()
            out.print(Text(" " * indent) + part, soft_wrap=True)
    if len(lines) > most:
        print_line(out, f"... {count(len(lines) - most, 'more line')}", indent=indent)
